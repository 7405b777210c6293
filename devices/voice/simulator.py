"""A loudspeaker without the room: hears a call, says how long and how loud it was and how often it chimed.

It speaks codec.py's side of a line, so that it runs in this process, on a pty or on TCP as every simulator does; with
`out` it keeps what it hears as wav:// does. It answers as soon as it has heard: that a call takes its length is the
driver's business. Programs that fail as aplay does stand in the tests.
"""

from __future__ import annotations

import errno
import math
import os
from array import array
from collections import deque
from dataclasses import dataclass
from operator import mul
from pathlib import Path

from devices.errors import DeviceError
from devices.simulation import ON_OFF, Switch, turn
from devices.voice import sound
from devices.voice.codec import Answer, Ask, Decoder, Say
from devices.voice.outs import WavFolder
from devices.voice.sound import DING, DONG, FRAME, RATE, Sound

PURE = 0.6  # part of a frame's power in one tone, from which it is that tone: speech spreads over many
HELD = 8  # frames a tone must last


@dataclass(frozen=True)
class Heard:
    """Seconds; dBFS, loudness as sound.loudness has it, over all of it."""

    seconds: float
    peak: float
    loudness: float
    chimes: int


@dataclass
class Faults:
    """Everything that can be wrong with it."""

    absent: bool = False
    hangs: bool = False
    dies: bool = False  # half way through every clip
    full: bool = False  # the disk


SWITCHES = {
    "device": Switch("absent", {"there": False, "absent": True}),
    "hangs": Switch("hangs", ON_OFF),
    "dies": Switch("dies", ON_OFF),
    "disk": Switch("full", {"ok": False, "full": True}),
}


class Simulator:
    """One loudspeaker and its player."""

    def __init__(self, *, out: str | Path | None = None) -> None:
        self.faults = Faults()
        self.heard: deque[Heard] = deque(maxlen=100)
        self._decoder, self._folder = Decoder(), WavFolder(Path(out)) if out else None

    def receive(self, data: bytes) -> bytes:
        """The line's other end."""
        answers = [self._obey(order) for order in self._decoder.feed(data)]
        return b"" if self.faults.hangs else b"".join(answer.to_bytes() for answer in answers)

    def tell(self, order: str) -> str:
        """Turns a switch (SWITCHES) or tells the "state"."""
        return f"{turn(SWITCHES, self.faults, order)}, heard {len(self.heard)}"

    def _obey(self, order: Ask | Say) -> Answer:
        if self.faults.absent:
            return Answer("away", "no sound device")
        if self.faults.full:
            return Answer("no", os.strerror(errno.ENOSPC))
        if isinstance(order, Ask) or self.faults.hangs:
            return Answer("ok")
        try:
            return self._hear(sound.read_wav(order.wav), order.words)
        except DeviceError as error:  # no WAV, or no room to keep it
            return Answer("no", str(error))

    def _hear(self, clip: Sound, words: str) -> Answer:
        if self.faults.dies:
            clip = Sound(clip.pcm[: len(clip.pcm) // 4 * 2])
        self.heard.append(hear(clip))
        if self._folder:
            self._folder.play(clip, words)
        return Answer("away", "the player died") if self.faults.dies else Answer("ok")


def hear(clip: Sound) -> Heard:
    return Heard(clip.seconds, sound.peak(clip), sound.loudness(clip), chimes(clip))


def chimes(clip: Sound) -> int:
    """How often a ding is followed by a dong."""
    values = clip.samples
    tones = [_tone(values[start : start + FRAME]) for start in range(0, len(values) - FRAME + 1, FRAME)]
    count, ding, run, last = 0, False, 0, ""
    for tone in tones:
        run = run + 1 if tone == last else 1
        last = tone
        if tone == "ding" and run == HELD:
            ding = True
        elif tone == "dong" and run == HELD and ding:
            count, ding = count + 1, False
    return count


def _tone(frame: array[int]) -> str:
    """Which of the two tones this frame is: ding, dong, or neither."""
    power = sum(map(mul, frame, frame))
    if power < sound.AUDIBLE**2 * len(frame):
        return ""
    shares = {name: _share(frame, pitch, power) for name, pitch in (("ding", DING), ("dong", DONG))}
    best = max(shares, key=shares.__getitem__)
    return best if shares[best] > PURE else ""


def _share(frame: array[int], pitch: float, power: float) -> float:
    """The part of the frame's power at this pitch (Goertzel, Am. Math. Monthly 65, 1958)."""
    turn_by = 2 * math.cos(math.tau * pitch / RATE)
    one = two = 0.0
    for value in frame:
        one, two = value + turn_by * one - two, one
    return (one * one + two * two - turn_by * one * two) * 2 / (len(frame) * power)
