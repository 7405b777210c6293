"""The notice before a card is read: who, what, why, how, how long, and what one may ask for. In every visit."""

from __future__ import annotations

from kivy.properties import StringProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import load_kv
from kiosk.widgets import answer, frame, message

__all__ = ["Fact", "Privacy", "answer", "message"]


class Fact(BoxLayout):
    """One line of the notice."""

    name = StringProperty("")
    text = StringProperty("")


class Privacy(frame.Page):
    """The notice says itself; the answers go to app.identity."""


load_kv(__file__)
