"""A label for one line of text that must never be cut: too long a text is set smaller."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

from kivy.clock import Clock
from kivy.core.text import Label as CoreLabel
from kivy.properties import NumericProperty
from kivy.uix.label import Label

LEAST = 0.6  # of the wanted size: smaller cannot be read; what is longer still ends in "…"


class Shrink(Label):
    """Text in the box it is given, as large as `wanted` px or as fits its width."""

    wanted = NumericProperty(30)

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        fit = Clock.create_trigger(lambda _dt: self._fit(), -1)  # before the frame that would show it too large
        self.bind(text=fit, width=fit, wanted=fit, bold=fit, font_name=fit)
        fit()

    def _fit(self) -> None:
        # whole px: Kivy keeps every size of a font it was ever asked for
        size, least = int(self.wanted), int(self.wanted * LEAST)
        while size > least and self._width_at(size) > self.width:
            size = max(least, min(size - 1, int(size * self.width / self._width_at(size))))
        self.shorten = self._width_at(size) > self.width
        self.font_size = size

    def _width_at(self, size: int) -> float:
        return width_of(self.text, self.font_name, self.bold, size)


@lru_cache(maxsize=512)
def width_of(text: str, font_name: str, bold: bool, font_size: float) -> float:
    """px the text is wide."""
    label = CoreLabel(font_name=font_name, bold=bold, font_size=font_size)
    label.resolve_font_name()
    return float(label.get_extents(text)[0])
