"""Where sound goes on this machine: an ALSA device, a folder of WAV files, or nowhere. far.py plays over a line.

A paced out takes the length of a call whatever becomes of it: without a sound device the hall keeps its rhythm.
"""

from __future__ import annotations

import os
import shutil
from pathlib import Path
from typing import Protocol, runtime_checkable

from devices.errors import DeviceOffline, DeviceRefused, DeviceSilent
from devices.voice import sound
from devices.voice.program import Program
from devices.voice.sound import Sound

SLACK = 2.0  # seconds a player may take longer than its clip
GLANCE = 0.02  # seconds of silence played to see whether a sound device is there
GLANCE_WITHIN = 1.0
REASONS = {  # aplay's last words
    "No such file or directory": "there is none; aplay -L lists what there is",
    "No such device": "it was unplugged",
    "Device or resource busy": "another program is using it",
}
SPARE = 2_000_000  # bytes a disk must have free: a call has 300 kB


@runtime_checkable
class Out(Protocol):
    """Somewhere to play. What raises: DeviceOffline, not there; DeviceSilent, hangs; DeviceRefused, fetch a person."""

    paced: bool  # whether a call takes its length even if play() returns early or fails

    def play(self, clip: Sound, words: str) -> None:
        """Blocks until it was heard, or for its length and SLACK at most."""

    def check(self) -> None:
        """Returns if it could play now; takes a second at most."""

    def stop(self) -> None:
        """Ends what plays now. From any thread."""

    def close(self) -> None:
        """Lets go of it. Never raises."""


class _Local:
    """What holds nothing between two calls."""

    def stop(self) -> None:
        """Nothing to end."""

    def close(self) -> None:
        """Nothing to let go of."""


class Aplay(_Local):
    """An ALSA device, through aplay. Pulse and PipeWire are devices of ALSA too."""

    paced = True

    def __init__(self, device: str, program: str = "aplay", slack: float = SLACK) -> None:
        self._device, self._program, self._slack = device, Program(program, "alsa-utils"), slack

    def play(self, clip: Sound, words: str) -> None:
        self._play(clip, clip.seconds + self._slack)

    def check(self) -> None:
        self._play(sound.silence(GLANCE), GLANCE_WITHIN)

    def stop(self) -> None:
        self._program.stop()

    def _play(self, clip: Sound, within: float) -> None:
        try:
            self._program.run(["-q", "-t", "wav", "-D", self._device, "-"], sound.to_wav(clip), within)
        except DeviceSilent:
            raise
        except DeviceOffline as error:
            said = str(error).rpartition(": ")[2]
            raise DeviceOffline(f'sound device "{self._device}": {REASONS.get(said, said)}') from error


class WavFolder(_Local):
    """Keeps every call. Numbers go on after the highest one there; files appear whole, the sound last."""

    def __init__(self, path: Path, paced: bool = True) -> None:
        self._path, self.paced = path, paced
        self._last = -1  # not looked up yet

    def play(self, clip: Sound, words: str) -> None:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            self._write({".txt": words.encode(), ".wav": sound.to_wav(clip)})
        except OSError as error:
            raise DeviceRefused(f"{self._path}: {error.strerror}") from error

    def check(self) -> None:
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            room, may = shutil.disk_usage(self._path).free, os.access(self._path, os.W_OK | os.X_OK)
        except OSError as error:
            raise DeviceRefused(f"{self._path}: {error.strerror}") from error
        if room < SPARE or not may:
            raise DeviceRefused(f"{self._path}: {'the disk is full' if may else 'no permission to write'}")

    def _write(self, files: dict[str, bytes]) -> None:
        if self._last < 0:
            self._last = max((int(one.stem) for one in self._path.glob("[0-9]*.wav") if one.stem.isdigit()), default=0)
        number = self._last + 1
        for ending, data in files.items():
            part = self._path / f".{number:04}{ending}"
            try:
                part.write_bytes(data)
                part.replace(self._path / f"{number:04}{ending}")
            except OSError:
                part.unlink(missing_ok=True)
                raise
        self._last = number


class Nowhere(_Local):
    """Nobody hears it, but it takes its time."""

    def __init__(self, paced: bool = True) -> None:
        self.paced = paced

    def play(self, clip: Sound, words: str) -> None:
        """Done."""

    def check(self) -> None:
        """Always fine."""
