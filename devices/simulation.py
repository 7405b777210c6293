"""What every simulator is, the switches of its faults, and the cable that joins it to a driver in the same process.

A simulator is `receive(bytes) -> bytes`: what arrived, however it was cut, gives what it answers now. Answers that
take time come out of later calls; call it with b"" to ask. `tell("paper out")` turns a switch while it runs.
"""

from __future__ import annotations

import difflib
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from devices.errors import DeviceOffline, SetupError
from devices.transport import PIECE, Kind, Line

MOMENT = 0.005  # seconds between two looks for a late answer


class Simulator(Protocol):
    """The far end of a line."""

    def receive(self, data: bytes) -> bytes:
        """Bytes from the driver, which may be none; returns what the device says now."""

    def tell(self, order: str) -> str:
        """Turns a switch by words; returns the state in words. SetupError says what could be said."""


@dataclass(frozen=True)
class Switch:
    """A fault's name in `tell`, the field it sets, and what may be said: word -> value, or a number's type."""

    field: str
    words: Mapping[str, object] | type[int] | type[float]

    def value(self, name: str, word: str) -> object:
        if isinstance(self.words, Mapping):
            if word in self.words:
                return self.words[word]
            raise SetupError(f'"{name} {word}" is unknown; say {name} {" | ".join(self.words)}')
        try:
            return self.words(word)
        except ValueError:
            raise SetupError(f'"{name} {word}": say {name} and a number') from None

    def said(self, value: object) -> str:
        if isinstance(self.words, Mapping):
            return next(word for word, meaning in self.words.items() if meaning == value)
        return str(value)


ON_OFF: dict[str, object] = {"on": True, "off": False}


def turn(switches: Mapping[str, Switch], faults: Any, order: str) -> str:
    """Sets what `order` ("paper out") says on the faults; "state" changes nothing. Returns all of them in words."""
    name, _, word = order.strip().partition(" ")
    if name != "state":
        if name not in switches:
            raise SetupError(f'"{name}" is no switch{did_you_mean(name, (*switches, "state"))}')
        setattr(faults, switches[name].field, switches[name].value(name, word.strip()))
    return ", ".join(f"{one} {switch.said(getattr(faults, switch.field))}" for one, switch in switches.items())


def did_you_mean(name: str, known: tuple[str, ...]) -> str:
    """The end of a sentence about an unknown name."""
    near = difflib.get_close_matches(name, known, n=1)
    return f'; did you mean "{near[0]}"?' if near else f"; known are {', '.join(known)}"


class Cable:
    """Joins a simulator to a driver in the same process, and can be pulled out."""

    kind: Kind = "serial"

    def __init__(
        self,
        simulator: Simulator,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self.simulator, self.clock, self.sleep = simulator, clock, sleep
        self.pulled = 0  # times it was pulled out: an older line stays dead
        self.plugged = True
        self.lock = threading.Lock()  # a control thread may turn switches meanwhile

    def connect(self) -> Line:
        if not self.plugged:
            raise DeviceOffline("unplugged")
        return _CableLine(self)

    def unplug(self) -> None:
        self.plugged = False
        self.pulled += 1

    def plug(self) -> None:
        self.plugged = True

    def tell(self, order: str) -> str:
        with self.lock:
            return self.simulator.tell(order)


class _CableLine:
    unsent = 0

    def __init__(self, cable: Cable) -> None:
        self.kind, self._cable, self._born, self._answers = cable.kind, cable, cable.pulled, bytearray()

    def write(self, data: bytes) -> None:
        for start in range(0, len(data), PIECE):
            self._pass(data[start : start + PIECE])

    def read(self, wait: float) -> bytes:
        until = self._cable.clock() + wait
        while True:
            self._pass(b"")
            if self._answers or self._cable.clock() >= until:
                break
            self._cable.sleep(MOMENT)
        data, self._answers = bytes(self._answers), bytearray()
        return data

    def close(self) -> None:
        self._answers.clear()

    def _pass(self, data: bytes) -> None:
        if self._cable.pulled != self._born or not self._cable.plugged:
            raise DeviceOffline("the line is gone: unplugged")
        with self._cable.lock:
            self._answers += self._cable.simulator.receive(data)
