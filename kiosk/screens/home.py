"""Home: a tile for each line of the hall, with how many wait."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty

from kiosk.client import Board, Hall, Line, LineNow, Range
from kiosk.papers import SOON
from kiosk.theme import Colour, Mm, load_kv, rgba
from kiosk.widgets import cardbar, frame, parts

PER_PAGE = 8
ONE_COLUMN = 3  # so few tiles stand one under the other


__all__ = ["Home", "Tile", "cardbar", "crowd_text", "span_text"]


class Tile(parts.Card):
    """A line: its icon and colour, what it is for, how full it is."""

    icon = StringProperty("")
    tint = ColorProperty(Colour.primary)
    title = StringProperty("")
    hint = StringProperty("")
    crowd = StringProperty("")
    span = StringProperty("")
    free = BooleanProperty(False)
    given = BooleanProperty(True)
    title_mm = NumericProperty(Mm.h2)
    tight = BooleanProperty(False)


class Home(frame.Page):
    """The tiles, rebuilt when the hall or the language changes, told anew with every board."""

    page = NumericProperty(0)
    pages = NumericProperty(1)

    def fill(self, app: Any, hall: Hall) -> None:
        """Makes the tiles of the current page."""
        self.pages = max(1, -(-len(hall.lines) // PER_PAGE))
        self.page = min(self.page, self.pages - 1)
        shown = hall.lines[self.page * PER_PAGE :][:PER_PAGE]
        grid = self.ids.grid
        grid.clear_widgets()
        grid.cols = 1 if len(shown) <= ONE_COLUMN else 2
        for line in shown:
            tile = Tile(
                testid=f"line-{line.id}",
                icon=line.icon,
                tint=rgba(line.colour),
                title=line.name.in_language(app.lang),
                hint=_hint(line, app.lang),
                title_mm=Mm.h2 if app.lang == "zh" else Mm.h3 - 0.6,
            )
            tile.bind(on_release=lambda _tile, line=line: app.choose_line(line))
            grid.add_widget(tile)
        self.count(app, hall, app.board)

    def count(self, app: Any, hall: Hall, board: Board | None) -> None:
        """Tells the tiles how many wait; without a board that can be trusted they say nothing."""
        tiles = {tile.testid: tile for tile in self.ids.grid.children}
        for line in hall.lines:
            tile = tiles.get(f"line-{line.id}")
            if tile:
                now = board.lines.get(line.id) if board else None
                tile.given = app.gives(line)
                tile.free = bool(now and not now.waiting)
                tile.crowd = crowd_text(app, line, now)
                tile.span = span_text(app, now.range if now and tile.given else None)

    def turn(self, app: Any, by: int) -> None:
        """Another page of tiles."""
        self.page = (self.page + by) % self.pages
        self.fill(app, app.hall)


def crowd_text(app: Any, line: Line, now: LineNow | None) -> str:
    """How many wait, in the app's language; empty if that is not known."""
    if not app.gives(line):
        return str(app.say(app.lang, "tile.closed"))
    if now is None:
        return ""
    key = "tile.waiting" if now.waiting else "tile.nobody"
    return str(app.say(app.lang, key, count=now.waiting))


def span_text(app: Any, span: Range | None) -> str:
    """The range of minutes, in the app's language; empty if there is none."""
    if span is None:
        return ""
    key = "range.soon" if span.high <= SOON else "range.minutes"
    return str(app.say(app.lang, key, low=span.low, high=span.high))


def _hint(line: Line, language: str) -> str:
    hint = line.hint.in_language(language)
    return "" if hint == "—" else hint  # the settings' word for none


load_kv(__file__)
