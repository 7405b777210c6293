"""Faults others had (their number in brackets is that of the list of cases), tried on a hall of ours.

What other tests show already says so with "Case N" in its docstring; the last test here counts that none is missing.
"""

from __future__ import annotations

import re
import threading
import uuid
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from queue_server.domain.errors import NotFound
from queue_server.store.store import DATABASE, open_reader
from tests.queue_server.helpers import HALL, Clock, Desk, Served, demo_hall, serving

H = f"/halls/{HALL}"
SERVER_CASES = {1, 2, 3, 4, 6, 7, 8, 9, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 24, 25, 26, 27, 29}


def post(client: httpx.Client, path: str, body: dict[str, Any] | None = None, key: str = "") -> httpx.Response:
    return client.post(path, json=body or {}, headers={"Idempotency-Key": key or uuid.uuid4().hex})


def at_once(count: int, work: Callable[[int], Any]) -> list[Any]:
    """`work(n)` in so many threads that begin at one moment."""
    barrier = threading.Barrier(count)

    def one(n: int) -> Any:
        barrier.wait()
        return work(n)

    with ThreadPoolExecutor(count) as pool:
        return list(pool.map(one, range(count)))


def test_call_this_next_and_resume_on_one_ticket_at_once_have_one_winner(served: Served):
    """Case 3."""
    with served.client() as client:
        for no in (10, 11):
            post(client, f"{H}/windows/{no}/open")
        for round_ in range(6):
            ticket = post(client, f"{H}/tickets", {"item": "passport"}).json()
            if round_ % 2:  # held at 10: resume there against resume there, and next finds nobody
                for step in ("next", "start", "hold"):
                    assert post(client, f"{H}/windows/10/{step}").status_code == 200
            ways = [
                (10, "next"),
                (11, "next"),
                (10, "call"),
                (11, "call"),
                (10, "resume"),
                (11, "resume"),
                (10, "recall"),
            ]

            def go(n: int, ways: list[tuple[int, str]] = ways, ticket: dict[str, Any] = ticket) -> httpx.Response:
                no, action = ways[n]
                body = {"ticket": ticket["id"]} if action in ("call", "resume") else {}
                with served.client() as own:
                    return post(own, f"{H}/windows/{no}/{action}", body)

            answers = at_once(len(ways), go)
            won = [way for way, answer in zip(ways, answers, strict=True) if answer.status_code == 200]
            others = {answer.status_code for answer in answers} - {200}
            assert len(won) == 1 and others <= {204, 409}, (won, [answer.text for answer in answers])
            assert all(answer.json()["message"] for answer in answers if answer.status_code == 409)
            windows = [client.get(f"{H}/windows/{no}").json()["ticket"] for no in (10, 11)]
            assert [bool(one) for one in windows].count(True) == 1
            post(client, f"{H}/windows/{won[0][0]}/start")
            assert post(client, f"{H}/windows/{won[0][0]}/finish").status_code == 200


def test_one_account_in_two_places_has_one_ticket_and_both_go_on(desk: Desk):
    """Case 4: a double click and two computers at one window."""
    desk.window(10, "open")
    first, second = desk.issue(), desk.issue()
    key = uuid.uuid4().hex
    twice = [desk.post(f"{H}/windows/10/next", key=key) for _ in range(2)]
    assert twice[0].json == twice[1].json and twice[0].json["ticket"]["id"] == first["id"]
    other = desk.post(f"{H}/windows/10/next")
    assert (other.status_code, other.json["detail"]["number"]) == (409, first["number"])
    for step in ("start", "finish"):
        assert desk.window(10, step).status_code == 200
    assert desk.window(10, "next").json["ticket"]["id"] == second["id"]


def test_a_tap_sent_three_times_is_one_ticket(desk: Desk):
    """Case 9."""
    key = uuid.uuid4().hex
    answers = [desk.post(f"{H}/tickets", {"item": "passport"}, role="kiosk", key=key) for _ in range(3)]
    assert len({answer.data for answer in answers}) == 1
    assert desk.types().count("ticket.issued") == 1


def test_a_hundred_privileged_arrivals_do_not_starve_a_walk_in(desk: Desk, clock: Clock):
    """Case 14: one arrival and one call a minute; the walk-in is overtaken for as long as the promise says."""
    desk.window(10, "open")
    for _ in range(10):
        desk.issue(**{"class": "elderly"})
    walk_in = desk.issue()
    came = clock()
    for _ in range(100):
        clock.pass_(minutes=1)
        desk.issue(**{"class": "elderly"})
        called = desk.window(10, "next", finish_current=True).json["ticket"]
        if called["id"] == walk_in["id"]:
            break
    assert called["id"] == walk_in["id"]
    promised = timedelta(minutes=15 + 10)  # the class's credit and the window's tolerance
    calls = [event for event in desk.events() if event["type"] == "ticket.called"]
    late = [event for event in calls if event["ticket"]["issued_at"] > (came + promised).isoformat()]
    assert not late and not [event for event in desk.events() if event["type"] == "alarm"]


def test_a_number_never_changes_and_the_board_shows_the_window_that_called(desk: Desk):
    """Case 15: through transfer, release, hold and class."""
    for no in (10, 11):
        desk.window(no, "open")
    ticket = desk.issue()
    desk.post(f"/tickets/{ticket['id']}/class", {"class": "disabled"})
    for no, steps in ((10, ("next", "release", "next", "start", "hold")), (10, ()), (11, ("next", "start"))):
        for step in steps:
            assert desk.window(no, step).status_code == 200, step
        if no == 10 and not steps:
            desk.window(10, "resume", ticket=ticket["id"])
            assert desk.board()["calls"][0]["window"] == 10
            desk.window(10, "start")
            desk.window(10, "transfer", line="family")
    calls = desk.board()["calls"]
    assert [(call["number"], call["window"]) for call in calls] == [(ticket["number"], 11)]
    assert {event["ticket"]["number"] for event in desk.events() if event["ticket"]} == {ticket["number"]}


def test_waiting_called_serving_and_held_come_back_after_kill_9(tmp_path: Path):
    """Case 18: with window, class, key and timers."""
    with serving(tmp_path / "data") as served, served.client() as client:
        for no in (10, 11):
            post(client, f"{H}/windows/{no}/open")
        green = {"class": "green", "reason": "hospital"}
        ids = [post(client, f"{H}/tickets", {"item": "passport", **more}).json()["id"] for more in ({}, {}, {}, green)]
        for step in ("next", "start", "hold", "next", "start"):
            assert post(client, f"{H}/windows/10/{step}").status_code == 200
        assert post(client, f"{H}/windows/11/next").status_code == 200
        before = [client.get(f"/tickets/{one}").json() for one in ids]
        windows = [client.get(f"{H}/windows/{no}").json() for no in (10, 11)]
        assert sorted(one["state"] for one in before) == ["called", "held", "serving", "waiting"]
        served.kill()
    with serving(tmp_path / "data") as served, served.client() as client:
        moving = ("url",)  # the port is another one
        for was, one in zip(before, ids, strict=True):
            now = client.get(f"/tickets/{one}").json()
            assert {k: v for k, v in now.items() if k not in moving} == {
                k: v for k, v in was.items() if k not in moving
            }
        for was, no in zip(windows, (10, 11), strict=True):
            now = client.get(f"{H}/windows/{no}").json()
            assert [one["id"] for one in now["held"]] == [one["id"] for one in was["held"]]
            assert (now["state"], now["number"], now["since"]) == (was["state"], was["number"], was["since"])
        held = next(one["id"] for one in before if one["state"] == "held")
        post(client, f"{H}/windows/10/finish")
        assert post(client, f"{H}/windows/10/resume", {"ticket": held}).status_code == 200


def test_emptied_tables_still_give_numbers(desk: Desk):
    """Case 19: somebody purged everything but the hall."""
    desk.issue()

    def purge(tx: Any) -> None:
        for table in ("tickets", "counters", "windows", "answers", "devices", "ticket_person"):
            tx.connection.execute(f"DELETE FROM {table}")

    desk.store.run(HALL, purge)
    assert desk.issue()["number"] == "F001"
    desk.window(10, "open")
    assert desk.window(10, "next").status_code == 200
    assert desk.board()["lines"]


def test_screens_need_a_token_and_never_a_cookie(desk: Desk):
    """Case 25: refused with 401 in words, never sent somewhere else."""
    for path in (f"{H}/board", f"{H}/events", H):
        answer = desk.client.get(f"/api/v1{path}")
        assert (answer.status_code, answer.json["error"]) == (401, "unauthorized")
        assert "Location" not in answer.headers and "Set-Cookie" not in answer.headers
        allowed = desk.get(path, role="display")
        assert allowed.status_code == 200 and "Set-Cookie" not in allowed.headers
        allowed.close()


def test_the_server_was_off_at_midnight(tmp_path: Path):
    """Case 7: the first number next morning is 001, without anything that runs at night; the past stays."""
    clock = Clock()
    desk = Desk(tmp_path / "data", demo_hall(), clock)
    numbers = [desk.issue()["number"] for _ in range(3)]
    desk.close()
    clock.pass_(days=1)
    desk = Desk(tmp_path / "data", demo_hall(), clock)
    try:
        assert (numbers[-1], desk.issue()["number"]) == ("F003", "F001")
        reader = open_reader(desk.data / DATABASE)
        days = Counter(day for (day,) in reader.execute("SELECT business_day FROM tickets"))
        reader.close()
        assert sorted(days.values()) == [1, 3]
    finally:
        desk.close()


def test_an_answer_about_another_hall_is_no_answer(desk: Desk):
    """Case 24: what names one ticket changes one; a strange hall is not found."""
    first, second = desk.issue(), desk.issue()
    before = desk.get(f"/tickets/{second['id']}").json
    desk.post(f"/tickets/{first['id']}/class", {"class": "disabled"})
    desk.post(f"/tickets/{first['id']}/cancel")
    after = desk.get(f"/tickets/{second['id']}").json
    assert {k: v for k, v in after.items() if k != "ahead"} == {k: v for k, v in before.items() if k != "ahead"}
    assert desk.post("/halls/nowhere/windows/10/next").status_code == 404
    with pytest.raises(NotFound):
        desk.service.book("nowhere")


def test_every_case_of_the_server_has_a_test():
    said = " ".join(path.read_text("utf-8") for path in Path(__file__).parents[1].rglob("test_*.py"))
    named: set[int] = set()
    for words in re.findall(r"\bCases? ([0-9]+(?:(?:,| and|–)? ?[0-9]+)*)", said):
        for part in re.split(r",| and ", words):
            first, _, last = part.strip().partition("–")
            named |= set(range(int(first), int(last or first) + 1))
    assert named >= SERVER_CASES, sorted(SERVER_CASES - named)
