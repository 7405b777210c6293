"""Where sound goes: real programs that play, fail and hang; folders; addresses; the command line."""

from __future__ import annotations

import os
import re
import time
from pathlib import Path

import pytest

from devices.__main__ import main
from devices.errors import DeviceOffline, DeviceRefused, DeviceSilent, SetupError
from devices.registry import open_device
from devices.voice import sound
from devices.voice.addresses import opener
from devices.voice.driver import Speaker
from devices.voice.outs import Aplay, Nowhere, Out, WavFolder
from devices.voice.simulator import hear
from tests.devices.voice.rigs import BUSY, CALL, DIES, NO_DEVICE, PLAYS, program, said

CHIME = sound.chime(1)

# --- aplay ------------------------------------------------------------------------------------------------------------


def test_a_player_gets_the_device_and_one_whole_wav(tmp_path: Path) -> None:
    script = f'echo "$@" >{tmp_path}/words; cat >{tmp_path}/heard'
    Aplay("plughw:CARD=Device,DEV=0", program(tmp_path, "aplay", script)).play(CHIME, "")
    assert (tmp_path / "words").read_text() == "-q -t wav -D plughw:CARD=Device,DEV=0 -\n"
    assert sound.read_wav((tmp_path / "heard").read_bytes()) == CHIME


@pytest.mark.parametrize(
    ("script", "says"),
    [(NO_DEVICE, "there is none"), (BUSY, "another program"), (DIES, "Input/output error"), ("exit 3", "ended with 3")],
)
def test_a_player_that_fails_says_why(tmp_path: Path, script: str, says: str) -> None:
    player = Aplay("default", program(tmp_path, "aplay", script))
    for act in (lambda: player.play(CHIME, ""), player.check):
        with pytest.raises(DeviceOffline, match=says):
            act()


def test_a_hanging_player_is_killed_with_its_children(tmp_path: Path) -> None:
    script = f"sleep 60 & echo $! >{tmp_path}/child; wait"
    player = Aplay("default", program(tmp_path, "aplay", script), slack=0.3)
    began = time.monotonic()
    with pytest.raises(DeviceSilent, match="hangs"):
        player.play(sound.silence(0.1), "")
    assert time.monotonic() - began < 10
    child = Path("/proc") / (tmp_path / "child").read_text().strip() / "stat"
    until = time.monotonic() + 10
    while child.exists() and " Z " not in child.read_text() and time.monotonic() < until:
        time.sleep(0.01)
    assert not child.exists() or " Z " in child.read_text()


def test_a_missing_aplay_says_what_to_install() -> None:
    with pytest.raises(SetupError, match="apt-get install --no-install-recommends alsa-utils"):
        Aplay("default", "/nowhere/aplay").check()


def test_a_player_that_cannot_be_run_is_offline(tmp_path: Path) -> None:
    (tmp_path / "aplay").write_text("no program")
    with pytest.raises(DeviceOffline, match="Permission denied"):
        Aplay("default", str(tmp_path / "aplay")).check()


def test_a_good_player_is_there(tmp_path: Path) -> None:
    Aplay("default", program(tmp_path, "aplay", PLAYS)).check()


# --- folders ----------------------------------------------------------------------------------------------------------


def test_a_folder_keeps_sound_and_words_under_the_next_number(tmp_path: Path) -> None:
    folder = tmp_path / "calls"
    WavFolder(folder).play(CHIME, "chime\n")
    again = WavFolder(folder)
    again.play(CHIME, "chime\n请\n")
    again.play(CHIME, "")
    assert sorted(one.name for one in folder.iterdir()) == [
        f"{number:04}.{ending}" for number in (1, 2, 3) for ending in ("txt", "wav")
    ]
    assert (folder / "0002.txt").read_text(encoding="utf-8") == "chime\n请\n"
    assert sound.read_wav((folder / "0002.wav").read_bytes()) == CHIME


def test_a_full_disk_keeps_no_half_file_and_goes_on_when_there_is_room(tmp_path: Path) -> None:
    (tmp_path / ".0001.wav").symlink_to("/dev/full")
    folder = WavFolder(tmp_path)
    with pytest.raises(DeviceRefused, match="No space left"):
        folder.play(CHIME, "chime\n")
    assert [one.name for one in tmp_path.iterdir() if one.suffix == ".wav"] == []
    folder.play(CHIME, "chime\n")
    assert sound.read_wav((tmp_path / "0001.wav").read_bytes()) == CHIME


def test_a_folder_that_cannot_be_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    for act in (lambda: WavFolder(tmp_path / "file").play(CHIME, ""), WavFolder(tmp_path / "file" / "x").check):
        with pytest.raises(DeviceRefused, match="file"):
            act()


def test_a_full_disk_is_noticed_before_a_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("devices.voice.outs.SPARE", 1 << 60)
    with pytest.raises(DeviceRefused, match="the disk is full"):
        WavFolder(tmp_path).check()


# --- addresses --------------------------------------------------------------------------------------------------------


def test_addresses_open_what_they_name(tmp_path: Path) -> None:
    assert isinstance(opener("aplay://default")(), Aplay)
    assert isinstance(opener("aplay://plughw:CARD=Device,DEV=0")(), Aplay)
    for url, paced in ((f"wav://{tmp_path}", True), (f"wav://{tmp_path}?pace=0", False)):
        folder = opener(url)()
        assert isinstance(folder, WavFolder)
        assert folder.paced is paced
    for url, paced in (("null://", True), ("null://?pace=0", False)):
        nowhere = opener(url)()
        assert isinstance(nowhere, Nowhere)
        assert nowhere.paced is paced
    assert not isinstance(opener("loop://")(), Out)


@pytest.mark.parametrize(
    "url",
    ["", "default", "aplay://", "aplay://default?pace=0", "wav://folder", "null://x", "null://?speed=2", "wav:///x?pace=2"],
)  # fmt: skip
def test_other_addresses_are_refused(url: str) -> None:
    with pytest.raises(SetupError):
        opener(url)


def test_the_registry_opens_a_voice_by_its_address(tmp_path: Path) -> None:
    voice = open_device("voice", f"wav://{tmp_path}?pace=0", languages=["zh", "en"], one="yao", volume=60)
    assert isinstance(voice, Speaker)
    assert said(voice, CALL).problem == ""
    voice.close()
    assert len((tmp_path / "0001.txt").read_text("utf-8").splitlines()) == 3
    with pytest.raises(SetupError, match='did you mean "volume"'):
        open_device("voice", "null://", volum=3)


# --- the command line -------------------------------------------------------------------------------------------------


def test_a_sentence_is_heard_on_the_command_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voice", "say", CALL.chinese, CALL.english, "--again", "--url", f"wav://{tmp_path}?pace=0"]) == 0
    heard = hear(sound.read_wav((tmp_path / "0001.wav").read_bytes()))
    assert capsys.readouterr().out == f"{heard.seconds:.2f} s\n"
    assert heard.chimes == 2


def test_a_name_is_not_spoken_on_the_command_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["voice", "say", "请张*三到 3 号窗口", "--url", "null://?pace=0"]) == 2
    assert "nothing personal" in capsys.readouterr().err


def test_a_pack_is_built_on_the_command_line(
    tmp_path: Path, built: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    program(tmp_path, "espeak-ng", f"cat {built}/zh/0001.wav")
    monkeypatch.setenv("PATH", f"{tmp_path}:{os.environ['PATH']}")
    assert main(["voice", "build", "--out", str(tmp_path / "pack")]) == 0
    assert re.search(r"pack: \d{3} clips$", capsys.readouterr().out.strip())
    assert main(["voice", "say", CALL.chinese, "--pack", str(tmp_path / "pack"), "--url", "null://?pace=0"]) == 0
