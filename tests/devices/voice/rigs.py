"""Small real things to try a voice on: programs that fail, a clock that only moves when told, an out with a door."""

from __future__ import annotations

import queue
import threading
from pathlib import Path

from devices.errors import DeviceOffline
from devices.voice.calls import Call, Spoken
from devices.voice.driver import Speaker
from devices.voice.sound import Sound

CALL = Call("请 A012 号到 3 号窗口办理。", "Number A012, please go to Window 3.")
RECALL = Call(CALL.chinese, CALL.english, again=True)
PATIENCE = 30  # seconds until a test gives up; machines that run tests are busy

HANGS = "sleep 60 & wait"  # with a child that would hold the pipe
DIES = "head -c 1000 >/dev/null; echo 'aplay: pcm_write:2061: write error: Input/output error' >&2; exit 1"
NO_DEVICE = "cat >/dev/null; echo 'aplay: main:831: audio open error: No such file or directory' >&2; exit 1"
BUSY = "cat >/dev/null; echo 'aplay: main:831: audio open error: Device or resource busy' >&2; exit 1"
PLAYS = "cat >/dev/null"


def program(folder: Path, name: str, script: str) -> str:
    """A shell script that stands for aplay or espeak-ng."""
    file = folder / name
    file.write_text(f"#!/bin/sh\n{script}\n", encoding="utf-8")
    file.chmod(0o755)
    return str(file)


def call(number: int) -> Call:
    return Call(f"请 A{number:03} 号到 {number} 号窗口办理。")


class Clock:
    """Seconds that pass only in sleep()."""

    def __init__(self) -> None:
        self.now = 0.0
        self.slept: list[float] = []

    def __call__(self) -> float:
        return self.now

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.now += seconds


class Door:
    """An out that lets one call through for every open(); tells when somebody stands before it."""

    paced = False

    def __init__(self) -> None:
        self.words: list[str] = []
        self.arrived = threading.Semaphore(0)
        self._free = threading.Semaphore(0)
        self._stopped = False

    def open(self, times: int = 1) -> None:
        for _ in range(times):
            self._free.release()

    def play(self, clip: Sound, words: str) -> None:
        self.arrived.release()
        self._free.acquire()
        if self._stopped:
            raise DeviceOffline("stopped")
        self.words.append(words)

    def check(self) -> None:
        """Fine."""

    def stop(self) -> None:
        self._stopped = True
        self._free.release()

    def close(self) -> None:
        self._stopped = False


class Ear:
    """Collects what became of calls."""

    def __init__(self) -> None:
        self._told: queue.Queue[Spoken] = queue.Queue()

    def __call__(self, spoken: Spoken) -> None:
        self._told.put(spoken)

    def next(self) -> Spoken:
        return self._told.get(timeout=PATIENCE)


def said(speaker: Speaker, one: Call) -> Spoken:
    """Says it and waits for its end."""
    ear = Ear()
    speaker.say(one, ear)
    return ear.next()
