"""A day read back from the log of a real hall: who came, how long it took, when windows were there."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from queue_server.simulate.plan import NoDay, plan_of
from queue_server.simulate.policy import POLICIES
from queue_server.simulate.run import Wish, one_day
from queue_server.simulate.scene import FOREVER, MINUTE, Break
from queue_server.simulate.yesterday import yesterday
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

OPENS = datetime(2026, 3, 2, 1, 0, tzinfo=UTC)  # 09:00 in the hall


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    desk = Desk(tmp_path, demo_hall(), Clock(OPENS))
    yield desk
    desk.close()


def rows(desk: Desk) -> list[str]:
    with desk.store.read() as reading:
        return [row[5] for row in reading.log(HALL)]


def told(desk: Desk, day: date | None = None):
    return yesterday(rows(desk), desk.hall, day)


def serve(desk: Desk, no: int, minutes: float) -> None:
    assert desk.window(no, "next").status_code == 200
    assert desk.window(no, "start").status_code == 200
    desk.clock.pass_(minutes=minutes)
    assert desk.window(no, "finish").status_code == 200


def test_people_are_as_they_came_and_took(desk):
    desk.window(10, "open")
    desk.clock.pass_(minutes=5)
    desk.issue("passport")
    desk.clock.pass_(minutes=1)
    desk.issue("id-card", **{"class": "elderly"})
    serve(desk, 10, 7)
    serve(desk, 10, 3)
    day = told(desk)
    assert day.day == date(2026, 3, 2)
    assert [(one.item, one.line, one.cls) for one in day.people] == [
        ("passport", "police", "walk_in"), ("id-card", "police", "elderly"),
    ]  # fmt: skip
    assert [round(one.arrives / MINUTE) for one in day.people] == [5, 6]
    assert {one.item: round(one.takes / MINUTE) for one in day.people} == {"passport": 3, "id-card": 7}
    assert all(one.came == one.arrives for one in day.people)
    assert (day.guessed, day.unread) == (0, 0)


def test_who_did_not_answer_costs_what_it_cost(desk):
    desk.window(10, "open")
    desk.issue("passport")
    desk.window(10, "next")
    for _ in range(2):
        desk.clock.pass_(seconds=31)
        assert desk.window(10, "recall").status_code == 200
    assert desk.window(10, "miss").status_code == 200
    (one,) = told(desk).people
    assert (one.answers, one.takes) == (False, round(62 / 60 * MINUTE))


def test_a_clerk_who_never_presses_start_has_served_all_the_same(desk):
    desk.window(10, "open")
    desk.issue("passport")
    desk.issue("id-card")
    desk.window(10, "next")
    desk.clock.pass_(minutes=9)
    assert desk.window(10, "next", finish_current=True).status_code == 200
    day = told(desk)
    assert [round(one.takes / MINUTE) for one in day.people] == [9, 9]
    assert day.guessed == 1  # still at the window: it gets the mean


def test_who_gave_up_is_left_out_and_who_waited_to_the_end_gets_the_mean_of_the_line(desk):
    desk.window(10, "open")
    desk.issue("passport")
    serve(desk, 10, 8)
    gone = desk.issue("passport")["id"]
    assert desk.post(f"/tickets/{gone}/cancel").status_code == 200
    desk.issue("passport")
    desk.clock.pass_(days=1)
    desk.issue("passport")  # a new day closes the one before
    day = told(desk, date(2026, 3, 2))
    assert [round(one.takes / MINUTE) for one in day.people] == [8, 8]
    assert day.guessed == 1


def test_a_second_step_comes_when_it_did_with_its_old_key(desk):
    desk.window(10, "open")
    desk.window(2, "open")
    desk.issue("passport")
    desk.window(10, "next")
    desk.window(10, "start")
    desk.clock.pass_(minutes=4)
    assert desk.window(10, "transfer", line="social").status_code == 200
    serve(desk, 2, 6)
    first, second = told(desk).people
    assert [(one.line, round(one.takes / MINUTE)) for one in (first, second)] == [("police", 4), ("social", 6)]
    assert (first.arrives, second.arrives, second.came) == (0, 4 * MINUTE, 0)


def test_windows_were_there_when_they_were(desk):
    desk.clock.pass_(minutes=10)
    desk.window(10, "open")
    desk.issue("passport")
    desk.clock.pass_(minutes=20)
    desk.window(10, "pause")
    desk.clock.pass_(minutes=15)
    desk.window(10, "open")
    desk.clock.pass_(minutes=5)
    desk.window(10, "close")
    assert told(desk).absences == {
        10: (Break(0, 10 * MINUTE), Break(30 * MINUTE, 15 * MINUTE), Break(50 * MINUTE, FOREVER))
    }


def test_the_day_can_be_played_again(desk):
    desk.window(10, "open")
    for _ in range(3):
        desk.issue("passport")
        desk.clock.pass_(minutes=1)
    for _ in range(3):
        serve(desk, 10, 5)
    was = told(desk)
    day = one_day(plan_of(desk.hall, was.day), Wish(POLICIES["as_set"]), was.people, absences=was.absences)
    assert (day.waits["walk_in"], day.never, day.breaches) == ([0, 4, 8], 0, 0)


def test_a_clock_set_back_makes_no_negative_service(desk):
    desk.window(10, "open")
    desk.issue("passport")
    serve(desk, 10, 6)
    desk.issue("passport")
    desk.window(10, "next")
    desk.window(10, "start")
    desk.clock.pass_(minutes=-3)
    desk.window(10, "finish")
    first, second = told(desk).people
    assert first.takes == 6 * MINUTE
    assert second.takes > 0


@pytest.mark.parametrize(
    "row",
    ["", "{", "null", "[]", '{"type": 3}', '{"ticket": 5, "type": "x", "window": null, "at": "2026-03-02T01:00Z"}'],
)
def test_a_broken_row_is_left_out_and_said(desk, row):
    desk.window(10, "open")
    desk.issue("passport")
    serve(desk, 10, 5)
    whole = rows(desk)
    day = yesterday([*whole, row], desk.hall)
    assert (len(day.people), day.unread) == (1, 1)


def test_a_ticket_without_its_first_row_is_left_out(desk):
    desk.window(10, "open")
    desk.issue("passport")
    desk.issue("id-card")
    serve(desk, 10, 5)
    serve(desk, 10, 5)
    first = next(row for row in rows(desk) if json.loads(row)["type"] == "ticket.issued")
    day = yesterday([row for row in rows(desk) if row != first], desk.hall)
    assert (len(day.people), day.unread) == (1, 1)


def test_a_log_without_that_day_says_so(desk):
    with pytest.raises(NoDay, match="no ticket"):
        told(desk)
    desk.issue("passport")
    with pytest.raises(NoDay, match="2020-01-01"):
        told(desk, date(2020, 1, 1))
