"""Blocks of any height, laid out on as many sheets as they need: pages instead of scrolling."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from kivy.clock import Clock
from kivy.properties import BooleanProperty, NumericProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk.theme import load_kv
from kiosk.widgets import pager

__all__ = ["Sheets", "pager"]

PATIENCE = 6  # frames until heights that still change are taken as they are


class Sheets(BoxLayout):
    """`show(blocks)`: widgets that know their own height once they have their width; `laid` when that is done."""

    page = NumericProperty(0)
    pages = NumericProperty(1)
    laid = BooleanProperty(False)

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._blocks: list[Widget] = []
        self._sheets: list[list[Widget]] = [[]]
        self._seen: tuple[float, ...] = ()
        self._frames = 0

    def on_kv_post(self, _base: Any) -> None:
        self.bind(size=lambda *_: self._measure())

    def show(self, blocks: Sequence[Widget], page: int = 0) -> None:
        """From this page on, as far as there are so many."""
        self._blocks, self.page = list(blocks), page
        self._measure()

    @property
    def blocks(self) -> Sequence[Widget]:
        """All of them, on whatever sheet."""
        return self._blocks

    def turn(self, by: int) -> None:
        self.page = (self.page + by) % self.pages
        self._lay()

    def _measure(self) -> None:
        """Lays everything unseen on one endless sheet; heights settle within a frame or two."""
        rows = self.ids.rows
        rows.clear_widgets()
        rows.opacity = 0
        self.laid = False
        for block in self._blocks:
            rows.add_widget(block)
        self._seen, self._frames = (), 0
        Clock.unschedule(self._settle)
        Clock.schedule_interval(self._settle, 0)

    def _settle(self, _dt: float) -> bool:
        heights = tuple(block.height for block in self._blocks)
        self._frames += 1
        if heights != self._seen and self._frames < PATIENCE:
            self._seen = heights
            return True
        room, gap = self.height - self.spacing, self.ids.rows.spacing
        self._sheets = fill(heights, self._blocks, room, gap)
        if len(self._sheets) > 1:
            self._sheets = fill(heights, self._blocks, room - self.ids.pager.full, gap)
        self.pages = len(self._sheets)
        self.page = min(self.page, self.pages - 1)
        self._lay()
        return False

    def _lay(self) -> None:
        rows = self.ids.rows
        rows.clear_widgets()
        for block in self._sheets[int(self.page)]:
            rows.add_widget(block)
        rows.opacity = 1
        self.laid = True


def fill(heights: Sequence[float], blocks: Sequence[Widget], room: float, gap: float) -> list[list[Widget]]:
    """The blocks sheet by sheet, in order; one that is `tied` (a heading) never stands last on a sheet."""
    sheets: list[list[Widget]] = [[]]
    used = 0.0
    for at, (height, block) in enumerate(zip(heights, blocks, strict=True)):
        tied = getattr(block, "tied", False) and at + 1 < len(blocks)
        needed = height + (gap + heights[at + 1] if tied else 0)
        if sheets[-1] and used + needed > room:
            sheets.append([])
            used = 0.0
        sheets[-1].append(block)
        used += height + gap
    return sheets


load_kv(__file__)
