"""How a touch terminal looks now: size of words, colours and layout, as the citizen before it has chosen."""

from __future__ import annotations

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty

from config.schema import TouchSettings
from kiosk import layout
from kiosk.brand import Brand
from kiosk.terminal import Terminal
from kiosk.theme import Colour

ELDER = 1.25  # how much larger words are in elder mode
TONES = {  # property -> colour, and that of elder mode: 7:1 and more on every ground it stands on
    "quiet": (Colour.ink_2, Colour.ink),
    "beside": (Colour.ink_2, Colour.ink_2_dk),
    "good": (Colour.ok_ink, Colour.ok_dk),
    "warn": (Colour.warn_ink, Colour.warn_dk),
    "bad": (Colour.danger_ink, Colour.danger_dk),
}


class Looks(Terminal):
    """KV reads the properties: `k` is how much larger words are now; `quiet`, `good`, `warn` and `bad` are the colours
    of TONES, `beside` is behind the white words of what is not the next step, `accent` the hall's own. A page is
    `wide`, `low` or neither, and `short` if either; `head` are the px of its header.
    """

    own: TouchSettings
    choices: layout.Page

    elder = BooleanProperty(False)
    k = NumericProperty(1.0)
    quiet = ColorProperty(Colour.ink_2)
    beside = ColorProperty(Colour.ink_2)
    accent = ColorProperty(Brand().colour)
    good = ColorProperty(Colour.ok_ink)
    warn = ColorProperty(Colour.warn_ink)
    bad = ColorProperty(Colour.danger_ink)
    low = BooleanProperty(False)
    wide = BooleanProperty(False)
    short = BooleanProperty(False)
    head = NumericProperty(0)

    def other_size(self) -> None:
        """Elder mode on or off."""
        self.elder = not self.elder

    def other_reach(self) -> None:
        """Everything to touch in the lower part of the glass, or where it was."""
        self.low = not self.low

    def measure(self) -> None:
        """Takes in what was chosen."""
        self.k = ELDER if self.elder else 1.0
        for name, colours in TONES.items():
            setattr(self, name, colours[self.elder])
        self.accent = self.brand.dark if self.elder else self.brand.colour
        page = layout.shape(self.own, self.low)
        self.head = self.mm(layout.header(self.own, page))
        self.wide, self.short = page is layout.Shape.WIDE, page is not layout.Shape.TALL
        self.choices = layout.PAGES[page, self.elder]
