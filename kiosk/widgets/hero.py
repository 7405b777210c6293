"""The big place of a hall screen: who is being called, and where to."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.theme import load_kv
from kiosk.widgets.label import width_of
from kiosk.widgets.night import Said

FLASH = 0.45  # s from bright to dark; a flash every 0.9 s is calm, and far below the three a second that harm
FIGURE, WIDE = 280.0, 920.0  # px of a screen 1920 wide: the largest figures, and the width both share
LEFT_FOR_WINDOW = 0.82  # of that width the number takes at most
STACKED, STACKED_WIDE, STACKED_WINDOW_WIDE = 300.0, 900.0, 600.0  # px of a screen 1080 wide: one under the other
DARK = 0.55  # of its light the ground loses at its darkest


@dataclass(frozen=True)
class CallShown:
    """A call as the screen has it."""

    number: str
    window: int
    line: Said


class Ringing(FloatLayout):
    """A blue ground with a golden edge while somebody is being called. `flash` goes 1 … 0 … 1 while it rings."""

    ringing = BooleanProperty(False)
    flash = NumericProperty(1.0)
    calm = BooleanProperty(False)  # nobody is called or served: the ground is that of every other sheet

    _pulse: Animation | None = None

    def ring(self) -> None:
        """Begins to flash anew."""
        self.still()
        self.ringing = True
        step = 1 / 30  # s; as smooth to the eye as 60, and half the work
        down = Animation(flash=0.0, d=FLASH, t="in_out_sine", s=step)
        self._pulse = down + Animation(flash=1.0, d=FLASH, t="in_out_sine", s=step)
        self._pulse.repeat = True
        self._pulse.start(self)

    def still(self) -> None:
        """Ends the flashing; the call stays."""
        if self._pulse:
            self._pulse.cancel(self)
        self._pulse, self.ringing, self.flash = None, False, 1.0


class Hero(Ringing):
    """The current call over a third of the screen, or a sentence without one.

    `figure` and `window_figure` are the sizes of the two numbers on a screen 1920 wide; `stacked`: the window stands
    under the number, on a screen higher than wide.
    """

    number = StringProperty("")
    window = StringProperty("")
    line = ObjectProperty(Said(), rebind=True)
    sentence = ObjectProperty(Said(), rebind=True)
    notice = ObjectProperty(Said(), rebind=True)
    figure = NumericProperty(FIGURE)
    window_figure = NumericProperty(FIGURE)
    stacked = BooleanProperty(False)

    def show(self, call: CallShown | None, sentence: Said, ring: bool) -> None:
        """The call; with `ring` it begins to flash anew, even if it is the same number."""
        self.number, self.window = (call.number, str(call.window)) if call else ("", "")
        self.line, self.sentence = (call.line, sentence) if call else (Said(), Said())
        self._size_figures()
        if ring:
            self.ring()

    def on_stacked(self, *_: Any) -> None:
        self._size_figures()

    def _size_figures(self) -> None:
        """The number as large as can be: it is what people look for; the window in what is left beside it."""
        number, window = (width_of(text, "Number", True, 100.0) / 100 for text in (self.number, self.window))
        if not number or not window:
            return
        largest, wide = (STACKED, STACKED_WIDE) if self.stacked else (FIGURE, WIDE)
        self.figure = int(min(largest, wide * (1 if self.stacked else LEFT_FOR_WINDOW) / number))
        left = STACKED_WINDOW_WIDE if self.stacked else wide - number * self.figure
        self.window_figure = int(min(self.figure, left / window))


load_kv(__file__)
