"""QUEUE R1: what a class is worth, from the ticket to the call."""

from datetime import datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from config.schema import ClassRule, Words
from tests.queue_server.helpers import HALL, MONDAY_TEN, Clock, Desk, demo_hall

CREDITS = {name: rule.credit for name, rule in demo_hall().classes.items()}


def take(desk: Desk, cls: str = "walk_in", item: str = "passport") -> dict:
    return desk.issue(item, **{"class": cls, "reason": "hospital" if cls == "green" else ""})


@pytest.mark.parametrize("cls", CREDITS)
def test_a_key_lies_the_credit_before_the_issue(desk: Desk, cls: str):
    ticket = take(desk, cls)
    came, key = (datetime.fromisoformat(ticket[name]) for name in ("issued_at", "key"))
    assert came == MONDAY_TEN
    assert came - key == timedelta(minutes=CREDITS[cls])
    assert desk.events()[-1]["ticket"]["key"] == ticket["key"]


def test_credits_are_the_halls_own(tmp_path, clock: Clock):
    classes = dict(demo_hall().classes) | {"elderly": ClassRule(name=Words(zh="老年人"), credit=20, kiosk=False)}
    desk = Desk(tmp_path / "d", demo_hall(classes=classes), clock)
    assert take(desk, "elderly")["key"] == "2026-03-02T01:40:00.000000Z"
    shown = {one["id"]: one for one in desk.get(f"/halls/{HALL}").json["classes"]}["elderly"]
    assert (shown["credit"], shown["kiosk"]) == (20, False)
    refused = desk.post(f"/halls/{HALL}/tickets", {"item": "passport", "class": "elderly"}, "kiosk")
    assert (refused.status_code, refused.json["error"]) == (403, "forbidden")
    desk.close()


def test_a_hall_without_a_class_does_not_give_it(tmp_path, clock: Clock):
    classes = {name: rule for name, rule in demo_hall().classes.items() if name != "serviceman"}
    desk = Desk(tmp_path / "d", demo_hall(classes=classes), clock)
    refused = desk.post(f"/halls/{HALL}/tickets", {"item": "passport", "class": "serviceman"}, "guide")
    assert refused.status_code == 409
    assert "no class 'serviceman'" in refused.json["message"]
    desk.close()


def test_ahead_counts_who_goes_before_and_the_call_says_why(desk: Desk, clock: Clock):
    first = take(desk)
    clock.pass_(minutes=10)
    older = take(desk, "elderly")  # as if come five minutes before the first
    late = take(desk)
    ahead = lambda ticket: desk.get(f"/tickets/{ticket['id']}", None).json["ahead"]  # noqa: E731
    assert older["ahead"] == 0
    assert (ahead(older), ahead(first), ahead(late)) == (0, 1, 2)
    listed = desk.get(f"/halls/{HALL}/tickets").json["tickets"]
    assert [(one["number"], one["ahead"]) for one in listed] == [("F002", 0), ("F001", 1), ("F003", 2)]
    desk.window(10, "open")
    coming = desk.get(f"/halls/{HALL}/windows/10").json["coming"]
    called = desk.window(10, "next").json
    assert (called["ticket"]["number"], called["reason"]) == (
        "F002",
        {"rule": "credit", "candidates": 2, "oldest": "F002"},
    )
    assert coming == called["reason"] | {"ticket": older["id"]}
    assert desk.events()[-1]["reason"] == called["reason"]
    assert (ahead(first), ahead(late)) == (0, 1)
    called = desk.window(10, "next", finish_current=True).json
    assert (called["ticket"]["number"], called["reason"]["rule"]) == ("F001", "first_come")


comings = st.lists(
    st.tuples(st.sampled_from(sorted(CREDITS)), st.sampled_from(["passport", "advice"]), st.integers(0, 1200)),
    min_size=1,
    max_size=12,
)


@given(comings)
@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_calls_go_by_key_in_every_lane_and_in_the_whole(tmp_path_factory, comings):
    clock = Clock()
    rules = demo_hall().rules.model_copy(update={"home_tolerance": 0})
    desk = Desk(tmp_path_factory.mktemp("hall") / "d", demo_hall(rules=rules), clock)
    for cls, item, seconds in comings:
        clock.pass_(seconds=seconds)
        take(desk, cls, item)
    desk.window(10, "open")  # serves both lines
    called = []
    while (answer := desk.window(10, "next", finish_current=True)).status_code == 200:
        called.append(answer.json)
    events = [event for event in desk.events() if event["type"] != "alarm"]
    seqs = {event["ticket"]["id"]: event["ticket"]["seq"] for event in events if event["ticket"]}
    desk.close()
    assert len(called) == len(comings)
    places = [(one["ticket"]["key"], seqs[one["ticket"]["id"]]) for one in called]
    assert places == sorted(places)
    left = [one["ticket"] for one in called]
    for one in called:
        came_first = min(left, key=lambda ticket: seqs[ticket["id"]])
        assert one["reason"]["rule"] == ("first_come" if came_first is one["ticket"] else "credit")
        left.remove(one["ticket"])


@pytest.mark.parametrize(
    ("slot", "cls", "key"),
    [
        ("2026-03-02T02:30:00Z", "appointment", "2026-03-02T02:20:00.000000Z"),  # half an hour early: from the slot
        ("2026-03-02T01:50:00Z", "appointment", "2026-03-02T01:50:00.000000Z"),  # ten minutes late: from now
        ("2026-03-02T01:45:00Z", "appointment", "2026-03-02T01:50:00.000000Z"),
        ("2026-03-02T01:44:59Z", "walk_in", "2026-03-02T02:00:00.000000Z"),  # too late
        ("2026-03-02T10:30:00+08:00", "appointment", "2026-03-02T02:20:00.000000Z"),
    ],
)
def test_an_appointment_counts_from_its_slot_unless_it_is_missed(desk: Desk, slot: str, cls: str, key: str):
    """It is ten in the morning, 02:00 in UTC; the class is worth ten minutes."""
    ticket = desk.issue(**{"class": "appointment", "appointment": slot})
    assert (ticket["class"], ticket["key"]) == (cls, key)


def test_an_appointment_without_a_zone_is_refused(desk: Desk):
    body = {"item": "passport", "class": "appointment", "appointment": "2026-03-02T10:30:00"}
    assert desk.post(f"/halls/{HALL}/tickets", body).status_code == 422
