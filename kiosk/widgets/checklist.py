"""What to bring, as rows to tick: what everybody brings, what some bring, what may follow, what need not be brought."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from kivy.uix.widget import Widget

from kiosk.guide_text import MaterialLine
from kiosk.widgets.leaves import Heading, Side, SpareRow, TickRow

HEADINGS = {"bring": "list.bring", "if": "list.if", "later": "list.later", "spare": "list.spare"}


def checklist(
    app: Any, lines: Sequence[MaterialLine], tick: Callable[[int], None], in_twos: bool = False
) -> list[Widget]:
    """A heading over each group that has any; `tick` is told the place of a row that was touched."""
    blocks: list[Widget] = []
    for group, key in HEADINGS.items():
        rows = [line for line in lines if line.group == group]
        if rows:
            blocks.append(Heading(text=app.say(app.lang, key, count=len(rows))))
        made = [SpareRow(title=line.name, note=line.note) if group == "spare" else _row(line, tick) for line in rows]
        blocks += _beside(made) if in_twos else made
    return blocks


def _row(line: MaterialLine, tick: Callable[[int], None]) -> TickRow:
    note = " · ".join(filter(None, (line.note, line.detail)))
    row = TickRow(testid=f"tick-{line.at}", title=line.name, note=note, at=line.at)
    row.bind(on_release=lambda row: tick(row.at))
    return row


def _beside(rows: list[Widget]) -> list[Widget]:
    """Two in a row: a wide page is short."""
    sides: list[Widget] = []
    for at in range(0, len(rows), 2):
        side = Side()
        for row in (*rows[at : at + 2], Widget())[:2]:  # the last may stand alone, as wide as the others
            row.pos_hint = {"top": 1}
            side.add_widget(row)
        sides.append(side)
    return sides
