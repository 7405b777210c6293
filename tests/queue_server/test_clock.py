"""Clocks that are wrong for a while, and midnights (cases 6 and 7), by a clock set by hand.

What a hall needs when its clock was ahead over midnight and is put right: no number twice and no citizen overtaken, so
the day that has begun stays and its numbers go on, also in the morning that it was meant for. That those who waited at
the false midnight have expired cannot be taken back; they need new tickets.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from config.schema import Hours
from queue_server import setup
from queue_server.hallbook import HallBook
from queue_server.issuing import Order
from queue_server.service import QueueService
from queue_server.store.store import Store
from tests.queue_server.helpers import HALL, Clock, Desk, Names, demo_hall

SHANGHAI = ZoneInfo("Asia/Shanghai")
EVERY_DAY = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
ROUND_THE_CLOCK = demo_hall(hours=(Hours(days=EVERY_DAY, open=time(0), close=time(23, 59, 59)),))


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=SHANGHAI).astimezone(UTC)


@pytest.fixture
def desk(tmp_path: Path, clock: Clock):
    desk = Desk(tmp_path / "data", ROUND_THE_CLOCK, clock)
    yield desk
    desk.close()


def given(desk: Desk) -> tuple[str, str]:
    ticket = desk.issue()
    return ticket["business_day"], ticket["number"]


def test_eight_in_the_morning_is_no_midnight(desk: Desk, clock: Clock):
    clock.at = at("2026-03-02 07:59:00")
    assert given(desk) == ("2026-03-02", "F001")
    clock.at = at("2026-03-02 08:01:00")
    assert given(desk) == ("2026-03-02", "F002")


def test_midnight_is_the_halls(desk: Desk, clock: Clock):
    clock.at = at("2026-03-02 23:59:00")
    assert given(desk) == ("2026-03-02", "F001")
    clock.at = at("2026-03-03 00:01:00")
    assert given(desk) == ("2026-03-03", "F001")


def test_a_hall_open_past_midnight_keeps_its_numbers(tmp_path: Path, clock: Clock):
    clock.at = at("2026-03-06 23:59:00")
    night = demo_hall(hours=(Hours(days=EVERY_DAY, open=time(18), close=time(2)),))
    desk = Desk(tmp_path / "data", night, clock)
    assert given(desk) == ("2026-03-06", "F001")
    clock.at = at("2026-03-07 00:01:00")
    assert given(desk) == ("2026-03-06", "F002")
    clock.at = at("2026-03-07 18:00:00")
    assert given(desk) == ("2026-03-07", "F001")
    desk.close()


def test_a_day_that_has_begun_too_early_stays(desk: Desk, clock: Clock):
    clock.at = at("2026-03-02 23:30:00")
    assert given(desk) == ("2026-03-02", "F001")
    clock.at = at("2026-03-03 00:30:00")  # an hour ahead
    assert given(desk) == ("2026-03-03", "F001")
    clock.at = at("2026-03-02 23:35:00")  # and right again
    assert given(desk) == ("2026-03-03", "F002")
    clock.at = at("2026-03-03 09:00:00")
    assert given(desk) == ("2026-03-03", "F003")
    clock.at = at("2026-03-04 00:00:00")
    assert given(desk) == ("2026-03-04", "F001")
    issued = [event["ticket"] for event in desk.events() if event["type"] == "ticket.issued"]
    assert [ticket["issued_at"] for ticket in issued] == sorted({ticket["issued_at"] for ticket in issued})


def test_a_clerk_goes_on_after_every_step(desk: Desk, clock: Clock):
    desk.issue()
    desk.window(10, "open")
    desk.window(10, "next")
    for step in ({"seconds": -60}, {"hours": 1}, {"hours": -2}):
        clock.pass_(**step)
        assert desk.window(10, "recall").status_code == 200
    assert desk.window(10, "start").status_code == desk.window(10, "finish").status_code == 200


def test_a_clock_that_was_a_year_ahead_is_said_and_set_right(desk: Desk, clock: Clock):
    """Nothing tells from outside which of the two times was wrong: a manager who knows sets the day."""
    assert given(desk) == ("2026-03-02", "F001")
    clock.pass_(days=365)
    assert given(desk) == ("2027-03-02", "F001")
    clock.pass_(days=-365)
    assert given(desk) == ("2027-03-02", "F002")
    given(desk)
    alarms = [event["reason"] for event in desk.events() if event["type"] == "alarm"]
    assert alarms == [{"kind": "clock", "business_day": "2027-03-02", "by_clock": "2026-03-02"}]

    done = desk.post(f"/halls/{HALL}/day", role="manager")
    assert (done.status_code, done.json) == (200, {"business_day": "2026-03-02"})
    assert given(desk) == ("2026-03-02", "F002")
    assert [ticket["number"] for ticket in desk.get(f"/halls/{HALL}/tickets?state=waiting").json["tickets"]] == ["F002"]
    clock.pass_(days=1)
    assert given(desk) == ("2026-03-03", "F001")
    assert {event["ticket"]["number"] for event in desk.events() if event["type"] == "ticket.expired"} >= {"F003"}


def test_a_day_that_is_right_is_not_set(desk: Desk, clock: Clock):
    desk.issue()
    clock.pass_(hours=-2)
    refused = desk.post(f"/halls/{HALL}/day", role="manager")
    assert refused.status_code == 409 and "2026-03-02" in refused.json["message"]
    assert desk.post(f"/halls/{HALL}/day", role="window").status_code == 403


class TwoHalls:
    """One server, two halls: the other is in a zone where the day ends two hours later."""

    def __init__(self, data: Path, clock: Clock) -> None:
        here = ROUND_THE_CLOCK
        there = here.model_copy(update={"id": "xiajiang", "time_zone": "Asia/Karachi"})  # +05:00
        self.clock, names = clock, Names()
        self.store = Store(data)
        for hall in (here, there):
            setup.seed(self.store, hall, clock, names)
        halls = {hall.id: HallBook(hall) for hall in (here, there)}
        self.service = QueueService(halls, self.store, clock, names)
        self.read = self.store.read

    def issue(self, hall: str) -> tuple[date, str]:
        placed = self.store.run(hall, lambda tx: self.service.issuing.issue(tx, hall, Order("passport", None), "test"))
        return placed.ticket.business_day, placed.ticket.number

    def all_of(self, hall: str) -> Any:
        with self.store.read() as reading:
            state = reading.hall(hall)
            assert state is not None
            return dataclasses.asdict(state), reading.of_day(hall, state.business_day), reading.windows(hall)


@pytest.fixture
def halls(tmp_path: Path, clock: Clock):
    halls = TwoHalls(tmp_path / "data", clock)
    yield halls
    halls.store.close()


def by_a_look(halls: TwoHalls) -> None:
    assert halls.service.close_days() == [HALL]


def by_a_ticket(halls: TwoHalls) -> None:
    assert halls.issue(HALL) == (date(2026, 3, 3), "F001")


@pytest.mark.parametrize("ends", [by_a_look, by_a_ticket])
def test_a_day_that_ends_in_one_hall_leaves_the_other(halls: TwoHalls, clock: Clock, ends: Callable[[TwoHalls], None]):
    clock.at = at("2026-03-02 23:59:00")
    for hall in (HALL, "xiajiang"):
        assert halls.issue(hall) == (date(2026, 3, 2), "F001")
    before = halls.all_of("xiajiang")
    clock.pass_(minutes=2)
    ends(halls)
    assert halls.all_of("xiajiang") == before
    assert halls.issue("xiajiang") == (date(2026, 3, 2), "F002")
    clock.pass_(hours=3)
    assert halls.service.close_days() == ["xiajiang"]
    assert halls.issue("xiajiang") == (date(2026, 3, 3), "F001")


def test_what_was_given_yesterday_is_still_there(desk: Desk, clock: Clock):
    desk.issue()
    desk.issue("id-card")
    clock.pass_(days=1)
    assert given(desk) == ("2026-03-03", "F001")
    with desk.store.read() as reading:
        yesterday = reading.of_day(HALL, clock().date() - timedelta(days=1))
    assert [(ticket.number, ticket.state) for ticket in yesterday] == [("F001", "expired"), ("F002", "expired")]
