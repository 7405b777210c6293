"""Draws a document as one black-and-white picture, the paper's printable width wide.

Every block has a function (canvas, block) in DRAW that draws at canvas.y and moves it down.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import qrcode
from PIL import Image, ImageDraw

from devices import fonts
from devices.errors import SetupError
from devices.paper import blocks as b
from devices.paper.looks import DOWN, Look
from devices.paper.wrap import balanced, tidy, wrap

INK, PAPER = 0, 255
DARK = 168  # grey below this becomes ink: a little bolder than half, as thermal heads print thin strokes thinner
QUIET = 4  # modules of white that ISO/IEC 18004 asks for around a code
LEADING = 1.32
EDGE = 6  # dots; some printers lose the outermost ones
LONGEST = 16000  # dots, two metres: more than any document


class Canvas:
    """A strip of paper as wide as the look, and how far down it is used."""

    def __init__(self, look: Look, tall: int = LONGEST) -> None:
        self.look, self.y, self.edge = look, 0, EDGE
        self.image = Image.new("L", (look.width, tall), PAPER)
        self.pen = ImageDraw.Draw(self.image)

    @property
    def inner(self) -> int:
        return self.look.width - 2 * self.edge

    def line(self, text: str, x: int, dots: int, font: str = "sans", fill: int = INK) -> None:
        """One line whose characters share a baseline, at y, which stays."""
        base = self.y + round(dots * 1.06)
        for piece, face in fonts.runs(text, font, dots):
            self.pen.text((x, base), piece, fill=fill, font=face, anchor="ls")
            x += round(face.getlength(piece))

    def right(self, text: str, dots: int, font: str = "sans") -> None:
        """One line that ends at the right edge, at y, which stays."""
        self.line(text, self.look.width - self.edge - fonts.width(text, font, dots), dots, font)

    def paragraph(self, text: str, dots: int, font: str = "sans", centre: bool = False, left: int = 0) -> None:
        """As many lines as it takes, `left` dots from the edge; y moves down."""
        room = self.inner - left
        for line in (balanced if centre else tidy)(text, room, ruler(font, dots)):
            indent = (room - fonts.width(line, font, dots)) // 2 if centre else 0
            self.line(line, self.edge + left + indent, dots, font)
            self.y += round(dots * LEADING)

    def space(self, dots: float) -> None:
        self.y += round(dots * self.look.air)


def ruler(font: str, dots: int) -> Callable[[str], int]:
    """Measures a text in dots."""
    return lambda text: fonts.width(text, font, dots)


def draw(document: b.Document, look: Look) -> Image.Image:
    """The document in mode "1", ink 0; SetupError if the fonts are missing or it is over two metres."""
    canvas = Canvas(look)
    for block in document.blocks:
        DRAW[type(block)](canvas, b.plain(block))
    if canvas.y > LONGEST:
        raise SetupError(f"the document is {canvas.y // 8} mm long; leave something out")
    return black(canvas.image.crop((0, 0, look.width, canvas.y)))


def black(picture: Image.Image) -> Image.Image:
    """Black and white by threshold."""
    return picture.point([INK if level < DARK else PAPER for level in range(256)]).convert("1")


def qr_picture(url: str, module: int, quiet: int = QUIET) -> Image.Image:
    """A QR code of level M in mode "1", ink 0, `module` dots a module, with `quiet` modules of white around."""
    code = qrcode.QRCode(error_correction=qrcode.constants.ERROR_CORRECT_M, border=quiet, box_size=1)
    code.add_data(url)
    rows = code.get_matrix()
    cells = bytes(INK if dark else PAPER for row in rows for dark in row)
    small = Image.frombytes("L", (len(rows), len(rows)), cells).convert("1")
    return small.resize((small.width * module, small.height * module), Image.Resampling.NEAREST)


def _text(c: Canvas, t: b.Text) -> None:
    font = "sans-bold" if t.bold or t.size in ("strong", "title") else "sans"
    dots = c.look.dots(t.size)
    if t.shrink and len(wrap(t.zh, c.inner, ruler(font, dots))) > 2:
        dots = c.look.dots(DOWN[t.size]) + 2
    c.paragraph(t.zh, dots, font, t.centre)
    if t.en:
        c.paragraph(t.en, c.look.small, centre=t.centre)
    c.space(c.look.small * 0.25)


def _number(c: Canvas, n: b.Number) -> None:
    dots = c.look.number * 10 // 7  # Barlow's capitals are 0.7 em tall
    while fonts.width(n.value, "number-bold", dots) > c.inner:
        dots -= 2
    pieces = fonts.runs(n.value, "number-bold", dots)
    boxes = [font.getbbox(piece, anchor="ls") for piece, font in pieces]
    top, bottom = min(box[1] for box in boxes), max(box[3] for box in boxes)
    x = (c.look.width - fonts.width(n.value, "number-bold", dots)) // 2
    c.space(10)
    for piece, font in pieces:
        c.pen.text((x, c.y - top), piece, fill=INK, font=font, anchor="ls")
        x += round(font.getlength(piece))
    c.y += round(bottom - top)
    c.space(18)


def _pair(c: Canvas, p: b.Pair) -> None:
    dots, label = (c.look.value if p.strong else c.look.body), c.look.body
    label_width = fonts.width(p.label, "sans", label)
    while p.strong and dots > label and label_width + fonts.width(p.value, "sans-bold", dots) + 12 > c.inner:
        dots -= 1  # rather a little smaller than on a line of its own
    start = c.y
    if not p.strong:
        label_width = fonts.width(p.label, "sans-bold", label)
        c.line(p.label, c.edge, label, "sans-bold")
        c.paragraph(p.value, dots, "sans", left=label_width + label // 2)
    elif label_width + fonts.width(p.value, "sans-bold", dots) + 12 > c.inner:
        c.paragraph(p.label, label)
        for line in tidy(p.value, c.inner, ruler("sans-bold", dots)):
            c.right(line, dots, "sans-bold")
            c.y += round(dots * LEADING)
    else:
        c.right(p.value, dots, "sans-bold")
        c.y += round((dots - label) * 1.06)  # one baseline for both
        c.line(p.label, c.edge, label)
        c.y = start + round(dots * LEADING)
    if p.en:
        c.y -= round(dots * 0.06)
        c.paragraph(p.en, c.look.small)
    c.space(c.look.small * 0.2)


def _note(c: Canvas, n: b.Note) -> None:
    dots = c.look.dots(n.size)
    c.line(n.label, c.edge, dots, "sans-bold")
    left = fonts.width(n.label, "sans-bold", dots) + dots // 2
    c.paragraph(n.zh, dots, left=left)
    if n.en:
        c.paragraph(n.en, min(dots, c.look.small), left=left)
    c.space(dots * 0.3)


def _frame(c: Canvas, f: b.Frame) -> None:
    top = c.y + 4
    c.y, c.edge = top + 12, c.edge + 14
    c.paragraph(f.zh, c.look.strong, "sans-bold", centre=True)
    if f.detail:
        c.paragraph(f.detail, c.look.body, "sans-bold", centre=True)
    if f.en:
        c.paragraph(f.en, c.look.small, centre=True)
    c.edge -= 14
    c.y += 12
    c.pen.rounded_rectangle((c.edge, top, c.look.width - c.edge - 1, c.y), 14, outline=INK, width=4)
    c.space(16)


def _badge(c: Canvas, badge: b.Badge) -> None:
    dots = c.look.body
    while (wide := fonts.width(badge.text, "sans-bold", dots) + 48) > c.inner:
        dots -= 1
    left, high = (c.look.width - wide) // 2, round(dots * 1.6)
    c.space(8)
    c.pen.rounded_rectangle((left, c.y, left + wide, c.y + high), 10, fill=INK)
    c.y += round(dots * 0.14)
    c.line(badge.text, left + 24, dots, "sans-bold", PAPER)
    c.y += high - round(dots * 0.14)
    c.space(8)


def _tick(c: Canvas, tick: b.Tick) -> None:
    dots, box = c.look.body + 2, c.look.body
    top = c.y + round(dots * 0.2)
    c.pen.rectangle((c.edge + 2, top, c.edge + 2 + box, top + box), outline=INK, width=3)
    c.paragraph(tick.name, dots, "sans-bold", left=box + 18)
    if tick.note:
        c.paragraph(tick.note, c.look.small, left=box + 18)
    c.space(dots * 0.35)


def _code(c: Canvas, code: b.Code) -> None:
    picture = qr_picture(code.url, c.look.module)
    if c.inner - picture.width >= 7 * c.look.body:
        top = c.y
        c.image.paste(picture, (0, top))
        left = picture.width - 2 * c.look.module
        c.y = top + max(0, (picture.height - _caption_height(c, code, left)) // 2)
        _caption(c, code, left, centre=False)
        c.y = max(c.y, top + picture.height) - c.look.module
    else:
        c.image.paste(picture, ((c.look.width - picture.width) // 2, c.y - c.look.module))
        c.y += picture.height - 3 * c.look.module
        _caption(c, code, 0, centre=True)
        c.space(8)


def _caption(c: Canvas, code: b.Code, left: int, centre: bool) -> None:
    c.paragraph(code.zh, c.look.body + 2, "sans-bold", centre, left)
    for line in (code.en, code.detail, code.detail_en):
        if line:
            c.paragraph(line, c.look.small, "sans", centre, left)


def _caption_height(c: Canvas, code: b.Code, left: int) -> int:
    trial = Canvas(c.look, tall=1)
    _caption(trial, code, left, centre=False)
    return trial.y


def _rule(c: Canvas, rule: b.Rule) -> None:
    c.space(8)
    thick = 4 if rule.heavy else 2
    if rule.heavy:
        c.pen.rectangle((c.edge, c.y, c.look.width - c.edge - 1, c.y + thick - 1), fill=INK)
    else:
        for x in range(c.edge, c.look.width - c.edge - 6, 12):
            c.pen.rectangle((x, c.y, x + 5, c.y + thick - 1), fill=INK)
    c.y += thick
    c.space(10)


def _foot(c: Canvas, foot: b.Foot) -> None:
    dots = c.look.small
    c.line(foot.left, c.edge, dots)
    if fonts.width(foot.left, "sans", dots) + fonts.width(foot.right, "sans", dots) + 12 > c.inner:
        c.y += round(dots * LEADING)
    for line in tidy(foot.right, c.inner, ruler("sans", dots)):
        c.right(line, dots)
        c.y += round(dots * LEADING)


DRAW: dict[type, Callable[[Canvas, Any], None]] = {
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
