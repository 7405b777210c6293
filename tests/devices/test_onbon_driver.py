"""Call signs as the house meets them: texts, several signs on a line, and whatever goes wrong on it."""

from __future__ import annotations

import logging
import random
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from devices.errors import BadFrame, DeviceError, DeviceOffline, DeviceRefused, DeviceSilent, SetupError
from devices.health import Health, Watch
from devices.onbon import codec
from devices.onbon.codec import Packet, Request
from devices.onbon.driver import OnbonSign, encode
from devices.onbon.simulator import SWITCHES, Simulator
from devices.simulation import Cable
from devices.transport import open_line
from tests.devices.lines import PLACES, Clock, joined, within

CALL = "A012 请到3号窗口"


@dataclass
class Desk:
    sign: OnbonSign
    simulator: Simulator
    tell: Callable[[str], str]

    @property
    def text(self) -> str | None:
        return self.simulator.shown[1].get(0)


@pytest.fixture
def quick() -> Iterator[Desk]:
    """Three signs of two lines each in this process, with a clock that waits for nobody."""
    clock = Clock()
    simulator = Simulator(signs=3, clock=clock, rng=random.Random(1))
    cable = Cable(simulator, clock, clock.sleep)
    yield Desk(OnbonSign(cable.connect, width=128, height=32, lines=2, clock=clock), simulator, cable.tell)


@pytest.fixture(params=PLACES)
def desk(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Desk]:
    """A sign on each kind of line in turn."""
    simulator = Simulator(rng=random.Random(1))
    with joined(request.param, simulator, tmp_path) as far:
        sign = OnbonSign(far.connect, answer_within=0.15)
        yield Desk(sign, simulator, far.tell)
        sign.close()


# --- what a sign shows ------------------------------------------------------------------------------------------------


def test_a_call_is_shown_and_cleared(desk: Desk) -> None:
    desk.sign.show(CALL)
    assert desk.text == CALL
    desk.sign.show("A013 请到1号窗口")
    assert desk.text == "A013 请到1号窗口"
    desk.sign.clear()
    assert desk.text is None


def test_two_lines_are_two_areas_and_clear_empties_both(quick: Desk) -> None:
    quick.sign.show("A012 → 3", area=0)
    quick.sign.show("B007 → 5", area=1)
    assert quick.simulator.shown[1] == {0: "A012 → 3", 1: "B007 → 5"}
    with pytest.raises(SetupError, match="2 lines"):
        quick.sign.show("C001", area=2)
    quick.sign.clear()
    assert quick.simulator.shown[1] == {}


def test_a_text_that_fits_stands_still_and_a_longer_one_moves() -> None:
    areas: list[codec.Area] = []

    class Watching(Simulator):
        def _obey(self, address: int, request: Request) -> bytes:
            if request.code == codec.AREAS:
                areas.extend(codec.read_areas(request.rest)[1])
            return super()._obey(address, request)

    sign = OnbonSign(Cable(Watching()).connect, width=64, height=32, lines=2, font=3)
    for text in ("A12→3窗", "A12→3窗口"):  # 64 pixels, and 16 more
        sign.show(text, area=1)
    assert [(area.effect, area.x, area.y, area.width, area.height) for area in areas] == [
        (codec.STILL, 0, 16, 8, 16),
        (codec.MOVES_LEFT, 0, 16, 8, 16),
    ]
    assert areas[0].text == b"\\FO003" + "A12→3窗".encode("gb2312")


@pytest.mark.parametrize(
    ("text", "characters", "shown"),
    [
        (CALL, "gb2312", CALL),
        ("朱镕样", "gb2312", "朱□样"),
        ("朱镕样", "gbk", "朱镕样"),
        ("𠮷野䶮", "gbk", "□野□"),
        ("买买提·艾力—", "gb2312", "买买提·艾力—"),
        ("买买提·艾力—", "gbk", "买买提·艾力—"),
        ("A\\FO001B", "gb2312", "A＼FO001B"),
        ("一\n二", "gb2312", "一 二"),
        ("é☃A\x07", "gb2312", "é□A□"),
        ("", "gb2312", ""),
        ("℃①→　，", "gb2312", "℃①→　，"),
    ],
)
def test_what_a_font_lacks_becomes_a_hole_and_the_rest_is_shown(text: str, characters: str, shown: str) -> None:
    simulator = Simulator()
    OnbonSign(Cable(simulator).connect, characters=characters).show(text)
    assert simulator.shown[1][0] == shown


def test_holes_are_counted_in_the_log_and_the_text_is_not(caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.DEBUG):
        encode("张𠮷䶮", "gb2312")
    assert "lacks 2 of the characters" in caplog.text and "张" not in caplog.text


def test_text_full_of_bytes_that_must_be_escaped(desk: Desk) -> None:
    # second bytes A5 and A6, and Latin Z and [ which are 5A and 5B
    text = "ウΔZ[" * 20
    assert {0xA5, 0xA6, 0x5A, 0x5B} <= set(text.encode("gb2312"))
    desk.sign.show(text)
    assert desk.text == text


@pytest.mark.parametrize(
    "wrong",
    [
        {"address": 0}, {"address": 0x8000}, {"width": 60}, {"width": 0}, {"height": 0}, {"lines": 0}, {"lines": 17},
        {"font": 1000}, {"font": -1}, {"characters": "utf-8"},
    ],
)  # fmt: skip
def test_signs_that_cannot_be_are_refused_at_once(wrong: dict[str, int]) -> None:
    with pytest.raises(SetupError, match=next(iter(wrong))):
        OnbonSign(Cable(Simulator()).connect, **wrong)


# --- several signs on one line ----------------------------------------------------------------------------------------


def test_signs_on_one_line_show_each_their_own(quick: Desk) -> None:
    signs = [quick.sign, quick.sign.at(2), quick.sign.at(3)]
    for window, sign in enumerate(signs, 1):
        sign.show(f"{window}号窗口")
    assert [quick.simulator.shown[address][0] for address in (1, 2, 3)] == ["1号窗口", "2号窗口", "3号窗口"]
    signs[1].clear()
    assert [len(quick.simulator.shown[address]) for address in (1, 2, 3)] == [1, 0, 1]


def test_a_sign_that_is_deaf_leaves_the_others_alone(desk: Desk) -> None:
    away = desk.sign.at(9)
    assert away.check().state is Health.SILENT
    with pytest.raises(DeviceSilent, match="sign 9"):
        away.show(CALL)
    desk.sign.show(CALL)
    assert desk.sign.check().state is Health.READY and desk.text == CALL


def test_another_signs_late_answer_is_nobodys() -> None:
    class Meddling(Simulator):
        """Sign 7 says no before each answer."""

        def _say(self, spoken_to: bool) -> bytes:
            said = super()._say(spoken_to)
            return said and Packet(codec.done(2), codec.HOST, 7).to_bytes() + said

    simulator = Meddling()
    OnbonSign(Cable(simulator).connect).show(CALL)
    assert simulator.shown[1][0] == CALL


def test_threads_that_call_on_several_signs_never_mix(quick: Desk) -> None:
    signs = {address: quick.sign if address == 1 else quick.sign.at(address) for address in (1, 2, 3)}
    failed: list[Exception] = []

    def work(address: int) -> None:
        try:
            for turn in range(30):
                signs[address].show(f"{address}-{turn}")
        except DeviceError as error:
            failed.append(error)

    threads = [threading.Thread(target=work, args=(address,)) for address in signs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    assert {address: texts[0] for address, texts in quick.simulator.shown.items()} == {1: "1-29", 2: "2-29", 3: "3-29"}


# --- answers as signs differ ------------------------------------------------------------------------------------------


@pytest.mark.parametrize("fault", ["torn on", "slow 0.05", "echo on", "own_group on", "status unknown", "status mute"])
def test_what_signs_and_lines_differ_in_does_no_harm(desk: Desk, fault: str) -> None:
    desk.tell(fault)
    desk.sign.show(CALL)
    assert desk.text == CALL
    assert desk.sign.check().state is Health.READY
    desk.sign.clear()
    assert desk.text is None


def test_a_sign_that_is_switched_off_says_so(quick: Desk) -> None:
    quick.tell("screen off")
    report = quick.sign.check()
    assert (report.state, report.detail) == (Health.REFUSING, "the sign is switched off")


@pytest.mark.parametrize(
    ("error", "words"), [(2, "does not know this command"), (12, "font is missing"), (77, "error 77")]
)
def test_a_sign_that_says_no_is_quoted(quick: Desk, error: int, words: str) -> None:
    quick.tell(f"refuses {error}")
    with pytest.raises(DeviceRefused, match=words):
        quick.sign.show(CALL)


def test_a_sign_that_stays_busy_is_asked_twice_and_then_later(quick: Desk) -> None:
    quick.tell(f"refuses {codec.BUSY}")
    with pytest.raises(BadFrame, match="busy"):
        quick.sign.show(CALL)
    quick.tell("refuses 0")
    assert quick.sign.check().state is Health.READY
    assert quick.text == CALL


# --- a bad line -------------------------------------------------------------------------------------------------------

FAULTS = [  # what to say, what is raised, how to mend it
    ("silent on", DeviceSilent, "silent off"),
    ("garbage on", BadFrame, "garbage off"),
    ("check wrong", BadFrame, "check right"),
    ("length long", BadFrame, "length true"),
    ("breaks_off 12", BadFrame, "breaks_off -1"),
    ("breaks_off 0", DeviceSilent, "breaks_off -1"),
    ("power off", DeviceSilent, "power on"),
    ("deaf 1", DeviceSilent, "deaf 0"),
]


@pytest.mark.parametrize(("fault", "error", "mended"), FAULTS)
def test_what_never_makes_sense_is_named_and_made_good_after_it(
    desk: Desk, fault: str, error: type[DeviceError], mended: str
) -> None:
    desk.sign.show("A011")
    desk.tell(fault)
    began = time.monotonic()
    with pytest.raises(error):
        desk.sign.show(CALL)
    assert time.monotonic() - began < 2
    desk.tell(mended)
    assert desk.sign.check().state is Health.READY
    assert desk.text == CALL


@pytest.mark.parametrize(("fault", "_", "mended"), FAULTS)
def test_a_check_names_it_too(quick: Desk, fault: str, _: object, mended: str) -> None:
    quick.tell(fault)
    report = quick.sign.check()
    assert report.state is Health.SILENT and "sign 1" in report.detail
    quick.tell(mended)
    assert quick.sign.check().state is Health.READY


def test_a_clear_that_failed_is_made_good_too(quick: Desk) -> None:
    quick.sign.show(CALL)
    quick.tell("deaf 1")
    with pytest.raises(DeviceSilent):
        quick.sign.clear()
    assert quick.text == CALL
    quick.tell("deaf 0")
    quick.sign.check()
    assert quick.text is None


def test_a_check_clears_nothing_and_the_first_text_what_was_there_before(quick: Desk) -> None:
    quick.simulator.shown[1] = {0: "Y001", 1: "Y002"}
    assert quick.sign.check().state is Health.READY
    assert quick.text == "Y001"
    quick.sign.show(CALL, area=1)
    assert quick.simulator.shown[1] == {1: CALL}


@pytest.mark.parametrize("status", ["status known", "status unknown", "status mute"])
def test_a_sign_is_told_what_to_show_once_and_not_with_every_check(quick: Desk, status: str) -> None:
    quick.tell(status)
    quick.sign.show(CALL)
    quick.simulator.shown[1].clear()  # so that one would see it told again
    for _ in range(3):
        assert quick.sign.check().state is Health.READY
    assert quick.text is None


def test_after_a_power_cut_the_next_check_or_call_brings_every_line_back(quick: Desk) -> None:
    for ask in (quick.sign.check, lambda: quick.sign.show("A014")):
        quick.sign.show("A012", area=0)
        quick.sign.show("B007", area=1)
        quick.tell("power off")
        assert quick.sign.check().state is Health.SILENT
        quick.tell("power on")
        assert quick.simulator.shown[1] == {}
        ask()
        assert quick.simulator.shown[1] == {0: quick.text, 1: "B007"} and quick.text


def test_plugged_in_again_it_is_back_within_three_seconds_with_its_text(desk: Desk) -> None:
    desk.sign.show(CALL)
    states: list[Health] = []
    watch = Watch(desk.sign, lambda report: states.append(report.state), every=0.1).start()
    try:
        assert within(2, lambda: states == [Health.READY])
        desk.tell("unplug")
        assert within(2, lambda: states[-1] is Health.ABSENT)
        desk.tell("power off")
        with pytest.raises(DeviceOffline):
            desk.sign.show("A013")
        desk.tell("power on")
        desk.tell("plug")
        assert within(3, lambda: states[-1] is Health.READY)
        assert desk.text == "A013"
    finally:
        watch.stop()


def test_hung_up_in_the_middle_of_an_answer_it_shows_the_call_later(desk: Desk) -> None:
    assert desk.sign.check().state is Health.READY
    desk.tell("breaks_off 12")
    pull = threading.Timer(0.05, desk.tell, ["unplug"])
    pull.start()
    with pytest.raises(DeviceError):
        desk.sign.show(CALL)
    pull.join()
    desk.tell("power off")
    desk.tell("power on")
    desk.tell("breaks_off -1")
    desk.tell("plug")
    assert within(3, lambda: desk.sign.check().state is Health.READY)
    assert desk.text == CALL


def test_a_line_that_returns_what_is_sent_is_no_sign() -> None:
    sign = OnbonSign(lambda: open_line("loop://"), answer_within=0.15)
    with pytest.raises(BadFrame):
        sign.show(CALL)
    assert sign.check().state is Health.SILENT
    sign.close()


# --- the simulator ----------------------------------------------------------------------------------------------------


def test_what_is_shown_is_kept_in_a_file_that_is_always_whole(tmp_path: Path) -> None:
    simulator = Simulator(address=4, signs=2, out=tmp_path / "signs")
    shown = tmp_path / "signs" / "shown.txt"
    assert shown.read_text("utf-8") == ""
    sign = OnbonSign(Cable(simulator).connect, address=5, width=256, height=32, lines=2)
    sign.show(CALL, area=1)
    sign.show("B007", area=0)
    sign.at(4).show("C001")
    assert shown.read_text("utf-8") == f"4\t0\tC001\n5\t0\tB007\n5\t1\t{CALL}\n"
    sign.clear()
    assert shown.read_text("utf-8") == "4\t0\tC001\n"
    assert list(shown.parent.iterdir()) == [shown]


def test_areas_can_be_taken_away_and_nothing_is_said_if_nothing_was_asked() -> None:
    simulator = Simulator()
    sign = OnbonSign(Cable(simulator).connect, lines=2, height=32)
    sign.show("A", area=0)
    sign.show("B", area=1)
    said = simulator.receive(Packet(codec.show_areas([], [0], answer=codec.NO_ANSWER).to_bytes()).to_bytes())
    assert said == b"" and simulator.shown[1] == {1: "B"}


def test_unknown_commands_are_refused_and_nonsense_is_passed_over() -> None:
    simulator = Simulator()
    (answer,) = codec.Decoder().feed(simulator.receive(Packet(Request(b"\xa2\x01").to_bytes()).to_bytes()))
    assert codec.refused(answer.data) == codec.UNKNOWN_COMMAND
    assert simulator.receive(Packet(b"\xa3").to_bytes()) == b""
    assert simulator.receive(Packet(Request(codec.AREAS, b"\xff\xff").to_bytes()).to_bytes()) == b""
    assert simulator.receive(Packet(Request(codec.PING).to_bytes(), receiver=2).to_bytes()) == b""


def test_every_switch_says_what_could_be_said() -> None:
    simulator = Simulator()
    state = simulator.tell("state")
    assert all(name in state for name in SWITCHES)
    for wrong in ("power maybe", "slow x", "echo"):
        with pytest.raises(SetupError):
            simulator.tell(wrong)
    with pytest.raises(SetupError, match="power"):
        simulator.tell("pwer off")


@pytest.mark.parametrize("seed", range(10))
def test_noise_neither_stops_nor_fills_the_simulator(seed: int) -> None:
    rng = random.Random(seed)
    simulator = Simulator()
    for _ in range(20):
        simulator.receive(rng.randbytes(4096))
    assert list(codec.Decoder().feed(simulator.receive(Packet(Request(codec.PING).to_bytes()).to_bytes())))
