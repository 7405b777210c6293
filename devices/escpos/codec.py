"""ESC/POS in bytes, both directions, no I/O. Source: Epson's ESC/POS command reference (commands named below).

To the printer a command is ESC, FS, GS or DLE, a letter and arguments; all else is text. What this project sends:

    ESC @                    initialise: modes to default, print buffer cleared; the receive buffer stays
    ESC a n                  0 left, 1 centre            ESC E n   bold          GS B n   white on black
    ESC 3 n                  line spacing in motion units, which GS P 203 203 makes dots
    ESC J n                  print what is in the line and feed n motion units
    FS & / FS .              two-byte text on / off. FS & + GB18030: without it many printers print Latin rubbish
    GS ! n                   size: high nibble width - 1, low height - 1; FS ! n the same for Chinese where needed
    GS v 0 m xL xH yL yH d   raster; x in bytes, y in rows, 1 is ink; m 0 as is, 3 doubled both ways
    GS ( k pL pH 1 fn …      QR: model (A), module in dots (C), level (E), store (P 0 data), print (Q 0)
    GS V 66 n                feed to the knife and n more, cut
    GS r 1                   send paper status once everything before is done; that is how a job is known to be printed
    DLE EOT n                real-time status n = 1…4, answered at once, even offline

From the printer, told apart by their fixed bits (0 bits of 0x93 for DLE EOT and the automatic status):

    DLE EOT n    1 byte   0..1 ..10       n=1 printer, 2 cause of offline, 3 error, 4 paper (tables below)
    GS r 1       1 byte   0..0 ....       0x03 paper near end, 0x0C paper out; bits 5 and 6 are reserved
    automatic    4 bytes  0..1 ..00 first; only if someone turned it on with GS a: read and dropped
    XON, XOFF    0x11, 0x13; dropped

`10 04 0n` inside raster data is picture to some printers and a command to others, which then lose three bytes of
picture and take the following commands for picture: `tame` sees to it that no picture holds one.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from devices.errors import BadFrame

INIT = b"\x1b@"
KANJI_ON = b"\x1c&"
DOTS_PER_INCH = b"\x1dP\xcb\xcb"  # 203: makes one motion unit one dot for ESC J and ESC 3
TRANSMIT_PAPER = b"\x1dr\x01"  # GS r 1
STATUS = b"\x10\x04"  # DLE EOT, then n
ALL_STATUS = (1, 2, 3, 4)
FEED_LIMIT = 255  # dots of one ESC J

WIDEST, TALLEST = 128, 4095  # bytes and rows a raster may claim; GS v 0 allows no more, noise would
FIXED = {  # command -> bytes of arguments
    b"\x1b@": 0, b"\x1b2": 0, b"\x1c&": 0, b"\x1c.": 0,
    b"\x1b3": 1, b"\x1ba": 1, b"\x1bE": 1, b"\x1bG": 1, b"\x1bJ": 1, b"\x1bd": 1, b"\x1bt": 1, b"\x1bM": 1,
    b"\x1b!": 1, b"\x1b-": 1, b"\x1bR": 1, b"\x1b ": 1, b"\x1bV": 1, b"\x1b{": 1, b"\x1b$": 2, b"\x1bp": 3,
    b"\x1d!": 1, b"\x1dB": 1, b"\x1da": 1, b"\x1dr": 1, b"\x1dI": 1, b"\x1dP": 2, b"\x1dL": 2, b"\x1dW": 2,
    b"\x1c!": 1, b"\x1c-": 1, b"\x1cS": 2, b"\x10\x04": 1, b"\x10\x05": 1,
}  # fmt: skip
TEXT, UNKNOWN = b"text", b"unknown"
DLE, ESC, FS, GS, LF, CR = 0x10, 0x1B, 0x1C, 0x1D, 0x0A, 0x0D
REAL_TIME = re.compile(rb"\x10(?:\x04[\x01-\x08]|\x05[\x01-\x02]|\x14[\x01-\x08])")
TWINS = {0xB7: 0x30FB, 0x2014: 0x2015}  # A1A4 and A1AA are in every ROM, but Python's gb2312 names them otherwise

Characters = Literal["gb2312", "gbk", "gb18030"]


# --- to the printer ---------------------------------------------------------------------------------------------------


def rom_holds(text: str, characters: str) -> bool:
    """Whether a printer whose ROM holds gb2312, gbk or gb18030 has every character of the text."""
    try:
        text.translate(TWINS if characters == "gb2312" else {}).encode(characters)
    except UnicodeEncodeError:
        return False
    return True


def kanji_size(wide: int, high: int) -> bytes:
    """FS !: single or double, for firmware whose GS ! leaves Chinese alone."""
    return bytes((0x1C, 0x21, (0x04 if wide > 1 else 0) | (0x08 if high > 1 else 0)))


def feed(dots: int) -> bytes:
    """ESC J as often as needed."""
    whole, rest = divmod(dots, FEED_LIMIT)
    return bytes((ESC, 0x4A, FEED_LIMIT)) * whole + (bytes((ESC, 0x4A, rest)) if rest else b"")


def ask_status(n: int) -> bytes:
    """DLE EOT n; ValueError unless n is 1 to 4."""
    if n not in ALL_STATUS:
        raise ValueError(f"DLE EOT {n}: n is 1 to 4")
    return STATUS + bytes((n,))


def tame(picture: bytes) -> bytes:
    """Raster data in which no printer finds a real-time command: one dot more wherever it looked like one."""
    data = bytearray(picture)
    while found := REAL_TIME.search(data):
        data[found.start()] |= 0x08  # the dot right of the one that made 0x10: 0.125 mm more ink
    return bytes(data)


def resync(longest: int) -> bytes:
    """Bytes that end whatever command of up to `longest` bytes was left half sent, and print nothing.

    Thirty NUL (ignored; a clone that prints them as blanks does not fill a line with them), then ESC @, which drops
    the line; again and again until the longest command must be over.
    """
    unit = bytes(30) + INIT
    return unit * (longest // len(unit) + 2)


# --- from the printer -------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class RealTime:
    """An answer to DLE EOT."""

    bits: int


@dataclass(frozen=True)
class PaperStatus:
    """The answer to GS r 1: everything sent before it has been done."""

    near_end: bool
    out: bool


@dataclass(frozen=True)
class Automatic:
    """Four bytes nobody asked for."""

    data: bytes


@dataclass(frozen=True)
class Noise:
    """A byte no printer sends."""

    byte: int


Reply = RealTime | PaperStatus | Automatic | Noise


class ReplyDecoder:
    """Bytes from the printer to replies, however they were cut."""

    def __init__(self) -> None:
        self._automatic = bytearray()

    @property
    def pending(self) -> bytes:
        """Bytes of an automatic status that is not all there."""
        return bytes(self._automatic)

    def feed(self, data: bytes) -> Iterator[Reply]:
        for byte in data:
            if self._automatic and byte & 0x90 == 0:
                self._automatic.append(byte)
                if len(self._automatic) == 4:
                    yield Automatic(bytes(self._automatic))
                    self._automatic.clear()
                continue
            yield from (Noise(one) for one in self._automatic)  # what began like one was none
            self._automatic.clear()
            if byte & 0x93 == 0x10:
                self._automatic.append(byte)
            elif byte not in (0x11, 0x13):
                yield _reply(byte)


def _reply(byte: int) -> Reply:
    if byte & 0x93 == 0x12:
        return RealTime(byte)
    paper = byte & ~0x60
    if paper in (0x00, 0x03, 0x0C, 0x0F):  # bits come in pairs
        return PaperStatus(near_end=bool(paper & 0x03), out=bool(paper & 0x0C))
    return Noise(byte)


@dataclass(frozen=True)
class Status:
    """What DLE EOT 1 to 4 say together."""

    offline: bool = False
    cover_open: bool = False
    paper_out: bool = False
    near_end: bool = False
    cutter_jammed: bool = False
    broken: bool = False  # unrecoverable error
    error: bool = False  # any other

    @property
    def refusal(self) -> str:
        """Why it cannot print, in words for the person who is fetched; empty if it can."""
        return next((words for field, words in REFUSALS if getattr(self, field)), "")


REFUSALS = (  # the first that holds is told
    ("cover_open", "cover open"),
    ("paper_out", "paper out"),
    ("cutter_jammed", "cutter jammed"),
    ("broken", "printer broken: switch it off and on"),
    ("error", "printer error"),
    ("offline", "printer offline"),
)
STATUS_BITS = (  # n of DLE EOT, mask, field; reading, any bit of the mask counts
    (1, 0x08, "offline"),
    (2, 0x04, "cover_open"),
    (2, 0x20, "paper_out"),
    (2, 0x40, "error"),
    (3, 0x44, "error"),
    (3, 0x08, "cutter_jammed"),
    (3, 0x20, "broken"),
    (4, 0x0C, "near_end"),
    (4, 0x60, "paper_out"),
)


def read_status(answers: dict[int, int]) -> Status:
    """Answer bytes by n of DLE EOT; BadFrame if one has the wrong fixed bits."""
    for n, bits in answers.items():
        if bits & 0x93 != 0x12:
            raise BadFrame(f"{bits:#04x} is no answer to DLE EOT {n}")
    return Status(**{field: True for n, mask, field in STATUS_BITS if answers.get(n, 0) & mask})


def status_bytes(status: Status) -> dict[int, int]:
    """The same the other way: what a printer in this state answers to DLE EOT 1 to 4."""
    answers = dict.fromkeys(ALL_STATUS, 0x12)
    named = status.cutter_jammed or status.broken
    for n, mask, field in STATUS_BITS:
        if getattr(status, field) and not (named and field == "error"):
            answers[n] |= mask
    if status.paper_out:
        answers[4] |= 0x0C  # paper that has run out is also near its end
    if status.refusal:
        answers[1] |= 0x08
    if named:
        answers[2] |= 0x40
    return answers


# --- the same bytes read by the printer -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Command:
    """One command, or one character of text or a run of NUL (name TEXT); `raw` is all of it, as it came."""

    name: bytes
    raw: bytes

    @property
    def arguments(self) -> bytes:
        return self.raw if self.name in (TEXT, UNKNOWN) else self.raw[len(self.name) :]


class Decoder:
    """Bytes to commands, however they were cut; keeps at most one command.

    What it does not know is a BadFrame if strict, else Command(UNKNOWN, …) of the two bytes that began it: the way
    of a real printer, which prints the rest as text.
    """

    def __init__(self, strict: bool = False) -> None:
        self._strict, self._kanji = strict, False
        self._kept, self._needed = bytearray(), 1

    @property
    def unread(self) -> int:
        """Bytes of a command that is not all there."""
        return len(self._kept)

    def feed(self, data: bytes) -> Iterator[Command]:
        self._kept += data
        while len(self._kept) >= self._needed:
            name, length = self._measure()
            if length > len(self._kept):
                self._needed = length
                return
            command = Command(name, bytes(self._kept[:length]))
            del self._kept[:length]
            self._needed = 1
            self._kanji = {KANJI_ON: True, b"\x1c.": False, INIT: False}.get(name, self._kanji)
            yield command

    def _measure(self) -> tuple[bytes, int]:
        """Name and length of the command that begins here; the length may still be a lower bound."""
        data = self._kept
        if data[0] not in (DLE, ESC, FS, GS):
            return (bytes(data[:1]), 1) if data[0] in (LF, CR) else (TEXT, self._character())
        name = bytes(data[:2])
        if len(name) < 2:
            return name, 2
        if name in FIXED:
            return name, 2 + FIXED[name]
        if name in _VARIABLE:
            return _VARIABLE[name](data) or self._unknown()
        return self._unknown()

    def _unknown(self) -> tuple[bytes, int]:
        if self._strict:
            raise BadFrame(f"unknown command {self._kept[:8].hex(' ')}")
        return UNKNOWN, 2

    def _character(self) -> int:
        """Length of a GB18030 character in kanji mode; one byte otherwise; idle NULs all at once."""
        data = self._kept
        if idle := _IDLE.match(data):
            return idle.end()
        if not self._kanji or data[0] < 0x81 or data[0] == 0xFF:
            return 1
        if len(data) < 2:
            return 2
        if data[1] < 0x30:
            return 1  # no second byte: noise, or a line cut short
        return 4 if data[1] <= 0x39 else 2


def _raster_length(data: bytearray) -> tuple[bytes, int] | None:
    if len(data) < 8:
        return b"\x1dv", 8
    across, down = int.from_bytes(data[4:6], "little"), int.from_bytes(data[6:8], "little")
    good = data[2:3] == b"0" and across <= WIDEST and down <= TALLEST
    return (b"\x1dv0", 8 + across * down) if good else None


def _parenthesis_length(data: bytearray) -> tuple[bytes, int] | None:
    if len(data) < 5:
        return b"\x1d(", 5
    return bytes(data[:3]), 5 + int.from_bytes(data[3:5], "little")


def _cut_length(data: bytearray) -> tuple[bytes, int] | None:
    return b"\x1dV", 4 if len(data) > 2 and data[2] in (65, 66) else 3


_IDLE = re.compile(rb"\0+")
_VARIABLE = {b"\x1dv": _raster_length, b"\x1d(": _parenthesis_length, b"\x1dV": _cut_length}


def longest_command(job: bytes) -> int:
    """Length of the longest command in the job, in bytes; BadFrame if it holds one we do not know."""
    return max((len(command.raw) for command in Decoder(strict=True).feed(job)), default=0)
