"""Pages instead of scrolling: previous, where one is, next. Takes no room when there is one page."""

from __future__ import annotations

from kivy.properties import NumericProperty
from kivy.uix.boxlayout import BoxLayout

from kiosk.theme import load_kv
from kiosk.widgets import parts  # noqa: F401 - pager.kv uses them


class Pager(BoxLayout):
    """`page` counts from 0; `full` are the px it takes where there are pages. Dispatches on_turn(-1 or 1)."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    full = NumericProperty(0)

    __events__ = ("on_turn",)

    def on_turn(self, by: int) -> None:
        """Somebody wants another page."""


load_kv(__file__)
