"""A simulator and the line to it, in three ways: in this process, over a pty, over TCP."""

from __future__ import annotations

import random
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from devices.serve import Bench, PtyEnd, TcpEnd
from devices.simulation import Cable, Simulator
from devices.transport import Line, open_line

PLACES = ("cable", "pty", "tcp")


@dataclass
class Joined:
    """How a driver gets to the simulator, and how a test turns its switches and pulls its plug."""

    connect: Callable[[], Line]
    tell: Callable[[str], str]


@contextmanager
def joined(place: str, simulator: Simulator, tmp_path: Path) -> Iterator[Joined]:
    if place == "cable":
        cable = Cable(simulator)
        plugs = {"unplug": cable.unplug, "plug": cable.plug}
        yield Joined(cable.connect, lambda order: str(plugs[order]()) if order in plugs else cable.tell(order))
        return
    bench = Bench(simulator, PtyEnd(tmp_path / "device") if place == "pty" else TcpEnd(0), tmp_path / "control")
    where = bench.open()
    thread = threading.Thread(target=bench.run)
    thread.start()
    try:
        with socket.socket(socket.AF_UNIX) as control:
            control.connect(str(tmp_path / "control"))
            tell = partial(_tell, control, threading.Lock())
            yield Joined(partial(open_line, where if place == "pty" else f"socket://{where}"), tell)
    finally:
        bench.stop()
        thread.join()


def _tell(control: socket.socket, lock: threading.Lock, order: str) -> str:
    """Through the control socket, as another process would: the bench is not made for two threads."""
    with lock:
        control.sendall(order.encode() + b"\n")
        answer = b""
        while not answer.endswith(b"\n"):
            answer += control.recv(4096)
    assert answer.startswith(b"ok"), answer
    return answer.decode()


class Clock:
    """Time that passes only when someone sleeps, or a little when someone looks."""

    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        self.now += 1e-6
        return self.now

    def sleep(self, seconds: float) -> None:
        self.now += seconds


def within(seconds: float, holds: Callable[[], bool]) -> bool:
    """Whether it holds before so many seconds have passed."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        if holds():
            return True
        time.sleep(0.01)
    return False


def mutated(frames: list[bytes], rng: random.Random, size: int) -> Iterator[bytes]:
    """About `size` bytes: noise, good frames, and frames with bytes changed, lost, doubled and cut, in odd pieces."""
    left = size
    while left > 0:
        data = bytearray(rng.choice(frames)) if rng.random() < 0.7 else bytearray(rng.randbytes(rng.randint(1, 400)))
        for _ in range(rng.randint(0, 3)):
            at = rng.randrange(len(data))
            data[at : at + rng.randint(0, 2)] = rng.randbytes(rng.randint(0, 2))
            data = data or bytearray(b"\0")
        del data[rng.randint(1, len(data)) :]
        left -= len(data)
        cut = rng.randint(0, len(data))
        yield bytes(data[:cut])
        yield bytes(data[cut:])
