"""No number this time: why, in words, and what to do now."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty

from kiosk.theme import load_kv
from kiosk.widgets import frame


class Notice(frame.Page):
    """An icon, what happened, the next step; `again` offers another try."""

    icon = StringProperty("warning-circle")
    title = StringProperty("")
    text = StringProperty("")
    small = StringProperty("")
    again = BooleanProperty(False)


load_kv(__file__)
