"""Ratings (好差评): once a service, on its day, and never told to the clerk."""

from __future__ import annotations

import json
import threading
from datetime import timedelta
from typing import Any

import pytest

from queue_server.domain.ratings import rating_of
from queue_server.store import ratings
from tests.queue_server.helpers import HALL, Clock, Desk

WINDOW = 10
NAMES = ["非常满意", "满意", "基本满意", "不满意", "非常不满意"]


def served(desk: Desk, window: int = WINDOW, item: str = "passport", **more: Any) -> dict[str, Any]:
    """Somebody comes, is called and served."""
    ticket = desk.issue(item, **more)
    desk.window(window, "open")
    for action in ("next", "start", "finish"):
        assert desk.window(window, action).status_code == 200
    return ticket


def rate(desk: Desk, ticket: dict[str, Any], level: int = 5, role: str | None = None, key: str | None = None) -> Any:
    return desk.post(f"/tickets/{ticket['id']}/rating", {"level": level}, role, key)


def summary(desk: Desk, days: int = 30) -> Any:
    return desk.get(f"/halls/{HALL}/ratings?days={days}", "manager").json


def counts(levels: list[dict[str, Any]]) -> dict[int, int]:
    return {one["level"]: one["count"] for one in levels if one["count"]}


@pytest.mark.parametrize("role", [None, "kiosk"])
def test_the_holder_rates_by_the_tickets_own_secret_and_so_does_a_kiosk(desk: Desk, role: str | None):
    ticket = served(desk)
    answer = rate(desk, ticket, 4, role)
    assert answer.status_code == 201
    assert answer.json == {"level": 4, "name": {"zh": "满意", "en": "Satisfied"}, "at": "2026-03-02T02:00:00.000000Z"}


@pytest.mark.parametrize("role", ["window", "guide", "manager", "display", "auditor"])
def test_staff_do_not_rate(desk: Desk, role: str):
    assert rate(desk, served(desk), role=role).status_code == 403


def test_the_five_levels_have_their_prescribed_names(desk: Desk):
    assert [level["name"]["zh"] for level in summary(desk)["levels"]] == NAMES
    for level in (0, 6, True, "5", 4.5, None):
        assert desk.post(f"/tickets/{served(desk)['id']}/rating", {"level": level}, None).status_code == 422


def test_one_rating_a_service(desk: Desk):
    ticket = served(desk)
    first = rate(desk, ticket, 2, key="k")
    again = rate(desk, ticket, 2, key="k")
    assert (again.status_code, again.data) == (201, first.data)
    second = rate(desk, ticket, 5)
    assert (second.status_code, second.json["detail"]) == (409, {"why": "rated"})
    assert "thank you" in second.json["message"]
    assert counts(summary(desk)["levels"]) == {2: 1}


def test_two_at_once_leave_one(desk: Desk):
    ticket, barrier, answers = served(desk), threading.Barrier(8), []

    def tap(n: int) -> None:
        client = desk.app.test_client()
        barrier.wait()
        headers = desk.headers("kiosk" if n % 2 else None, f"k{n}")
        answers.append(
            client.post(f"/api/v1/tickets/{ticket['id']}/rating", json={"level": 1 + n % 5}, headers=headers)
        )

    threads = [threading.Thread(target=tap, args=(n,)) for n in range(8)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 7
    assert desk.types().count("ticket.rated") == 1


def test_only_what_is_finished_is_rated(desk: Desk):
    ticket = desk.issue()
    desk.window(WINDOW, "open")
    for action in ("next", "start"):
        assert rate(desk, ticket).json["detail"] == {"why": "unfinished"}
        desk.window(WINDOW, action)
    assert rate(desk, ticket).json["detail"] == {"why": "unfinished"}
    desk.window(WINDOW, "finish")
    assert rate(desk, ticket).status_code == 201
    assert rate(desk, {"id": "nobody"}).status_code == 404


def test_a_finish_that_is_taken_back_can_be_rated_when_it_is_finished_again(desk: Desk):
    ticket = served(desk)
    desk.window(WINDOW, "undo")
    assert rate(desk, ticket).json["detail"] == {"why": "unfinished"}
    desk.window(WINDOW, "finish")
    assert rate(desk, ticket).status_code == 201


def test_a_rating_neither_hinders_undo_nor_goes_with_it(desk: Desk):
    """A clerk whose undo was refused would know of it; one who could take it back would."""
    ticket = served(desk)
    rate(desk, ticket, 1)
    undone = desk.window(WINDOW, "undo")
    assert (undone.status_code, undone.json["ticket"]["state"]) == (200, "serving")
    desk.window(WINDOW, "finish")
    assert rate(desk, ticket, 5).json["detail"] == {"why": "rated"}
    assert counts(summary(desk)["levels"]) == {1: 1}


def test_after_its_day_a_service_is_no_longer_rated(desk: Desk, clock: Clock):
    ticket = served(desk)
    clock.pass_(days=1)
    answer = rate(desk, ticket)
    assert (answer.status_code, answer.json["detail"]) == (409, {"why": "over"})


def test_the_row_is_made_from_the_event_and_names_nobody(desk: Desk):
    ticket = served(desk, card_token="a" * 64, masked_name="张*三")
    rate(desk, ticket, 3)
    event = desk.events()[-1]
    assert (event["type"], event["actor"], event["window"]) == ("ticket.rated", "citizen", WINDOW)
    assert event["reason"] == {"level": 3, "language": "zh"}
    with desk.store.read() as reading:
        row = ratings.of_ticket(reading, ticket["id"])
    assert row == rating_of(HALL, event)
    assert (row.window, row.item, row.level, row.at) == (WINDOW, "passport", 3, desk.clock())
    kept = [text for table, text in desk.dump() if table in ("ratings", "events", "answers")]
    assert not [text for text in kept if "a" * 64 in text or "张*三" in text]


def test_no_listener_hears_of_it(desk: Desk):
    ticket = served(desk)
    newest = desk.board()["seq"]
    live = desk.hub.stream(HALL, None, None, lambda: newest, lambda after, limit: [])
    next(live)
    rate(desk, ticket, 1)
    desk.window(WINDOW, "pause")
    assert b"window.paused" in next(live)
    with desk.store.read() as reading:
        replay = desk.hub.stream(
            HALL, None, newest - 1, lambda: newest + 2, lambda after, limit: reading.events_after(HALL, after, limit)
        )
        next(replay)
        heard = next(replay)
    assert b"window.paused" in heard
    assert b"rated" not in heard
    assert b"level" not in heard


def test_nothing_a_clerk_sees_changes(desk: Desk):
    ticket, clerk = served(desk), ("board", "tickets", f"windows/{WINDOW}")
    before = [desk.get(f"/halls/{HALL}/{path}", "window").json for path in clerk]
    page = desk.get(f"/tickets/{ticket['id']}", None).json
    rate(desk, ticket, 1)
    after = [desk.get(f"/halls/{HALL}/{path}", "window").json for path in clerk]
    assert after[0] | {"seq": before[0]["seq"]} == before[0]
    assert after[1:] == before[1:]
    assert desk.get(f"/tickets/{ticket['id']}", None).json == page  # a clerk knows the tickets' ids
    assert desk.get(f"/halls/{HALL}/ratings", "window").status_code == 403


def test_a_manager_sees_items_and_windows_once_there_are_five(desk: Desk):
    for level in (5, 5, 4, 1):
        rate(desk, served(desk), level)
    assert (summary(desk)["items"], summary(desk)["windows"]) == ([], [])
    rate(desk, served(desk, item="id-card"), 5)
    found = summary(desk)
    assert counts(found["levels"]) == {5: 3, 4: 1, 1: 1}
    assert [(one["window"], counts(one["levels"])) for one in found["windows"]] == [(WINDOW, {5: 3, 4: 1, 1: 1})]
    assert found["items"] == []  # four of one, one of another
    rate(desk, served(desk), 2)
    assert [(one["item"], counts(one["levels"])) for one in summary(desk)["items"]] == [
        ("passport", {5: 2, 4: 1, 2: 1, 1: 1})
    ]


def test_days_are_business_days_and_today_is_one(desk: Desk, clock: Clock):
    rate(desk, served(desk), 5)
    clock.pass_(days=1)
    rate(desk, served(desk), 3)
    assert counts(summary(desk, 1)["levels"]) == {3: 1}
    found = summary(desk, 2)
    assert (found["since"], found["until"], counts(found["levels"])) == ("2026-03-02", "2026-03-03", {5: 1, 3: 1})
    clock.at += timedelta(days=1)  # nobody has come yet: the day is another one all the same
    assert counts(summary(desk, 1)["levels"]) == {}
    for wrong in ("0", "367", "x"):
        assert desk.get(f"/halls/{HALL}/ratings?days={wrong}", "manager").status_code == 422


def test_what_is_answered_is_what_is_described(desk: Desk):
    from jsonschema import Draft202012Validator

    spec = desk.client.get("/openapi.json").json
    answer = rate(desk, served(desk))
    for path, method, status, body in (
        ("/api/v1/tickets/{ticket}/rating", "post", "201", answer.json),
        ("/api/v1/halls/{hall}/ratings", "get", "200", json.loads(json.dumps(summary(desk)))),
    ):
        schema = spec["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"]
        Draft202012Validator({**schema, "components": spec["components"]}).validate(body)
