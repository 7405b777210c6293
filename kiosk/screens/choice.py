"""An item is chosen: a number with a card, or without? Both are one touch away and of one size."""

from __future__ import annotations

from typing import Any

from kivy.properties import StringProperty

from kiosk.client import Item
from kiosk.theme import load_kv
from kiosk.widgets import answer, frame

__all__ = ["Choice", "answer"]


class Choice(frame.Page):
    """The answers go to app.identity."""

    item = StringProperty("")

    def show(self, app: Any, item: Item | None) -> None:
        """Says in the app's language what was chosen."""
        self.item = item.name.in_language(app.lang) if item else ""


load_kv(__file__)
