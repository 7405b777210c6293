"""Plays into a loudspeaker at the far end of a line, which is the simulator or another machine (codec.py)."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from devices.errors import DeviceOffline, DeviceRefused, DeviceSilent
from devices.transport import TICK, Line
from devices.voice import codec, sound
from devices.voice.codec import Say
from devices.voice.outs import GLANCE_WITHIN, SLACK
from devices.voice.sound import Sound


class FarSpeaker:
    """An `Out` (outs.py) over an open line, which it owns."""

    paced = True

    def __init__(self, line: Line, clock: Callable[[], float] = time.monotonic) -> None:
        self._line, self._clock, self._stopped = line, clock, threading.Event()

    def play(self, clip: Sound, words: str) -> None:
        self._ask(Say(words, sound.to_wav(clip)).to_bytes(), clip.seconds + SLACK)

    def check(self) -> None:
        self._ask(codec.ASK, GLANCE_WITHIN)

    def stop(self) -> None:
        self._stopped.set()

    def close(self) -> None:
        self._line.close()

    def _ask(self, data: bytes, within: float) -> None:
        self._line.write(data)
        heard, until = b"", self._clock() + within
        while not heard.endswith(b"\n") and len(heard) < codec.LONGEST_ANSWER:
            if self._stopped.is_set():
                raise DeviceOffline("stopped")
            if self._clock() >= until:
                raise DeviceSilent("the loudspeaker does not answer")
            heard += self._line.read(TICK)
        answer = codec.read_answer(heard)
        if answer.kind == "away":
            raise DeviceOffline(answer.reason)
        if answer.kind == "no":
            raise DeviceRefused(answer.reason)
