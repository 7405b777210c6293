"""What people come for most: counted over the days before today, only what is still offered."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from queue_server.popular import MOST
from tests.queue_server.helpers import HALL, Clock, Desk


@pytest.fixture
def free(desk: Desk) -> Desk:
    desk.service.days.enforce_hours = False
    return desk


def popular(desk: Desk) -> list[str]:
    return list(desk.get(f"/halls/{HALL}", "kiosk").json["popular"])


def come(desk: Desk, items: Sequence[str]) -> None:
    for item in items:
        desk.issue(item)


def test_a_hall_without_a_past_names_nothing(free: Desk):
    assert popular(free) == []
    come(free, ["passport"])
    assert popular(free) == []  # today is no past yet


def test_the_most_asked_for_comes_first(free: Desk, clock: Clock):
    come(free, ["invoice", "passport", "id-card", "passport", "id-card", "passport"])
    free.post(f"/halls/{HALL}/tickets", {"line": "general"})  # of no item
    clock.pass_(days=1)
    assert popular(free) == ["passport", "id-card", "invoice"]
    come(free, ["invoice"] * 3)
    assert popular(free) == ["passport", "id-card", "invoice"]  # counted once a day
    clock.pass_(days=1)
    assert popular(free) == ["invoice", "passport", "id-card"]


def test_at_most_eight(free: Desk, clock: Clock):
    items = [item.id for item in free.hall.items[: MOST + 3]]
    come(free, items)
    clock.pass_(days=1)
    assert popular(free) == items[:MOST]  # as often asked for: in the order of the settings


def test_what_is_no_longer_offered_is_left_out_at_once(free: Desk, clock: Clock):
    come(free, ["passport", "invoice", "marriage"])
    clock.pass_(days=1)
    assert popular(free) == ["invoice", "passport", "marriage"]
    free.settle(items={"passport": {"retired": True}}, lines={"family": {"retired": True}})
    assert popular(free) == ["invoice"]


def test_only_the_last_thirty_days_with_people_count(free: Desk, clock: Clock):
    come(free, ["passport"] * 2)
    for _ in range(30):
        clock.pass_(days=2)  # every other day is a holiday
        come(free, ["invoice"])
    clock.pass_(days=2)
    assert popular(free) == ["invoice"]


def test_counting_is_done_once_a_day(free: Desk, clock: Clock):
    come(free, ["passport"])
    clock.pass_(days=1)
    assert popular(free) == ["passport"]
    free.store.run(HALL, lambda tx: tx.connection.execute("UPDATE tickets SET item = 'invoice'"))
    assert popular(free) == ["passport"]
    clock.pass_(days=1)
    assert popular(free) == ["invoice"]
