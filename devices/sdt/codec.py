"""SDT / SAM_V frames in bytes, both directions, no I/O. Source: "SAM_V 通信协议" tables 1 to 9 (eastcoms.com, 508).

    to the reader     AA AA AA 96 69 | length, 2 bytes, high first | command | parameter | data … | check
    from the reader   AA AA AA 96 69 | length, 2 bytes, high first | SW1 SW2 SW3 | data … | check

The length counts everything after itself, the check included. The check is the XOR of everything after the preamble,
length included. The preamble may follow stray AA; one reader was seen losing or adding a byte now and then: what does
not begin with the preamble, or does not check, is dropped up to the next preamble.

SW1 and SW2 are what the card's chip said and may be anything; SW3 is the reader's own word, and the only one to go by.

    20 01  find      9F with 4 bytes, or 80                30 01  read text and photo        90 with 1284 bytes, or 41
    20 02  select    90 with 8 bytes, or 81                30 10  the same and fingerprints  90 with 1286 and more
    11 FF  state     90, 60 or 66                          60 nn  speed, 0 to 4: 115200 57600 38400 19200 9600   90

Data of 30 01 and 30 10: length of text, of photo, and with 30 10 of fingerprints, 2 bytes each, high first; then
text (256 bytes, chip.py), photo (1024, WLT, for which no open decoder exists) and fingerprints (0, 512 or 1024).
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Iterator
from dataclasses import dataclass

from devices.errors import BadFrame
from devices.sdt import chip
from devices.sdt.card import Private

PREAMBLE = b"\xaa\xaa\xaa\x96\x69"
HEAD = len(PREAMBLE) + 2
SHORTEST, LONGEST = 2, 0x090A  # what a length may say: one byte and the check; text, photo and two fingerprints

FIND, SELECT, READ, READ_ALL, STATE = b"\x20\x01", b"\x20\x02", b"\x30\x01", b"\x30\x10", b"\x11\xff"
SPEED = 0x60
SPEEDS = (115200, 57600, 38400, 19200, 9600)
PHOTO_SIZE = 1024

OK, FOUND, NO_CARD = 0x90, 0x9F, 0x80
UNKNOWN_COMMAND, SELECT_FAILED, READ_FAILED = 0x21, 0x81, 0x41
SELF_TEST_FAILED, NOT_AUTHORISED = 0x60, 0x66
DAMAGED = (0x10, 0x11, 0x24)  # what the reader got made no sense to it: ask again
WRONG_CARD = (0x31, 0x32, 0x33, 0x40, READ_FAILED, 0x47, NO_CARD, SELECT_FAILED, 0x91)  # the card: lay it again
WORDS = {
    0x10: "the reader got a damaged command",
    0x11: "the reader got a command of a wrong length",
    0x21: "the reader does not know the command",
    0x24: "the reader reports an error it has no word for",
    0x31: "the card does not trust the reader",
    0x32: "the reader does not trust the card",
    0x33: "the card's content does not verify",
    0x40: "wrong card",
    0x41: "reading the card failed",
    0x47: "the reader got no random number from the card",
    0x60: "the reader's security module fails its self-test",
    0x66: "the reader's security module is not authorised",
    0x80: "no card found",
    0x81: "selecting the card failed",
    0x91: "the card has no such item",
}


@dataclass(frozen=True)
class Command:
    """What the reader is asked: command and parameter (FIND …), rarely data."""

    code: bytes
    data: bytes = b""

    def to_bytes(self) -> bytes:
        return frame(self.code + self.data)


@dataclass(frozen=True)
class Answer:
    """What the reader says."""

    sw3: int
    data: bytes = Private()
    sw1: int = 0
    sw2: int = 0

    def to_bytes(self) -> bytes:
        return frame(bytes((self.sw1, self.sw2, self.sw3)) + self.data)

    @property
    def words(self) -> str:
        """SW3 in words."""
        return WORDS.get(self.sw3, f"the reader says {self.sw3:02X}")


def frame(body: bytes) -> bytes:
    """Preamble, length and check around a body."""
    counted = (len(body) + 1).to_bytes(2, "big") + body
    return PREAMBLE + counted + bytes((_xor(counted),))


class Decoder:
    """Bytes to the bodies of good frames, however they were cut; keeps at most one frame.

    A length that lies makes it wait for at most LONGEST bytes; whoever has waited long enough starts a new one.
    """

    def __init__(self) -> None:
        self._kept = bytearray()

    @property
    def unread(self) -> int:
        """Bytes of a frame that is not all there."""
        return len(self._kept)

    def feed(self, data: bytes) -> Iterator[bytes]:
        self._kept += data
        while (end := self._measure()) and len(self._kept) >= end:
            whole = bytes(self._kept[:end])
            if _xor(whole[len(PREAMBLE) :]) == 0:
                del self._kept[:end]
                yield whole[HEAD:-1]
            else:
                del self._kept[0]  # the true preamble may stand inside

    def _measure(self) -> int:
        """Drops what begins no frame; where the frame that begins here ends, or 0 if that is not known yet."""
        while True:
            start = self._kept.find(PREAMBLE)
            del self._kept[: start if start >= 0 else max(0, len(self._kept) - len(PREAMBLE) + 1)]
            if start < 0 or len(self._kept) < HEAD:
                return 0
            length = int.from_bytes(self._kept[len(PREAMBLE) : HEAD], "big")
            if SHORTEST <= length <= LONGEST:
                return HEAD + length
            del self._kept[0]


def read_command(body: bytes) -> Command | None:
    """A frame's body as the reader takes it; None for one without a parameter (one vendor's sleep and wake)."""
    return Command(body[:2], body[2:]) if len(body) >= 2 else None


def read_answer(body: bytes) -> Answer | None:
    """A frame's body as the host takes it; None if it is too short for one, as our own commands sent back are."""
    return Answer(body[2], Private(body[3:]), body[0], body[1]) if len(body) >= 3 else None


def card_text(data: bytes) -> Private:
    """The 256 bytes of text in what 30 01 answered; the photo is dropped. BadFrame if the lengths lie."""
    if data[:4] != _sizes(chip.SIZE, PHOTO_SIZE) or len(data) != 4 + chip.SIZE + PHOTO_SIZE:
        raise BadFrame("the card's text and photo have not the size they should")
    return Private(data[4 : 4 + chip.SIZE])


def card_data(text: bytes, photo: bytes, fingerprints: bytes | None = None) -> Private:
    """The same the other way, for 30 01, or with fingerprints for 30 10."""
    parts = (text, photo) if fingerprints is None else (text, photo, fingerprints)
    return Private(_sizes(*map(len, parts)) + b"".join(parts))


def _sizes(*sizes: int) -> bytes:
    return b"".join(size.to_bytes(2, "big") for size in sizes)


def _xor(data: bytes) -> int:
    return functools.reduce(operator.xor, data, 0)
