"""A ticket printer without the metal: takes a driver's bytes, answers as the real one does, keeps what it printed.

Commands are told apart as they arrive, so that DLE EOT is answered at once even while offline; all others queue and
are done in order while the printer is online. It is offline while paper is out, the cover is open or the cutter is
jammed; put right, it goes on where it stopped. GS r is answered when its turn comes, never before.
"""

from __future__ import annotations

import random
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devices.errors import SetupError
from devices.escpos import codec
from devices.escpos.codec import Characters, Command, Decoder, Status
from devices.escpos.eye import Paper, Ticket
from devices.escpos.folder import Folder
from devices.paper.looks import WIDTHS
from devices.simulation import ON_OFF, Switch, turn

BUFFER = 256 * 1024  # bytes a stopped printer keeps; what comes after is lost, as on a real one
TEAR = 24000  # dots, three metres without a cut: someone tears it off, so that noise cannot fill the memory
KEPT = 12  # latest tickets held in memory, 3 MB each
NOISE = 6  # bytes of noise for every lot that arrives


@dataclass
class Faults:
    """Everything that can be wrong with it, and the two things printers differ in."""

    paper: Literal["ok", "near_end", "out"] = "ok"
    cover_open: bool = False
    cutter_jammed: bool = False
    silent: bool = False
    garbage: bool = False
    lines_left: int = -1  # printed lines or bands until the paper runs out; negative: plenty
    slow: float = 0.0  # seconds until a GS r is answered
    raster_dle: bool = False  # obeys 10 04 0n inside raster data and loses these bytes of the picture


SWITCHES = {
    "paper": Switch("paper", {"ok": "ok", "near_end": "near_end", "out": "out"}),
    "cover": Switch("cover_open", {"open": True, "closed": False}),
    "cutter": Switch("cutter_jammed", {"jammed": True, "ok": False}),
    "silent": Switch("silent", ON_OFF),
    "garbage": Switch("garbage", ON_OFF),
    "paper_out_after": Switch("lines_left", int),
    "slow": Switch("slow", float),
    "raster_dle": Switch("raster_dle", ON_OFF),
}


class Simulator:
    """One printer. `width` is 80 or 58 mm, `characters` what its ROM holds; every piece of paper is kept in `out`."""

    def __init__(
        self,
        *,
        width: int = 80,
        characters: Characters = "gb18030",
        strict: bool = False,
        out: str | Path | None = None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        if width not in WIDTHS:
            raise SetupError(f"width = {width}: write 80 or 58 (mm)")
        self.faults = Faults()
        self.tickets: deque[Ticket] = deque(maxlen=KEPT)
        self.printed = 0  # pieces of paper so far
        self._folder, self._clock = Folder(Path(out)) if out else None, clock
        self._rng = rng or random.Random()
        self._decoder, self._filter = Decoder(strict), RealTimeFilter()
        self._paper = Paper(WIDTHS[width], characters)
        self._queue: deque[Command] = deque()
        self._held = 0  # bytes in the queue
        self._answers: deque[tuple[float, bytes]] = deque()  # due, bytes

    def receive(self, data: bytes) -> bytes:
        """The line's other end: what the driver sent, what the printer says now."""
        real_time = b""
        if self.faults.raster_dle:
            data, asked = self._filter.feed(data)
            real_time = b"".join(self._status(n) for n in asked)
        for command in self._decoder.feed(data):
            if command.name == codec.STATUS:
                real_time += self._status(command.arguments[0])
            elif self._held + len(command.raw) <= BUFFER:
                self._queue.append(command)
                self._held += len(command.raw)
        self._work()
        return self._say(real_time, bool(data))

    def tell(self, order: str) -> str:
        """Turns a switch (SWITCHES) or tells the "state"; a printer put right goes on printing."""
        said = turn(SWITCHES, self.faults, order)
        if self.faults.paper != "out" and self.faults.lines_left == 0:
            self.faults.lines_left = -1  # a new roll
        self._work()
        return f"{said}, printed {self.printed}"

    @property
    def status(self) -> Status:
        f = self.faults
        out = f.paper == "out"
        return Status(
            offline=out or f.cover_open or f.cutter_jammed,
            cover_open=f.cover_open,
            paper_out=out,
            near_end=f.paper != "ok",
            cutter_jammed=f.cutter_jammed,
        )

    @property
    def unfinished(self) -> Paper:
        """The paper that hangs out of the printer, not cut yet."""
        return self._paper

    def _status(self, n: int) -> bytes:
        bits = codec.status_bytes(self.status).get(n)
        return b"" if bits is None else bytes((bits,))

    def _work(self) -> None:
        while self._queue and not self.status.offline:
            command = self._queue.popleft()
            self._held -= len(command.raw)
            self._do(command)

    def _do(self, command: Command) -> None:
        if command.name == b"\x1dr":
            near, out = self.faults.paper != "ok", self.faults.paper == "out"
            bits = (0x03 if near else 0) | (0x0C if out else 0)
            self._answers.append((self._clock() + self.faults.slow, bytes((bits,))))
            return
        self._paper.obey(command)
        if command.name == b"\x1dV":
            self._keep(self._paper.cut())
        elif self._paper.height > TEAR:
            self._keep(self._paper.tear())
        if command.name in (b"\n", b"\x1dv0") and self.faults.lines_left > 0:
            self.faults.lines_left -= 1
            if self.faults.lines_left == 0:
                self.faults.paper = "out"

    def _keep(self, ticket: Ticket) -> None:
        self.tickets.append(ticket)
        self.printed += 1
        if self._folder:
            self._folder.keep(ticket)

    def _say(self, real_time: bytes, spoken_to: bool) -> bytes:
        answer = real_time
        while self._answers and self._answers[0][0] <= self._clock():
            answer += self._answers.popleft()[1]
        if self.faults.silent:
            return b""
        if self.faults.garbage:
            return self._rng.randbytes(NOISE) if spoken_to or answer else b""
        return answer


class RealTimeFilter:
    """Takes DLE EOT n out of a stream wherever it stands, as some printers do."""

    def __init__(self) -> None:
        self._kept = b""

    def feed(self, data: bytes) -> tuple[bytes, list[int]]:
        """The stream without them, and the n of each."""
        data = self._kept + data
        whole = len(data) - next((n for n in (2, 1) if data.endswith(codec.STATUS[:n])), 0)
        data, self._kept = data[:whole], data[whole:]
        asked = [found[2] for found in _STATUS.findall(data)]
        return _STATUS.sub(b"", data), asked


_STATUS = re.compile(rb"\x10\x04[\x01-\x04]")
