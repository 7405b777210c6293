"""The person behind a ticket: one live ticket a line, a name for the clerk, nothing anywhere else or tomorrow."""

import hashlib
import hmac
import threading
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from queue_server.domain.model import State
from queue_server.store import persons
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

TICKETS = f"/halls/{HALL}/tickets"
KEY = f"/halls/{HALL}/day-key"
WANG, LI = (hmac.new(b"the key of a day", kind, hashlib.sha256).hexdigest() for kind in (b"id|1", b"id|2"))


def ask(desk: Desk, token: str | None = WANG, item: str = "passport", role: str = "kiosk", **more: Any) -> Any:
    key = more.pop("key", None)
    return desk.post(TICKETS, {"item": item, "card_token": token, **more}, role, key)


def rows(desk: Desk, table: str) -> list[tuple]:
    with desk.store.read() as reading:
        return reading.connection.execute(f"SELECT * FROM {table}").fetchall()


def set_state(desk: Desk, ticket: str, state: State) -> None:
    def command(tx) -> None:
        tx.save_ticket(tx.ticket(ticket)._replace(state=state))

    desk.store.run(HALL, command)


# one live ticket a line


def test_a_second_ticket_of_the_line_is_refused_with_the_first(desk: Desk):
    """Case 20."""
    desk.issue()
    first = ask(desk).json
    for source, role in [
        ("kiosk", "kiosk"), ("guide", "guide"), ("counter", "manager"), ("phone", "kiosk"), ("appointment", "guide"),
    ]:  # fmt: skip
        refused = ask(desk, item="id-card", role=role, source=source)
        assert (refused.status_code, refused.json["error"]) == (409, "conflict")
        assert "already has ticket F002" in refused.json["message"]
        assert "waiting" in refused.json["message"]
        assert refused.json["detail"] == {"ticket": first}
    assert desk.types().count("ticket.issued") == 2


def test_the_refusal_shows_the_ticket_as_it_is_now(desk: Desk):
    desk.issue()
    first = ask(desk).json
    assert first["ahead"] == 1
    desk.window(10, "open")
    desk.window(10, "next")
    assert ask(desk).json["detail"]["ticket"] == desk.get(f"/tickets/{first['id']}", None).json | {"ahead": 0}


def test_another_line_or_another_person_gets_one(desk: Desk):
    assert ask(desk).status_code == 201
    assert ask(desk, item="invoice").status_code == 201
    assert ask(desk, LI).status_code == 201
    assert ask(desk, item="invoice").status_code == 409


@pytest.mark.parametrize("state", State)
def test_only_a_live_ticket_blocks(desk: Desk, state: State):
    first = ask(desk).json
    set_state(desk, first["id"], state)
    live = state in (State.WAITING, State.CALLED, State.SERVING, State.HELD)
    assert ask(desk).status_code == (409 if live else 201)


def test_a_ticket_that_went_to_another_line_blocks_there(desk: Desk):
    first = ask(desk).json

    def transfer(tx) -> None:
        tx.save_ticket(tx.ticket(first["id"])._replace(line="tax"))

    desk.store.run(HALL, transfer)
    assert ask(desk, item="invoice").status_code == 409
    assert ask(desk).status_code == 201


def test_after_a_cancel_the_person_may_take_another(desk: Desk):
    first = ask(desk).json
    desk.post(f"/tickets/{first['id']}/cancel", role=None)
    assert ask(desk).json["number"] == "F002"
    assert ask(desk).status_code == 409


def test_anonymous_tickets_are_always_possible(desk: Desk):
    for body in ({}, {"card_token": None}, {"card_token": None, "masked_name": None}, {"masked_name": "张*"}):
        for _ in range(2):
            assert desk.post(TICKETS, {"item": "passport", **body}, "kiosk").status_code == 201
    assert [row[3:] for row in rows(desk, "ticket_person")] == [(None, "张*")] * 2


def test_sixteen_at_once_with_a_key_each_get_one_ticket(desk: Desk):
    barrier, answers = threading.Barrier(16), []

    def tap(n: int) -> None:
        headers, body = desk.headers("kiosk", f"k{n}"), {"item": "passport", "card_token": WANG, "masked_name": "王*"}
        client = desk.app.test_client()
        barrier.wait()
        answers.append(client.post(f"/api/v1{TICKETS}", json=body, headers=headers))

    threads = [threading.Thread(target=tap, args=(n,)) for n in range(16)]
    [thread.start() for thread in threads]
    [thread.join() for thread in threads]
    assert sorted(answer.status_code for answer in answers) == [201] + [409] * 15
    assert len({(one.json.get("detail") or {}).get("ticket", one.json)["id"] for one in answers}) == 1
    assert desk.types() == ["hall.created", "ticket.issued"]


# what is accepted


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"card_token": WANG[:-1]}, "card_token: "),
        ({"card_token": WANG + "0"}, "card_token: "),
        ({"card_token": WANG[:-1] + "\n"}, "card_token: "),
        ({"card_token": WANG + "\n"}, "card_token: "),
        ({"card_token": "g" * 64}, "card_token: "),
        ({"card_token": ""}, "card_token: "),
        ({"card_token": 7}, "card_token: "),
        ({"masked_name": "张三"}, "masked_name: "),
        ({"masked_name": ""}, "masked_name: "),
        ({"masked_name": "张*" + "三" * 63}, "at most 64"),
        ({"masked_name": "110101********1234"}, "no digits"),
        ({"masked_name": "张*\n三"}, "masked_name: "),
        ({"masked_name": "张*\ud800"}, "masked_name: "),
    ],
)
def test_what_is_not_a_token_or_not_masked_is_refused_and_not_repeated(desk: Desk, body, words):
    answer = desk.post(TICKETS, {"item": "passport", **body}, "kiosk")
    assert (answer.status_code, answer.json["error"]) == (422, "unprocessable")
    assert words in answer.json["message"]
    assert not [value for value in body.values() if value and str(value) in answer.get_data(as_text=True)]
    assert desk.types() == ["hall.created"]


def test_a_token_in_capitals_is_the_same_token(desk: Desk):
    assert ask(desk, WANG.upper()).status_code == 201
    assert ask(desk).status_code == 409


@pytest.mark.parametrize("name", ["张*三", "张*", "*", "S* J*", "阿*·买*提", "*" * 64])
def test_names_as_readers_mask_them(desk: Desk, name: str):
    assert ask(desk, masked_name=name).status_code == 201


# repeats


def test_a_repeat_gets_the_first_answer_and_is_not_a_second_request(desk: Desk):
    first = ask(desk, masked_name="王*", key="k")
    again = ask(desk, masked_name="王*", key="k")
    assert (again.status_code, again.data) == (201, first.data)
    assert ask(desk, WANG.upper(), masked_name="王*", key="k").data == first.data


@pytest.mark.parametrize("other", [{"token": LI}, {"token": None}, {"masked_name": "李*"}, {"masked_name": None}])
def test_a_repeat_for_somebody_else_is_refused(desk: Desk, other):
    ask(desk, masked_name="王*", key="k")
    refused = ask(desk, **{"token": WANG, "masked_name": "王*", "key": "k"} | other)
    assert (refused.status_code, refused.json["detail"]) == (422, {"key": "k"})
    assert "another request" in refused.json["message"]
    assert desk.types().count("ticket.issued") == 1


def test_a_repeat_after_the_day_is_answered_though_nobody_knows_whose_it_was(desk: Desk, clock: Clock):
    first = ask(desk, masked_name="王*", key="k")
    clock.pass_(hours=20)
    desk.service.close_days()
    assert ask(desk, masked_name="王*", key="k").data == first.data


def test_the_hash_kept_of_a_request_says_nothing_of_the_person(desk: Desk):
    ask(desk, masked_name="王*", key="k")
    ask(desk, LI, masked_name="李*", role="guide", key="k")
    ask(desk, None, role="manager", key="k")
    prints = {row[2] for row in rows(desk, "answers")}
    assert len(prints) == 1  # three people, one hash


# where it is kept and shown


def test_the_name_is_for_the_clerk_who_has_the_ticket(desk: Desk):
    anonymous, named = desk.issue(), ask(desk, masked_name="王*").json
    path = f"/halls/{HALL}/windows/10"
    desk.window(10, "open")
    assert desk.get(path, "window").json["ticket"] is None
    desk.window(10, "next")
    shown = desk.get(path, "window").json["ticket"]
    assert (shown["id"], shown["person"]) == (anonymous["id"], None)
    for action in ("next", "recall", "start"):
        desk.clock.pass_(seconds=40)
        answer = desk.window(10, action, **({"finish_current": True} if action == "next" else {}))
        assert answer.status_code == 200
        assert "王*" not in answer.get_data(as_text=True)
        assert "person" not in answer.json["ticket"]
        shown = desk.get(path, "window").json["ticket"]
        assert (shown["id"], shown["person"]) == (named["id"], {"masked_name": "王*"})
    desk.window(10, "finish")
    assert desk.get(path, "window").json["ticket"] is None


def test_a_token_without_a_name_shows_nobody(desk: Desk):
    ask(desk)
    desk.window(10, "open")
    desk.window(10, "next")
    assert desk.get(f"/halls/{HALL}/windows/10").json["ticket"]["person"] is None


def test_no_other_answer_holds_name_or_token(desk: Desk):
    ticket = ask(desk, masked_name="王*").json
    desk.window(10, "open")
    answers = [ask(desk, masked_name="王*"), desk.window(10, "next")]
    hall, public = f"/halls/{HALL}", f"/tickets/{ticket['id']}"
    answers += [desk.get(path) for path in (hall, f"{hall}/board", TICKETS, public, f"{hall}/windows/11")]
    answers += [desk.client.get(f"/t/{ticket['id']}"), desk.window(10, "start"), desk.window(10, "finish")]
    assert not [answer for answer in answers if "王" in answer.text or WANG in answer.text]


def test_name_and_token_lie_in_one_table_only(desk: Desk):
    ask(desk, masked_name="王*")
    assert [table for table, row in desk.dump() if WANG in row or "王" in row] == ["ticket_person"]


def test_a_person_has_no_repr():
    assert repr(persons.Person(WANG, "王*")) == "Person()"


# the key of the day


def test_every_machine_gets_the_same_key_and_it_holds_for_the_day(desk: Desk, clock: Clock):
    first = desk.get(KEY, "kiosk").json
    assert (first["day"], first["closes_at"]) == ("2026-03-02", "2026-03-02T16:00:00.000000Z")  # midnight in Shanghai
    clock.pass_(hours=13, minutes=59)
    assert desk.get(KEY, "guide").json == first
    clock.pass_(minutes=1)
    second = desk.get(KEY, "kiosk")
    assert second.headers["Cache-Control"] == "no-store"
    assert (second.json["day"], second.json["closes_at"]) == ("2026-03-03", "2026-03-03T16:00:00.000000Z")
    assert second.json["key"] != first["key"]
    assert [row[1:] for row in rows(desk, "day_keys")] == [("2026-03-03", second.json["key"])]


def test_a_key_is_asked_for_and_not_announced(desk: Desk):
    key = desk.get(KEY).json["key"]
    assert desk.types() == ["hall.created"]
    assert rows(desk, "answers") == []
    assert desk.get("/halls/atlantis/day-key").status_code == 404
    assert [table for table, row in desk.dump() if key in row] == ["day_keys"]


# the end of the day


def test_the_first_command_of_a_day_forgets_yesterdays_persons(desk: Desk, clock: Clock):
    desk.get(KEY)
    ask(desk, masked_name="王*")
    clock.pass_(days=1)
    assert ask(desk, LI).status_code == 201
    assert [row[3:] for row in rows(desk, "ticket_person")] == [(LI, None)]
    assert rows(desk, "day_keys") == []
    assert ask(desk).status_code == 201  # yesterday's ticket is no obstacle


def test_a_day_closes_though_nobody_comes(desk: Desk, clock: Clock):
    desk.get(KEY)
    ticket = ask(desk, masked_name="王*").json
    clock.at = desk.clock.at.replace(hour=15, minute=59, second=59)
    assert desk.service.close_days() == []
    assert len(rows(desk, "ticket_person")) == len(rows(desk, "day_keys")) == 1
    clock.pass_(seconds=1)
    assert desk.service.close_days() == [HALL]
    assert rows(desk, "ticket_person") == rows(desk, "day_keys") == []
    assert desk.get(f"/tickets/{ticket['id']}", None).json["state"] == "expired"
    before = desk.types()
    assert desk.service.close_days() == []
    assert desk.types() == before


def test_a_clock_set_back_closes_nothing(desk: Desk, clock: Clock):
    ask(desk)
    key = desk.get(KEY).json
    clock.at -= timedelta(days=1)
    assert desk.service.close_days() == []
    assert desk.get(KEY).json == key
    assert len(rows(desk, "ticket_person")) == 1


def test_a_hall_that_moved_out_leaves_nobody_behind(tmp_path: Path, clock: Clock):
    desk = Desk(tmp_path / "d", demo_hall(), clock)
    desk.get(KEY)
    ask(desk, masked_name="王*")
    desk.close()
    desk = Desk(tmp_path / "d", demo_hall(id="elsewhere"), clock)
    desk.post("/halls/elsewhere/tickets", {"item": "passport", "card_token": LI}, "kiosk")
    assert desk.service.close_days() == []
    assert rows(desk, "day_keys") == []
    assert [row[3] for row in rows(desk, "ticket_person")] == [LI]
    desk.close()
