"""What a clerk does, and what a clerk is told when it cannot be done."""

import pytest

from tests.queue_server.helpers import HALL, Clock, Desk, demo_hall


@pytest.fixture
def open_desk(desk: Desk) -> Desk:
    desk.window(10, "open")
    desk.window(11, "open")
    return desk


def test_a_whole_service(open_desk: Desk, clock: Clock):
    desk, ticket = open_desk, open_desk.issue()
    called = desk.window(10, "next").json
    assert (called["ticket"]["id"], called["ticket"]["state"]) == (ticket["id"], "called")
    assert (called["ticket"]["window"], called["ticket"]["calls"]) == (10, 1)
    assert called["window"]["number"] == "F001"
    assert called["reason"] == {"rule": "first_come", "candidates": 1, "oldest": "F001"}
    clock.pass_(seconds=20)
    assert desk.window(10, "start").json["ticket"]["state"] == "serving"
    clock.pass_(minutes=8)
    done = desk.window(10, "finish").json
    assert (done["ticket"]["state"], done["window"]["number"]) == ("done", None)
    (step,) = done["ticket"]["steps"]
    assert (step["called_at"], step["started_at"], step["ended_at"]) == (
        "2026-03-02T02:00:00.000000Z", "2026-03-02T02:00:20.000000Z", "2026-03-02T02:08:20.000000Z",
    )  # fmt: skip
    assert desk.types()[-4:] == ["ticket.issued", "ticket.called", "ticket.started", "ticket.finished"]
    assert desk.events()[-3]["reason"] == called["reason"]


def test_home_field_first_within_its_tolerance_then_first_come(open_desk: Desk, clock: Clock):
    for item in ("marriage", "passport", "advice", "id-card"):
        open_desk.issue(item)
        clock.pass_(seconds=5)
    calls = [open_desk.window(11, "next", finish_current=True) for _ in range(4)]
    assert [call.json["ticket"]["number"] for call in calls[:3]] == ["F001", "F002", "G001"]  # 11 does not serve H
    assert (calls[3].status_code, calls[3].data) == (204, b"")


def test_next_with_a_ticket_names_it_unless_it_shall_be_finished(open_desk: Desk):
    desk = open_desk
    first, second = desk.issue(), desk.issue()
    desk.window(10, "next")
    refused = desk.window(10, "next")
    assert refused.status_code == 409
    assert "F001" in refused.json["message"]
    assert refused.json["detail"] == {"ticket": first["id"], "number": "F001", "state": "called"}
    called = desk.window(10, "next", finish_current=True)
    assert called.json["ticket"]["id"] == second["id"]
    assert desk.get(f"/tickets/{first['id']}", None).json["state"] == "done"
    assert desk.types()[-3:] == ["ticket.started", "ticket.finished", "ticket.called"]
    assert desk.window(10, "next", finish_current=True).status_code == 204
    assert desk.get(f"/halls/{HALL}/windows/10").json["ticket"] is None


def test_recall_waits_for_its_gap_and_says_how_long(open_desk: Desk, clock: Clock):
    desk = open_desk
    desk.issue()
    desk.window(10, "next")
    clock.pass_(seconds=12)
    early = desk.window(10, "recall")
    assert early.status_code == 409
    assert early.json["message"] == "ticket F001 was called 12 s ago; call it again in 18 s"
    assert early.json["detail"] == {"retry_at": "2026-03-02T02:00:30.000000Z", "retry_after": 18.0}
    clock.pass_(seconds=18)
    assert desk.window(10, "recall").json["ticket"]["calls"] == 2
    assert desk.window(10, "recall").status_code == 409


def test_missed_only_after_enough_calls(open_desk: Desk, clock: Clock):
    """Case 12."""
    desk = open_desk
    desk.issue()
    desk.window(10, "next")
    for calls in (1, 2):
        refused = desk.window(10, "miss")
        assert refused.status_code == 409
        assert f"{calls} of 3" in refused.json["message"]
        clock.pass_(seconds=30)
        desk.window(10, "recall")
    missed = desk.window(10, "miss").json
    assert (missed["ticket"]["state"], missed["window"]["number"]) == ("missed", None)


def test_a_clock_set_back_does_not_hold_a_recall_up(open_desk: Desk, clock: Clock):
    open_desk.issue()
    open_desk.window(10, "next")
    clock.pass_(hours=-2)
    assert open_desk.window(10, "recall").status_code == 200


@pytest.mark.parametrize("action", ["recall", "start", "finish", "miss"])
def test_an_empty_window_says_so(open_desk: Desk, action: str):
    refused = open_desk.window(10, action)
    assert refused.status_code == 409
    assert refused.json["message"] == "window 10 has no ticket; call the next one first"


@pytest.mark.parametrize(
    ("action", "state"), [("finish", "called"), ("recall", "serving"), ("miss", "serving"), ("start", "serving")]
)
def test_a_wrong_state_is_named(open_desk: Desk, clock: Clock, action: str, state: str):
    open_desk.issue()
    open_desk.window(10, "next")
    clock.pass_(minutes=1)
    if state == "serving":
        open_desk.window(10, "start")
    refused = open_desk.window(10, action)
    assert refused.status_code == 409
    assert f"F001 is {state}: cannot {action} it" in refused.json["message"]


def test_opening_pausing_closing(desk: Desk):
    path = f"/halls/{HALL}/windows/10"
    assert desk.get(path).json["state"] == "closed"
    assert "closed; open it first" in desk.window(10, "next").json["message"]
    opened = desk.window(10, "open").json
    assert (opened["ticket"], opened["window"]["state"], opened["window"]["since"]) == (
        None, "open", "2026-03-02T02:00:00.000000Z",
    )  # fmt: skip
    desk.window(10, "open")
    desk.issue()
    desk.window(10, "next")
    busy = desk.window(10, "close")
    assert busy.status_code == 409
    assert "F001" in busy.json["message"]
    assert desk.window(10, "pause").json["ticket"]["number"] == "F001"
    desk.window(10, "start")
    desk.window(10, "finish")
    assert "paused; open it first" in desk.window(10, "next").json["message"]
    assert desk.window(10, "close").json["window"]["state"] == "closed"
    kinds = [kind for kind in desk.types() if kind.startswith("window.")]
    assert kinds == ["window.opened", "window.paused", "window.closed"]


def test_unknown_and_retired_windows(tmp_path, clock: Clock):
    hall = demo_hall()
    windows = tuple(one.model_copy(update={"retired": one.no == 10}) for one in hall.windows)
    desk = Desk(tmp_path / "d", demo_hall(windows=windows), clock)
    for action in ("open", "next"):
        assert desk.window(10, action).json["message"] == "window 10 is out of service"
    for answer in (desk.window(99, "next"), desk.window(99, "open"), desk.get(f"/halls/{HALL}/windows/99")):
        assert answer.status_code == 404
        assert "no window 99" in answer.json["message"]
    assert desk.window(10**30, "next").status_code == 404
    assert 10 not in [window["no"] for window in desk.board()["windows"]]
    desk.close()


def test_the_count_a_clerk_sees_is_whom_this_clerk_can_call(open_desk: Desk):
    """Case 16."""
    desk = open_desk
    for item in ("passport", "invoice", "advice", "marriage"):
        desk.issue(item)
    seen = desk.get(f"/halls/{HALL}/windows/10", "window").json
    assert (seen["callable"], [t["number"] for t in seen["tickets"]]) == (2, ["F001", "H001"])
    called = 0
    while desk.window(10, "next", finish_current=True).status_code == 200:
        called += 1
    assert called == seen["callable"]
    assert desk.get(f"/halls/{HALL}/windows/10").json["callable"] == 0


def test_the_board_is_one_picture(open_desk: Desk, clock: Clock):
    desk = open_desk
    for item in ("passport", "id-card", "marriage", "invoice"):
        desk.issue(item)
    desk.window(10, "next")
    clock.pass_(seconds=3)
    desk.window(11, "next")
    board = desk.board()
    assert list(board) == ["seq", "epoch", "at", "hall", "calls", "lines", "windows"]
    assert (board["seq"], board["hall"]) == (len(desk.events()), HALL)
    assert [(call["number"], call["window"], call["zone"], call["state"]) for call in board["calls"]] == [
        ("F002", 11, "C", "called"), ("F001", 10, "C", "called"),
    ]  # fmt: skip
    assert {line["id"]: line["waiting"] for line in board["lines"] if line["waiting"]} == {"family": 1, "tax": 1}
    assert {w["no"]: (w["state"], w["number"]) for w in board["windows"] if w["state"] == "open"} == {
        10: ("open", "F001"), 11: ("open", "F002"),
    }  # fmt: skip


def test_the_board_shows_the_last_twenty_calls(open_desk: Desk, clock: Clock):
    for _ in range(23):
        open_desk.issue()
        clock.pass_(seconds=1)
        open_desk.window(10, "next", finish_current=True)
    calls = open_desk.board()["calls"]
    assert [call["number"] for call in calls] == [f"F{n:03d}" for n in range(23, 3, -1)]
    assert {call["state"] for call in calls[1:]} == {"done"}


def test_everything_survives_a_restart(tmp_path, clock: Clock):
    desk = Desk(tmp_path / "d", demo_hall(), clock)
    for no in (10, 11):
        desk.window(no, "open")
    for _ in range(3):
        desk.issue()
    desk.window(10, "next"), desk.window(11, "next"), desk.window(11, "start")
    before = desk.board() | {"tickets": desk.get(f"/halls/{HALL}/tickets").json}
    desk.close()
    desk = Desk(tmp_path / "d", demo_hall(), clock)
    assert desk.board() | {"tickets": desk.get(f"/halls/{HALL}/tickets").json} == before
    assert desk.window(11, "finish").json["ticket"]["state"] == "done"
    desk.close()
