"""Onbon BX-4K / 5K / 6K font-card frames in bytes, both directions, no I/O.

    A5 … (8 sent, any run taken) | escaped( header 14 | data | CRC, 2 bytes ) | 5A            all numbers low byte first
    escaped, inside only         A5 -> A6 02, A6 -> A6 01, 5A -> 5B 02, 5B -> 5B 01
    header                       to u16 | from u16 (host 8000) | 3 reserved | barcode | check mode | display mode |
                                 device type (FE any) | version 02 | length of data u16
    CRC                          CRC-16/ARC over header and data before escaping (not Modbus, which begins with FFFF)
    data                         group | command | 01 answer, 02 do not | 2 reserved | …

    A2 00  ping                  A3 10  clear the screen
    A1 02  status                A3 06  dynamic areas: n + n numbers to delete, n areas to show; each length u16 + area

Sources: doc.onbonbx.com/zh/k/potocol (the vendor's "BX-5K/6K通讯协议用户版本" 1.4), the vendor's own parser
(strongercjd/Onbon-Protocol-Analysis, Form1.cs) and a public STM32 driver (led5k: units, effects, run modes, errors).

Where they disagree: the two reserved bytes of the data are 0 in most captures and the length of what follows in the
vendor's sample and software; 0 is sent, anything taken. deanled.cn prints the vendor's sample with width 80 00 under
the CRC of 18 00.

Unverified, for want of a public capture:
- the answer: group A0, command 00 (done) or 01 (not done), then an error byte and two reserved. The names are public,
  the bytes are not: the error is optional here, and an answer in the request's own group is taken for a yes;
- whether an answer carries the sign's address as its sender (a bus of several signs relies on it);
- the addresses FE FF and FF FF, said to mean every sign: not used;
- effect 03 (moves left) and run mode 0 (again and again) come from the STM32 driver alone; sound and the text's
  control sequences beside \\FO (font) are not used.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from devices.errors import BadFrame

START, END = 0xA5, 0x5A
ESCAPES = {0xA5: b"\xa6\x02", 0xA6: b"\xa6\x01", 0x5A: b"\x5b\x02", 0x5B: b"\x5b\x01"}
_PLAIN = {escape: bytes((byte,)) for byte, escape in ESCAPES.items()}
_SPECIAL = re.compile(rb"[\xa5\xa6\x5a\x5b]")
_ESCAPED = re.compile(rb"[\xa6\x5b].?", re.DOTALL)
LONGEST = 4096  # bytes between A5 and 5A; more is noise

HOST, ANY_DEVICE, VERSION = 0x8000, 0xFE, 0x02
_HEADER = struct.Struct("<HH3x3BBBH")
PING, STATUS, CLEAR, AREAS = b"\xa2\x00", b"\xa1\x02", b"\xa3\x10", b"\xa3\x06"
DONE, NOT_DONE = b"\xa0\x00", b"\xa0\x01"
ANSWER, NO_ANSWER = 0x01, 0x02

STILL, MOVES_LEFT = 0x01, 0x03  # effects
AGAIN = 0x00  # run mode: the text stays, or moves again and again
SINGLE_LINE, NO_WRAP = 0x01, 0x01
ERRORS = {
    1: "it does not know this group of commands",
    2: "it does not know this command",
    3: "it is busy",
    4: "its memory is full",
    5: "it got a damaged frame",
    6: "a file is missing",
    7: "its memory chip fails",
    12: "the font is missing",
    13: "its firmware is for another card",
}
UNKNOWN_COMMAND, BUSY, DAMAGED = 2, 3, 5


# --- frames -----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Packet:
    """What one frame carries, from `sender` to `receiver`."""

    data: bytes
    receiver: int = 1
    sender: int = HOST
    device_type: int = ANY_DEVICE
    version: int = VERSION

    def to_bytes(self) -> bytes:
        header = _HEADER.pack(
            self.receiver, self.sender, 0, 0, 0, self.device_type, self.version, len(self.data)
        )  # barcode, check mode and display mode are 0 in every capture
        body = header + self.data
        return bytes((START,)) * 8 + escape(body + crc(body).to_bytes(2, "little")) + bytes((END,))


def crc(data: bytes) -> int:
    """CRC-16/ARC: polynomial 8005 reflected, begins with 0."""
    value = 0
    for byte in data:
        value = value >> 8 ^ _CRC_TABLE[(value ^ byte) & 0xFF]
    return value


def _crc_of(byte: int) -> int:
    for _ in range(8):
        byte = byte >> 1 ^ (0xA001 if byte & 1 else 0)
    return byte


_CRC_TABLE = tuple(map(_crc_of, range(256)))


def escape(data: bytes) -> bytes:
    """Bytes in which neither start nor end occurs."""
    return _SPECIAL.sub(lambda found: ESCAPES[found[0][0]], data)


def unescape(data: bytes) -> bytes:
    """The same the other way; BadFrame if an escape is none."""
    try:
        return _ESCAPED.sub(lambda found: _PLAIN[found[0]], data)
    except KeyError:
        raise BadFrame("an escape that is none") from None


class Decoder:
    """Bytes to packets, however they were cut; keeps at most one frame, drops what is none."""

    def __init__(self) -> None:
        self._kept: bytearray | None = None  # None: between frames

    @property
    def unread(self) -> int:
        """Bytes of a frame that is not all there."""
        return len(self._kept or b"")

    def feed(self, data: bytes) -> Iterator[Packet]:
        for byte in data:
            if byte == START:
                self._kept = bytearray()
            elif self._kept is None:
                continue
            elif byte == END:
                whole, self._kept = self._kept, None
                if packet := _packet(bytes(whole)):
                    yield packet
            elif len(self._kept) < LONGEST:
                self._kept.append(byte)
            else:
                self._kept = None


def _packet(escaped: bytes) -> Packet | None:
    try:
        body = unescape(escaped)
    except BadFrame:
        return None
    if len(body) < _HEADER.size + 2 or crc(body) != 0:  # with its own CRC behind it, the CRC is 0
        return None
    receiver, sender, _, _, _, device_type, version, length = _HEADER.unpack_from(body)
    data = body[_HEADER.size : -2]
    return Packet(data, receiver, sender, device_type, version) if length == len(data) else None


# --- what is asked and shown ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Request:
    """Group and command (PING …), whether an answer is wanted, and what follows."""

    code: bytes
    rest: bytes = b""
    answer: int = ANSWER
    reserved: int = 0

    def to_bytes(self) -> bytes:
        return self.code + struct.pack("<BH", self.answer, self.reserved) + self.rest


def read_request(data: bytes) -> Request:
    """BadFrame if it is too short."""
    if len(data) < 5:
        raise BadFrame(f"a request of {len(data)} bytes")
    answer, reserved = struct.unpack_from("<BH", data, 2)
    return Request(data[:2], data[5:], answer, reserved)


@dataclass(frozen=True)
class Area:
    """A dynamic area of the sign and the text in it. x and width count 8 pixels, y and height one."""

    number: int
    x: int
    y: int
    width: int
    height: int
    text: bytes = b""  # GB2312 or GBK, with \\FO000 for a font
    line_spacing: int = 0
    run_mode: int = AGAIN
    timeout: int = 2  # seconds; means something to run modes that hide old text
    single_line: int = SINGLE_LINE
    wrap: int = NO_WRAP
    effect: int = STILL
    exit: int = 0
    speed: int = 0  # 0 fastest, 18 hex slowest
    stay: int = 2  # half seconds
    kind: int = 0
    align: int = 0

    def to_bytes(self) -> bytes:
        place = (self.kind, self.x, self.y, self.width, self.height)
        look = (self.align, self.single_line, self.wrap, self.effect, self.exit, self.speed, self.stay)
        manner = (self.number, self.line_spacing, self.run_mode, self.timeout, 0, 0)  # no sound, nothing extra
        return _AREA.pack(*place, *manner, *look, len(self.text)) + self.text


_AREA = struct.Struct("<B4H3BH2B7BI")


def show_areas(areas: Sequence[Area], delete: Sequence[int] = (), *, answer: int = ANSWER) -> Request:
    """A3 06: areas to show anew, numbers of areas to take away."""
    parts = (area.to_bytes() for area in areas)
    shown = b"".join(len(part).to_bytes(2, "little") + part for part in parts)
    return Request(AREAS, bytes((len(delete), *delete, len(areas))) + shown, answer)


def read_areas(rest: bytes) -> tuple[tuple[int, ...], tuple[Area, ...]]:
    """Numbers to delete and areas to show. BadFrame if a count or a length lies, or an area speaks."""
    try:
        deleted = tuple(rest[1 : 1 + rest[0]])
        at = 1 + rest[0]
        count, at = rest[at], at + 1
        areas = []
        for _ in range(count):
            length = int.from_bytes(rest[at : at + 2], "little")
            areas.append(_area(rest[at + 2 : at + 2 + length], length))
            at += 2 + length
    except (IndexError, struct.error) as error:
        raise BadFrame("dynamic areas shorter than they say") from error
    if at != len(rest):
        raise BadFrame("dynamic areas longer than they say")
    return deleted, tuple(areas)


def _area(part: bytes, length: int) -> Area:
    values = _AREA.unpack_from(part)
    kind, x, y, width, height, number, spacing, run_mode, timeout, sound, extra, align, *look, size = values
    text = part[_AREA.size :]
    if len(part) != length or len(text) != size:
        raise BadFrame("an area's text has not the length it says")
    if sound or extra:
        raise BadFrame("an area with sound or parameters of its own: not read here")
    single_line, wrap, effect, leave, speed, stay = look
    return Area(
        number, x, y, width, height, text, spacing, run_mode, timeout,
        single_line, wrap, effect, leave, speed, stay, kind, align,
    )  # fmt: skip


# --- answers ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Status:
    """What A1 02 answers, as far as anyone here needs it; the rest of its bytes is kept unread."""

    on: bool
    brightness: int = 0
    rest: bytes = bytes(8 + 1 + 4 + 1 + 1 + 1 + 16 + 12)  # time … areas (none), barcode, net id
    state: int = 0

    def to_bytes(self) -> bytes:
        return STATUS + bytes((self.state, 0, 0, self.on, self.brightness)) + self.rest


def read_status(data: bytes) -> Status:
    """BadFrame unless the data is a status."""
    if not data.startswith(STATUS) or len(data) < 7:
        raise BadFrame("no status of a sign")
    return Status(bool(data[5]), data[6], data[7:], data[2])


def done(error: int = 0) -> bytes:
    """The answer to everything but a status; unverified, see above."""
    return (NOT_DONE if error else DONE) + bytes((error, 0, 0))


def answers(request: Request, data: bytes) -> bool:
    """Whether the data can be the answer to the request."""
    return data[:2] in (DONE, NOT_DONE, request.code)


def refused(data: bytes) -> int | None:
    """The error of an answer that says no, None of one that says yes. An error without a number is 0."""
    if data.startswith(NOT_DONE):
        return data[2] if len(data) > 2 else 0
    return None
