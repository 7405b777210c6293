"""Answers to choose between: all of one size and one look, so that none is pressed on anybody."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from kiosk.theme import load_kv
from kiosk.widgets import parts


class Answer(parts.Card):
    """An icon, the answer, and small words beneath if there are any. `given` False: not to be had now."""

    name = StringProperty("")
    text = StringProperty("")
    small = StringProperty("")
    given = BooleanProperty(True)


load_kv(__file__)
