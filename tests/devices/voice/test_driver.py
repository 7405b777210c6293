"""The voice keeps order and never makes a caller wait, whatever the player, the disk or espeak-ng do."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from devices.errors import SetupError
from devices.health import Health, Watch
from devices.simulation import Cable
from devices.transport import Line
from devices.voice import renderer, sound
from devices.voice.calls import Call, Spoken
from devices.voice.driver import Speaker
from devices.voice.outs import Aplay, Nowhere, Out, WavFolder
from devices.voice.simulator import Simulator, hear
from tests.devices.lines import PLACES, joined, within
from tests.devices.voice.rigs import (
    CALL,
    DIES,
    HANGS,
    NO_DEVICE,
    PATIENCE,
    PLAYS,
    RECALL,
    Clock,
    Door,
    Ear,
    call,
    program,
    said,
)
from tests.devices.voice.test_pack import small

MADE: list[Speaker] = []


def speaker(end: Out | Cable, clock: Clock | None = None, **options: Any) -> Speaker:
    times: dict[str, Any] = {"clock": clock, "sleep": clock.sleep} if clock else {}
    connect: Callable[[], Out | Line] = end.connect if isinstance(end, Cable) else lambda: end
    MADE.append(Speaker(connect, **times, **options))
    return MADE[-1]


@pytest.fixture(autouse=True)
def close_all() -> Iterator[None]:
    yield
    while MADE:
        MADE.pop().close()


def counting(folder: Path) -> tuple[str, Path]:
    """An espeak-ng that writes a line for each time it runs."""
    log = folder / "runs"
    log.touch()
    return program(folder, "espeak", f'echo run >>{log}\nexec espeak-ng "$@"'), log


def runs(log: Path) -> int:
    return len(log.read_text().splitlines())


# --- what is spoken ---------------------------------------------------------------------------------------------------


def test_a_call_is_a_chime_and_a_sentence(tmp_path: Path) -> None:
    voice = speaker(WavFolder(tmp_path, paced=False))
    spoken = said(voice, CALL)
    heard = hear(sound.read_wav((tmp_path / "0001.wav").read_bytes()))
    assert (tmp_path / "0001.txt").read_text(encoding="utf-8") == "chime\n请 A 零 一 二 号到 三 号窗口办理\n"
    assert (spoken.problem, spoken.seconds) == ("", heard.seconds)
    assert 4 < heard.seconds < 8
    assert -30 < heard.loudness < -15
    assert heard.peak < 0
    assert heard.chimes == 1


def test_a_recall_is_the_same_words_with_one_chime_more(tmp_path: Path) -> None:
    voice = speaker(WavFolder(tmp_path, paced=False))
    once, twice = said(voice, CALL), said(voice, RECALL)
    assert hear(sound.read_wav((tmp_path / "0002.wav").read_bytes())).chimes == 2
    assert (tmp_path / "0002.txt").read_text(encoding="utf-8") == "chime chime\n请 A 零 一 二 号到 三 号窗口办理\n"
    assert twice.seconds - once.seconds == pytest.approx(sound.chime(2).seconds - sound.chime(1).seconds)


def test_english_comes_after_chinese_if_set(tmp_path: Path) -> None:
    voice = speaker(WavFolder(tmp_path, paced=False), languages=["zh", "en"], one="yao")
    both = said(voice, CALL)
    assert (tmp_path / "0001.txt").read_text(encoding="utf-8").splitlines() == [
        "chime",
        "请 A 零 幺 二 号到 三 号窗口办理",
        "Number A zero one two please go to Window three",
    ]
    chinese_only = said(voice, Call(CALL.chinese))
    assert both.seconds > chinese_only.seconds + 2


def test_a_pack_speaks_if_it_is_there_and_espeak_what_it_lacks(tmp_path: Path, built: Path) -> None:
    espeak, log = counting(tmp_path)
    voice = speaker(Nowhere(paced=False), pack=str(built), languages=["zh", "en"], espeak=espeak)
    assert said(voice, CALL).problem == ""
    assert runs(log) == 0
    assert said(voice, Call("请到导办台。")).problem == ""
    assert runs(log) == 1


def test_a_pack_needs_no_espeak(built: Path) -> None:
    voice = speaker(Nowhere(paced=False), pack=str(built), espeak="/nowhere/espeak-ng")
    assert said(voice, CALL).problem == ""
    assert "only the chime: /nowhere/espeak-ng is not installed" in said(voice, Call("请到导办台。")).problem


def test_a_broken_pack_is_told_and_espeak_speaks(tmp_path: Path) -> None:
    (small(tmp_path / "pack") / "zh/0001.wav").write_bytes(b"noise")
    voice = speaker(Nowhere(paced=False), pack=str(tmp_path / "pack"))
    assert said(voice, CALL).problem == ""
    report = voice.check()
    assert report.state is Health.WARNING
    assert "0001.wav" in report.detail


def test_volume_makes_everything_quieter(tmp_path: Path) -> None:
    said(speaker(WavFolder(tmp_path, paced=False), volume=100), CALL)
    said(speaker(WavFolder(tmp_path, paced=False), volume=50), CALL)
    loud, soft = (hear(sound.read_wav((tmp_path / f"000{n}.wav").read_bytes())) for n in (1, 2))
    assert loud.peak - soft.peak == pytest.approx(12, abs=0.2)


def test_a_call_may_be_softer_and_louder_up_to_the_loudest_there_is(tmp_path: Path) -> None:
    voice = speaker(WavFolder(tmp_path, paced=False), volume=80)
    for loudness in (1.0, 0.5, 1.25, 9.0):
        said(voice, replace(CALL, loudness=loudness))
    usual, soft, loud, loudest = (
        hear(sound.read_wav((tmp_path / f"000{n}.wav").read_bytes())).peak for n in (1, 2, 3, 4)
    )
    assert usual - soft == pytest.approx(12, abs=0.2)
    assert loud - usual == pytest.approx(3.9, abs=0.2)
    assert loudest == loud


def test_the_length_is_known_before_and_is_what_it_takes() -> None:
    voice = speaker(Nowhere(paced=False))
    assert voice.length(CALL) == said(voice, CALL).seconds
    assert voice.length(RECALL) > voice.length(CALL)


def test_a_sentence_said_again_is_not_made_again(tmp_path: Path) -> None:
    espeak, log = counting(tmp_path)
    voice = speaker(Nowhere(paced=False), espeak=espeak)
    for one in (CALL, RECALL, CALL):
        said(voice, one)
    voice.length(RECALL)
    assert runs(log) == 1


def test_only_so_many_sentences_are_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(renderer, "KEPT", 3)
    espeak, log = counting(tmp_path)
    voice = speaker(Nowhere(paced=False), espeak=espeak)
    for number in (1, 2, 3, 4, 4, 3, 2, 1):
        said(voice, call(number))
    assert runs(log) == 5


# --- order and time ---------------------------------------------------------------------------------------------------


def test_ten_calls_are_spoken_in_their_order(tmp_path: Path) -> None:
    voice, ear = speaker(WavFolder(tmp_path, paced=False)), Ear()
    calls = [call(number) for number in range(1, 11)]
    for one in calls:
        voice.say(one, ear)
    assert [ear.next().call for _ in calls] == calls
    digits = "零一二三四五六七八九"
    for number in range(1, 11):
        ticket = " ".join(digits[int(digit)] for digit in f"{number:03}")
        assert ticket in (tmp_path / f"{number:04}.txt").read_text(encoding="utf-8")


def seconds_to_say(voice: Speaker, ear: Ear) -> float:
    """Of five calls, the median: this machine may be busy with something else at one of them."""
    took = []
    for number in range(1, 6):
        began = time.perf_counter()
        voice.say(call(number), ear)
        took.append(time.perf_counter() - began)
    return sorted(took)[2]


@pytest.mark.parametrize("script", [HANGS, DIES, NO_DEVICE])
def test_say_returns_at_once_whatever_the_player_does(tmp_path: Path, script: str) -> None:
    voice, ear = speaker(Aplay("default", program(tmp_path, "aplay", script))), Ear()
    assert seconds_to_say(voice, ear) < 0.05
    voice.close()
    assert all(ear.next().problem for _ in range(5))


def test_say_returns_at_once_while_espeak_hangs(tmp_path: Path) -> None:
    voice, ear = speaker(Nowhere(), espeak=program(tmp_path, "espeak", HANGS)), Ear()
    assert seconds_to_say(voice, ear) < 0.05
    voice.close()
    assert all("closed" in ear.next().problem for _ in range(5))


@pytest.mark.parametrize("script", [NO_DEVICE, DIES, PLAYS])
def test_a_call_takes_its_length_with_or_without_a_sound_device(tmp_path: Path, script: str) -> None:
    clock = Clock()
    voice = speaker(Aplay("default", program(tmp_path, "aplay", script)), clock)
    for one in (CALL, RECALL):
        spoken = said(voice, one)
        assert clock.slept[-1] == pytest.approx(spoken.seconds)
        assert bool(spoken.problem) is (script != PLAYS)


def test_a_folder_takes_the_length_unless_told_not_to(tmp_path: Path) -> None:
    clock = Clock()
    spoken = said(speaker(WavFolder(tmp_path), clock), CALL)
    assert clock.now == pytest.approx(spoken.seconds)
    said(speaker(WavFolder(tmp_path, paced=False), clock), CALL)
    assert clock.now == pytest.approx(spoken.seconds)


def test_a_hanging_player_is_given_up_and_the_next_call_follows(tmp_path: Path) -> None:
    flag = tmp_path / "well"
    script = f"[ -e {flag} ] && exec cat >/dev/null; {HANGS}"
    clock = Clock()
    voice = speaker(Aplay("default", program(tmp_path, "aplay", script), slack=0.1), clock, speed=300)
    first, second = Ear(), Ear()
    voice.say(Call("请"), first)
    voice.say(CALL, second)
    assert "hangs" in first.next().problem
    flag.touch()
    assert second.next().call == CALL


# --- the queue --------------------------------------------------------------------------------------------------------


def test_too_many_calls_give_up_the_oldest_and_say_so(caplog: pytest.LogCaptureFixture) -> None:
    door, ear = Door(), Ear()
    voice = speaker(door, limit=3)
    voice.say(call(1), ear)
    assert door.arrived.acquire(timeout=PATIENCE)
    for number in range(2, 7):
        voice.say(call(number), ear)
    door.open(4)
    told = {spoken.call: spoken.problem for spoken in (ear.next() for _ in range(6))}
    lost = [number for number in range(1, 7) if told[call(number)]]
    assert lost == [2, 3]
    assert "more than 3 calls waited" in told[call(2)]
    assert caplog.text.count("the oldest is given up") == 2
    assert [words.split("号到 ")[1][0] for words in door.words] == list("一四五六")


def test_closing_ends_what_plays_and_tells_what_waits() -> None:
    door, ear = Door(), Ear()
    voice = speaker(door)
    for number in range(1, 4):
        voice.say(call(number), ear)
    assert door.arrived.acquire(timeout=PATIENCE)
    voice.close()
    assert sorted(ear.next().call.chinese for _ in range(3)) == [call(number).chinese for number in range(1, 4)]
    assert not [thread for thread in threading.enumerate() if thread.name == "voice" and thread.is_alive()]


def test_closing_does_not_wait_for_a_call_to_take_its_length() -> None:
    voice, ear = speaker(Nowhere()), Ear()
    voice.length(CALL)
    voice.say(CALL, ear)
    time.sleep(0.2)
    began = time.monotonic()
    voice.close()
    assert time.monotonic() - began < 3
    assert "closed" in ear.next().problem


def test_after_closing_the_next_call_is_spoken() -> None:
    voice = speaker(Nowhere(paced=False))
    voice.close()
    assert said(voice, CALL).problem == ""
    voice.close()
    voice.close()
    assert said(voice, CALL).problem == ""


def test_a_listener_may_close_and_may_fail(caplog: pytest.LogCaptureFixture) -> None:
    voice, done = speaker(Nowhere(paced=False)), threading.Event()

    def closes(_: Spoken) -> None:
        voice.close()
        done.set()

    def fails(_: Spoken) -> None:
        raise ValueError("a listener's mistake")

    voice.say(CALL, fails)
    voice.say(CALL, closes)
    assert done.wait(PATIENCE)
    assert "a listener's mistake" in caplog.text


# --- health -----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("order", "state", "says"),
    [
        ("device absent", Health.ABSENT, "no sound device"),
        ("disk full", Health.REFUSING, "No space left"),
        ("hangs on", Health.SILENT, "does not answer"),
    ],
)
def test_health_follows_the_sound_device(order: str, state: Health, says: str) -> None:
    clock = Clock()
    cable = Cable(Simulator(), clock, clock.sleep)
    voice = speaker(cable, clock)
    assert voice.check().state is Health.READY
    cable.tell(order)
    report = voice.check()
    assert report.state is state
    assert says in report.detail
    for well in ("device there", "disk ok", "hangs off"):
        cable.tell(well)
    assert voice.check().state is Health.READY


@pytest.mark.parametrize("order", ["device absent", "disk full", "hangs on", "dies on"])
def test_a_far_loudspeaker_that_fails_takes_the_length_and_works_again(order: str) -> None:
    clock, simulator = Clock(), Simulator()
    cable = Cable(simulator, clock, clock.sleep)
    voice = speaker(cable, clock)
    cable.tell(order)
    spoken = said(voice, CALL)
    assert spoken.problem
    assert spoken.seconds <= clock.now < spoken.seconds + 3
    cable.tell(order.split()[0] + {"device": " there", "disk": " ok"}.get(order.split()[0], " off"))
    assert said(voice, RECALL).problem == ""
    assert simulator.heard[-1].chimes == 2


@pytest.mark.parametrize("place", PLACES)
def test_a_far_loudspeaker_hears_the_call_on_every_kind_of_line(place: str, tmp_path: Path) -> None:
    simulator = Simulator(out=tmp_path / "out")
    with joined(place, simulator, tmp_path) as line:
        clock = Clock()
        MADE.append(Speaker(line.connect, sleep=clock.sleep))
        spoken = said(MADE[-1], CALL)
        assert (spoken.problem, simulator.heard[0].seconds) == ("", spoken.seconds)
        assert simulator.heard[0].chimes == 1
        assert (tmp_path / "out/0001.txt").read_text("utf-8").endswith("请 A 零 一 二 号到 三 号窗口办理\n")
        line.tell("unplug")
        assert MADE[-1].check().state is Health.ABSENT
        line.tell("plug")
        assert within(3, lambda: MADE[-1].check().state is Health.READY)
        MADE.pop().close()


def test_a_sound_device_plugged_in_again_is_back_within_three_seconds() -> None:
    cable, back = Cable(Simulator()), threading.Event()
    cable.tell("device absent")
    watch = Watch(speaker(cable), lambda report: back.set() if report.state.works else None, name="voice").start()
    try:
        time.sleep(0.1)
        cable.tell("device there")
        assert back.wait(3)
    finally:
        watch.stop()


def test_a_check_does_not_wait_for_a_call() -> None:
    door, ear = Door(), Ear()
    voice = speaker(door)
    voice.say(CALL, ear)
    assert door.arrived.acquire(timeout=PATIENCE)
    began = time.perf_counter()
    assert voice.check().state is Health.READY
    assert time.perf_counter() - began < 0.5
    door.open()
    ear.next()


def test_without_a_voice_the_chime_still_sounds_and_health_warns(tmp_path: Path) -> None:
    simulator = Simulator()
    espeak = program(tmp_path, "espeak", "echo no such voice >&2; exit 1")
    voice = speaker(Cable(simulator), Clock(), espeak=espeak)
    assert "no such voice" in said(voice, RECALL).problem
    assert simulator.heard[0].chimes == 2
    assert simulator.heard[0].seconds == pytest.approx(sound.chime(2).seconds)
    assert voice.check().state is Health.WARNING


# --- set-up -----------------------------------------------------------------------------------------------------------


def test_a_missing_espeak_is_a_setup_error_with_the_line_to_run() -> None:
    with pytest.raises(SetupError, match="apt-get install --no-install-recommends espeak-ng"):
        speaker(Nowhere(), espeak="no-such-espeak")


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"volume": 101}, "0 to 100"),
        ({"volume": -1}, "0 to 100"),
        ({"one": "san"}, "yi, yao"),
        ({"languages": ["en"]}, "Chinese first"),
        ({"languages": []}, "Chinese first"),
        ({"languages": ["zh", "zh"]}, "Chinese first"),
        ({"languages": ["zh", "enn"]}, 'did you mean "en"'),
        ({"speed": 20}, "80 to 300"),
        ({"limit": 0}, "at least one"),
    ],
)
def test_options_that_cannot_be_are_refused(options: dict[str, Any], says: str) -> None:
    with pytest.raises(SetupError, match=says):
        speaker(Nowhere(), **options)
