"""How was it? Five levels of prescribed names, one touch."""

from __future__ import annotations

from kivy.properties import StringProperty

from kiosk.theme import load_kv
from kiosk.widgets import frame, message, parts

__all__ = ["Level", "Rate", "Thanks", "message", "parts"]


class Level(parts.Card):
    """One of the five."""

    name = StringProperty("")
    text = StringProperty("")


class Rate(frame.Page):
    """The question says itself; the answers go to app.finding."""


class Thanks(frame.Page):
    """It was heard; home follows by itself."""

    text = StringProperty("")


load_kv(__file__)
