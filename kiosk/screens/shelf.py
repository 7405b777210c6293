"""The guides of one theme, life event, department or audience, a page at a time."""

from __future__ import annotations

from typing import Any

from kivy.properties import NumericProperty, StringProperty

from kiosk.looking import SHELVES
from kiosk.theme import load_kv
from kiosk.widgets import entry, frame, nav, pager

PER_PAGE, PER_PAGE_ELDER = 7, 5

__all__ = ["ShelfScreen", "entry", "nav", "pager"]


class ShelfScreen(frame.Page):
    """Names in the order of their sound, as people look them up."""

    title = StringProperty("")
    about = StringProperty("")
    page = NumericProperty(0)
    pages = NumericProperty(1)

    def show(self, app: Any, keep: bool) -> None:
        """The chosen group; `keep`: on the page where somebody was."""
        look = app.visit
        if not look.group or app.snapshot is None:
            return
        groups, guides_of = SHELVES[look.shelf]
        group = next((one for one in groups(app.snapshot) if one.code == look.group), None)
        guides = guides_of(app.snapshot, look.group)
        self.title = group.entry.in_language(app.lang) if group else ""
        self.about = app.say(app.lang, "shelf.count", count=len(guides))
        each = PER_PAGE_ELDER if app.elder else PER_PAGE
        self.pages = max(1, -(-len(guides) // each))
        self.page = min(self.page, self.pages - 1) if keep else 0
        shown = guides[int(self.page) * each :][:each]
        self.ids.rows.show(app, shown, each, large=look.shelf != "departments")

    def turn(self, app: Any, by: int) -> None:
        """Another page."""
        self.page = (self.page + by) % self.pages
        self.show(app, keep=True)


load_kv(__file__)
