"""The guide of an item that was chosen: the kiosk's client against the real server with the demo's guides."""

from pathlib import Path

import httpx
import pytest

from kiosk.client import Client
from kiosk.guides_client import GuidesClient
from queue_server.guides import importing
from queue_server.guides.command import DEMO
from queue_server.guides.source import load_folder
from queue_server.guides.transfer import Row
from queue_server.store.guides import CATALOGUE
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall


@pytest.fixture
def desk(tmp_path: Path):
    made = Desk(tmp_path / "data", demo_hall(), Clock())
    tables, written = load_folder(DEMO)
    rows = [Row(place, one.guide) for place, one in enumerate(written, 1)]
    file = importing.File(rows, tables=tables)
    assert made.store.run(CATALOGUE, lambda tx: importing.run(tx, made.guides, file, HALL)).faults == []
    yield made
    made.close()


def test_every_item_that_is_linked_to_a_guide_finds_it(desk):
    guides = GuidesClient(Client("http://hall", HALL, desk.tokens["kiosk"], httpx.WSGITransport(app=desk.app)))
    raw = desk.client.get("/api/v1/guides/catalogue").json["guides"]
    linked = {place["ticket_item"] for one in raw for place in one["places"] if place["hall"] == HALL} - {None}
    assert linked
    for item in demo_hall().items:
        found = guides.of_item(item.id, item.line, item.name.zh)
        assert (found is not None) == (item.id in linked), item.name.zh
        if found:
            guide, tables = found
            assert item.id in {place.ticket_item for place in guide.places}
            assert tables["material_forms"]
