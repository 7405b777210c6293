"""Shows calls on LED signs with an Onbon font card: one line, several signs, an address each.

A sign's text is a state, not a message: what it should show is remembered, and a sign that was away shows it as soon
as it answers a check again. What it showed before this program spoke is cleared with the first text. The sign is a
stack of lines of equal height, each a dynamic area of its own.

The sign's font decides what it can show. Characters it lacks become □: a call with a hole is a call, none is not. How
many were lost is logged, never the text.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime

from devices.dialogue import Dialogue
from devices.errors import BadFrame, DeviceError, DeviceRefused, DeviceSilent, SetupError
from devices.health import HealthReport, utc_now
from devices.onbon import codec
from devices.onbon.codec import Area, Packet, Request
from devices.transport import Line

log = logging.getLogger(__name__)

HOLE = "□"  # in GB2312, A1F5
PLAIN = {ord("\\"): "＼", ord("\n"): " ", ord("\r"): " "}  # \ begins a font command
TWINS = {0xB7: "・", 0x2014: "―"}  # A1A4 and A1AA: every font has them, but Python's gb2312 names them otherwise
SPEED = 4  # of a text that moves, as in the vendor's sample; 0 is fastest


@dataclass(frozen=True)
class Shape:
    """What a sign looks like, as OnbonSign says it; SetupError if no sign can."""

    width: int = 64
    height: int = 16
    lines: int = 1
    font: int = 0
    characters: str = "gb2312"

    def __post_init__(self) -> None:
        _whole("width", self.width, 8, 0xFFF8)
        if self.width % 8:
            raise SetupError(f"width = {self.width}: write a multiple of 8 (pixels)")
        _whole("height", self.height, 1, 0xFFFF)
        _whole("lines", self.lines, 1, min(self.height, 0xFF))
        _whole("font", self.font, 0, 999)
        if self.characters not in ("gb2312", "gbk"):
            raise SetupError(f'characters = "{self.characters}" is unknown; write "gb2312" or "gbk"')

    def area(self, number: int, text: str) -> Area:
        """One line of the sign with its text: still if it fits, moving if not."""
        high = self.height // self.lines
        encoded = encode(text, self.characters)
        # a Chinese character is two bytes and as wide as high, a Latin one is half of both
        fits = len(encoded) * high / 2 <= self.width
        return Area(
            number,
            x=0,
            y=number * high,
            width=self.width // 8,
            height=high,
            text=f"\\FO{self.font:03}".encode() + encoded,
            effect=codec.STILL if fits else codec.MOVES_LEFT,
            speed=SPEED,
        )


class OnbonSign:
    """The `CallSign` role for one sign. `connect` opens the line anew each time it is called.

    address          the sign's, 1 to 32767; `at` gives the others on the same line
    width, height    pixels of the sign, width a multiple of 8
    lines            texts one under another
    font             number of the font on the card; its characters are as high as a line
    characters       what the font holds: "gb2312" or "gbk"
    answer_within    seconds for an answer
    """

    def __init__(
        self,
        connect: Callable[[], Line] | Dialogue,
        *,
        address: int = 1,
        width: int = 64,
        height: int = 16,
        lines: int = 1,
        font: int = 0,
        characters: str = "gb2312",
        answer_within: float = 0.5,
        clock: Callable[[], float] = time.monotonic,
        now: Callable[[], datetime] = utc_now,
    ) -> None:
        _whole("address", address, 1, codec.HOST - 1)
        self._shape = Shape(width, height, lines, font, characters)
        self._dialogue = connect if isinstance(connect, Dialogue) else Dialogue(connect, clock=clock, now=now)
        self._address, self._within = address, answer_within
        self._wanted: dict[int, str] | None = None  # line of the sign -> text; None until somebody says
        self._behind = True  # it may show something else: yesterday's call, for a start

    @property
    def lines(self) -> int:
        return self._shape.lines

    def at(self, address: int) -> OnbonSign:
        """Another sign of the same shape on the same line."""
        return OnbonSign(self._dialogue, address=address, answer_within=self._within, **asdict(self._shape))

    def show(self, text: str, area: int = 0) -> None:
        """Returns when the sign has confirmed; see CallSign.show for what it raises."""
        if not 0 <= area < self._shape.lines:
            raise SetupError(f"area = {area}: the sign has {self._shape.lines} lines, counted from 0")

        def talk() -> None:
            self._wanted = (self._wanted or {}) | {area: text}
            if self._behind:
                self._catch_up(self._wanted)
            else:
                self._show({area: text})

        self._dialogue.hold(talk)

    def clear(self) -> None:
        """Empties the sign."""
        self._dialogue.hold(self._clear)

    def check(self) -> HealthReport:
        """Health now. A sign that was away first shows what it should."""
        return self._dialogue.check(self._state)

    def close(self) -> None:
        """Closes the line, for every sign on it."""
        self._dialogue.close()

    # --- what is asked ------------------------------------------------------------------------------------------------

    def _show(self, texts: Mapping[int, str]) -> None:
        self._ask(codec.show_areas([self._shape.area(*one) for one in sorted(texts.items())]))

    def _clear(self) -> None:
        self._wanted = {}
        self._catch_up(self._wanted)

    def _catch_up(self, wanted: Mapping[int, str]) -> None:
        self._ask(Request(codec.CLEAR))
        if wanted:
            self._show(wanted)
        self._behind = False

    def _state(self) -> str:
        self._ask(Request(codec.PING))
        if not self._is_on():
            return "the sign is switched off"
        if self._behind and self._wanted is not None:
            self._catch_up(self._wanted)
        return ""

    def _is_on(self) -> bool:
        """False if it says so; a card that knows no status, or another, can still show."""
        try:
            data = self._answer(Request(codec.STATUS))
            return not data.startswith(codec.STATUS) or codec.read_status(data).on
        except (DeviceSilent, BadFrame):
            return True

    def _ask(self, request: Request) -> bytes:
        """The data of the sign's answer. DeviceRefused with its reason, BadFrame if it wants us to ask again."""
        try:
            data = self._answer(request)
            error = codec.refused(data)
            if error in (codec.BUSY, codec.DAMAGED):
                raise BadFrame(f"sign {self._address}: {codec.ERRORS[error]}")
            if error is not None:
                raise DeviceRefused(f"sign {self._address}: {codec.ERRORS.get(error, f'error {error}')}")
        except DeviceError:
            self._behind = True  # whatever it was, the sign may have been without power
            raise
        return data

    def _answer(self, request: Request) -> bytes:
        decoder = codec.Decoder()

        def answers(data: bytes) -> Iterator[bytes]:
            for packet in decoder.feed(data):
                # others on the line: signs that are late, and our own voice where RS-485 adapters echo
                if packet.sender == self._address and codec.answers(request, packet.data):
                    yield packet.data

        packet = Packet(request.to_bytes(), self._address)
        return self._dialogue.ask(packet.to_bytes(), answers, self._within, f"sign {self._address}")


def encode(text: str, characters: str) -> bytes:
    """The text for a font that holds gb2312 or gbk, with □ for what it lacks."""
    wanted = text.translate(PLAIN | TWINS if characters == "gb2312" else PLAIN)
    shown = "".join(one if _holds(one, characters) else HOLE for one in wanted)
    if lost := sum(one != other for one, other in zip(wanted, shown, strict=True)):
        log.warning("the sign's font lacks %d of the characters to show", lost)
    return shown.encode(characters)


def _whole(option: str, value: object, least: int, most: int) -> None:
    if type(value) is not int or not least <= value <= most:
        raise SetupError(f"{option} = {value!r}: write a whole number from {least} to {most}")


def _holds(character: str, characters: str) -> bool:
    try:
        return len(character.encode(characters)) > 1 or " " <= character <= "~"
    except UnicodeEncodeError:
        return False
