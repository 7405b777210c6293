"""The big place of a hall screen: who is being called, and where to."""

from __future__ import annotations

from dataclasses import dataclass

from kivy.animation import Animation
from kivy.properties import BooleanProperty, NumericProperty, ObjectProperty, StringProperty
from kivy.uix.floatlayout import FloatLayout

from kiosk.theme import load_kv
from kiosk.widgets.night import Said
from kiosk.widgets.shrink import width_of

FLASH = 0.45  # s from bright to dark; a flash every 0.9 s is calm, and far below the three a second that harm
DARK = 0.55  # of its light the ground loses at its darkest


@dataclass(frozen=True)
class CallShown:
    """A call as the screen has it."""

    number: str
    window: int
    line: Said


class Hero(FloatLayout):
    """The current call over a third of the screen, or a sentence without one. `flash` goes 1 … 0 … 1 while it rings."""

    number = StringProperty("")
    window = StringProperty("")
    line = ObjectProperty(Said(), rebind=True)
    sentence = ObjectProperty(Said(), rebind=True)
    notice = ObjectProperty(Said(), rebind=True)
    ringing = BooleanProperty(False)
    flash = NumericProperty(1.0)
    figure = NumericProperty(280)  # size of the two numbers on a screen 1920 wide

    _pulse: Animation | None = None

    def show(self, call: CallShown | None, sentence: Said, ring: bool) -> None:
        """The call; with `ring` it begins to flash anew, even if it is the same number."""
        self.number, self.window = (call.number, str(call.window)) if call else ("", "")
        self.line, self.sentence = (call.line, sentence) if call else (Said(), Said())
        self._size_figures()
        if ring:
            self._ring()

    def still(self) -> None:
        """Ends the flashing; the call stays."""
        if self._pulse:
            self._pulse.cancel(self)
        self._pulse, self.ringing, self.flash = None, False, 1.0

    def _ring(self) -> None:
        self.still()
        self.ringing = True
        step = 1 / 30  # s; as smooth to the eye as 60, and half the work
        down = Animation(flash=0.0, d=FLASH, t="in_out_sine", s=step)
        self._pulse = down + Animation(flash=1.0, d=FLASH, t="in_out_sine", s=step)
        self._pulse.repeat = True
        self._pulse.start(self)

    def _size_figures(self) -> None:
        """As large as both numbers, the arrow and the word for window allow side by side."""
        wide = sum(width_of(text, "Number", True, 100.0) for text in (self.number, self.window)) / 100
        self.figure = int(min(280.0, 965 / wide)) if wide else 280


load_kv(__file__)
