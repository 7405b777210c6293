"""Coming back after a missed call: once, soon enough, a little further back; and what a ticket's holder hears."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from config import Rules
from queue_server.domain.events import iso
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall, messages

WANG = "a" * 64
WINDOW = 10


def come_back(desk: Desk, ticket: dict[str, Any], role: str | None = None, key: str | None = None) -> Any:
    return desk.post(f"/tickets/{ticket['id']}/return", role=role, key=key)


def now(desk: Desk, ticket: dict[str, Any]) -> dict[str, Any]:
    return desk.get(f"/tickets/{ticket['id']}", None).json


def miss(desk: Desk) -> None:
    """Whoever is next is called three times and does not come."""
    desk.window(WINDOW, "open")
    assert desk.window(WINDOW, "next").status_code == 200
    for _ in range(2):
        desk.clock.pass_(seconds=30)
        assert desk.window(WINDOW, "recall").status_code == 200
    assert desk.window(WINDOW, "miss").status_code == 200


def test_it_waits_again_five_minutes_further_back(desk: Desk, clock: Clock):
    first = desk.issue()
    clock.pass_(minutes=4)
    second = desk.issue()
    clock.pass_(minutes=3)
    third = desk.issue()
    miss(desk)
    missed = now(desk, first)
    assert (missed["state"], missed["return_until"]) == ("missed", iso(clock() + timedelta(minutes=15)))
    back = come_back(desk, first)
    assert back.status_code == 200
    assert (back.json["state"], back.json["ahead"], back.json["number"]) == ("waiting", 1, "F001")
    assert back.json["key"] == iso(clock() - timedelta(minutes=8) + timedelta(minutes=5))  # taken 8 minutes ago
    assert (back.json["window"], back.json["calls"], back.json["called_at"], back.json["steps"]) == (None, 0, None, [])
    assert "return_until" not in back.json
    assert [now(desk, ticket)["ahead"] for ticket in (second, third)] == [0, 2]
    assert [desk.window(WINDOW, "next", finish_current=True).json["ticket"]["number"] for _ in range(3)] == [
        "F002", "F001", "F003",
    ]  # fmt: skip


def test_one_event_says_so(desk: Desk):
    ticket = desk.issue()
    miss(desk)
    before = len(desk.events())
    come_back(desk, ticket)
    (event,) = desk.events()[before:]
    assert (event["type"], event["actor"], event["window"]) == ("ticket.returned", "citizen", None)
    assert (event["ticket"]["state"], event["ticket"]["calls"]) == ("waiting", 0)
    assert event["ticket"]["key"] == iso(desk.clock() - timedelta(minutes=1) + timedelta(minutes=5))


def test_a_repeat_with_the_same_key_happens_once(desk: Desk):
    ticket = desk.issue()
    miss(desk)
    first = come_back(desk, ticket, key="k")
    again = come_back(desk, ticket, key="k")
    assert (again.status_code, again.data) == (200, first.data)
    assert desk.types().count("ticket.returned") == 1
    assert come_back(desk, ticket, key="other").status_code == 409
    assert desk.client.post(f"/api/v1/tickets/{ticket['id']}/return", json={}).status_code == 400


def test_it_works_once(desk: Desk):
    ticket = desk.issue()
    miss(desk)
    come_back(desk, ticket)
    miss(desk)
    assert now(desk, ticket)["state"] == "missed"
    assert "return_until" not in now(desk, ticket)
    refused = come_back(desk, ticket)
    assert (refused.status_code, refused.json["detail"]) == (409, {"why": "once"})
    assert "F001 has been back once" in refused.json["message"]


def test_a_quarter_of_an_hour_and_no_longer(desk: Desk, clock: Clock):
    early, late = desk.issue(), desk.issue()
    miss(desk)
    miss(desk)
    clock.pass_(minutes=13, seconds=59)  # the first was missed a minute sooner
    assert come_back(desk, early).status_code == 200
    clock.pass_(minutes=1, seconds=1)
    assert "return_until" not in now(desk, late)
    refused = come_back(desk, late)
    assert (refused.status_code, refused.json["detail"]) == (409, {"why": "late", "return_within": 15})
    assert now(desk, late)["state"] == "missed"


def test_the_numbers_are_the_halls(tmp_path: Path, clock: Clock):
    rules = Rules(return_within=2, return_penalty=9, calls_before_missed=1)
    desk = Desk(tmp_path / "d", demo_hall(rules=rules), clock)
    first, second = desk.issue(), desk.issue()
    desk.window(WINDOW, "open")
    for _ in (first, second):
        desk.window(WINDOW, "next")
        desk.window(WINDOW, "miss")
    clock.pass_(seconds=119)
    assert come_back(desk, first).json["key"] == iso(clock() - timedelta(seconds=119) + timedelta(minutes=9))
    clock.pass_(seconds=1)
    assert come_back(desk, second).json["detail"] == {"why": "late", "return_within": 2}
    desk.close()


def test_a_hall_may_let_nobody_come_back(tmp_path: Path, clock: Clock):
    desk = Desk(tmp_path / "d", demo_hall(rules=Rules(return_within=0)), clock)
    ticket = desk.issue()
    miss(desk)
    assert "return_until" not in now(desk, ticket)
    assert come_back(desk, ticket).json["detail"]["why"] == "late"
    desk.close()


def test_not_into_the_next_day(tmp_path: Path):
    clock = Clock()
    desk = Desk(tmp_path / "d", demo_hall(), clock, enforce_hours=False)
    clock.pass_(hours=13, minutes=54)  # 23:54
    ticket = desk.issue()
    miss(desk)  # 23:55
    assert now(desk, ticket)["return_until"] == "2026-03-02T16:00:00.000000Z"  # midnight in Shanghai
    clock.pass_(minutes=6)
    assert come_back(desk, ticket).json["detail"]["why"] == "late"
    desk.close()


@pytest.mark.parametrize("state", ["waiting", "called", "serving", "done", "cancelled", "expired"])
def test_only_a_missed_ticket_comes_back(desk: Desk, clock: Clock, state: str):
    ticket = desk.issue()
    desk.window(WINDOW, "open")
    for action in {"called": ["next"], "serving": ["next", "start"], "done": ["next", "start", "finish"]}.get(
        state, []
    ):
        desk.window(WINDOW, action)
    if state == "cancelled":
        desk.post(f"/tickets/{ticket['id']}/cancel", role=None)
    if state == "expired":
        clock.pass_(days=1)
        desk.service.close_days()
    assert "return_until" not in now(desk, ticket)
    refused = come_back(desk, ticket)
    assert (refused.status_code, refused.json["detail"]["state"]) == (409, state)
    assert "ticket.returned" not in desk.types()


def test_one_live_ticket_a_person_and_line_still_holds(desk: Desk):
    ticket = desk.post(f"/halls/{HALL}/tickets", {"item": "passport", "card_token": WANG}, "kiosk").json
    miss(desk)
    other = desk.post(f"/halls/{HALL}/tickets", {"item": "id-card", "card_token": WANG}, "kiosk").json
    assert "return_until" in now(desk, ticket)
    refused = come_back(desk, ticket)
    assert (refused.status_code, refused.json["detail"]) == (409, {"why": "another", "number": "F002"})
    assert WANG not in refused.text
    assert now(desk, ticket)["state"] == "missed"
    desk.post(f"/tickets/{other['id']}/cancel", role=None)
    assert come_back(desk, ticket).status_code == 200
    blocked = desk.post(f"/halls/{HALL}/tickets", {"item": "id-card", "card_token": WANG}, "kiosk")
    assert (blocked.status_code, blocked.json["detail"]["ticket"]["number"]) == (409, "F001")


@pytest.mark.parametrize(("role", "status"), [(None, 200), ("kiosk", 200), ("window", 200), ("display", 403)])
def test_who_may(desk: Desk, role: str | None, status: int):
    ticket = desk.issue()
    miss(desk)
    assert come_back(desk, ticket, role).status_code == status
    assert desk.post("/tickets/nobody/return", role=None).status_code == 404


# what the holder hears


def heard(desk: Desk, ticket: dict[str, Any], last: str | None = None) -> Any:
    headers = {"Last-Event-ID": last} if last else {}
    return desk.client.get(f"/api/v1/tickets/{ticket['id']}/events", headers=headers, buffered=False).response


def told(frames: Any) -> tuple[str, Any]:
    """The next event: its type, and what it says. Only the welcome may come before it, not a heartbeat."""
    (one,) = messages(next(frames)) or messages(next(frames))
    return one["event"], json.loads(one["data"])


def test_a_holder_hears_the_own_place_and_nothing_of_others(desk: Desk):
    first, second = desk.issue(), desk.issue()
    frames = iter(heard(desk, second))
    where = {"state": "waiting", "calls": 0, "ahead": 1, "at": iso(desk.clock()), "range": None, "no_window": False}
    assert told(frames) == ("place", where)
    desk.issue("invoice")  # another line
    desk.issue()  # the same line, behind
    desk.window(WINDOW, "open")
    desk.window(WINDOW, "next")
    assert told(frames) == ("place", where | {"ahead": 0})
    desk.window(WINDOW, "next", finish_current=True)
    kind, facts = told(frames)
    assert (kind, facts["ticket"]["id"], facts["window"]) == ("ticket.called", second["id"], WINDOW)
    assert told(frames) == ("place", where | {"state": "called", "calls": 1, "ahead": 0})
    assert first["id"] not in json.dumps(facts)


def test_a_quiet_stream_says_the_place_again_and_again(tmp_path: Path, clock: Clock):
    desk = Desk(tmp_path / "d", demo_hall(), clock, heartbeat=0.01)
    frames = iter(heard(desk, desk.issue()))
    assert [told(frames)[0] for _ in range(3)] == ["place"] * 3
    desk.close()


def test_in_a_hall_that_is_busy_with_others_the_place_is_said_as_well(desk: Desk, clock: Clock):
    frames = iter(heard(desk, desk.issue()))
    first = told(frames)
    desk.issue("invoice")  # nothing to tell
    clock.pass_(seconds=15)
    desk.issue("invoice")
    assert told(frames) == ("place", first[1] | {"at": iso(clock())})
    clock.pass_(hours=-1)  # set back
    desk.issue("invoice")
    assert told(frames) == ("place", first[1] | {"at": iso(clock())})


def test_who_says_what_was_heard_last_gets_what_was_missed_first(desk: Desk):
    ticket = desk.issue()
    miss(desk)
    come_back(desk, ticket)
    frames = iter(heard(desk, ticket, "0"))
    next(frames)  # the welcome
    types = [one["event"] for one in messages(next(frames))]
    assert types == ["ticket.issued", "ticket.called", *["ticket.recalled"] * 2, "ticket.missed", "ticket.returned"]
