"""What the hall screen shows: whatever the hall and the network do, what the server holds."""

import json
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import httpx
import pytest

from config import Kiosk
from kiosk.answers import Range
from kiosk.client import Client, ServerAway
from kiosk.display import Display, Doors, ask_hall
from kiosk.screens import hall as screen_module
from kiosk.screens.hall import WaitRow
from kiosk.theme import Colour
from tests.kiosk.display_rig import (
    CALLED,
    SIZES,
    WAITING,
    board,
    called,
    current,
    demo_hall,
    hero,
    nobody,
    open_display,
    recent,
    state,
)
from tests.kiosk.hall_server import HallServer


@pytest.fixture
def show(drive):
    """show(hall, board, size, **settings of [display]) is the driver of a display that was told both."""
    return lambda *told, **how: open_display(drive, *told, **how)


@pytest.fixture
def hall():
    return demo_hall()


# -- what stands there ------------------------------------------------------------------------------------------------


def test_a_board_stands_on_the_screen(show, hall):
    driver = show(hall, board(CALLED))
    texts = driver.texts()
    for words in ("临江市政务服务中心", "Linjiang Government Service Centre", "等候人数", "共 56 人"):
        assert words in texts
    assert {"C008", "E031", "F054", "B017"} <= set(texts)
    assert hero(driver).number == "C008"
    assert recent(driver) == ["E031", "F054", "B017"]
    assert not hero(driver).ringing, "the first board is history"
    assert state(driver) == {
        "current": {"number": "C008", "window": 12},
        "recent": ["E031", "F054", "B017"],
        "waiting": WAITING,
        "stale": False,
        "devices": {},
        "seq": 10,
        "server": "loading",
    }


def test_lines_stand_in_the_order_of_their_letters_with_count_and_bar(show, hall):
    mixed = replace(hall, lines=hall.lines[::-1])
    driver = show(mixed, board())
    rows = sorted(driver.shown(WaitRow), key=lambda row: -row.y)
    assert [row.letter for row in rows] == list("ABCDEFGH")
    assert [row.waiting for row in rows] == [12, 7, 5, 3, 9, 16, 0, 4]
    assert rows[5].tint == list(Colour.night_rose)
    assert rows[0].share == pytest.approx(12 / screen_module.FULL_BAR)


def test_a_range_stands_under_the_count_where_there_is_one(show, hall):
    driver = show(hall, board(wait=Range(12, 20)))
    assert driver.texts().count("12 到 20 分钟") == 8


def test_a_call_is_shown_at_once_in_both_languages(show, hall):
    driver = show(hall, board(CALLED))
    driver.app.show_event(called(11, "A023", 5))
    driver.frames(2)
    texts = driver.texts()
    assert {"A023", "5", "A023 请到 5 号窗口", "A023 → Window 5", "社会保障  Social security"} <= set(texts)
    assert hero(driver).ringing
    assert recent(driver)[0] == "C008"


def test_without_a_second_language_all_is_chinese(show, hall):
    driver = show(replace(hall, second_language=""), board(CALLED))
    driver.app.show_event(called(11, "A023", 5))
    driver.frames(4)
    words = [text for text in driver.texts() if any("a" <= char <= "z" for char in text)]
    assert words == []
    assert "A023 请到 5 号窗口" in driver.texts()
    assert not list(driver.overflows())


def test_five_calls_at_once_are_the_big_one_in_turn(show, hall):
    driver = show(hall, board())
    five = ["A001", "B001", "C001", "D001", "E001"]
    for place, number in enumerate(five):
        driver.app.show_event(called(11 + place, number, place + 1))
    seen = []
    for _ in five:
        driver.frames(2)
        seen.append(state(driver)["current"]["number"])
        driver.advance(5.0)
        assert state(driver)["current"]["number"] == seen[-1], "not before its time"
        driver.advance(1.1)
    assert seen == five
    assert recent(driver) == five[-2::-1]
    assert not hero(driver).ringing


def test_a_recall_of_the_number_on_screen_flashes_again_and_says_so(show, hall):
    driver = show(hall, board())
    driver.app.show_event(called(11, "A023", 5))
    driver.advance(7)
    assert not hero(driver).ringing
    driver.app.show_event(called(12, "A023", 5, kind="ticket.recalled", calls=2))
    driver.frames(2)
    assert hero(driver).ringing
    assert driver.says("还在等 A023 · 5 号窗口")
    assert driver.says("Still waiting for A023 · Window 5")


def test_the_list_is_as_long_as_the_settings_say(show, hall):
    many = [(f"A{n:03}", 1, "social") for n in range(20)]
    driver = show(hall, board(many), recent=12)
    assert recent(driver) == [f"A{n:03}" for n in range(1, 13)]
    assert not list(driver.overflows())
    assert not list(driver.overlaps())


def test_a_zone_screen_shows_its_windows_and_their_lines(show, hall):
    driver = show(hall, board(CALLED), zones=("C",))
    assert [state(driver)["current"]["number"], *recent(driver)] == ["C008", "E031", "F054"]
    driver.app.show_event(called(11, "A023", 5))
    driver.frames(2)
    assert state(driver)["current"]["number"] == "C008"
    assert "medical" not in state(driver)["waiting"]


def test_a_line_or_window_that_is_no_more_breaks_nothing(show, hall):
    gone = [("Z001", 77, "gone"), *CALLED]
    driver = show(hall, board(gone, waiting={**WAITING, "gone": 3}))
    assert hero(driver).number == "Z001"
    assert "gone" not in state(driver)["waiting"]
    driver.app.show_hall(replace(hall, lines=hall.lines[:3], windows=hall.windows[:1]))
    driver.frames(3)
    assert len(driver.shown(WaitRow)) == 3
    assert recent(driver) == ["C008", "E031", "F054", "B017"]


def test_more_lines_than_fit_take_turns(show, hall):
    lines = tuple(
        replace(hall.lines[n % 8], id=f"l{n}", letter=letter) for n, letter in enumerate("ABCDEFGHIJKLMNOPQRST")
    )
    driver = show(replace(hall, lines=lines), board(waiting={line.id: 2 for line in lines}))
    seen = set()
    for _ in range(3):
        seen |= {row.letter for row in driver.shown(WaitRow)}
        assert not list(driver.overlaps())
        driver.advance(screen_module.PAGE_SECONDS)
    assert seen == set("ABCDEFGHIJKLMNOPQRST")


# -- when there is nothing to call ------------------------------------------------------------------------------------


def test_before_the_hall_is_known_it_says_that_it_is_opening(show):
    assert show().says("正在打开，请稍等")


def test_before_the_first_call_it_asks_for_patience(show, hall):
    driver = show(hall, board())
    assert driver.says("请留意屏幕和广播")
    assert driver.says("Please watch the screen and listen")
    assert state(driver)["current"] is None


@pytest.mark.parametrize(("minutes", "waiting", "closed"), [(90, 0, True), (90, 3, False), (5, 0, False)])
def test_a_closed_hall_says_when_it_opens(show, hall, minutes, waiting, closed):
    opens = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
    then = board(CALLED, waiting={"social": waiting})
    late = tuple(replace(call, at=call.at - timedelta(minutes=minutes)) for call in then.calls)
    driver = show(hall, replace(then, calls=late))
    driver.app._learn(hall, Doors(True, opens))
    driver.frames(3)
    assert driver.says("现在不上班。下次开门：11月26日 星期四 09:00") == closed
    assert driver.says("We are closed. We open again Thu 26 Nov 09:00") == closed
    assert (state(driver)["current"] is None) == closed
    driver.app.show_event(called(11, "A023", 5))
    driver.frames(2)
    assert state(driver)["current"]["number"] == "A023", "a call is a call"


@pytest.mark.parametrize(
    ("hours", "closed"),
    [
        ({"open": False, "enforced": True, "next_open": "2026-11-26T01:00:00Z"}, True),
        ({"open": False, "enforced": False, "next_open": "2026-11-26T01:00:00Z"}, False),
        ({"open": True, "enforced": True, "next_open": None}, False),
        (None, False),
    ],
)
def test_the_server_knows_when_the_hall_is_open(hours, closed):
    server = HallServer()
    server.stop()
    answer = {**server.hall_json(), **({"hours": hours} if hours else {})}
    client = Client(
        "http://x", "linjiang", "t", transport=httpx.MockTransport(lambda _: httpx.Response(200, json=answer))
    )
    assert ask_hall(client)[1].closed == closed


def test_no_hall_without_a_server():
    with pytest.raises(ServerAway):
        ask_hall(Client("http://x", "linjiang", "t", transport=httpx.MockTransport(nobody)))


# -- with a server, over HTTP -----------------------------------------------------------------------------------------


class Hall(HallServer):
    """The small server, with calls and with a name that must not reach a screen."""

    def does(self, number, window, line="social", kind="ticket.called", state="called"):
        at = datetime.now(UTC).isoformat()
        calls = [one for one in self.calls if one["number"] != number]
        entry = {"number": number, "window": window, "zone": "A", "line": line, "at": at, "state": state, "calls": 1}
        self.calls = [{**entry, "masked_name": "张*三"}, *calls]
        self.seq += 1
        ticket = {"id": "x", "number": number, "line": line, "state": state, "calls": 1, "masked_name": "张*三"}
        data = {"seq": self.seq, "at": at, "type": kind, "ticket": ticket, "window": window, "reason": {}}
        for listener in list(self.listeners):
            listener.put(f"id: {self.seq}\nevent: {kind}\ndata: {json.dumps(data)}\n\n".encode())


@pytest.fixture
def server():
    made = Hall()
    yield made
    made.stop()


@pytest.fixture
def follow(drive, server):
    """follow() is the driver of a display that follows the server."""

    def start(dump=None, wait=True):
        asked = Kiosk(server=server.url, hall="linjiang", token_file="-", stale_after=5, display={"call_seconds": 1.0})
        driver = drive(Display(asked, Client(server.url, "linjiang", "t"), dump=dump), *SIZES[0])
        if wait:
            driver.wait("hall and board", lambda: driver.app.hall and state(driver)["waiting"] is not None)
        return driver

    return start


def test_a_call_reaches_the_glass_at_once(follow, server):
    driver = follow()
    driver.wait("the stream", lambda: server.listeners)
    began = time.perf_counter()
    server.does("A001", 5)
    driver.wait("the call", lambda: driver.says("A001 请到 5 号窗口"))
    assert time.perf_counter() - began < 1.0
    driver.wait("the board that follows", lambda: state(driver)["seq"] == server.seq)
    assert driver.app.announcer.calls[0].number == "A001"


def test_server_gone_says_so_and_comes_back_with_what_was_called_meanwhile(follow, server):
    server.does("A001", 5)
    driver = follow()
    driver.wait("history", lambda: current(driver) == "A001")
    server.stop()
    driver.wait("the screen to say so", lambda: state(driver)["stale"], 15)
    assert driver.says("正在恢复。您的次序不变，请听工作人员叫号。")
    assert driver.says("This screen stopped at")
    shown = driver.app.screen.time
    driver.app._wall = lambda: datetime.now(UTC) + timedelta(minutes=7)
    driver.app.show_time()
    assert driver.app.screen.time != shown, "the clock goes on"
    for number, window in (("B001", 1), ("C001", 2), ("D001", 3)):
        server.does(number, window)
        time.sleep(0.01)
    server.does("C001", 2, state="serving")
    server.start()
    driver.wait("the screen to be true again", lambda: not state(driver)["stale"], 15)
    seen = []
    end = time.perf_counter() + 3
    while time.perf_counter() < end:
        driver.run(0.02)
        if hero(driver).ringing and seen[-1:] != [current(driver)]:
            seen.append(current(driver))
    assert seen == ["B001", "D001"], "in order, the answered one only listed, A001 not again"
    assert set(recent(driver)) | {current(driver)} == {"A001", "B001", "C001", "D001"}
    assert not driver.says("正在恢复")


def test_a_slow_server_never_stops_the_frames(follow, server):
    driver = follow()
    board_json = server.board_json

    def slow():
        time.sleep(1.0)
        return board_json()

    server.board_json = slow
    server.does("A001", 5)
    longest_frame, end = 0.0, time.perf_counter() + 1.5
    while time.perf_counter() < end:
        began = time.perf_counter()
        driver.frames(1)
        longest_frame = max(longest_frame, time.perf_counter() - began)
    assert longest_frame < 0.9
    assert current(driver) == "A001", "the event alone shows the call"


def test_no_name_reaches_screen_or_dump(follow, server, tmp_path):
    server.does("A001", 5)
    file = tmp_path / "dump.json"
    driver = follow(file)
    server.does("A002", 6)
    driver.wait("the call", lambda: current(driver) == "A002")
    driver.wait("the dump", lambda: file.exists() and "A002" in file.read_text("utf-8"))
    assert not driver.says("张")
    assert "张" not in file.read_text("utf-8")


def test_the_dump_says_what_the_server_says(follow, server, tmp_path):
    file = tmp_path / "dump.json"
    driver = follow(file)
    server.waiting = {"social": 4, "tax": 2}
    server.does("A001", 5)
    driver.wait("the same seq", lambda: state(driver)["seq"] == server.seq)
    driver.wait("the dump", lambda: file.exists() and json.loads(file.read_text("utf-8"))["state"] == state(driver))
    told = json.loads(file.read_text("utf-8"))
    assert told["screen"] == "hall"
    assert told["state"]["waiting"] == {line["id"]: line["waiting"] for line in server.board_json()["lines"]}
    assert told["state"]["current"] == {"number": "A001", "window": 5}


def test_the_hall_is_asked_again_until_it_answers(follow, server):
    whole = server.hall_json
    server.hall_json = dict
    driver = follow(wait=False)
    driver.wait("the board", lambda: driver.app.board)
    assert driver.says("正在打开，请稍等")
    server.hall_json = whole
    driver.advance(4)
    driver.wait("the hall", lambda: driver.says("临江市政务服务中心"))


# -- other settings ---------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["settings.changed", "reset"])
def test_changed_settings_are_learned_at_once(drive, kind):
    server = HallServer()
    settings = server.settings
    try:
        app = Display(
            Kiosk(server=server.url, hall="linjiang", token_file="-"), Client(server.url, "linjiang", "t"), ()
        )
        driver = drive(app, *SIZES[0])
        driver.wait("the hall", lambda: app.hall and app.link == "here")
        lines = tuple(line for line in settings.lines if line.id != "social")
        items = tuple(item for item in settings.items if item.line != "social")
        server.settings = settings.model_copy(update={"lines": lines, "items": items, "name": settings.lines[0].name})
        server.tell(kind)
        driver.wait("the new name", lambda: driver.says("社会保障"), 5)
        driver.wait("the line to go", lambda: "social" not in state(driver)["waiting"], 5)
    finally:
        server.stop()


def test_a_call_of_a_line_that_was_retired_keeps_its_name(show, hall):
    """Case 21: what is gone from the settings breaks no display."""
    gone = hall.line("property")
    lines = tuple(line for line in hall.lines if line is not gone)
    driver = show(replace(hall, lines=lines, past={"property": gone.name}), board(CALLED))
    assert driver.says(gone.name.zh)
    assert gone.letter not in [row.letter for row in driver.shown(WaitRow)]
    driver.app.show_hall(replace(hall, lines=lines))  # deleted: no name, and the call still stands
    driver.frames(3)
    assert not driver.says(gone.name.zh)
    assert hero(driver).number == "C008"
