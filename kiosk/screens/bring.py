"""What to bring for the chosen item: a page at a time, to be ticked; the number can be taken all the same."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk import guide_text
from kiosk.theme import load_kv
from kiosk.visit import Visit
from kiosk.widgets import frame, sheets
from kiosk.widgets.checklist import checklist
from kiosk.widgets.leaves import TickRow

__all__ = ["Bring", "sheets"]


class Bring(frame.Page):
    """`missing` speaks of what is not ticked yet."""

    title = StringProperty("")
    missing = StringProperty("")
    complete = BooleanProperty(False)

    def fill(self, app: Any, page: int | None = None) -> None:
        """Everything anew, in the app's language; stays on its sheet unless `page` says another."""
        visit: Visit = app.visit
        body = self.ids.sheets
        if visit.bring is None:
            body.show([])  # the last citizen's ticks leave the screen too
            return
        self.title = guide_text.title(visit.bring[0], app.lang)  # an item may have several guides: this one is meant
        lines = guide_text.material_lines(*visit.bring, app.lang)
        rows = checklist(app, lines, app.bringing.tick, in_twos=app.wide and not app.elder)
        body.show(rows, body.page if page is None else page)
        self.mark(app)

    def mark(self, app: Any) -> None:
        """What is ticked, and how much is missing."""
        if app.visit.bring is None:
            return
        for row in [one for block in self.ids.sheets.blocks for one in (block, *block.children)]:
            if isinstance(row, TickRow):
                row.ticked = row.at in app.visit.ticked
        left = len(guide_text.missing(app.visit.bring[0], app.visit.ticked))
        self.complete = left == 0
        self.missing = app.say(app.lang, "list.missing", count=left) if left else app.say(app.lang, "list.all")


load_kv(__file__)
