"""A citizen asks for a person: every console shows it until somebody goes."""

from __future__ import annotations

import threading
from typing import Any

import pytest

from tests.queue_server.helpers import HALL, Clock, Desk, messages

SINCE = "2026-03-02T02:00:00.000000Z"


def ask(desk: Desk, place: str = "kiosk 1") -> int:
    answer = desk.post(f"/halls/{HALL}/help", {"place": place}, "kiosk")
    assert answer.status_code == 201
    return int(answer.json["seq"])


def go(desk: Desk, call: int, role: str = "window", key: str | None = None) -> Any:
    return desk.post(f"/halls/{HALL}/help/{call}/answered", {}, role, key)


def calls(desk: Desk, role: str = "guide") -> list[dict[str, Any]]:
    return list(desk.get(f"/halls/{HALL}/help", role).json["calls"])


def test_help_is_an_event(desk: Desk):
    assert ask(desk) == 2
    event = desk.events()[-1]
    assert (event["type"], event["reason"]) == ("help.asked", {"place": "kiosk 1"})


def test_a_call_is_shown_until_somebody_goes(desk: Desk, clock: Clock):
    call = ask(desk)
    waiting = {"id": call, "place": "kiosk 1", "asked_at": SINCE, "answered_at": None}
    assert calls(desk) == [waiting]
    for no in (2, 10):
        assert desk.get(f"/halls/{HALL}/windows/{no}", "window").json["help"] == [waiting]
    clock.pass_(minutes=2)
    gone = go(desk, call)
    assert (gone.status_code, gone.json) == (200, waiting | {"answered_at": "2026-03-02T02:02:00.000000Z"})
    assert calls(desk) == []
    assert desk.get(f"/halls/{HALL}/windows/10", "window").json["help"] == []
    event = desk.events()[-1]
    assert (event["type"], event["window"]) == ("help.answered", None)
    assert event["reason"] == {"call": call, "place": "kiosk 1", "window": None}
    assert event["actor"].startswith("window/")


def test_who_comes_second_is_told_the_same(desk: Desk, clock: Clock):
    call = ask(desk)
    first = go(desk, call, key="k")
    clock.pass_(seconds=9)
    assert go(desk, call, key="k").data == first.data
    second = go(desk, call, "guide")
    assert (second.status_code, second.json) == (200, first.json)
    assert desk.types().count("help.answered") == 1


def test_two_who_go_at_once_are_one_answer(desk: Desk):
    call, barrier, answers = ask(desk), threading.Barrier(6), []

    def tap(n: int) -> None:
        client = desk.app.test_client()
        barrier.wait()
        path = f"/api/v1/halls/{HALL}/help/{call}/answered"
        answers.append(client.post(path, json={}, headers=desk.headers("window", f"k{n}")))

    threads = [threading.Thread(target=tap, args=(n,)) for n in range(6)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert {answer.status_code for answer in answers} == {200}
    assert desk.types().count("help.answered") == 1


def test_asking_again_is_the_same_call_and_is_heard_again(desk: Desk, clock: Clock):
    call = ask(desk)
    clock.pass_(minutes=3)
    ask(desk)
    other = ask(desk, "lookup")
    assert [(one["id"], one["place"], one["asked_at"]) for one in calls(desk)] == [
        (call, "kiosk 1", SINCE), (other, "lookup", "2026-03-02T02:03:00.000000Z"),
    ]  # fmt: skip
    assert [event["reason"] for event in desk.events()[1:]] == [
        {"place": "kiosk 1"}, {"place": "kiosk 1", "call": call}, {"place": "lookup"},
    ]  # fmt: skip
    go(desk, call)
    assert [one["place"] for one in calls(desk)] == ["lookup"]
    again = ask(desk)  # after somebody was there: a new one
    assert [one["id"] for one in calls(desk)] == [other, again]


def test_a_call_nobody_answered_ends_with_the_day(desk: Desk, clock: Clock):
    call = ask(desk)
    clock.pass_(days=1)
    assert calls(desk) == []
    assert [one["id"] for one in calls(desk) if one["id"] == call] == []
    ask(desk)
    assert len(calls(desk)) == 1


@pytest.mark.parametrize(("role", "status"), [("window", 200), ("guide", 200), ("manager", 200), ("kiosk", 403)])
def test_who_may_go(desk: Desk, role: str, status: int):
    assert go(desk, ask(desk), role).status_code == status


def test_a_call_that_is_none(desk: Desk):
    for call in (1, 99):
        answer = go(desk, call)
        assert (answer.status_code, answer.json["error"]) == (404, "not_found")


def test_listeners_hear_of_both(desk: Desk):
    newest = desk.board()["seq"]
    live = desk.hub.stream(HALL, None, None, lambda: newest, lambda after, limit: [])
    next(live)
    call = ask(desk)
    go(desk, call)
    heard = messages(next(live) + next(live))
    assert [one["event"] for one in heard] == ["help.asked", "help.answered"]


def test_going_to_help_takes_no_undo_away(desk: Desk):
    desk.issue()
    desk.window(10, "open")
    desk.window(10, "next")
    go(desk, ask(desk))
    assert desk.window(10, "undo").json["ticket"]["state"] == "waiting"


def test_the_table_is_made_again_from_the_log(desk: Desk, clock: Clock):
    for place in ("kiosk 1", "kiosk 2", "kiosk 1", "kiosk 3"):
        clock.pass_(seconds=7)
        ask(desk, place)
    go(desk, calls(desk)[1]["id"])
    made: dict[int, dict[str, Any]] = {}
    for event in desk.events():
        if event["type"] == "help.asked" and "call" not in event["reason"]:
            made[event["seq"]] = {"place": event["reason"]["place"], "asked_at": event["at"], "answered_at": None}
        elif event["type"] == "help.answered":
            made[event["reason"]["call"]]["answered_at"] = event["at"]
    kept = [one | {"answered_at": None} for one in made.values() if one["answered_at"] is None]
    assert [{name: one[name] for name in ("place", "asked_at", "answered_at")} for one in calls(desk)] == kept
    assert len(kept) == 2
