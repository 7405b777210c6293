"""Home of the lookup terminal: a search, and four ways to browse: themes, life events, departments, audiences."""

from __future__ import annotations

from typing import Any

from kivy.properties import NumericProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk.answers import Name
from kiosk.looking import SHELVES
from kiosk.theme import load_kv
from kiosk.widgets import frame, nav, pager, parts

PER_PAGE, PER_PAGE_ELDER = 8, 4
ICONS = {"departments": "buildings", "audiences": "user-circle"}  # of tables that have none of their own

__all__ = ["GroupTile", "Shelves", "nav", "pager"]


class GroupTile(parts.Card):
    """A theme, and how many guides it has."""

    icon = StringProperty("")
    title = StringProperty("")
    count = StringProperty("")


class Shelves(frame.Page):
    """The tiles, made anew when guides, language or size change."""

    shelf = StringProperty("themes")
    page = NumericProperty(0)
    pages = NumericProperty(1)

    def open(self, app: Any) -> None:
        """From the first page of the way that is chosen."""
        self.page = 0
        self.fill(app)

    def fill(self, app: Any) -> None:
        """Makes the tiles of the current page."""
        self.shelf = app.visit.shelf
        groups = SHELVES[self.shelf][0](app.snapshot) if app.snapshot else []
        each = PER_PAGE_ELDER if app.elder else PER_PAGE
        self.pages = max(1, -(-len(groups) // each))
        self.page = min(self.page, self.pages - 1)
        shown = groups[int(self.page) * each :][:each]
        grid = self.ids.grid
        grid.clear_widgets()
        grid.cols = 1 if app.elder else 2
        grid.rows = each // grid.cols
        for group in shown:
            tile = GroupTile(
                testid=f"group-{group.code}",
                icon=group.entry.icon or ICONS.get(self.shelf, "file-text"),
                title=_plain(app, group.entry.in_language(app.lang)),
                count=app.say(app.lang, "shelf.count", count=group.count),
            )
            tile.bind(on_release=lambda _tile, code=group.code: app.choose_group(code))
            grid.add_widget(tile)
        for _ in range(grid.rows * grid.cols - len(shown)):  # a last page has tiles of the same size
            grid.add_widget(Widget())

    def turn(self, app: Any, by: int) -> None:
        """Another page of tiles."""
        self.page = (self.page + by) % self.pages
        self.fill(app)


def _plain(app: Any, name: str) -> str:
    """Without the city's own name, which would stand before every department."""
    area = app.snapshot.tables.get("areas", {}).get(app.settings.hall)
    return name.removeprefix(Name(area.zh, area.en).in_language(app.lang)) if area else name


load_kv(__file__)
