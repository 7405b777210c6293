"""A printer and the driver that talks to it, joined in three ways: in this process, over a pty, over TCP."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

from devices.escpos.driver import EscposPrinter
from devices.escpos.eye import Ticket
from devices.escpos.simulator import Simulator
from devices.serve import Bench, PtyEnd, TcpEnd
from devices.simulation import Cable
from devices.transport import open_line

FAST = {"answer_within": 0.15, "confirm_within": 1.0}
PLACES = ("cable", "pty", "tcp")


@dataclass
class Rig:
    printer: EscposPrinter
    simulator: Tripwire
    tell: Callable[[str], str]  # from the test
    inside: Callable[[str], object]  # from within the simulator's own thread, for Tripwire.arm
    way: str  # the paper that "auto" chooses on this line

    @property
    def tickets(self) -> list[Ticket]:
        return list(self.simulator.tickets)


class Tripwire(Simulator):
    """Does something when so many bytes of what follows have arrived: pulls the plug, opens the cover."""

    left, act = -1, staticmethod(lambda: None)

    def arm(self, left: int, act: Callable[[], object]) -> None:
        self.left, self.act = left, act  # type: ignore[assignment]

    def receive(self, data: bytes) -> bytes:
        if 0 <= self.left < len(data):
            first, data, self.left = data[: self.left], data[self.left :], -1
            answer = super().receive(first)
            self.act()
            return answer + super().receive(data)
        self.left -= len(data) if self.left >= 0 else 0
        return super().receive(data)


class Control:
    """A client of a simulator's control socket."""

    def __init__(self, path: Path) -> None:
        self._socket = socket.socket(socket.AF_UNIX)
        self._socket.connect(str(path))
        self._lines = self._socket.makefile("r", encoding="utf-8")

    def tell(self, order: str) -> str:
        self._socket.sendall(f"{order}\n".encode())
        return self._lines.readline().strip()

    def close(self) -> None:
        self._lines.close()
        self._socket.close()


@contextmanager
def rig(place: str, tmp_path: Path, **options: Any) -> Iterator[Rig]:
    """`options` are the driver's; width goes to both."""
    simulator = Tripwire(width=options.get("width", 80))
    options = {**FAST, **options}
    if place == "cable":
        cable = Cable(simulator)
        plugs = {"unplug": cable.unplug, "plug": cable.plug}

        def tell(order: str) -> str:
            if order in plugs:
                plugs[order]()
                return f"ok {order}ged"
            return f"ok {cable.tell(order)}"

        def inside(order: str) -> None:
            plugs[order]() if order in plugs else simulator.tell(order)

        yield Rig(EscposPrinter(cable.connect, **options), simulator, tell, inside, "hybrid")
        return
    end = PtyEnd(tmp_path / "printer") if place == "pty" else TcpEnd(0)
    bench = Bench(simulator, end, tmp_path / "control")
    where = bench.open()
    thread = threading.Thread(target=bench.run)
    thread.start()
    connect = partial(open_line, where if place == "pty" else f"socket://{where}")
    printer = EscposPrinter(connect, **options)
    control = Control(tmp_path / "control")
    try:
        yield Rig(printer, simulator, control.tell, bench.tell, "hybrid" if place == "pty" else "raster")
    finally:
        control.close()
        printer.close()
        bench.stop()
        thread.join()
