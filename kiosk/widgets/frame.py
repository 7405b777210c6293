"""What stands on every screen of the ticket kiosk and always in the same place: header above, footer below."""

from __future__ import annotations

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.screenmanager import Screen

from kiosk.theme import load_kv
from kiosk.widgets import parts
from kiosk.widgets.parts import Card


class Header(BoxLayout):
    """Whose hall this is, and the time."""


class Footer(BoxLayout):
    """Home, language, help. On home itself the first place holds the telephone number instead."""

    home = BooleanProperty(True)


class Banner(parts.Panel):
    """A sentence of trouble across the screen; takes no room without one."""

    text = StringProperty("")
    name = StringProperty("warning-circle")
    grave = BooleanProperty(False)


class Page(Screen):
    """A screen of the kiosk."""

    def on_leave(self, *_: object) -> None:
        """No button may stay down when the screen that held it is gone."""
        for widget in self.walk():
            if isinstance(widget, Card):
                widget.state = "normal"


load_kv(__file__)
