"""The paper of the simulated printer: ESC/POS commands in, the printed ticket out, as a picture and as lines of text.

It prints as a 203 dpi printer does: 24-dot Chinese, 12 x 24 Latin, sizes by repeating dots, lines that are too long
wrapped by the machine (and reported: a layout must not rely on it). It knows what an old printer does not: with
`characters="gb2312"` other characters print as a hollow box.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from PIL import Image, ImageDraw

from devices import fonts
from devices.escpos.codec import TEXT, Characters, Command, rom_holds
from devices.paper.drawing import qr_picture

INK, PAPER, EDGE = (34, 33, 38), (252, 251, 247), (190, 188, 182)
ROLL = {576: 640, 384: 464}  # dots the roll is wide: 80 mm and 58 mm are wider than what is printed
KNIFE = 96  # dots from the print head to the knife
MARGIN = 24  # dots shown above and below
HOLLOW = "\u25a1"  # what a ROM prints for a character it does not hold
SPACING = 30  # dots from line to line after ESC @


@dataclass(frozen=True)
class Ticket:
    """One piece of paper. `lines` are the printed text lines, `wrapped` those the machine had to break."""

    picture: Image.Image
    lines: tuple[str, ...]
    wrapped: tuple[str, ...]
    data: bytes
    cut: bool


class Paper:
    """What the printer has put on its paper since the last cut."""

    def __init__(self, width: int, characters: Characters = "gb18030") -> None:
        self.width, self._characters = width, characters
        self._obey: dict[bytes, Callable[[bytes], None]] = {
            TEXT: self._type,
            b"\n": lambda _: self._line_feed(),
            b"\x1b@": lambda _: self._reset(),
            b"\x1b3": lambda a: setattr(self, "_spacing", a[0]),
            b"\x1b2": lambda _: setattr(self, "_spacing", SPACING),
            b"\x1ba": lambda a: setattr(self, "_align", a[0] % 48 % 3),
            b"\x1bE": lambda a: setattr(self, "_bold", bool(a[0] & 1)),
            b"\x1bJ": lambda a: self._blank(a[0]),
            b"\x1bd": lambda a: self._blank(a[0] * self._spacing),
            b"\x1d!": self._size,
            b"\x1dB": lambda a: setattr(self, "_reverse", bool(a[0] & 1)),
            b"\x1dv0": self._raster,
            b"\x1d(k": self._code,
        }
        self._new_sheet()
        self._reset()

    def _new_sheet(self) -> None:
        self._strips: list[Image.Image] = []
        self.height = 0  # dots
        self.lines: list[str] = []
        self._wrapped: list[str] = []
        self._data = bytearray()

    def _reset(self) -> None:
        """ESC @: modes to default; what is in the line is dropped."""
        self._cells: list[Image.Image] = []
        self._said, self._used, self._stored = "", 0, b""
        self._wide = self._high = 1
        self._bold = self._reverse = False
        self._align, self._spacing, self._module = 0, SPACING, 3

    @property
    def idle(self) -> bool:
        """Nothing is waiting for a line feed."""
        return not self._cells

    @property
    def blank(self) -> bool:
        """Nothing was printed since the last cut."""
        return not any(strip.getbbox() for strip in self._strips)

    def obey(self, command: Command) -> None:
        """Does one command; those that leave nothing to see are passed over."""
        if command.name == b"\x1b@" and not self._strips:
            self._data.clear()  # nothing but idle bytes so far
        self._data += command.raw
        if act := self._obey.get(command.name):
            act(command.arguments)

    def cut(self) -> Ticket:
        """Feeds to the knife and cuts."""
        self._blank(KNIFE)
        return self.tear(cut=True)

    def tear(self, cut: bool = False) -> Ticket:
        """Takes the paper as it is."""
        ticket = Ticket(self.picture(), tuple(self.lines), tuple(self._wrapped), bytes(self._data), cut)
        self._new_sheet()
        return ticket

    def picture(self) -> Image.Image:
        """The paper seen from above, with its margins."""
        roll = ROLL.get(self.width, self.width + 64)
        page = Image.new("RGB", (roll, self.height + 2 * MARGIN), PAPER)
        y = MARGIN
        for strip in self._strips:
            page.paste(INK, ((roll - self.width) // 2, y), strip)
            y += strip.height
        pen = ImageDraw.Draw(page)
        for x in range(0, roll, 8):
            pen.line((x, y + MARGIN - 1, x + 3, y + MARGIN - 1), fill=EDGE)
        return page

    def _size(self, a: bytes) -> None:
        self._wide, self._high = (a[0] >> 4 & 7) + 1, (a[0] & 7) + 1

    def _type(self, raw: bytes) -> None:
        char = raw.decode("gb18030", "replace")[:1]
        if char < " ":
            return  # NUL and other control bytes print nothing
        cells = 2 if len(raw) > 1 else 1
        wide = 12 * cells * self._wide
        if self._used + wide > self.width and self._cells:
            self._wrapped.append(self._said + char)
            self._line_feed()
        shown = char if rom_holds(char, self._characters) else HOLLOW
        self._cells.append(_cell(shown, cells, self._bold, self._reverse, wide, 24 * self._high))
        self._said, self._used = self._said + char, self._used + wide

    def _line_feed(self) -> None:
        if not self._cells:
            self._blank(self._spacing)
            return
        tall = max(cell.height for cell in self._cells)
        strip = Image.new("L", (self.width, max(tall, self._spacing)), 0)
        x = max(0, self.width - self._used) * self._align // 2
        for cell in self._cells:
            strip.paste(cell, (x, tall - cell.height))
            x += cell.width
        self.lines.append(self._said)
        self._cells, self._said, self._used = [], "", 0
        self._add(strip)

    def _blank(self, rows: int) -> None:
        if self._cells:
            self._line_feed()
        if rows:
            self._add(Image.new("L", (self.width, rows), 0))

    def _add(self, strip: Image.Image) -> None:
        self._strips.append(strip)
        self.height += strip.height

    def _raster(self, a: bytes) -> None:
        across, down = int.from_bytes(a[1:3], "little") * 8, int.from_bytes(a[3:5], "little")
        if not across or not down:
            return
        ink = Image.frombytes("1", (across, down), a[5:]).convert("L")
        zoom = (2 if a[0] & 1 else 1, 2 if a[0] & 2 else 1)
        self._place(ink.resize((across * zoom[0], down * zoom[1]), Image.Resampling.NEAREST))

    def _place(self, ink: Image.Image) -> None:
        strip = Image.new("L", (self.width, ink.height), 0)
        strip.paste(ink, (max(0, (self.width - ink.width) * self._align // 2), 0))
        self._add(strip)

    def _code(self, a: bytes) -> None:
        """GS ( k, cn 49: arguments begin with two bytes of length, then cn and fn."""
        body = a[2:]
        if body[:1] != b"1" or len(body) < 3:
            return
        match body[1]:
            case 0x43 if 1 <= body[2] <= 16:
                self._module = body[2]
            case 0x50:
                self._stored = body[3:]
            case 0x51 if 0 < len(self._stored) < 2000:  # a real one prints nothing for more
                code = qr_picture(self._stored.decode("utf-8", "replace"), self._module, quiet=0)
                self._place(code.convert("L").point([255 - level for level in range(256)]))


@lru_cache(4096)
def _cell(char: str, cells: int, bold: bool, reverse: bool, wide: int, high: int) -> Image.Image:
    """One character of the ROM, ink 255, scaled to wide x high dots. Shared: paste it, never draw on it."""
    cell = Image.new("L", (12 * cells, 24), 255)
    pen = ImageDraw.Draw(cell)
    if char in "─━":  # ROM lines touch their neighbours
        pen.rectangle((0, 11, cell.width, 12 if char == "─" else 14), fill=0)
    else:
        pen.text(
            (cells - 1, 19), char, font=fonts.runs(char, "mono-bold" if bold else "mono", 22)[0][1], fill=0, anchor="ls"
        )
    dark, light = (0, 255) if reverse else (255, 0)
    ink = cell.point([dark if level < 150 else light for level in range(256)])
    return ink.resize((wide, high), Image.Resampling.NEAREST)
