"""A label that draws any character some font of ours has, in lines as Chinese is set; its `text` stays what was said.

Kivy's own draws a label with one font, or with markup. A text with a rare character is drawn as markup that names the
font of each piece (kiosk/glyphs.py); the Label above it knows nothing of that. Kivy breaks lines at spaces alone, and
elsewhere only where nothing else is left: a number beside Chinese would begin a line, a full stop stand alone.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from kivy.core.text import Label as CoreLabel
from kivy.core.text.markup import MarkupLabel
from kivy.uix.label import Label as KivyLabel

from devices.paper.wrap import wrap
from kiosk import glyphs

LONE = 4.0  # characters: with fewer on it a last line looks forgotten


def evened(text: str, room: int, measure: Callable[[str], int], least: float) -> list[str]:
    """The text in lines, the last of them no shorter than `least` if that takes no more lines."""
    lines = wrap(text, room, measure)
    for narrower in range(room, room // 2, -max(1, room // 24)):
        tried = wrap(text, narrower, measure)
        if len(tried) > len(lines):
            break
        if measure(tried[-1]) >= least:
            return tried
    return lines


class RareText(MarkupLabel):
    """Draws plain text, piece by piece in the font that has it."""

    @property
    def text(self) -> Any:
        return self._text

    @text.setter
    def text(self, text: str) -> None:
        MarkupLabel.text.fset(self, glyphs.marked(text))


def drawn_by(text: str, font_name: str) -> type:
    """The class of Kivy's that draws this text. Icons have codes of Han characters, too."""
    return CoreLabel if font_name == "Icon" or glyphs.plain(text) else RareText


@lru_cache(maxsize=64)  # sizes in use
def _ruler(font_name: str, bold: bool, font_size: float) -> CoreLabel:
    label = CoreLabel(font_name=font_name, bold=bold, font_size=font_size)
    label.resolve_font_name()
    return label


@lru_cache(maxsize=16384)
def _advance(char: str, font_name: str, bold: bool, font_size: float) -> float:
    return float(_ruler(font_name, bold, font_size).get_extents(char)[0])


@lru_cache(maxsize=512)
def width_of(text: str, font_name: str, bold: bool, font_size: float) -> float:
    """px the text is wide on one line."""
    return float(_ruler(font_name, bold, font_size).get_extents(text)[0])


class Label(KivyLabel):
    """As Kivy's; `markup` is left to it."""

    _label: Any

    def texture_update(self, *largs: Any) -> None:
        kind = drawn_by(self.text, self.font_name)
        if not self.markup and type(self._label) is not kind:  # Kivy made one that does not fit the text
            facts = {name: getattr(self, name) for name in self._font_properties}
            if self.disabled:
                facts |= {"color": self.disabled_color, "outline_color": self.disabled_outline_color}
            self._label = kind(usersize=self.text_size, **facts)
        if not self.markup and self.text:
            self._label.text = self._in_lines()
        super().texture_update(*largs)

    def _in_lines(self) -> str:
        """The text with its lines broken, where it has a width to fit and no other way to."""
        width = self.text_size[0]
        if not width or self.shorten or self.text.isascii() or self.font_name == "Icon":
            return str(self.text)
        how = self.font_name, bool(self.bold), float(self.font_size)

        def measure(text: str) -> int:
            return int(sum(_advance(char, *how) for char in text))

        room = int(width - self.padding[0] - self.padding[2])
        least = self.font_size * LONE
        lines = [
            [line] if width_of(line, *how) <= room else evened(line, room, measure, least)
            for line in self.text.split("\n")
        ]
        return "\n".join(line for broken in lines for line in broken)
