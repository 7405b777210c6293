"""LED signs without the LEDs: several on one line, an address each; they keep the text they show.

`shown` has the texts, and with `out` the file shown.txt there has them too, a line each: address, area and text with
tabs between, as `1<TAB>0<TAB>A012 请到3号窗口`. It is replaced whole whenever something changes.
"""

from __future__ import annotations

import logging
import random
import re
import time
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from devices.errors import BadFrame
from devices.onbon import codec
from devices.onbon.codec import Packet, Request, Status
from devices.simulation import ON_OFF, Switch, turn

log = logging.getLogger(__name__)

NOISE = 6  # bytes of noise for every lot that arrives
CRUMBS = 4  # pieces of a torn answer
FONT = re.compile(r"\\FO[0-9]{3}")


@dataclass
class Faults:
    """Everything that can be wrong with signs and line, and what signs differ in."""

    powered: bool = True  # without power it neither answers nor keeps its text
    lit: bool = True  # switched on, as A3 00 and A3 01 do
    refuses: int = 0  # error of every answer to a text
    status: Literal["known", "unknown", "mute"] = "known"  # mute: says nothing to what it does not know
    deaf: int = 0  # address of a sign that hears nothing
    echo: bool = False  # the line returns what is sent, as some RS-485 adapters do
    own_group: bool = False  # answers in the request's group instead of A0
    silent: bool = False
    garbage: bool = False
    wrong_check: bool = False
    torn: bool = False  # answers come in crumbs
    long: bool = False  # the length says more than comes
    breaks_off: int = -1  # bytes of an answer that still come; negative: all
    slow: float = 0.0  # seconds until an answer


SWITCHES = {
    "power": Switch("powered", ON_OFF),
    "screen": Switch("lit", ON_OFF),
    "refuses": Switch("refuses", int),
    "status": Switch("status", {"known": "known", "unknown": "unknown", "mute": "mute"}),
    "deaf": Switch("deaf", int),
    "echo": Switch("echo", ON_OFF),
    "own_group": Switch("own_group", ON_OFF),
    "silent": Switch("silent", ON_OFF),
    "garbage": Switch("garbage", ON_OFF),
    "check": Switch("wrong_check", {"right": False, "wrong": True}),
    "torn": Switch("torn", ON_OFF),
    "length": Switch("long", {"true": False, "long": True}),
    "breaks_off": Switch("breaks_off", int),
    "slow": Switch("slow", float),
}


class Simulator:
    """Signs at `address` and the `signs` - 1 addresses after it."""

    def __init__(
        self,
        *,
        address: int | str = 1,
        signs: int | str = 1,  # words of a sim:// address are strings
        out: Path | str | None = None,
        clock: Callable[[], float] = time.monotonic,
        rng: random.Random | None = None,
    ) -> None:
        self.faults = Faults()
        self.shown: dict[int, dict[int, str]] = {int(address) + n: {} for n in range(int(signs))}
        self._file = Path(out) / "shown.txt" if out else None
        self._clock, self._rng = clock, rng or random.Random()
        self._decoder = codec.Decoder()
        self._answers: deque[tuple[float, bytes]] = deque()  # due, bytes
        self._keep()

    def receive(self, data: bytes) -> bytes:
        """The line's other end: what the driver sent, what the signs say now."""
        for packet in self._decoder.feed(data):
            if self.faults.powered and packet.receiver in self.shown and packet.receiver != self.faults.deaf:
                self._hear(packet)
        said = self._say(bool(data))
        return data + said if self.faults.echo else said

    def tell(self, order: str) -> str:
        """Turns a switch (SWITCHES) or tells the "state"; signs without power lose their text."""
        said = turn(SWITCHES, self.faults, order)
        if not self.faults.powered:
            self._blank(*self.shown)
        return f"{said}, showing {sum(map(len, self.shown.values()))}"

    # --- what they do -------------------------------------------------------------------------------------------------

    def _hear(self, packet: Packet) -> None:
        try:
            request = codec.read_request(packet.data)
            if request.code == codec.STATUS and self.faults.status == "mute":
                return
            answer = self._obey(packet.receiver, request)
        except BadFrame as error:
            log.info("sign %d got nonsense: %s", packet.receiver, error)
            return
        if request.answer == codec.ANSWER:
            data = self._spoil(Packet(answer, packet.sender, packet.receiver).to_bytes())
            size = max(1, len(data) // CRUMBS) if self.faults.torn else len(data) or 1
            due = self._clock() + self.faults.slow
            self._answers += ((due, data[at : at + size]) for at in range(0, len(data), size))

    def _obey(self, address: int, request: Request) -> bytes:
        if request.code == codec.STATUS and self.faults.status == "known":
            return Status(self.faults.lit, brightness=15).to_bytes()
        if request.code not in (codec.PING, codec.CLEAR, codec.AREAS):
            return codec.done(codec.UNKNOWN_COMMAND)
        if request.code == codec.CLEAR:
            self._blank(address)
        if request.code == codec.AREAS:
            deleted, areas = codec.read_areas(request.rest)
            if self.faults.refuses:
                return codec.done(self.faults.refuses)
            for number in deleted:
                self.shown[address].pop(number, None)
            self.shown[address] |= {area.number: _text(area.text) for area in areas}
            self._keep()
        return request.code + bytes(3) if self.faults.own_group else codec.done()

    def _blank(self, *addresses: int) -> None:
        for address in addresses:
            self.shown[address].clear()
        self._keep()

    def _keep(self) -> None:
        """A disk that is full loses the file, not the sign."""
        if self._file is None:
            return
        signs = sorted(self.shown.items())
        lines = (f"{sign}\t{area}\t{text}\n" for sign, texts in signs for area, text in sorted(texts.items()))
        part = self._file.with_name(".shown.txt")
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            part.write_text("".join(lines), encoding="utf-8")
            part.replace(self._file)
        except OSError as error:
            log.error("what the signs show is not kept: %s", error)

    # --- what the line makes of it ------------------------------------------------------------------------------------

    def _spoil(self, data: bytes) -> bytes:
        if self.faults.wrong_check or self.faults.long:
            body = bytearray(codec.unescape(data[8:-1]))
            if self.faults.long:
                body[12] ^= 0x80  # the low byte of the length: 128 more
                body[-2:] = codec.crc(bytes(body[:-2])).to_bytes(2, "little")
            if self.faults.wrong_check:
                body[-1] ^= 0x55
            data = data[:8] + codec.escape(bytes(body)) + data[-1:]
        return data if self.faults.breaks_off < 0 else data[: self.faults.breaks_off]

    def _say(self, spoken_to: bool) -> bytes:
        answer = b""
        if self._answers and self._answers[0][0] <= self._clock():
            answer = self._answers.popleft()[1]  # one at a time: pieces of a torn one must not grow together
        if self.faults.silent or not self.faults.powered:
            return b""
        if self.faults.garbage:
            return self._rng.randbytes(NOISE) if spoken_to or answer else b""
        return answer


def _text(text: bytes) -> str:
    """What a person reads: without commands for fonts."""
    return FONT.sub("", text.decode("gbk", errors="replace"))
