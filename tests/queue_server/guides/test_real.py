"""2,262 real guides: all of them become ours, each breach is counted, and the catalogue holds them."""

from __future__ import annotations

import base64
import time
from collections import Counter

import pytest

from queue_server.guides import importing
from queue_server.guides.checks import breaches
from queue_server.guides.model import Guide, Tables
from queue_server.guides.transfer import Row, csv_text, read
from queue_server.store.guides import CATALOGUE, verify
from tests.queue_server.guides import real
from tests.queue_server.helpers import Desk

pytestmark = pytest.mark.skipif(not real.FILE.exists(), reason=f"real guides are not here: {real.FILE}")
COUNT = 2_262


@pytest.fixture(scope="module")
def theirs(tables: Tables) -> Tables:
    return real.tables_for(real.records(), tables)


@pytest.fixture(scope="module")
def guides(theirs: Tables) -> list[Guide]:
    return [real.guide_of(row, theirs) for row in real.records()]


def test_every_real_guide_becomes_ours(guides: list[Guide]):
    assert len({guide.code for guide in guides}) == COUNT
    assert max(len(guide.name) for guide in guides) == 68
    assert max(len(guide.materials) for guide in guides) == 19


def test_the_report_counts_what_the_portal_leaves_out(guides: list[Guide], theirs: Tables):
    found = real.report(guides, theirs)
    permits = sum(guide.type == "permit" for guide in guides)
    # the extract has no steps and no questions; 行政许可 needs both
    assert (found["permit_steps"], found["permit_faq"]) == (permits, permits)
    assert found["visits_reason"] == sum(guide.visits > 0 for guide in guides)
    assert found["promised"] == sum(guide.promised is None for guide in guides)
    assert found["code_check"] == 6  # GB 32100's character says so of six codes
    assert 1 <= found["catch_all"] <= 20
    # what the source cannot get wrong, our reading of it does not either
    assert not {"codes", "code_structure", "code_level", "code_type", "code_department", "places"} & set(found)


def test_they_come_back_out_of_a_csv(guides: list[Guide]):
    rows, faults = read(csv_text(guides).encode("gb18030"), "csv")
    assert faults == []
    assert [row.guide for row in rows] == guides


def test_all_come_in_as_drafts_with_every_breach_noted(desk: Desk, guides: list[Guide], theirs: Tables):
    body = {
        "format": "csv",
        "content": base64.b64encode(csv_text(guides).encode()).decode(),
        "tables": theirs.model_dump(mode="json"),
        "as_drafts": True,
    }
    refused = desk.post("/guides/import", body | {"as_drafts": False, "dry_run": True}, "publisher").json
    rules = Counter(fault["rule"] for fault in refused["faults"])
    assert rules["no_date"] == COUNT  # the source says no date; and no row is kept quiet about
    done = desk.post("/guides/import", body, "publisher")
    assert done.status_code == 200, done.json
    assert len(done.json["added"]) == COUNT
    assert len(done.json["notes"]) == sum(len(breaches(guide, theirs)) for guide in guides)
    with desk.store.read() as reading:
        assert verify(reading).events == COUNT + 1


def test_the_clean_ones_are_published_and_read(desk: Desk, guides: list[Guide], theirs: Tables):
    start = {"effective_from": desk.clock().date()}
    clean = [guide.model_copy(update=start) for guide in guides if not breaches(guide, theirs)]
    file = importing.File([Row(place, guide) for place, guide in enumerate(clean, 1)], tables=theirs)
    done = desk.store.run(CATALOGUE, lambda tx: importing.run(tx, desk.guides, file, "hall"))
    assert len(done.added) == len(clean) > 500
    assert desk.get("/guides?limit=500&offset=500", None).json["total"] == len(clean)
    begun = time.perf_counter()
    assert desk.get(f"/guides/{clean[0].code}", None).json["guide"]["name"] == clean[0].name
    assert time.perf_counter() - begun < 0.5  # the catalogue is ready, not read anew
