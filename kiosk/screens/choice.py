"""An item is chosen: a number with a card, or without? Both are one touch away and of one size."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.answers import Item
from kiosk.theme import load_kv
from kiosk.widgets import answer, frame, message

__all__ = ["Choice", "answer", "message"]


class Choice(frame.Page):
    """The answers go to app.identity."""

    item = StringProperty("")
    guided = BooleanProperty(False)

    def show(self, app: Any, item: Item | None, guided: bool = False) -> None:
        """Says in the app's language what was chosen; `guided`: it is known what to bring."""
        self.guided = guided
        self.item = item.name.in_language(app.lang) if item else ""


load_kv(__file__)
