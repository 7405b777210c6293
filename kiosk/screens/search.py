"""Search: what was typed, what it found while it is typed, and a keyboard; honest where nothing fits."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk import guide_text
from kiosk.catalogue import Found
from kiosk.theme import load_kv
from kiosk.widgets import entry, frame, keys, nav, pager, parts

PER_PAGE, PER_PAGE_ELDER = 5, 4
OFFERED = 3
ANSWER = 2  # rows an answer takes the place of

__all__ = ["Answered", "Search", "entry", "keys", "nav", "pager"]


class Answered(parts.Card):
    """What somebody asked, answered in the guide's own words."""

    asked = StringProperty("")
    text = StringProperty("")
    source = StringProperty("")


class Search(frame.Page):
    """`state`: empty (nothing typed), found, or nothing."""

    words = StringProperty("")
    state = StringProperty("empty")
    hits = StringProperty("")
    page = NumericProperty(0)
    pages = NumericProperty(1)
    cursor = BooleanProperty(True)
    _laid: tuple[Any, ...] | None = None  # what the rows were made for; a key alone makes none

    def show(self, app: Any) -> None:
        """What the typing says now."""
        typing = app.typing
        if typing.words != self.words:
            self.page = 0
        self.words = typing.words
        found: Found | None = typing.found
        if found is None:
            self.state, self.hits, self.pages, self._laid = "empty", "", 1, None
            self.ids.rows.clear_widgets()
            return
        self.state = "found" if found.sure else "nothing"
        self.hits = app.say(app.lang, "search.hits", count=len(found.guides)) if found.sure else ""
        laid = (found, int(self.page), app.lang, app.elder, app.snapshot)
        if laid != self._laid:
            self._laid = laid
            self._rows(app, found)

    def _rows(self, app: Any, found: Found) -> None:
        each = (PER_PAGE_ELDER if app.elder else PER_PAGE) if found.sure else OFFERED
        answer = self._answer(app, found)
        self.pages = max(1, -(-len(found.guides) // each)) if found.sure and not answer else 1
        self.page = min(self.page, self.pages - 1)
        room = each - (ANSWER if answer else 0)
        self.ids.rows.show(app, found.guides[int(self.page) * each :][:room], room, head=answer)

    def _answer(self, app: Any, found: Found) -> Answered | None:
        """A question that names a field is answered by it, word for word."""
        if not found.sure or not found.field or not found.guides:
            return None
        guide = found.guides[0]
        text = guide_text.answer(guide, app.snapshot.tables, app.lang, found.field)
        if not text:
            return None
        version = guide_text.version_line(guide, app.lang)
        card = Answered(testid="answer", asked=guide_text.title(guide, app.lang), text=text, source=version)
        card.bind(on_release=lambda _card: app.open_guide(guide))
        return card

    def turn(self, app: Any, by: int) -> None:
        """Another page of hits."""
        self.page = (self.page + by) % self.pages
        self.show(app)


load_kv(__file__)
