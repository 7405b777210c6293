"""Taking tickets, their paper, giving them up."""

import json
from datetime import UTC, datetime

import pytest

from config.schema import Line, Words
from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall

TICKETS = f"/halls/{HALL}/tickets"
FIELDS = {
    "id",
    "number",
    "hall",
    "line",
    "item",
    "class",
    "state",
    "business_day",
    "issued_at",
    "key",
    "ahead",
    "range",
    "no_window",
    "window",
    "zone",
    "url",
    "printed",
    "calls",
    "steps",
}  # DESIGN §4
MORE = {"bound", "print_doubt", "prints", "called_at", "source", "lang"}


def test_a_ticket_has_everything_the_paper_needs(desk: Desk):
    answer = desk.post(TICKETS, {"item": "passport", "class": "elderly", "source": "kiosk", "lang": "en"}, "kiosk")
    assert answer.status_code == 201
    ticket = answer.json
    assert set(ticket) == FIELDS | MORE
    assert (ticket["number"], ticket["line"], ticket["zone"], ticket["state"]) == ("F001", "police", "C", "waiting")
    assert (ticket["class"], ticket["lang"], ticket["business_day"]) == ("elderly", "en", "2026-03-02")
    assert ticket["issued_at"] == "2026-03-02T02:00:00.000000Z"
    assert ticket["url"] == f"http://server/t/{ticket['id']}"
    assert ticket["range"] is None


def test_numbers_count_per_line_and_ahead_counts_who_waits_before(desk: Desk):
    tickets = [desk.issue(item) for item in ("passport", "id-card", "invoice", "passport")]
    assert [(t["number"], t["ahead"]) for t in tickets] == [("F001", 0), ("F002", 1), ("E001", 0), ("F003", 2)]
    desk.window(10, "open")
    desk.window(10, "next")
    assert desk.get(f"/tickets/{tickets[3]['id']}", None).json["ahead"] == 1


def test_a_line_is_enough_when_the_item_is_not_known(desk: Desk):
    ticket = desk.post(TICKETS, {"line": "general"}, "kiosk").json
    assert (ticket["line"], ticket["item"], ticket["number"]) == ("general", None, "H001")


def test_numbers_go_on_past_999(desk: Desk):
    desk.store.run(HALL, lambda tx: [tx.next_number(HALL, "F", datetime(2026, 3, 2).date()) for _ in range(998)])
    assert [desk.issue()["number"] for _ in range(2)] == ["F999", "F1000"]


def test_the_first_ticket_of_a_day_is_001_and_yesterdays_have_expired(desk: Desk, clock: Clock):
    waiting, called = desk.issue(), desk.issue()
    desk.window(10, "open")
    assert desk.window(10, "next").json["ticket"]["id"] == waiting["id"]
    clock.pass_(days=1)
    assert desk.board()["calls"] == []
    assert {line["waiting"] for line in desk.board()["lines"]} == {0}
    assert desk.issue()["number"] == "F001"
    for ticket in (waiting, called):
        assert desk.get(f"/tickets/{ticket['id']}", None).json["state"] == "expired"
    assert desk.types().count("ticket.expired") == 2
    assert desk.window(10, "next").json["ticket"]["number"] == "F001"


def test_a_clock_set_back_changes_neither_order_nor_day(desk: Desk, clock: Clock):
    first = desk.issue()
    clock.at = datetime(2026, 3, 1, 23, 0, tzinfo=UTC)  # 07:00, three hours before
    desk.service.days.enforce_hours = False
    second = desk.issue()
    assert second["key"] > first["key"]
    assert (second["number"], second["ahead"]) == ("F002", 1)
    clock.at = datetime(2026, 3, 1, 1, 0, tzinfo=UTC)  # the day before
    assert desk.issue()["business_day"] == "2026-03-02"


@pytest.mark.parametrize(
    ("body", "status", "error", "words"),
    [
        ({"item": "pasport"}, 404, "not_found", "did you mean 'passport'"),
        ({"line": "polise"}, 404, "not_found", "did you mean 'police'"),
        ({}, 422, "unprocessable", "say which item or which line"),
        ({"item": "passport", "line": "tax"}, 422, "unprocessable", "belongs to line 'police'"),
        ({"item": "passport", "clas": "elderly"}, 422, "unprocessable", "clas: Extra inputs"),
        ({"item": "passport", "class": "vip"}, 422, "unprocessable", "class: Input should be"),
        ({"item": 7}, 422, "unprocessable", "item: Input should be a valid string"),
        ({"item": "x" * 65}, 422, "unprocessable", "at most 64"),
        (["passport"], 422, "unprocessable", "valid dictionary"),
    ],
)
def test_what_cannot_be_issued_is_said_in_words(desk: Desk, body, status, error, words):
    answer = desk.post(TICKETS, body)
    assert (answer.status_code, answer.json["error"]) == (status, error)
    assert words in answer.json["message"]
    assert set(answer.json) == {"error", "message", "detail"}
    assert desk.board()["seq"] == 1


def test_a_closed_line_and_a_retired_item_and_line_give_no_numbers(tmp_path, clock: Clock):
    hall = demo_hall()
    lines = [one.model_copy(update={"open": one.id != "tax", "retired": one.id == "family"}) for one in hall.lines]
    items = [one.model_copy(update={"retired": one.id == "passport"}) for one in hall.items]
    desk = Desk(tmp_path / "d", demo_hall(lines=tuple(lines), items=tuple(items)), clock)
    for item, words in [("invoice", "gives no numbers"), ("marriage", "no longer"), ("passport", "no longer")]:
        answer = desk.post(TICKETS, {"item": item})
        assert (answer.status_code, answer.json["error"]) == (409, "conflict")
        assert words in answer.json["message"]
    offered = desk.get(f"/halls/{HALL}").json["lines"]
    assert "family" not in [line["id"] for line in offered]
    assert "passport" not in [item["id"] for line in offered for item in line["items"]]
    assert {line["id"]: line["open"] for line in offered}["tax"] is False
    desk.close()


def test_a_deleted_line_or_window_breaks_nothing(desk: Desk):
    ticket = desk.issue("id-card")
    desk.window(11, "open")
    desk.window(11, "next")
    desk.window(11, "start")
    desk.window(11, "finish")
    items = {item.id: None for item in desk.hall.items if item.line == "police"}
    windows = {"8": {"lines": ["general"]}, **dict.fromkeys(("10", "11", "12"))}
    desk.settle(lines={"police": None}, items=items, windows=windows)
    assert [call["number"] for call in desk.board()["calls"]] == ["F001"]
    assert desk.get(f"/tickets/{ticket['id']}", None).json["zone"] == ""
    assert desk.client.get(f"/t/{ticket['id']}").status_code == 200
    assert desk.get(f"/halls/{HALL}").status_code == 200
    assert desk.get(TICKETS).json["tickets"][0]["number"] == "F001"
    assert desk.window(11, "open").status_code == 404


def test_a_letter_that_moves_to_another_line_never_counts_twice(desk: Desk):
    desk.issue()
    desk.settle(lines={"police": {"letter": "Z"}, "tax": {"letter": "F"}})
    assert [desk.issue("invoice")["number"], desk.issue("passport")["number"]] == ["F002", "Z001"]


def test_outside_opening_hours_the_answer_says_when(desk: Desk, clock: Clock):
    clock.pass_(hours=6, minutes=30)  # 16:30
    answer = desk.post(TICKETS, {"item": "passport"})
    assert answer.status_code == 409
    assert answer.json["message"] == "the hall gives no numbers now; it opens 2026-03-03 09:00"
    assert answer.json["detail"]["next_open"] == "2026-03-03T01:00:00.000000Z"
    desk.service.days.enforce_hours = False  # demo
    assert desk.issue()["number"] == "F001"
    assert desk.get(f"/halls/{HALL}").json["hours"]["tickets"] is False


def test_kiosks_give_the_classes_a_citizen_may_take_alone(desk: Desk):
    for cls, role, status in [
        ("elderly", "kiosk", 201), ("green", "kiosk", 403), ("green", "guide", 201), ("green", "manager", 201),
    ]:  # fmt: skip
        body = {"item": "passport", "class": cls, "reason": "hospital" if cls == "green" else ""}
        assert desk.post(TICKETS, body, role).status_code == status


def test_cancel_by_the_holder_or_by_the_hall(desk: Desk):
    first, second, third = desk.issue(), desk.issue(), desk.issue()
    assert desk.post(f"/tickets/{first['id']}/cancel", role=None).json["state"] == "cancelled"
    assert desk.post(f"/tickets/{second['id']}/cancel", role="kiosk").json["state"] == "cancelled"
    assert desk.post(f"/tickets/{third['id']}/cancel", role="display").status_code == 403
    again = desk.post(f"/tickets/{first['id']}/cancel", role=None)
    assert again.status_code == 409
    assert "F001 is cancelled" in again.json["message"]
    by = [event["actor"].split("/")[0] for event in desk.events() if event["type"] == "ticket.cancelled"]
    assert by == ["citizen", "kiosk"]
    assert desk.get(f"/tickets/{third['id']}", None).json["ahead"] == 0


def test_printed_or_not_the_ticket_stays(desk: Desk):
    ticket = desk.issue()
    path = f"/tickets/{ticket['id']}/printed"
    failed = desk.post(path, {"ok": False, "doubt": True, "count": 0}, "kiosk").json
    assert (failed["printed"], failed["print_doubt"], failed["prints"], failed["state"]) == (False, True, 0, "waiting")
    done = desk.post(path, {"ok": True, "count": 1}, "kiosk").json
    assert (done["printed"], done["print_doubt"], done["prints"]) == (True, False, 1)
    assert desk.types()[-2:] == ["ticket.not_printed", "ticket.printed"]
    assert desk.post(path, {}, "kiosk").status_code == 422
    assert desk.post("/tickets/nobody/printed", {"ok": True}, "kiosk").status_code == 404


def test_the_staffs_list(desk: Desk):
    desk.issue(), desk.issue("invoice"), desk.issue()
    desk.window(10, "open")
    desk.window(10, "next")
    numbers = lambda query: [(t["number"], t["ahead"]) for t in desk.get(TICKETS + query, "window").json["tickets"]]  # noqa: E731
    assert numbers("") == [("F001", 0), ("E001", 0), ("F002", 0)]
    assert numbers("?state=waiting") == [("E001", 0), ("F002", 0)]
    assert numbers("?state=called,done") == [("F001", 0)]
    wrong = desk.get(TICKETS + "?state=lost")
    assert wrong.status_code == 422
    assert "'lost' is not a state" in wrong.json["message"]


def test_the_page_behind_the_code(desk: Desk):
    ticket = desk.issue()
    desk.issue()
    page = desk.client.get(f"/t/{ticket['id']}")
    text = page.get_data(as_text=True)
    assert page.status_code == 200
    assert "F001" in text
    assert "前面没有人了" in text
    assert "Nobody ahead of you" in desk.client.get(f"/t/{ticket['id']}?lang=en").get_data(as_text=True)
    desk.client.get(f"/t/{ticket['id']}?lang=zh")
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert page.headers["Referrer-Policy"] == "no-referrer"
    desk.window(10, "open")
    desk.window(10, "next")
    assert "轮到您了" in desk.client.get(f"/t/{ticket['id']}").get_data(as_text=True)
    assert desk.client.get("/t/nobody").status_code == 404
    style = desk.client.get("/static/phone/phone.css")
    assert style.status_code == 200
    style.close()


def test_a_name_in_the_settings_cannot_write_html(tmp_path, clock: Clock):
    hall = demo_hall(name=Words(zh="<b>x</b>"))
    desk = Desk(tmp_path / "d", hall, clock)
    assert "&lt;b&gt;" in desk.client.get(f"/t/{desk.issue()['id']}").get_data(as_text=True)
    desk.close()


def test_public_url_leads_phones_past_a_proxy(tmp_path, clock: Clock):
    desk = Desk(tmp_path / "d", demo_hall(public_url="https://hall.example/"), clock)
    ticket = desk.issue()
    assert ticket["url"] == f"https://hall.example/t/{ticket['id']}"
    desk.close()


def test_events_hold_what_a_rebuild_needs(desk: Desk):
    desk.issue("passport", **{"class": "elderly"})
    ticket = desk.events()[-1]["ticket"]
    assert (ticket["class"], ticket["item"], ticket["number"], ticket["seq"]) == ("elderly", "passport", "F001", 1)
    assert json.dumps(ticket)


def test_every_line_of_the_demo_can_be_joined(desk: Desk):
    lines: tuple[Line, ...] = desk.hall.lines
    assert [desk.post(TICKETS, {"line": line.id}).json["number"][0] for line in lines] == [one.letter for one in lines]
