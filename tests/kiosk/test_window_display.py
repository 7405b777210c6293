"""The screen over one window, and displays by name: each with its own settings and machine."""

from argparse import Namespace
from dataclasses import replace
from datetime import UTC, datetime, time

import pytest

import kiosk.__main__ as program
from config import ConfigError, DisplaySettings, Kiosk, load_kiosk
from kiosk.answers import read_board
from kiosk.follower import Link
from kiosk.screens.window import Guest, OwnNumber
from tests.kiosk.display_rig import board, called, demo_hall, hero, open_display, state
from tests.kiosk.hall_server import HallServer

CALLED = ("A023", 3, "social")


@pytest.fixture
def show(drive):
    return lambda first, **how: open_display(drive, demo_hall(), first, **{"windows": (3,), **how})


def now(driver):
    return state(driver)["window"]


# -- one window -------------------------------------------------------------------------------------------------------


def test_it_shows_who_is_called_there_and_rings(show):
    driver = show(board(windows={3: ("open", "")}))
    assert now(driver) == {"no": 3, "state": "open", "number": ""}
    assert driver.says("请看屏幕，听叫号。")
    driver.app.show_event(called(11, "A023", 3))
    driver.frames(2)
    guest = driver.shown(Guest)[0]
    assert (guest.number, guest.ringing) == ("A023", True)
    assert driver.says("请到本窗口")
    assert driver.says("Please come to this window")
    assert driver.says("A023 请到 3 号窗口")


def test_a_call_elsewhere_is_nothing_to_it(show):
    driver = show(board(windows={3: ("open", "")}))
    driver.app.show_event(called(11, "A023", 4))
    driver.frames(2)
    assert now(driver)["number"] == ""
    assert not driver.shown(Guest)[0].ringing


def test_who_is_served_stays_however_long_ago_the_call_was(show):
    driver = show(board(windows={3: ("open", "A023")}))
    assert now(driver)["number"] == "A023"
    assert driver.says("正在办理")
    assert not driver.says("请到本窗口")


def test_who_was_called_and_came_is_being_served(show):
    first = board([CALLED], windows={3: ("open", "A023")})
    driver = show(first)
    assert driver.says("请到本窗口")
    came = replace(first, calls=(replace(first.calls[0], state="serving"),), seq=11)
    driver.app.show_board(came)
    driver.frames(2)
    assert driver.says("正在办理")


@pytest.mark.parametrize(
    ("windows", "words"),
    [
        ({3: ("paused", "")}, "暂停片刻"),
        ({3: ("closed", "")}, "暂不办理"),
        ({}, "暂不办理"),  # deleted: case 21
        ({3: ("on fire", "")}, "暂不办理"),  # a state of a newer server
    ],
)
def test_a_window_that_serves_nobody_says_so_kindly(show, windows, words):
    driver = show(board([CALLED], windows=windows))
    assert driver.says(words)
    assert driver.shown(OwnNumber)[0].window == "3"
    assert now(driver)["number"] == ""


def test_a_recall_rings_again_and_reloading_does_not(show):
    """Case 23."""
    first = board([CALLED], windows={3: ("open", "A023")})
    driver = show(first)
    assert not driver.shown(Guest)[0].ringing
    driver.app.show_event(called(11, "A023", 3, kind="ticket.recalled", calls=2))
    driver.frames(2)
    assert driver.shown(Guest)[0].ringing
    assert driver.says("还在等 A023 · 3 号窗口")


def test_an_old_board_says_so(show):
    driver = show(board(windows={3: ("open", "A023")}))
    driver.app.show_link(Link.AWAY)
    driver.advance(5)
    driver.frames(2)
    assert driver.says("正在恢复。您的次序不变，请听工作人员叫号。")


# -- what a server may say --------------------------------------------------------------------------------------------


def test_fields_of_a_newer_server_break_nothing(show):
    server = HallServer()
    server.stop()
    window = {"no": 3, "zone": "A", "kind": "special", "state": "open", "number": None, "mood": "good"}
    raw = {**server.board_json(), "windows": [window], "weather": "fine"}
    raw["lines"] = [{**line, "colour": "red"} for line in raw["lines"]]
    driver = show(read_board(raw))
    assert now(driver) == {"no": 3, "state": "open", "number": ""}


def test_a_server_without_windows_breaks_nothing():
    server = HallServer()
    server.stop()
    raw = server.board_json()
    del raw["windows"]
    assert read_board(raw).windows == {}


# -- a silent hour ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("start", "end", "silent"),
    [
        (time(12), time(14), True),
        (time(14), time(16), False),
        (time(22), time(13, 30), True),
        (time(22), time(6), False),
    ],
)
def test_in_a_silent_hour_calls_are_shown_and_not_spoken(drive, start, end, silent):
    first = board(at=datetime(2026, 11, 25, 5, 0, tzinfo=UTC))  # 13:00 in the hall
    hours = ({"start": start, "end": end},)
    driver = open_display(drive, demo_hall(), first, silent=hours)
    assert driver.says("现在不用喇叭叫号，请看屏幕或手机。") == silent
    driver.app.show_event(called(11, "A023", 3))
    driver.frames(2)
    announced = driver.app.announcer.now(0)
    assert (driver.app._words(announced) is None) == silent
    assert hero(driver).ringing
    assert driver.app.screen.notices[0].startswith("现在不用喇叭") == silent


# -- displays by name -------------------------------------------------------------------------------------------------

FILE = """
server = "http://127.0.0.1:9"
hall = "linjiang"
token_file = "token"
[display]
voice = "voice"
[displays.zone-a]
zones = ["A"]
[displays.window-3]
windows = [3]
machine = "over 3"
width = 1080
height = 1920
"""


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "kiosk.toml"
    path.write_text(FILE)
    return path


def asked(file, name):
    return Namespace(config=file, name=name)


def test_each_display_has_its_own_settings_and_machine(file):
    kiosk = load_kiosk(file)
    plain, zone, window = (program._display_settings(kiosk, asked(file, name)) for name in ("", "zone-a", "window-3"))
    assert (plain.machine, plain.voice, plain.zones) == ("display", "voice", ())
    assert (zone.machine, zone.voice, zone.zones) == ("zone-a", "", ("A",))
    assert (window.machine, window.windows, window.height) == ("over 3", (3,), 1920)


def test_a_display_that_is_not_in_the_file_is_one_sentence(file, capsys):
    (file.parent / "token").write_text("t")
    assert program.main(["display", "--config", str(file), "--name", "zone-b"]) == 2
    assert "displays.zone-b is not in this file; it has: window-3, zone-a" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('machine = "over 3"', 'machine = "zone-a"', "machine zone-a stands twice"),
        ("[displays.zone-a]", "[displays.Zone]", "displays.Zone"),
        ("windows = [3]", "window = [3]", "did you mean 'windows'?"),
    ],
)
def test_a_mistake_in_a_display_is_named(file, old, new, said):
    file.write_text(FILE.replace(old, new))
    with pytest.raises(ConfigError, match=said):
        load_kiosk(file)


def test_without_names_all_is_as_it_was():
    kiosk = Kiosk(server="http://127.0.0.1:9", hall="linjiang", token_file="-")
    assert kiosk.display == DisplaySettings()
    assert not kiosk.displays
