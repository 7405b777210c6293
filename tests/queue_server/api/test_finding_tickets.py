"""Finding a ticket at the kiosk: by number how it stands, by its own code or a card all of it."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tests.queue_server.helpers import HALL, Clock, Desk

WANG, LI = "a" * 64, "b" * 64
WINDOW = 10
OPENS_NOTHING = {"number", "line", "state", "ahead", "range", "window", "zone", "calls", "prints", "return_until"}


def find(desk: Desk, role: str = "kiosk", **body: Any) -> Any:
    return desk.post(f"/halls/{HALL}/tickets/find", body, role)


def come_back(desk: Desk, number: str, key: str | None = None) -> Any:
    return desk.post(f"/halls/{HALL}/tickets/return", {"number": number}, "kiosk", key)


def miss(desk: Desk) -> None:
    """Whoever is next is called three times and does not come."""
    desk.window(WINDOW, "open")
    desk.window(WINDOW, "next")
    for _ in range(2):
        desk.clock.pass_(seconds=30)
        desk.window(WINDOW, "recall")
    assert desk.window(WINDOW, "miss").status_code == 200


def test_a_number_says_how_it_stands_and_opens_nothing(desk: Desk):
    first, second = desk.issue(card_token=WANG, masked_name="王*"), desk.issue()
    desk.post(f"/tickets/{second['id']}/printed", {"ok": True, "count": 2}, "kiosk")
    answer = find(desk, number="F002")
    assert answer.status_code == 200
    standing = answer.json["standing"]
    assert set(standing) == OPENS_NOTHING
    assert (standing["number"], standing["state"], standing["line"]) == ("F002", "waiting", "police")
    assert (standing["ahead"], standing["prints"], standing["window"]) == (1, 2, None)
    assert answer.json["tickets"] == []
    for ticket in (first, second):
        assert f'"{ticket["id"]}"' not in find(desk, number=ticket["number"]).text


@pytest.mark.parametrize("written", ["F001", "f001", " f 001 ", "Ｆ００１", "ｆ１", "F1", "F-001", "F001号", "f　001"])
def test_a_number_may_be_written_as_people_write(desk: Desk, written: str):
    desk.issue()
    assert find(desk, number=written).json["standing"]["number"] == "F001"


@pytest.mark.parametrize("written", ["", "001", "F", "FF001", "F00x1", "110105194912310021", "一号"])
def test_what_is_no_number_is_said_kindly(desk: Desk, written: str):
    answer = find(desk, number=written)
    assert (answer.status_code, answer.json["detail"]) == (404, {"why": "no_number"})
    assert "letter and three digits" in answer.json["message"]
    assert len(written) < 8 or written not in answer.text  # somebody may type the number of their card


def test_a_number_nobody_has_and_one_of_yesterday(desk: Desk, clock: Clock):
    ticket = desk.issue()
    assert find(desk, number="F002").json["detail"] == {"why": "none"}
    clock.pass_(days=1)
    for asked in ({"number": "F001"}, {"id": ticket["id"]}):
        answer = find(desk, **asked)
        assert (answer.status_code, answer.json["detail"]) == (404, {"why": "yesterday", "day": "2026-03-02"})
        assert "take a new one" in answer.json["message"]
    desk.issue()
    assert find(desk, number="F001").json["standing"]["state"] == "waiting"
    assert find(desk, number="F002").json["detail"] == {"why": "none"}
    assert find(desk, id="nobody").json["detail"] == {"why": "none"}


def test_a_scanned_code_gives_all_a_paper_needs(desk: Desk):
    ticket = desk.issue()
    found = find(desk, id=ticket["id"]).json
    assert (found["standing"], found["tickets"]) == (None, [ticket])


def test_a_card_gives_what_its_holder_has_today(desk: Desk, clock: Clock):
    missed = desk.issue(card_token=WANG)
    miss(desk)
    cancelled = desk.issue("invoice", card_token=WANG)
    desk.post(f"/tickets/{cancelled['id']}/cancel", role=None)
    waiting, _ = desk.issue("marriage", card_token=WANG), desk.issue("marriage", card_token=LI)
    found = find(desk, card_token=WANG.upper()).json["tickets"]
    assert [(one["id"], one["state"]) for one in found] == [(missed["id"], "missed"), (waiting["id"], "waiting")]
    assert found[0]["return_until"] is not None
    assert found[1] == waiting
    assert find(desk, card_token="c" * 64).json["tickets"] == []
    clock.pass_(days=1)
    assert find(desk, card_token=WANG).json["tickets"] == []


@pytest.mark.parametrize("body", [{}, {"number": "F001", "id": "n1"}, {"id": "n1", "card_token": WANG}, {"name": "王"}])
def test_exactly_one_thing_is_asked_by(desk: Desk, body: dict[str, str]):
    assert find(desk, **body).status_code == 422


def test_a_look_changes_nothing_and_keeps_nothing(desk: Desk):
    ticket = desk.issue(card_token=WANG)
    before = desk.dump()
    for asked in ({"number": "F001"}, {"id": ticket["id"]}, {"card_token": WANG}):
        path = f"/api/v1/halls/{HALL}/tickets/find"
        assert desk.client.post(path, json=asked, headers=desk.headers("kiosk")).status_code == 200  # and no key
    assert desk.dump() == before


def test_who_comes_back_by_card_and_cancels_by_code(desk: Desk):
    ticket = desk.issue(card_token=WANG)
    miss(desk)
    mine = find(desk, card_token=WANG).json["tickets"][0]["id"]
    back = desk.post(f"/tickets/{mine}/return", role="kiosk")
    assert (back.status_code, back.json["state"]) == (200, "waiting")
    gone = desk.post(f"/tickets/{ticket['id']}/cancel", role="kiosk")
    assert (gone.status_code, gone.json["state"]) == (200, "cancelled")


def test_by_number_alone_one_may_come_back(desk: Desk):
    ticket = desk.issue(card_token=WANG)
    miss(desk)
    assert find(desk, number="f1").json["standing"]["return_until"] is not None
    back = come_back(desk, "f1", "k")
    assert (back.status_code, set(back.json), back.json["state"]) == (200, OPENS_NOTHING, "waiting")
    assert f'"{ticket["id"]}"' not in back.text
    assert come_back(desk, "f1", "k").data == back.data
    assert desk.types().count("ticket.returned") == 1


def test_a_refusal_by_number_tells_no_secret(desk: Desk, clock: Clock):
    ticket = desk.issue(card_token=WANG)
    refused = come_back(desk, "F001")
    assert (refused.status_code, refused.json["detail"]) == (409, {"state": "waiting"})
    miss(desk)
    desk.issue(card_token=WANG)
    another = come_back(desk, "F001")
    assert (another.status_code, another.json["detail"]) == (409, {"why": "another"})
    clock.pass_(minutes=15)
    late = come_back(desk, "F001")
    assert (late.status_code, late.json["detail"]) == (409, {"why": "late", "return_within": 15})
    assert come_back(desk, "F009").json["detail"] == {"why": "none"}
    for answer in (refused, another, late):
        assert f'"{ticket["id"]}"' not in answer.text
        assert "F002" not in answer.text


def test_numbers_are_not_guessed_through(desk: Desk, clock: Clock):
    for n in range(30):
        assert find(desk, number=f"F{n + 1}").status_code == 404
    for answer in (find(desk, number="F001"), come_back(desk, "F001")):
        assert (answer.status_code, answer.json["error"]) == (429, "too_many")
        assert "help desk" in answer.json["message"]
        assert answer.json["detail"]["retry_after"] == 60
    assert find(desk, id="nobody").status_code == 404  # only numbers can be guessed
    assert find(desk, "manager", number="F001").status_code == 404  # each asker apart
    clock.pass_(seconds=59)
    assert find(desk, number="F001").status_code == 429
    clock.pass_(seconds=1)
    assert find(desk, number="F001").status_code == 404
    clock.pass_(hours=-1)  # set back: nobody waits an hour
    assert [find(desk, number="F001").status_code for _ in range(31)][-2:] == [404, 429]


def test_what_is_answered_is_what_is_described(desk: Desk):
    from jsonschema import Draft202012Validator

    spec = desk.client.get("/openapi.json").json
    ticket = desk.issue()
    schema = spec["paths"]["/api/v1/halls/{hall}/tickets/find"]["post"]["responses"]["200"]["content"]
    check = Draft202012Validator({**schema["application/json"]["schema"], "components": spec["components"]})
    for asked in ({"number": "F001"}, {"id": ticket["id"]}):
        check.validate(json.loads(find(desk, **asked).text))
