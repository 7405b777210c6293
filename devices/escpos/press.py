"""Turns a document into the bytes of one print job, in three ways.

    text     the printer's own characters: small, quick, exact to search in a captured job
    hybrid   the same, with the ticket number and the code drawn at half resolution and doubled by the printer
    raster   everything drawn: the same looks on every printer, any character, fifty times the bytes

python-escpos encodes the commands it encodes well; Chinese text does not go through it (DEVICES 2.5: it guesses an
encoding by the neighbours and never says FS &). A line holding a character the printer may not have is drawn and sent
as a picture of that line; nothing is ever replaced by a question mark. Every block has a function in PRINT.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from escpos.constants import QR_ECLEVEL_M
from escpos.printer import Dummy
from PIL import Image, ImageChops, ImageDraw

from devices import fonts
from devices.escpos import codec
from devices.paper import blocks as b
from devices.paper.drawing import QUIET, black, draw, qr_picture
from devices.paper.looks import DOWN, LOOKS, Look, Scale
from devices.paper.wrap import balanced, columns, tidy, wrap

Way = Literal["text", "hybrid", "raster"]
WAYS: tuple[Way, ...] = ("text", "hybrid", "raster")
CELL = 12, 24  # dots of one half-width character
LEADING = 6  # dots between lines, times the height of the line
BAND = 64  # rows of one raster: the printer can begin early, and a lost byte spoils 8 mm and not the ticket
PROFILES = {576: "RP-F10-80mm", 384: "POS-5890"}  # without one python-escpos prints a warning to stdout
HAN = "[\u3000-\u9fff\uff00-\uffee]"
LOOSE = re.compile(rf"(?<={HAN}) (?=[!-~])|(?<=[!-~]) (?={HAN})")


@dataclass(frozen=True)
class Dialect:
    """What this model of printer can be trusted with; all of it stands on its own self-test page."""

    characters: codec.Characters = "gbk"  # gb2312: old ROMs; gb18030: only if the page shows four-byte characters
    native_qr: bool = True
    kanji_scale: Literal["gs", "fs"] = "gs"  # fs: GS ! leaves Chinese small
    largest: int = 8  # highest GS ! multiplier that works


def render(document: b.Document, mm: int, way: Way, dialect: Dialect = Dialect()) -> bytes:
    """A whole job, cut included, for paper 80 or 58 mm wide. SetupError if it must draw and the fonts are missing."""
    look = LOOKS[mm, document.style]
    press = Press(look, dialect, way)
    press.begin()
    if way == "raster":
        press.picture(draw(document, look))
    else:
        for block in document.blocks:
            PRINT[type(block)](press, b.plain(block))
    press.pen.cut(mode="PART", feed=False)  # GS V 66 0: feeds exactly to the knife
    return bytes(press.pen.output)


def longest_command(mm: int, way: Way) -> int:
    """Bytes of the longest command `render` may use; a text line with a rare character is a picture too."""
    wide = LOOKS[mm, "normal"].width // 8
    tall = CELL[1] * 2 + LEADING * 2
    return 8 + max(wide * BAND if way == "raster" else wide * min(BAND, tall), 600)  # 600: a stored QR code


class Press:
    """A job being put together."""

    def __init__(self, look: Look, dialect: Dialect, way: Way) -> None:
        self.look, self.dialect, self.drawn = look, dialect, way != "text"
        self.pen = Dummy(profile=PROFILES[look.width])

    def begin(self) -> None:
        self.pen.hw("INIT")
        self.put(codec.DOTS_PER_INCH + codec.KANJI_ON)
        self.pen.set(align="left")

    def put(self, data: bytes) -> None:
        """Commands python-escpos has no word for."""
        self.pen._raw(data)

    def holds(self, text: str) -> bool:
        return codec.rom_holds(text, self.dialect.characters)

    def feed(self, dots: int) -> None:
        self.put(codec.feed(round(dots * self.look.air)))

    def scale(self, scale: Scale) -> None:
        if self.dialect.kanji_scale == "fs":
            self.put(codec.kanji_size(*scale))
        self.pen.set(custom_size=True, width=scale[0], height=scale[1])

    def line(self, text: str, scale: Scale = (1, 1), bold: bool = False, centre: bool = False, head: str = "") -> None:
        """One line; `head` stands before the text in bold."""
        if not self.holds(head + text):
            self.pen.set(align="left")
            self.picture(_picture(head + text, scale, bold, centre, self.look))
            return
        # python-escpos says divisor 180; the number is motion units, and GS P made these dots
        self.pen.line_spacing(min(255, CELL[1] * scale[1] + LEADING * min(scale[1], 2)))
        self.pen.set(align="center" if centre else "left", bold=bold)
        self.scale(scale)
        if head:
            self.pen.set(bold=True)
            self.put(head.encode("gb18030"))
            self.pen.set(bold=bold)
        self.put(text.encode("gb18030") + b"\n")

    def paragraph(self, text: str, size: str, bold: bool = False, centre: bool = False, hang: str = "") -> None:
        """`hang` stands before the first line, in bold; the others are indented as far."""
        scale = self.look.scale(size)
        room = self.look.columns // scale[0] - columns(hang)
        for index, line in enumerate((balanced if centre else tidy)(printable(text), room)):
            if index == 0:
                self.line(line, scale, bold, centre, head=hang)
            else:
                self.line(" " * columns(hang) + line, scale, bold, centre)

    def picture(self, picture: Image.Image, zoom: int = 1) -> None:
        """A mode "1" picture, ink 0, from the left edge in bands; white rows are fed, not sent.

        `zoom` 2 sends a quarter of the bytes and lets the printer double both ways.
        """
        ink = ImageChops.invert(picture.convert("L"))
        filled = [ink.crop((0, y, ink.width, y + 1)).getbbox() for y in range(ink.height)]
        top = 0
        while top < ink.height:
            bottom, right = top, 0
            if filled[top] is None:
                while bottom < ink.height and filled[bottom] is None:
                    bottom += 1
                self.put(codec.feed((bottom - top) * zoom))
            else:
                while bottom < min(ink.height, top + BAND) and (box := filled[bottom]):
                    right, bottom = max(right, box[2]), bottom + 1
                self._band(ink.crop((0, top, (right + 7) // 8 * 8, bottom)), zoom)
            top = bottom

    def _band(self, ink: Image.Image, zoom: int) -> None:
        safe = Image.frombytes("1", ink.size, codec.tame(ink.convert("1").tobytes()))
        dense = zoom == 1
        self.pen.image(ImageChops.invert(safe.convert("L")), high_density_vertical=dense, high_density_horizontal=dense)


def printable(text: str) -> str:
    """No thin space between Chinese and digits (here it would be 1.5 mm), and a dash the ROM has at half width."""
    return LOOSE.sub("", text).replace("–", "-").replace("\u00a0", " ")


def _picture(text: str, scale: Scale, bold: bool, centre: bool, look: Look) -> Image.Image:
    """A line as the printer's ROM would print it."""
    name, (cell, tall) = "mono-bold" if bold else "mono", CELL
    picture = Image.new("L", (look.width // scale[0], tall + LEADING), 255)
    x = (picture.width - cell * columns(text)) // 2 if centre else 0
    for char in text:
        for piece, font in fonts.runs(char, name, tall - 2):
            ImageDraw.Draw(picture).text((x + 1, 19), piece, font=font, fill=0, anchor="ls")
        x += cell * columns(char)
    page = picture.resize((picture.width * scale[0], picture.height * scale[1]), Image.Resampling.NEAREST)
    return black(page)


def _text(p: Press, t: b.Text) -> None:
    size: str = t.size
    if t.shrink and len(wrap(printable(t.zh), p.look.columns // p.look.scale(size)[0])) > 2:
        size = DOWN[size]
    p.paragraph(t.zh, size, t.bold or t.size in ("strong", "title"), t.centre)
    if t.en:
        p.paragraph(t.en, "small", centre=t.centre)
    p.feed(6)


def _number(p: Press, n: b.Number) -> None:
    p.feed(12)
    if p.drawn:
        whole = draw(b.Document((n,)), p.look).convert("L")
        half = whole.resize((whole.width // 2, whole.height // 2), Image.Resampling.BOX)
        p.pen.set(align="left")
        p.picture(black(half), zoom=2)
        p.feed(8)
        return
    wide = max(1, min(p.dialect.largest, p.look.width // (CELL[0] * columns(n.value)), p.look.number // 20))
    p.line(n.value, (wide, min(p.dialect.largest, max(wide - 1, 1))), True, True)
    p.feed(12)


def _pair(p: Press, pair: b.Pair) -> None:
    wide, high = p.look.scale("value")
    value, label = printable(pair.value), p.look.scale("body")
    room = p.look.columns - columns(value) * wide
    if columns(pair.label) * label[0] >= room:
        label = 1, label[1]
    gap = (room - columns(pair.label) * label[0]) // label[0]
    if not pair.strong:
        p.paragraph(pair.value, "body", hang=pair.label + "  ")
    elif gap < 1 or not p.holds(pair.label + value):
        p.paragraph(pair.label, "body")
        for line in tidy(value, p.look.columns // wide):
            p.line(" " * (p.look.columns // wide - columns(line)) + line, (wide, high), True)
    else:
        p.pen.line_spacing((CELL[1] + LEADING) * high)
        p.pen.set(align="left", bold=False)
        p.scale(label)
        p.put((pair.label + " " * gap).encode("gb18030"))
        p.scale((wide, high))
        p.pen.set(bold=True)
        p.put(value.encode("gb18030") + b"\n")
    if pair.en:
        p.paragraph(pair.en, "small")
    p.feed(6)


def _note(p: Press, n: b.Note) -> None:
    hang = n.label + " " if p.look.scale(n.size)[0] == 1 else ""
    p.paragraph(n.zh if hang else f"{n.label}：{n.zh}", n.size, hang=hang)
    if n.en:
        p.paragraph(n.en, "small", hang=" " * columns(hang))
    p.feed(8)


def _frame(p: Press, f: b.Frame) -> None:
    p.feed(12)
    p.paragraph(f.zh, "strong", True, True)
    if f.detail:
        p.feed(8)
        p.paragraph(f.detail, "body", True, True)
    if f.en:
        p.paragraph(f.en, "small", centre=True)
    p.feed(8)


def _badge(p: Press, badge: b.Badge) -> None:
    if not p.holds(badge.text):
        p.pen.set(align="left")
        p.picture(draw(b.Document((badge,)), p.look))
        return
    wide = 2 if columns(badge.text) * 2 + 4 <= p.look.columns else 1
    p.feed(8)
    p.pen.set(invert=True)
    p.line(f" {badge.text} ", (wide, 2), True, True)
    p.pen.set(invert=False)
    p.feed(8)


def _tick(p: Press, tick: b.Tick) -> None:
    p.paragraph(tick.name, "body", True, hang="[ ] " if p.look.scale("body")[0] == 1 else "□")
    if tick.note:
        p.paragraph(tick.note, "small", hang="    ")
    p.feed(8)


def _code(p: Press, code: b.Code) -> None:
    module = p.look.module
    p.put(codec.feed(QUIET * module))
    p.pen.set(align="center")
    if p.dialect.native_qr and not p.drawn:
        p.pen.qr(code.url, ec=QR_ECLEVEL_M, size=module, native=True)
    else:
        p.picture(qr_picture(code.url, (module + 1) // 2, quiet=0), zoom=2)
    p.put(codec.feed(QUIET * module))
    p.paragraph(code.zh, "body", True, True)
    for line in (code.en, code.detail, code.detail_en):
        if line:
            p.paragraph(line, "small", centre=True)
    p.feed(8)


def _rule(p: Press, rule: b.Rule) -> None:
    p.line(("━" if rule.heavy else "─") * (p.look.columns // 2))


def _foot(p: Press, foot: b.Foot) -> None:
    gap = p.look.columns - columns(foot.left) - columns(foot.right)
    if gap > 0 and p.look.scale("small")[0] == 1:
        p.line(foot.left + " " * gap + foot.right, p.look.scale("small"))
    else:
        p.paragraph(foot.left, "small")
        p.paragraph(foot.right, "small")


PRINT: dict[type, Callable[[Press, Any], None]] = {
    b.Text: _text,
    b.Number: _number,
    b.Pair: _pair,
    b.Note: _note,
    b.Frame: _frame,
    b.Badge: _badge,
    b.Tick: _tick,
    b.Code: _code,
    b.Rule: _rule,
    b.Foot: _foot,
}
