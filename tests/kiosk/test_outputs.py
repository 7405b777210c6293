"""Signs and voice follow the hall screen: simulated hardware behind real drivers, a display told what happens."""

import itertools
import json
import threading
import time
from collections import defaultdict

import httpx
import pytest

from devices.errors import DeviceSilent
from devices.onbon.driver import OnbonSign
from devices.onbon.simulator import Simulator as OnbonSimulator
from devices.registry import open_device
from devices.simulation import Cable
from devices.voice.simulator import hear
from devices.voice.sound import read_wav
from kiosk.outputs import PlacedSign, SignFeed
from tests.kiosk.display_rig import board, called, current, demo_hall, open_display, state

CALLS = [(11, "A001", 2), (12, "F001", 10), (13, "C001", 5), (14, "E001", 9), (15, "G001", 11)]


class Wall:
    """Two signs on one line: windows 1 to 6, and all windows."""

    def __init__(self):
        self.cable = Cable(OnbonSimulator(signs=2))
        first = OnbonSign(self.cable.connect, width=192, answer_within=0.1)
        self.signs = [PlacedSign("sign/1", first, frozenset(range(1, 7))), PlacedSign("sign/2", first.at(2))]

    def shows(self):
        """Text by address, decoded from what was sent."""
        return {address: areas[0] for address, areas in self.cable.simulator.shown.items() if 0 in areas}


class Loudspeaker:
    """Speaks into a folder."""

    def __init__(self, folder, pace=0):
        self.folder = folder
        folder.mkdir()
        self.voice = ("voice", open_device("voice", f"wav://{folder}?pace={pace}", languages=["zh", "en"]))

    def count(self):
        return len(list(self.folder.glob("[0-9]*.wav")))

    def said(self):
        """(chimes, words) of every call, in order."""
        wavs = sorted(self.folder.glob("[0-9]*.wav"))
        return [(hear(read_wav(wav.read_bytes())).chimes, wav.with_suffix(".txt").read_text("utf-8")) for wav in wavs]

    def numbers(self):
        """The Chinese words for the numbers called, as they were spoken."""
        return [words.split("号到")[0].split("请")[1].replace(" ", "") for _, words in self.said()]


@pytest.fixture
def wall():
    return Wall()


@pytest.fixture
def speaker(tmp_path):
    return Loudspeaker(tmp_path / "voice")


@pytest.fixture
def show(drive):
    return lambda **how: open_display(drive, demo_hall(), board([("B009", 3, "medical")]), **how)


def test_five_calls_in_a_second_are_all_shown_signed_and_spoken_in_one_order(show, wall, speaker):
    driver = show(signs=wall.signs, voice=speaker.voice, call_seconds=1)
    driver.wait("history on the signs", lambda: wall.shows() == {1: "B009 请到 3 号窗口", 2: "B009 请到 3 号窗口"})
    for seq, number, window in CALLS:
        driver.app.show_event(called(seq, number, window))
    big, signed, since = [], [], {}
    end = time.perf_counter() + 12
    while speaker.count() < 5 or current(driver) != "G001" or signed[-1:] != ["G001 请到 11 号窗口"]:
        driver.run(0.02)
        assert time.perf_counter() < end, (big, signed, speaker.said())
        if current(driver) not in big:
            big.append(current(driver))
            since[current(driver)] = time.perf_counter()
        if (text := wall.shows()[2]) not in signed:
            signed.append(text)
    numbers = [number for _, number, _ in CALLS]
    assert [one for one in big if one != "B009"] == numbers
    gaps = [since[after] - since[before] for before, after in itertools.pairwise(numbers)]
    assert min(gaps) > 0.85, "each is the big one for call_seconds; we look every 20 ms"
    assert [one for one in signed if "B009" not in one] == [
        f"{number} 请到 {window} 号窗口" for _, number, window in CALLS
    ]
    assert speaker.numbers() == ["A零零一", "F零零一", "C零零一", "E零零一", "G零零一"]
    assert wall.shows()[1] == "C001 请到 5 号窗口", "the newest call to its own windows"


def test_a_recall_rings_twice_and_a_reload_is_silent(show, drive, wall, speaker):
    driver = show(signs=wall.signs, voice=speaker.voice, call_seconds=1)
    driver.app.show_event(called(11, "A001", 2))
    driver.wait("the call spoken", lambda: speaker.count() == 1)
    driver.app.show_event(called(12, "A001", 2, kind="ticket.recalled", calls=2))
    driver.wait("the recall spoken", lambda: speaker.count() == 2)
    assert [chimes for chimes, _ in speaker.said()] == [1, 2]
    assert "Number A zero zero one please go to Window two" in speaker.said()[0][1]
    driver.close()
    after = Wall()
    again = open_display(
        drive, demo_hall(), board([("A001", 2, "social")], seq=20), signs=after.signs, voice=speaker.voice
    )
    again.wait("the sign", lambda: after.shows().get(1) == "A001 请到 2 号窗口")
    again.run(1.5)
    assert speaker.count() == 2, "what was called before is history"


def test_a_call_taken_back_before_its_turn_is_not_spoken(show, tmp_path):
    speaker = Loudspeaker(tmp_path / "slow", pace=1)
    driver = show(voice=speaker.voice, call_seconds=1)
    for seq, number, window in CALLS[:3]:
        driver.app.show_event(called(seq, number, window))
    driver.wait("the second on the screen while the first is spoken", lambda: current(driver) == "F001", 5)
    event = called(20, "F001", 10, kind="ticket.released")
    event.data["ticket"]["state"] = "waiting"
    driver.app.show_event(event)
    driver.wait("two calls", lambda: speaker.count() == 2, 25)
    assert speaker.numbers() == ["A零零一", "C零零一"]


def test_a_sign_without_an_answer_holds_nobody_up_and_catches_up(show, wall, speaker):
    driver = show(signs=wall.signs, voice=speaker.voice, call_seconds=1)
    driver.wait("both signs", lambda: state(driver)["devices"].get("sign/2") == "ready")
    wall.cable.simulator.tell("deaf 1")
    driver.app.show_event(called(11, "A001", 2))
    driver.wait("the other sign", lambda: wall.shows()[2] == "A001 请到 2 号窗口")
    driver.wait("the voice", lambda: speaker.count() == 1)
    driver.wait("staff to be told", lambda: driver.says("待修：sign/1"))
    assert current(driver) == "A001" and wall.shows()[1] == "B009 请到 3 号窗口"
    wall.cable.simulator.tell("deaf 0")
    driver.wait("the sign to catch up", lambda: wall.shows()[1] == "A001 请到 2 号窗口", 3)
    driver.wait("all well", lambda: not driver.says("待修"), 3)


def test_signs_pulled_out_are_back_within_three_seconds_with_what_holds_now(show, wall):
    driver = show(signs=wall.signs, call_seconds=1)
    driver.wait("both signs", lambda: set(state(driver)["devices"].values()) == {"ready"})
    wall.cable.unplug()
    driver.wait("missed", lambda: set(state(driver)["devices"].values()) == {"absent"})
    wall.cable.simulator.tell("power off")
    wall.cable.simulator.tell("power on")
    for seq, number, window in CALLS[:2]:
        driver.app.show_event(called(seq, number, window))
    driver.wait("the second", lambda: current(driver) == "F001", 5)
    wall.cable.plug()
    driver.wait("both back", lambda: wall.shows() == {1: "A001 请到 2 号窗口", 2: "F001 请到 10 号窗口"}, 3)


def test_calls_go_on_without_a_sound_device_and_the_server_is_told(show, tmp_path):
    told = defaultdict(list)
    heard = threading.Event()

    def server(request):
        if request.url.path.endswith("/heartbeat"):
            body = json.loads(request.content)
            for one in body["devices"]:
                told[body["machine"], one["name"]].append(one["state"])
            heard.set()
            return httpx.Response(200, json={"changed": []})
        raise httpx.ConnectError("nothing else in this test")

    voice = ("voice", open_device("voice", "aplay://no-such-card"))
    driver = show(voice=voice, server=server, call_seconds=1)
    driver.wait("the report", heard.is_set)
    for seq, number, window in CALLS[:2]:
        driver.app.show_event(called(seq, number, window))
    driver.wait("the second all the same", lambda: current(driver) == "F001", 5)
    assert state(driver)["devices"]["voice"] not in ("ready", "warning")
    assert told["display", "voice"][0] == state(driver)["devices"]["voice"]
    assert driver.says("待修：voice")


def test_signs_are_empty_after_the_program(show, wall):
    driver = show(signs=wall.signs)
    driver.wait("history", lambda: len(wall.shows()) == 2)
    driver.close()
    assert not any(wall.shows().values())


class Stubborn:
    """A sign that fails until it is told not to."""

    lines = 2

    def __init__(self):
        self.said, self.fails = [], True

    def show(self, text, area=0):
        self.said.append((area, text))
        if self.fails:
            raise DeviceSilent("no answer")

    def clear(self):
        self.said.append("clear")


def test_a_sign_is_told_every_line_and_cleared_where_there_are_fewer():
    sign, failed = Stubborn(), threading.Event()
    feed = SignFeed(sign, failed.set)
    feed.start()
    feed.show(("one", "two"), 1)
    assert failed.wait(2)
    sign.fails = False
    until(lambda: sign.said == ["clear", (0, "one"), (1, "two")])
    feed.show(("one", "two"), 0)
    feed.show(("two",), 0)
    until(lambda: sign.said[3:] == ["clear", (0, "two")])
    feed.show(("two",), 2)
    until(lambda: sign.said[5:] == [(0, "two")])
    feed.close()
    assert sign.said[6:] == ["clear"]


def until(holds):
    end = time.monotonic() + 2
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.005)
