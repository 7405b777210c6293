"""The screen over one window: its number, who is called or served there, and whether it is open."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.properties import BooleanProperty, ListProperty, NumericProperty, ObjectProperty, StringProperty

from kiosk.screens.night import NightScreen
from kiosk.theme import load_kv
from kiosk.widgets.hero import Ringing
from kiosk.widgets.label import width_of
from kiosk.widgets.night import NightPanel, Said
from kiosk.widgets.ticker import Ticker

LARGEST = 470.0  # px of a screen 1920 long: the largest figures of the number
OWN_LARGEST, OWN_WIDE = 440.0, 490.0  # and of the window's own, with the width they have
FOOT, FOOT_STANDING = 1820.0, 980.0  # width of the foot on a screen 1920 and on one 1080 wide
SIGNS = {"open": "check-circle", "paused": "pause-circle", "closed": "minus-circle"}  # state -> icon


@dataclass(frozen=True)
class WindowShown:
    """What goes on at the window. `number` is empty when nobody is there; `does` says what happens to it."""

    state: str  # one of SIGNS
    title: Said
    text: Said
    number: str
    does: Said


class OwnNumber(NightPanel):
    """The number over the window, and whether it is open."""

    window = StringProperty("")
    figure = NumericProperty(OWN_LARGEST)
    sign = StringProperty(SIGNS["closed"])
    open = BooleanProperty(False)
    title = ObjectProperty(Said(), rebind=True)

    def on_window(self, _panel: Any, window: str) -> None:
        self.figure = int(min(OWN_LARGEST, OWN_WIDE / width_of(window, "Number", True, 100.0) * 100))


class Guest(Ringing):
    """Who is called or served; without anybody, what is the matter in a sentence."""

    number = StringProperty("")
    figure = NumericProperty(LARGEST)
    wide = NumericProperty(1120)  # px the figures may take
    does = ObjectProperty(Said(), rebind=True)
    sentence = ObjectProperty(Said(), rebind=True)
    sign = StringProperty(SIGNS["closed"])
    open = BooleanProperty(False)
    title = ObjectProperty(Said(), rebind=True)
    text = ObjectProperty(Said(), rebind=True)

    def on_number(self, *_: Any) -> None:
        if self.number:
            self.figure = int(min(LARGEST, self.wide / width_of(self.number, "Number", True, 100.0) * 100))

    on_wide = on_number


class WindowScreen(NightScreen):
    """The whole screen; what is shown again changes nothing."""

    window = StringProperty("")
    lines = ListProperty()  # names of what is done here
    standing = StringProperty("")  # all of them, where there is room
    running = ListProperty()  # else one after the other

    def __init__(self, window: int, **how: Any) -> None:
        super().__init__(**how)
        self.window = str(window)
        self._ringing = 0

    def show(self, shown: WindowShown, sentence: Said, ringing: int) -> None:
        """`ringing` numbers the announcement whose time runs, 0 for none: another number rings anew."""
        guest, own = self.ids.guest, self.ids.own
        for part in (own, guest):
            part.sign, part.open, part.title = SIGNS[shown.state], shown.state == "open", shown.title
        guest.text = shown.text
        guest.number, guest.does, guest.sentence = shown.number, shown.does, sentence
        if ringing and ringing != self._ringing:
            guest.ring()
        elif not ringing and self._ringing:
            guest.still()
        self._ringing = ringing

    def on_lines(self, *_: Any) -> None:
        """A row of all names, or a running one: they cannot be set smaller and still be read."""
        row = "   ·   ".join(self.lines)
        fits = width_of(row, "Sans", False, 36.0) <= (FOOT_STANDING if self.portrait else FOOT)
        self.standing, self.running = (row, []) if fits else ("", self.lines)

    on_portrait = on_lines

    def stop(self) -> None:
        self.ids.guest.still()
        ticker: Ticker = self.ids.ticker
        ticker.stop()


load_kv(__file__)
