"""My ticket: scan it, lay the card it was taken with, or type its number."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty

from kiosk.answers import Hall
from kiosk.finding import WHOLE
from kiosk.theme import Mm, load_kv
from kiosk.widgets import answer, frame, parts
from kiosk.widgets.keys import PadKey

FIGURES = "1234567890"
MOST_LETTERS = 10  # keys of 20 mm beside each other

__all__ = ["WHOLE", "Find", "Scan", "answer"]


class Scan(parts.Panel):
    """The ticket's code may be held to the scanner."""


class Find(frame.Page):
    """Letters are those of the hall's lines; figures come after one of them."""

    low = BooleanProperty(False)

    def on_low(self, _page: Any, low: bool) -> None:
        frame.lift(self.ids.scan, self.ids.header, self.ids.ways, low)

    def fill(self, app: Any, hall: Hall) -> None:
        """Makes the keys."""
        letters = sorted({line.letter for line in hall.lines})[: 2 * MOST_LETTERS]
        rows = -(-len(letters) // MOST_LETTERS)
        self.ids.letters.cols = -(-len(letters) // rows)
        for keys, characters in ((self.ids.letters, letters), (self.ids.figures, FIGURES)):
            keys.clear_widgets()
            for character in characters:
                key = PadKey(text=character, testid=f"key-{character}", mm=Mm.h1, size_hint_x=1)
                key.bind(on_release=lambda _key, character=character: app.finding.type(character))
                keys.add_widget(key)


load_kv(__file__)
