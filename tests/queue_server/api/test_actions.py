"""The whole life of a ticket over the API: release, hold, resume, transfer, this one, undo, class, why."""

from __future__ import annotations

import pytest

from queue_server.domain.past import lives
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

H = f"/halls/{HALL}"


@pytest.fixture
def at_ten(desk: Desk):
    """Window 10 (police, general) is open."""
    desk.window(10, "open")
    return desk


def called(desk: Desk, no: int = 10) -> dict:
    answer = desk.window(no, "next")
    assert answer.status_code == 200, answer.json
    return answer.json["ticket"]


def seen(desk: Desk, ticket: dict) -> dict:
    return desk.get(f"/tickets/{ticket['id']}").json


def refused(answer, words: str) -> dict:
    assert answer.status_code == 409, answer.json
    assert words in answer.json["message"]
    return answer.json["detail"]


def same_after_the_log(desk: Desk) -> None:
    """Every ticket's row is what its events say (Case 24: and nothing else was touched)."""
    with desk.store.read() as reading:
        rows = reading.of_day(HALL, reading.hall(HALL).business_day)
        for ticket in rows:
            events = [event for event in desk.events() if (event["ticket"] or {}).get("id") == ticket.id]
            events = [event for event in events if event["type"] != "alarm"]
            assert lives(HALL, events)[-1][1] == ticket


# -- release ----------------------------------------------------------------------------------------------------------


def test_release_keeps_the_place_and_the_first_call(at_ten: Desk, clock: Clock):
    """Case 13: call, release, call, release: still queued, first wait kept."""
    first, second = at_ten.issue(), at_ten.issue()
    for turn in range(2):
        clock.pass_(minutes=1)
        assert called(at_ten)["id"] == first["id"], turn
        released = at_ten.window(10, "release").json
        assert (released["ticket"]["state"], released["ticket"]["ahead"]) == ("waiting", 0)
        assert released["ticket"]["key"] == first["key"]
        assert released["window"]["number"] is None
    assert seen(at_ten, second)["ahead"] == 1
    waits = [step["called_at"] for step in seen(at_ten, first)["steps"]]
    assert len(waits) == 2 and waits[0] < waits[1]
    same_after_the_log(at_ten)


def test_only_a_called_ticket_is_released(at_ten: Desk):
    at_ten.issue()
    refused(at_ten.window(10, "release"), "window 10 has no ticket")
    called(at_ten)
    at_ten.window(10, "start")
    assert refused(at_ten.window(10, "release"), "is serving: cannot release it")["state"] == "serving"


# -- hold and resume --------------------------------------------------------------------------------------------------


def test_hold_frees_the_window_and_resume_comes_first(at_ten: Desk, clock: Clock):
    form, other = at_ten.issue(), at_ten.issue()
    called(at_ten)
    at_ten.window(10, "start")
    clock.pass_(minutes=1)
    held = at_ten.window(10, "hold").json
    assert (held["ticket"]["state"], held["window"]["number"]) == ("held", None)
    assert [one["id"] for one in at_ten.get(f"{H}/windows/10").json["held"]] == [form["id"]]
    assert called(at_ten)["id"] == other["id"]
    detail = refused(at_ten.window(10, "resume", ticket=form["id"]), "window 10 has ticket")
    assert detail["number"] == other["number"]
    at_ten.window(10, "start")
    at_ten.window(10, "finish")
    clock.pass_(minutes=1)
    resumed = at_ten.window(10, "resume", ticket=form["id"]).json
    assert (resumed["ticket"]["state"], resumed["ticket"]["key"]) == ("called", form["key"])
    assert at_ten.events()[-1]["reason"]["rule"] == "resumed"
    at_ten.window(10, "start")
    clock.pass_(minutes=1)
    at_ten.window(10, "finish")
    steps = seen(at_ten, form)["steps"]
    assert [step["outcome"] for step in steps] == ["held", "done"]
    assert steps[1]["waiting_from"] == steps[0]["ended_at"]
    same_after_the_log(at_ten)


def test_another_window_cannot_resume_it(at_ten: Desk):
    ticket = at_ten.issue()
    at_ten.window(11, "open")
    called(at_ten)
    at_ten.window(10, "start")
    at_ten.window(10, "hold")
    refused(at_ten.window(11, "resume", ticket=ticket["id"]), "is held at window 10")
    refused(at_ten.window(10, "resume", ticket=at_ten.issue()["id"]), "is waiting: cannot resume it")
    assert at_ten.window(10, "resume", ticket="nobody").status_code == 404


# -- transfer ---------------------------------------------------------------------------------------------------------


def test_transfer_keeps_number_key_and_the_wait_clock(at_ten: Desk, clock: Clock):
    ticket, later = at_ten.issue(), at_ten.issue("marriage")
    called(at_ten)
    at_ten.window(10, "start")
    clock.pass_(minutes=1)
    moved = at_ten.window(10, "transfer", line="family").json["ticket"]
    assert (moved["number"], moved["key"], moved["line"], moved["state"]) == (
        ticket["number"], ticket["key"], "family", "waiting",
    )  # fmt: skip
    assert seen(at_ten, later)["ahead"] == 1, "who came first stays first in the other line too"
    at_ten.window(11, "open")
    assert called(at_ten, 11)["id"] == ticket["id"]
    at_ten.window(11, "start")
    at_ten.window(11, "finish")
    assert [(one["line"], one["window"], one["outcome"]) for one in seen(at_ten, ticket)["steps"]] == [
        ("police", 10, "transferred"), ("family", 11, "done"),
    ]  # fmt: skip
    same_after_the_log(at_ten)


def test_a_transfer_to_a_window_binds_and_goes_first(at_ten: Desk):
    ticket, green = at_ten.issue(), at_ten.issue(**{"class": "green", "reason": "hospital"})
    assert called(at_ten)["id"] == green["id"]
    at_ten.window(10, "start")
    at_ten.window(10, "finish")
    called(at_ten)
    at_ten.window(10, "start")
    at_ten.window(10, "transfer", window=11)
    urgent = at_ten.issue(**{"class": "green", "reason": "hospital"})
    assert called(at_ten)["id"] == urgent["id"], "it is not for this window any more"
    at_ten.window(11, "open")
    answer = at_ten.window(11, "next").json
    assert (answer["ticket"]["id"], answer["reason"]["rule"]) == (ticket["id"], "bound")


def test_a_transfer_needs_a_place_that_can_serve(at_ten: Desk):
    at_ten.issue()
    called(at_ten)
    refused(at_ten.window(10, "transfer", line="family"), "is called: cannot transfer it")
    at_ten.window(10, "start")
    for body, status in (
        ({}, 422), ({"line": "nothing"}, 404), ({"window": 99}, 404), ({"window": 2}, 422),
        ({"window": 2, "line": "tax"}, 422),
    ):  # fmt: skip
        assert at_ten.window(10, "transfer", **body).status_code == status, body
    assert at_ten.window(10, "transfer", window=2, line="general").status_code == 200


def test_the_day_closes_with_tickets_moved_twice_and_held(at_ten: Desk, clock: Clock):
    """Case 8."""
    moved, held, waits = at_ten.issue(), at_ten.issue(), at_ten.issue()
    for _ in range(2):
        called(at_ten)
        at_ten.window(10, "start")
        at_ten.window(10, "transfer", line="police", window=10)
    called(at_ten)
    at_ten.window(10, "start")
    at_ten.window(10, "finish")
    called(at_ten)
    at_ten.window(10, "start")
    at_ten.window(10, "hold")
    clock.pass_(days=1)
    assert at_ten.issue()["number"] == moved["number"], "numbers begin again"
    assert [seen(at_ten, one)["state"] for one in (moved, held, waits)] == ["done", "expired", "expired"]


# -- this one ---------------------------------------------------------------------------------------------------------


def test_calling_one_out_of_turn_works_and_raises_the_alarm(at_ten: Desk, clock: Clock):
    first = at_ten.issue()
    clock.pass_(minutes=30)
    chosen = at_ten.issue()
    answer = at_ten.window(10, "call", ticket=chosen["id"])
    assert answer.json["reason"] == {"rule": "chosen", "candidates": 1, "oldest": first["number"]}
    call, alarm = at_ten.events()[-2:]
    assert (call["type"], alarm["type"]) == ("ticket.called", "alarm")
    assert alarm["reason"] == {"kind": "promise", "overtaken": first["number"], "minutes": 30}
    same_after_the_log(at_ten)


def test_a_call_out_of_turn_can_be_taken_back_alarm_and_all(at_ten: Desk, clock: Clock):
    at_ten.issue()
    clock.pass_(minutes=30)
    chosen = at_ten.issue()
    at_ten.window(10, "call", ticket=chosen["id"])
    assert at_ten.window(10, "undo").json["ticket"]["state"] == "waiting"
    assert seen(at_ten, chosen)["state"] == "waiting"
    same_after_the_log(at_ten)
    called(at_ten)
    assert at_ten.window(10, "undo").status_code == 200


def test_calling_who_is_next_by_name_is_no_alarm(at_ten: Desk):
    first = at_ten.issue()
    assert at_ten.window(10, "call", ticket=first["id"]).json["reason"]["rule"] == "first_come"
    assert at_ten.types()[-1] == "ticket.called"
    refused(at_ten.window(10, "call", ticket=at_ten.issue()["id"]), "finish it or say finish_current")


def test_what_a_window_cannot_serve_it_cannot_call(at_ten: Desk):
    refused(at_ten.window(10, "call", ticket=at_ten.issue("marriage")["id"]), "it is of line family")
    gone = at_ten.issue()
    at_ten.post(f"/tickets/{gone['id']}/cancel")
    refused(at_ten.window(10, "call", ticket=gone["id"]), "is cancelled: cannot call it")


# -- undo -------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "action", "body", "after"),
    [
        (["next"], "undo", {}, ("waiting", None)),
        (["next", "start"], "undo", {}, ("called", 10)),
        (["next", "start", "finish"], "undo", {}, ("serving", 10)),
        (["next", "release"], "undo", {}, ("called", 10)),
        (["next", "start", "hold"], "undo", {}, ("serving", 10)),
        (["next", "start", ("transfer", {"line": "general"})], "undo", {}, ("serving", 10)),
        (["next", "start", "hold", "resume"], "undo", {}, ("held", 10)),
    ],
)
def test_the_last_action_is_taken_back(at_ten: Desk, before, action, body, after):
    ticket = at_ten.issue()
    states = [seen(at_ten, ticket)]
    for step in before:
        name, with_ = step if isinstance(step, tuple) else (step, {})
        with_ = {"ticket": ticket["id"]} if name == "resume" else with_
        assert at_ten.window(10, name, **with_).status_code == 200
        states.append(seen(at_ten, ticket))
    answer = at_ten.window(10, "undo")
    assert answer.status_code == 200, answer.json
    assert (answer.json["ticket"]["state"], answer.json["ticket"]["window"]) == after
    assert {**seen(at_ten, ticket)} == states[-2], "as if it had not been"
    assert at_ten.types()[-1] == "ticket.undone"
    refused(at_ten.window(10, "undo"), "nothing at window 10 to take back")
    same_after_the_log(at_ten)


def test_a_missed_one_comes_back_by_undo(at_ten: Desk, clock: Clock):
    ticket = at_ten.issue()
    called(at_ten)
    for _ in range(2):
        clock.pass_(seconds=31)
        at_ten.window(10, "recall")
    at_ten.window(10, "miss")
    assert at_ten.window(10, "undo").json["ticket"]["calls"] == 3
    assert seen(at_ten, ticket)["state"] == "called"
    same_after_the_log(at_ten)


def test_undo_ends_after_its_seconds_and_never_reaches_over_others(at_ten: Desk, clock: Clock):
    """Case 17: a misclick is taken back, timers keep running."""
    ticket = at_ten.issue()
    called(at_ten)
    at_ten.window(10, "start")
    clock.pass_(seconds=11)
    refused(at_ten.window(10, "undo"), "could take it back within 10 s")
    at_ten.window(10, "finish")
    clock.pass_(seconds=9)
    assert seen(at_ten, ticket)["steps"][0]["ended_at"]
    assert at_ten.window(10, "undo").json["ticket"]["state"] == "serving"
    at_ten.window(10, "transfer", line="general")
    at_ten.window(5, "open")
    assert called(at_ten, 5)["id"] == ticket["id"]
    refused(at_ten.window(10, "undo"), f"something happened to ticket {ticket['number']} since")
    refused(at_ten.window(11, "undo"), "nothing at window 11")


def test_paper_reported_meanwhile_does_not_hinder_undo(at_ten: Desk):
    ticket = at_ten.issue()
    called(at_ten)
    at_ten.post(f"/tickets/{ticket['id']}/printed", {"ok": True, "count": 1})
    assert at_ten.window(10, "undo").status_code == 200
    after = seen(at_ten, ticket)
    assert (after["state"], after["printed"], after["prints"]) == ("waiting", True, 1)
    same_after_the_log(at_ten)


# -- class ------------------------------------------------------------------------------------------------------------


def test_another_class_moves_the_place_from_when_it_was_taken(at_ten: Desk, clock: Clock):
    first = at_ten.issue()
    clock.pass_(minutes=10)
    second = at_ten.issue()
    answer = at_ten.post(f"/tickets/{second['id']}/class", {"class": "disabled"}, role="guide")
    assert (answer.json["class"], answer.json["ahead"], answer.json["issued_at"]) == (
        "disabled",
        0,
        second["issued_at"],
    )
    assert seen(at_ten, first)["ahead"] == 1
    back = at_ten.post(f"/tickets/{second['id']}/class", {"class": "walk_in"}, role="window")
    assert (back.json["key"], back.json["ahead"]) == (second["key"], 1)
    same_after_the_log(at_ten)


@pytest.mark.parametrize(
    ("role", "body", "status"),
    [
        ("kiosk", {"class": "disabled"}, 403),
        ("window", {"class": "green", "reason": "hospital"}, 403),
        ("guide", {"class": "green"}, 422),
        ("guide", {"class": "green", "reason": "Zhang San"}, 422),
        ("guide", {"class": "green", "reason": "hospital"}, 200),
        ("manager", {"class": "green", "reason": "hospital"}, 200),
    ],
)
def test_who_may_give_which_class(desk: Desk, role, body, status):
    ticket = desk.issue()
    assert desk.post(f"/tickets/{ticket['id']}/class", body, role=role).status_code == status
    if role != "window":
        again = desk.post(f"{H}/tickets", {"item": "passport", **body}, role=role)
        assert again.status_code == (201 if status == 200 else status)


def test_too_many_green_tickets_raise_the_alarm_once_each_time_the_share_is_crossed(desk: Desk):
    for _ in range(39):
        desk.issue()
    green = {"class": "green", "reason": "hospital"}
    desk.issue(**green)
    desk.issue(**green)
    assert "alarm" not in desk.types()
    desk.issue(**green)
    (alarm,) = [event for event in desk.events() if event["type"] == "alarm"]
    assert alarm["reason"] == {"kind": "green", "green": 3, "of": 42, "percent": 5}
    desk.issue(**green)
    assert desk.types().count("alarm") == 1


def test_a_class_is_changed_only_while_waiting(at_ten: Desk):
    ticket = at_ten.issue()
    called(at_ten)
    refused(at_ten.post(f"/tickets/{ticket['id']}/class", {"class": "elderly"}), "is called: cannot class it")


# -- room -------------------------------------------------------------------------------------------------------------


def test_a_line_gives_as_many_numbers_a_day_as_it_may(tmp_path, clock: Clock):
    hall = demo_hall()
    lines = tuple(line.model_copy(update={"daily": 2}) if line.id == "police" else line for line in hall.lines)
    desk = Desk(tmp_path, hall.model_copy(update={"lines": lines}), clock)
    try:
        desk.issue()
        desk.issue()
        detail = refused(desk.post(f"{H}/tickets", {"item": "passport"}), "given all its 2 numbers of today")
        assert (detail["line"], detail["daily"]) == ("police", 2)
        assert desk.issue("marriage")["number"] == "G001"
        clock.pass_(days=1)
        assert desk.issue()["number"] == "F001"
    finally:
        desk.close()


# -- why --------------------------------------------------------------------------------------------------------------


def test_why_before_me(at_ten: Desk, clock: Clock):
    def why(ticket):
        return at_ten.get(f"/tickets/{ticket['id']}/why", role=None).json

    first = at_ten.issue()
    clock.pass_(minutes=5)
    me = at_ten.issue()
    assert why(me)["rule"] == "nobody"
    called(at_ten)
    said = why(me)
    assert said == {
        "rule": "order",
        "zh": f"{first['number']} 比您早来 5 分钟。",
        "en": f"{first['number']} came 5 minutes before you.",
    }
    at_ten.window(10, "start")
    at_ten.window(10, "finish")
    clock.pass_(minutes=5)
    elderly = at_ten.issue(**{"class": "elderly"})
    assert called(at_ten)["id"] == elderly["id"]
    assert why(me)["zh"] == f"{elderly['number']} 是照顾号，算早到 15 分钟，所以排在您前面。"
    assert "elderly" not in str(why(me)), "no sentence tells an age or a disability"
    at_ten.window(2, "open")
    social = at_ten.issue("social-card")
    assert called(at_ten, 2)["id"] == social["id"]
    assert why(me)["zh"] == f"2 号窗口办不了您这件事，所以叫了 {social['number']}。您的次序没变。"
    assert at_ten.get("/tickets/nobody/why", role=None).status_code == 404
