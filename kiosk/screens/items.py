"""The items of one line, a page at a time."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, ColorProperty, NumericProperty, StringProperty
from kivy.uix.label import Label
from kivy.uix.widget import Widget

from kiosk.answers import Line
from kiosk.screens.home import crowd_text, span_text
from kiosk.theme import Colour, load_kv, rgba
from kiosk.widgets import frame, pager, parts

__all__ = ["Items", "Number", "Row", "pager"]


class Number(Label):
    """Which item of the line this is."""

    face = ColorProperty(Colour.clear)


class Row(parts.Card):
    """An item to choose."""

    number = StringProperty("")
    title = StringProperty("")
    tint = ColorProperty(Colour.clear)


class Items(frame.Page):
    """What can be done in the line that was chosen."""

    line: Line | None = None
    title = StringProperty("")
    icon = StringProperty("")
    tint = ColorProperty(Colour.clear)
    crowd = StringProperty("")
    free = BooleanProperty(False)
    empty = BooleanProperty(False)
    page = NumericProperty(0)
    pages = NumericProperty(1)

    def open(self, app: Any, line: Line) -> None:
        """Shows a line from its first page."""
        self.line, self.page = line, 0
        self.fill(app)

    def fill(self, app: Any) -> None:
        """Makes the rows of the current page."""
        if self.line is None:
            return
        line = self.line
        self.title, self.icon, self.tint = line.name.in_language(app.lang), line.icon, rgba(line.colour)
        columns, down = app.choices.items
        each = columns * down
        self.pages = max(1, -(-len(line.items) // each))
        self.page = min(self.page, self.pages - 1)
        self.empty = not line.items
        rows = self.ids.rows
        parts.empty(rows)
        rows.cols = columns
        first = self.page * each
        shown = line.items[first : first + each]
        for number, item in enumerate(shown, first + 1):
            row = Row(
                testid=f"item-{item.id}", number=str(number), title=item.name.in_language(app.lang), tint=self.tint
            )
            row.bind(on_release=lambda _row, item=item: app.choose_item(item))
            rows.add_widget(row)
        for _ in range(each - len(shown)):  # a row is of one size, however many there are
            rows.add_widget(Widget())
        self.count(app)

    def count(self, app: Any) -> None:
        """Tells how many wait in the line."""
        if self.line is None:
            return
        now = app.board.lines.get(self.line.id) if app.board and app.link == "here" else None
        said = [crowd_text(app, self.line, now), span_text(app, now)]
        self.free = bool(now and not now.waiting)
        self.crowd = " · ".join(filter(None, said))

    def turn(self, app: Any, by: int) -> None:
        """Another page of items."""
        self.page = (self.page + by) % self.pages
        self.fill(app)


load_kv(__file__)
