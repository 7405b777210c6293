"""Where to rest, to drink, to charge a phone: what this hall's settings list."""

from __future__ import annotations

from typing import Any

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.answers import Name
from kiosk.theme import load_kv
from kiosk.widgets import frame, nav, pager, parts

PER_PAGE, PER_PAGE_ELDER = 8, 5

__all__ = ["Facilities", "FacilityRow", "nav", "pager"]


class FacilityRow(parts.Panel):
    """What it is, and how to get there."""

    icon = StringProperty("")
    title = StringProperty("")
    where = StringProperty("")


class Facilities(frame.Page):
    """Made anew each time it is opened, or the language or size changes on it."""

    page = NumericProperty(0)
    pages = NumericProperty(1)

    def fill(self, app: Any, page: int) -> None:
        """The rows of a page."""
        each = PER_PAGE_ELDER if app.elder else PER_PAGE
        every = app.settings.lookup.facilities
        self.pages = max(1, -(-len(every) // each))
        self.page = page % self.pages
        shown = every[int(self.page) * each :][:each]
        rows = self.ids.rows
        rows.clear_widgets()
        for one in shown:
            name, where = (Name(text.zh, text.en).in_language(app.lang) for text in (one.name, one.where))
            rows.add_widget(FacilityRow(icon=one.icon, title=name, where=where))
        for _ in range(each - len(shown)):
            rows.add_widget(Widget())


load_kv(__file__)
