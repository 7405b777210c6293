"""A question, or a wait, over whatever screen is shown; the screen beneath cannot be touched meanwhile."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.anchorlayout import AnchorLayout

from kiosk.theme import load_kv
from kiosk.widgets import parts  # noqa: F401 - overlay.kv uses them


class Overlay(AnchorLayout):
    """Title, text and up to two buttons; a turning arc instead of the icon while `busy`."""

    name = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    busy = BooleanProperty(False)
    yes, yes_id = StringProperty(""), StringProperty("")
    no, no_id = StringProperty(""), StringProperty("")

    __events__ = ("on_accept", "on_decline")

    def on_accept(self) -> None:
        """The big button."""

    def on_decline(self) -> None:
        """The other one."""

    def on_touch_down(self, touch: Any) -> bool:
        super().on_touch_down(touch)
        return True


load_kv(__file__)
