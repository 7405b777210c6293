"""The hall screen: who is called where, who was called before, how many wait, what there is to know.

It is read from ten metres by people half listening. Widgets are made once and then told what changed, so that nothing
flickers; lengths are px of a screen 1920 wide, times `app.unit`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import ceil
from typing import Any

from kivy.clock import Clock
from kivy.properties import (
    BooleanProperty,
    ColorProperty,
    ListProperty,
    NumericProperty,
    ObjectProperty,
    StringProperty,
)
from kivy.uix.boxlayout import BoxLayout

from kiosk.screens.night import NightScreen
from kiosk.theme import Colour, load_kv
from kiosk.widgets.hero import CallShown
from kiosk.widgets.night import NightPanel, Said
from kiosk.widgets.ticker import Ticker

LINES_A_PAGE = 8  # more would be too small from ten metres
PAGE_SECONDS = 8.0
FULL_BAR = 20  # people; a longer line fills the bar as well
LONG_LINE = 15  # people from which a bar warns
ROWS_A_COLUMN, ROWS_STANDING = 5, 6  # of recent calls, on a screen wider than high and on one that stands


@dataclass(frozen=True)
class LineShown:
    """A line as the screen has it; `range` says how long a newcomer waits, empty if unknown."""

    letter: str
    name: Said
    waiting: int
    range: str = ""


class CallRow(BoxLayout):
    """One of the recent calls; empty rows keep their place."""

    number = StringProperty("")
    window = StringProperty("")
    line = ObjectProperty(Said(), rebind=True)
    columns = NumericProperty(1)
    ruled = BooleanProperty(True)
    tight = BooleanProperty(False)
    portrait = BooleanProperty(False)

    def show(self, call: CallShown | None) -> None:
        self.number, self.window = (call.number, str(call.window)) if call else ("", "")
        self.line = call.line if call else Said()


class RecentCalls(NightPanel):
    """The calls before the current one, newest first."""

    portrait = BooleanProperty(False)

    def build(self, count: int) -> None:
        """Makes the rows, once."""
        for _ in range(count):
            self.ids.rows.add_widget(CallRow())
        self.on_portrait()

    def on_portrait(self, *_: Any) -> None:
        """Columns of as many rows as people can read; where they are narrow, no names."""
        rows = self.ids.rows
        count = len(rows.children)
        columns = ceil(count / (ROWS_STANDING if self.portrait else ROWS_A_COLUMN))
        rows.cols, rows.rows = columns, ceil(count / columns)
        for index, row in enumerate(reversed(rows.children)):
            row.columns, row.ruled = columns, index % rows.rows < rows.rows - 1
            row.portrait = self.portrait
            row.tight = columns > (1 if self.portrait else 2)

    def show(self, calls: Sequence[CallShown]) -> None:
        for index, row in enumerate(reversed(self.ids.rows.children)):
            row.show(calls[index] if index < len(calls) else None)


class WaitRow(BoxLayout):
    """One line and how many wait in it."""

    letter = StringProperty("")
    name = ObjectProperty(Said(), rebind=True)
    waiting = NumericProperty(0)
    range = StringProperty("")
    share = NumericProperty(0.0)  # of the bar
    tint = ColorProperty(Colour.night_ok)

    def show(self, line: LineShown) -> None:
        self.letter, self.name, self.waiting, self.range = line.letter, line.name, line.waiting, line.range
        self.share = min(1.0, line.waiting / FULL_BAR)
        self.tint = Colour.night_rose if line.waiting >= LONG_LINE else Colour.night_ok


class Waiting(NightPanel):
    """All lines by letter, page after page where there are many."""

    total = NumericProperty(0)
    page = NumericProperty(0)
    pages = NumericProperty(1)
    columns = NumericProperty(1)

    def __init__(self, **how: Any) -> None:
        super().__init__(**how)
        self._lines: Sequence[LineShown] = ()
        self._turning = Clock.schedule_interval(self._turn, PAGE_SECONDS)

    def show(self, lines: Sequence[LineShown]) -> None:
        self._lines = sorted(lines, key=lambda line: line.letter)
        self.total = sum(line.waiting for line in lines)
        self.pages = max(1, ceil(len(lines) / LINES_A_PAGE))
        self.page %= self.pages
        self._fill()

    def stop(self) -> None:
        self._turning.cancel()

    def _turn(self, _dt: float) -> None:
        if self.pages > 1:
            self.page = (self.page + 1) % self.pages
            self._fill()

    def _fill(self) -> None:
        size = ceil(len(self._lines) / self.pages)  # pages of one length: the rows stay where they are
        shown = self._lines[self.page * size : (self.page + 1) * size]
        box = self.ids.rows
        while len(box.children) < size:
            box.add_widget(WaitRow())
        while len(box.children) > size:
            box.remove_widget(box.children[0])
        for row, line in zip(reversed(box.children), shown, strict=False):
            row.show(line)
        for index, row in enumerate(reversed(box.children)):
            row.opacity = float(index < len(shown))


class HallScreen(NightScreen):
    """The whole screen. `show_*` may be called as often as one likes: the same again changes nothing."""

    notices = ListProperty()

    def __init__(self, recent: int, **how: Any) -> None:
        super().__init__(**how)
        self.ids.recent.build(recent)
        self._ringing = 0

    def show_call(self, call: CallShown | None, sentence: Said, ringing: int) -> None:
        """The big one. `ringing` numbers the announcement whose time runs, 0 for none: another number rings anew."""
        hero = self.ids.hero
        hero.show(call, sentence, ring=bool(ringing) and ringing != self._ringing)
        if not ringing and self._ringing:
            hero.still()
        self._ringing = ringing

    def show_notice(self, notice: Said) -> None:
        """What stands in the big place when nobody is called."""
        self.ids.hero.notice = notice

    def show_recent(self, calls: Sequence[CallShown]) -> None:
        self.ids.recent.show(calls)

    def show_lines(self, lines: Sequence[LineShown]) -> None:
        self.ids.waiting.show(lines)

    def stop(self) -> None:
        """Ends what moves by itself, when the program ends."""
        self.ids.hero.still()
        self.ids.waiting.stop()
        ticker: Ticker = self.ids.ticker
        ticker.stop()


load_kv(__file__)
