"""The estimate over a real store: from the log and the tables to what people see."""

from __future__ import annotations

import json
import random
import sqlite3
from itertools import pairwise

import pytest

from queue_server.estimate.estimator import Estimator
from queue_server.estimate.learning import Kept
from queue_server.estimate.posted import FILE, Posted, Ranges, post
from queue_server.store.store import DATABASE
from tests.queue_server.helpers import HALL, Clock, Desk

LINE = "social"


class Steady:
    """A clock that is never set."""

    now = 100.0

    def __call__(self) -> float:
        return self.now


def look(desk: Desk, estimator: Estimator, at: float = 100.0):
    with desk.store.read() as reading:
        estimator.follow(reading, desk.clock())
        return estimator.ranges(reading, desk.clock(), at)


def take(desk: Desk, line: str = LINE) -> dict:
    answer = desk.post(f"/halls/{HALL}/tickets", {"line": line})
    assert answer.status_code == 201, answer.json
    return answer.json


def window_for(desk: Desk, line: str = LINE) -> int:
    return next(one.no for one in desk.hall.windows if line in one.lines)


def act(desk: Desk, no: int, action: str, body=None):
    answer = desk.post(f"/halls/{HALL}/windows/{no}/{action}", body)
    assert answer.status_code in (200, 204), answer.json
    return answer


def serve_some(desk: Desk, clock: Clock, no: int, count: int, minutes: float = 2) -> None:
    """Four come for every three that are served: a queue builds up."""
    act(desk, no, "open")
    for n in range(count):
        take(desk)
        take(desk) if n % 3 == 0 else None
        act(desk, no, "next", {"finish_current": True}) if n else act(desk, no, "next")
        act(desk, no, "start")
        clock.pass_(seconds=minutes * 60)


def test_without_history_nothing_is_said(desk):
    act(desk, window_for(desk), "open")
    take(desk), act(desk, window_for(desk), "next")
    ticket = take(desk)
    ranges = look(desk, Estimator(HALL, {}))
    assert ticket["range"] is None and not ranges.tickets and LINE not in ranges.newcomers


def test_with_no_window_open_there_is_no_number(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    ticket, estimator = take(desk), Estimator(HALL, {})
    assert ticket["id"] in look(desk, estimator).tickets
    act(desk, no, "next", {"finish_current": True}), act(desk, no, "start"), act(desk, no, "finish")
    act(desk, no, "close")
    found = look(desk, estimator)
    assert not found.tickets and LINE not in found.newcomers and LINE in found.no_window


def test_with_no_window_open_everybody_is_told_so(desk, clock):
    no, steady, estimator = window_for(desk), Steady(), Estimator(HALL, {})
    desk.service.posted.__init__(desk.data, steady)
    serve_some(desk, clock, no, 40)
    ticket = take(desk)
    act(desk, no, "next", {"finish_current": True}), act(desk, no, "start"), act(desk, no, "finish")

    def told() -> list[tuple[bool, bool]]:
        """Of the ticket, the board's line and the hall's: whether there is no window, and whether there is a range."""
        post(desk.data, {HALL: look(desk, estimator, steady.now)})
        steady.now += 1
        board, hall = (desk.get(f"/halls/{HALL}{path}").json["lines"] for path in ("/board", ""))
        lines = [next(one for one in lines if one["id"] == LINE) for lines in (board, hall)]
        return [
            (one["no_window"], one["range"] is not None) for one in (desk.get(f"/tickets/{ticket['id']}").json, *lines)
        ]

    assert told() == [(False, True)] * 3
    act(desk, no, "close")
    assert told() == [(True, False)] * 3
    for language, words in (("zh", "暂无开放窗口"), ("en", "No window open")):
        assert words in desk.client.get(f"/t/{ticket['id']}?lang={language}").text
    assert take(desk)["no_window"] is True
    act(desk, no, "open")
    assert told() == [(False, True)] * 3


def test_the_board_knows_of_a_closed_window_before_the_estimate_does(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    post(desk.data, {HALL: look(desk, Estimator(HALL, {}))})
    desk.service.posted.__init__(desk.data, Steady())
    act(desk, no, "next", {"finish_current": True}), act(desk, no, "start"), act(desk, no, "finish")
    act(desk, no, "close")
    line = next(one for one in desk.get(f"/halls/{HALL}/board").json["lines"] if one["id"] == LINE)
    assert (line["range"], line["no_window"]) == (None, True)


def test_what_a_waiting_ticket_is_told_rises_once_in_ten_minutes_unless_a_window_closes(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    ticket, estimator, at, highs = take(desk)["id"], Estimator(HALL, {}), 100.0, []
    act(desk, no, "next", {"finish_current": True})  # nobody is served for an hour: waits grow
    for _ in range(20):
        highs.append((at, look(desk, estimator, at).tickets[ticket][1]))
        clock.pass_(seconds=150)
        at += 150
    rises = [later for (_, before), (later, high) in pairwise(highs) if high > before]
    assert rises and all(later - before >= 600 for before, later in pairwise([highs[0][0], *rises]))


def test_what_a_waiting_ticket_is_told_rises_at_once_when_a_window_closes(desk, clock):
    no, estimator = window_for(desk), Estimator(HALL, {})
    other = next(one.no for one in desk.hall.windows if LINE in one.lines and one.no != no)
    serve_some(desk, clock, no, 40)
    ticket = [take(desk)["id"] for _ in range(10)][-1]
    act(desk, other, "open")
    with_two = look(desk, estimator, 100.0).tickets[ticket][1]
    act(desk, other, "close")
    assert look(desk, estimator, 101.0).tickets[ticket][1] > with_two


def test_before_services_are_known_the_headway_counts(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 12)
    found = look(desk, Estimator(HALL, {}))
    low, high = found.newcomers[LINE]["walk_in"]
    assert 0 <= low < high <= 120


def test_with_history_people_further_back_wait_longer(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    tickets = [take(desk)["id"] for _ in range(6)]
    found = look(desk, Estimator(HALL, {}))
    highs = [found.tickets[ticket][1] for ticket in tickets]
    assert highs == sorted(highs) and highs[0] < highs[-1]
    assert found.newcomers[LINE]["walk_in"][1] >= highs[-1] - 1


def test_an_item_never_served_has_a_range(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    item = next(one.id for one in desk.hall.items if one.line == LINE)
    ticket = desk.post(f"/halls/{HALL}/tickets", {"item": item}).json
    assert ticket["id"] in look(desk, Estimator(HALL, {})).tickets


def test_a_broken_row_of_the_log_is_left_out(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    with sqlite3.connect(desk.data / DATABASE) as connection:
        connection.execute("UPDATE events SET payload = '{\"ticket\": 7' WHERE seq % 9 = 0")
        connection.execute("UPDATE events SET payload = '[]' WHERE seq % 9 = 4")
    found = look(desk, Estimator(HALL, {}))
    assert all(0 <= low <= high <= 480 for low, high in found.tickets.values()) and found.tickets


@pytest.mark.parametrize("hours", [-5, -24, 3])
def test_a_clock_that_is_set_makes_nothing_absurd(desk, clock, hours):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    estimator = Estimator(HALL, {})
    look(desk, estimator)
    clock.pass_(seconds=hours * 3600)
    desk.service.days.enforce_hours = False
    take(desk)
    found = look(desk, estimator)
    assert all(0 <= low <= high <= 480 for low, high in found.tickets.values())


def test_what_the_paper_says_is_in_the_log_and_judged_after_the_day(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    estimator, steady = Estimator(HALL, {}), Steady()
    post(desk.data, {HALL: look(desk, estimator, steady.now)})
    # the service reads what was posted
    desk.service.posted.__init__(desk.data, steady)
    ticket = take(desk)
    span = ticket["range"]
    assert span and span["low"] <= span["high"]
    issued = next(json.loads(payload) for _, payload in _events(desk) if ticket["id"] in payload)
    assert issued["reason"]["range"] == span
    while act(desk, no, "next", {"finish_current": True}).status_code == 200:
        act(desk, no, "start"), clock.pass_(seconds=300)
        if act(desk, no, "finish") and _state(desk, ticket) == "done":
            break
    clock.pass_(seconds=24 * 3600)
    take(desk)
    record = look(desk, estimator).record[LINE]
    assert record.given >= 1
    post(desk.data, {HALL: look(desk, estimator, steady.now)})
    steady.now += 1
    told = desk.get(f"/halls/{HALL}/track-record", "manager").json
    (line,) = [one for one in told["lines"] if one["id"] == LINE]
    assert (line["given"], line["inside"], line["beyond"]) == (record.given, record.inside, record.beyond)


def test_scales_hear_of_each_call_once_also_after_a_restart(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    first, steady = Estimator(HALL, {}), Steady()
    post(desk.data, {HALL: look(desk, first)})
    desk.service.posted.__init__(desk.data, steady)
    for _ in range(5):
        take(desk)
    clock.pass_(seconds=600)
    for _ in range(25):
        act(desk, no, "next", {"finish_current": True})
    look(desk, first)
    assert first.scales.upper
    again = Estimator(HALL, json.loads(json.dumps(first.keep())))
    look(desk, again)
    assert again.scales == first.scales


def _events(desk: Desk):
    with desk.store.read() as reading:
        return reading.events_after(HALL, 0, 10_000)


def _state(desk: Desk, ticket: dict) -> str:
    return desk.get(f"/tickets/{ticket['id']}").json["state"]


def test_the_rules_page_says_how_well_ranges_held(desk):
    record = {LINE: Kept(50, 43, 4), "civil": Kept(3, 1, 1)}
    assert "还不够多" in desk.client.get(f"/rules/{HALL}").text
    post(desk.data, {HALL: Ranges(0.0, record=record)})
    desk.service.posted.__init__(desk.data)
    page = desk.client.get(f"/rules/{HALL}").text
    assert "10 次里有 8 次在估计的时间内叫到" in page and page.count("次在估计的时间内叫到") == 1


def test_the_phone_page_says_how_well_ranges_held_in_its_line(desk):
    ticket = take(desk)["id"]
    sentences = {"zh": "近 7 天，10 次里有 8 次在估计的时间内叫到", "en": "Past 7 days: 8 in 10 were called within"}
    for given, inside, shown in ((50, 43, True), (3, 1, False)):
        post(desk.data, {HALL: Ranges(0.0, record={LINE: Kept(given, inside, 4), "civil": Kept(50, 10, 1)})})
        desk.service.posted.__init__(desk.data)
        for language, sentence in sentences.items():
            assert (sentence in desk.client.get(f"/t/{ticket}?lang={language}").text) is shown


def test_a_holder_who_follows_hears_the_range(desk, clock):
    no = window_for(desk)
    serve_some(desk, clock, no, 40)
    ticket = take(desk)["id"]
    post(desk.data, {HALL: look(desk, Estimator(HALL, {}))})
    desk.service.posted.__init__(desk.data, Steady())
    frames = desk.client.get(f"/api/v1/tickets/{ticket}/events").response
    place = next(one for one in map(bytes.decode, frames) if one.startswith("event: place"))
    told = json.loads(place.split("data: ")[1])
    assert told["range"] == desk.get(f"/tickets/{ticket}").json["range"] and told["range"] and not told["no_window"]


# -- the file ---------------------------------------------------------------------------------------------------------


def test_old_ranges_are_no_ranges(desk, clock):
    serve_some(desk, clock, window_for(desk), 40)
    ticket, steady = take(desk), Steady()
    post(desk.data, {HALL: look(desk, Estimator(HALL, {}), steady.now)})
    posted = Posted(desk.data, steady)
    assert posted.ticket(HALL, ticket["id"]) and posted.newcomer(HALL, LINE)
    steady.now += 16
    assert posted.ticket(HALL, ticket["id"]) is None and posted.newcomer(HALL, LINE) is None
    steady.now = 3  # the machine was started anew
    assert posted.newcomer(HALL, LINE) is None


def test_a_file_that_is_no_file_of_ranges_says_nothing(tmp_path):
    rng = random.Random(4)
    for content in (b"", b"[]", b"{", b'{"linjiang": 3}', b'{"linjiang": {"looked": 1}}', rng.randbytes(50)):
        (tmp_path / FILE).write_bytes(content)
        posted = Posted(tmp_path, lambda: 1.0)
        assert posted.newcomer("linjiang", "social") is None and posted.record("linjiang") == {}


def test_there_may_be_no_file(tmp_path):
    assert Posted(tmp_path).ticket("linjiang", "x") is None and Posted(None).newcomer("linjiang", "social") is None
