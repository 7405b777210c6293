"""The letters on the glass: for pinyin, initials and English; large enough for any finger."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import Mm, load_kv
from kiosk.widgets import parts

ROWS = ("qwertyuiop", "asdfghjkl", "zxcvbnm")


class PadKey(parts.Card):
    """A letter, or `pale` for what does something else. It types when it goes down, as keys do."""

    text = StringProperty("")
    mm = NumericProperty(Mm.h3)
    pale = BooleanProperty(False)


class Keys(BoxLayout):
    """Dispatches on_type(text), on_back, on_clear."""

    __events__ = ("on_type", "on_back", "on_clear")

    def on_kv_post(self, _base: Any) -> None:
        for letters, row in zip(ROWS, (self.ids.first, self.ids.second, self.ids.third), strict=True):
            # beside the letters stand the keys of KV, which were there first
            for letter in reversed(letters):
                key = PadKey(text=letter.upper(), testid=f"key-{letter}")
                key.bind(on_press=lambda _key, letter=letter: self.dispatch("on_type", letter))
                row.add_widget(key, index=len(row.children))

    def on_type(self, text: str) -> None:
        """A letter or a space."""

    def on_back(self) -> None:
        """The last one away."""

    def on_clear(self) -> None:
        """All of them away."""


load_kv(__file__)
