"""A label for one line of text that must never be cut: too long a text is set smaller."""

from __future__ import annotations

from typing import Any

from kivy.clock import Clock
from kivy.properties import NumericProperty

from kiosk.widgets.label import Label, width_of

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

    def _in_lines(self) -> str:
        """One line, whatever it takes."""
        return str(self.text)

    def _width_at(self, size: int) -> float:
        return width_of(self.text, self.font_name, self.bold, size)
