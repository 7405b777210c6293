"""Home: a tile for each line of the hall, with how many wait; what is asked for most, and the way to one's ticket."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.answers import Board, Hall, Item, Line, LineNow
from kiosk.theme import Colour, Mm, load_kv, rgba
from kiosk.widgets import cardbar, frame, parts

ONE_COLUMN = 3  # so few tiles stand one under the other

__all__ = ["Home", "HomeTitle", "LineRow", "Often", "Tile", "cardbar", "crowd_text", "span_text"]


class LineCard(parts.Card):
    """A line: its icon and colour, what it is for, how full it is."""

    icon = StringProperty("")
    tint = ColorProperty(Colour.clear)
    title = StringProperty("")
    hint = StringProperty("")
    crowd = StringProperty("")
    span = StringProperty("")
    free = BooleanProperty(False)
    given = BooleanProperty(True)
    title_mm = NumericProperty(Mm.h2)


class Tile(LineCard):
    """A line where two or more stand side by side."""

    tight = BooleanProperty(False)


class LineRow(LineCard):
    """A line in elder mode: larger words across the page, no small ones."""


class Often(parts.Card):
    """An item people come for most."""

    title = StringProperty("")
    tint = ColorProperty(Colour.clear)
    icon = StringProperty("")


class HomeTitle(BoxLayout):
    """What to do here."""


class Home(frame.Page):
    """The tiles, rebuilt when the hall or the language changes, told anew with every board."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    often = NumericProperty(0)
    often_rows = NumericProperty(0)

    def fill(self, app: Any, hall: Hall) -> None:
        """Makes the tiles of the current page."""
        columns, rows = app.choices.tiles
        each = columns * rows
        self.pages = max(1, -(-len(hall.lines) // each))
        self.page = min(self.page, self.pages - 1)
        shown = hall.lines[self.page * each :][:each]
        grid = self.ids.grid
        parts.empty(grid)
        few = self.pages == 1 and len(shown) <= ONE_COLUMN
        grid.cols = (1 if not app.wide else len(shown)) if few else columns
        kind, title_mm = (LineRow, Mm.h1) if app.elder else (Tile, Mm.h2 if app.lang == "zh" else Mm.h3 - 0.6)
        for line in shown:
            tile = kind(
                testid=f"line-{line.id}",
                icon=line.icon,
                tint=rgba(line.colour),
                title=line.name.in_language(app.lang),
                hint=_hint(line, app.lang),
                title_mm=title_mm,
            )
            tile.bind(on_release=lambda _tile, line=line: app.choose_line(line))
            grid.add_widget(tile)
        for _ in range(0 if few else each - len(shown)):  # a last page has tiles of the same size
            grid.add_widget(Widget())
        self._fill_often(app, hall)
        self.count(app, hall, app.board)

    def _popular(self, app: Any, hall: Hall) -> list[tuple[Line, Item]]:
        columns, rows = app.choices.often
        return popular(app, hall)[: columns * rows if self.pages == 1 else columns]

    def _fill_often(self, app: Any, hall: Hall) -> None:
        shown = self._popular(app, hall)
        grid = self.ids.often
        parts.empty(grid)
        grid.cols = app.choices.often[0] or 1
        self.often, self.often_rows = len(shown), -(-len(shown) // grid.cols)
        for line, item in shown:
            title, tint = item.name.in_language(app.lang), rgba(line.colour)
            tile = Often(testid=f"often-{item.id}", title=title, tint=tint, icon=line.icon)
            tile.bind(on_release=lambda _tile, line=line, item=item: app.choose_popular(line, item))
            grid.add_widget(tile)

    def count(self, app: Any, hall: Hall, board: Board | None) -> None:
        """Tells the tiles how many wait; without a board that can be trusted they say nothing."""
        tiles = {tile.testid: tile for tile in self.ids.grid.children if isinstance(tile, LineCard)}
        for line in hall.lines:
            tile = tiles.get(f"line-{line.id}")
            if tile:
                now = board.lines.get(line.id) if board else None
                tile.given = app.gives(line)
                tile.free = bool(now and not now.waiting)
                tile.crowd = crowd_text(app, line, now)
                tile.span = span_text(app, now if tile.given else None)
        there = {tile.testid for tile in self.ids.often.children}
        if there != {f"often-{item.id}" for _, item in self._popular(app, hall)}:
            self._fill_often(app, hall)

    def turn(self, app: Any, by: int) -> None:
        """Another page of tiles."""
        self.page = (self.page + by) % self.pages
        self.fill(app, app.hall)


def popular(app: Any, hall: Hall) -> list[tuple[Line, Item]]:
    """The items most asked for whose line gives numbers now."""
    items = {item.id: (line, item) for line in hall.lines if app.gives(line) for item in line.items}
    return [items[item] for item in hall.popular if item in items]


def crowd_text(app: Any, line: Line, now: LineNow | None) -> str:
    """How many wait, in the app's language; empty if that is not known."""
    if not app.gives(line):
        return str(app.say(app.lang, "tile.closed"))
    if now is None:
        return ""
    key = "tile.waiting" if now.waiting else "tile.nobody"
    return str(app.say(app.lang, key, count=now.waiting))


def span_text(app: Any, now: LineNow | None) -> str:
    """How long somebody who comes now will wait, in the app's language; empty if nobody can say."""
    return str(app.wait_text(app.lang, now.range, now.no_window)) if now else ""


def _hint(line: Line, language: str) -> str:
    hint = line.hint.in_language(language)
    return "" if hint == "—" else hint  # the settings' word for none


load_kv(__file__)
