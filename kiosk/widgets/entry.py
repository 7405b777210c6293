"""A guide in a list: its name, and in small words whose it is and how long it takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from unicodedata import east_asian_width

from kivy.properties import NumericProperty, ObjectProperty, StringProperty
from kivy.uix.boxlayout import BoxLayout
from kivy.uix.widget import Widget

from kiosk import guide_text
from kiosk.guides_client import Guide
from kiosk.theme import load_kv
from kiosk.widgets import parts


class Entry(parts.Card):
    """`title` may be as long as a guide's whole name: it is then set smaller, never cut. `length` counts its
    characters, wide ones twice: an English page too shows Chinese names where a guide has no other.
    """

    title = StringProperty("")
    about = StringProperty("")
    length = NumericProperty(0)
    guide = ObjectProperty(None, allownone=True)

    def on_title(self, _entry: Any, title: str) -> None:
        self.length = sum(2 if east_asian_width(char) in "WF" else 1 for char in title)

    def tell(self, app: Any, guide: Guide, large: bool) -> None:
        """Opens this guide from now on; not `large`: without its department, under which it stands."""
        figures = guide_text.cards(guide, app.snapshot.tables, app.lang, app.settings.hall)
        told = [card.value for card in figures if card.key in ("time", "fee")]
        department = guide_text.meaning(app.snapshot.tables, "departments", guide.department, app.lang)
        self.guide, self.testid = guide, f"guide-{guide.code}"
        self.title = guide.called if app.lang == "zh" else guide.name_en or guide.called
        self.about = " · ".join((*told, department) if large else told)


class Entries(BoxLayout):
    """Guides one under another. Rows are made once and told anew: each key of a search may change them all."""

    def __init__(self, **properties: Any) -> None:
        super().__init__(**properties)
        self._rows: list[Entry] = []
        self._gaps: list[Widget] = []

    def show(
        self, app: Any, guides: Sequence[Guide], room: int, large: bool = True, head: Widget | None = None
    ) -> None:
        """`room` is for so many: where there are fewer the rest stays empty; `head` stands over them."""
        self._rows = [row for row in self._rows if row.state == "normal"]  # what a finger is on opens what it showed
        self._rows += [Entry() for _ in range(len(guides) - len(self._rows))]
        self._gaps += [Widget() for _ in range(room - len(guides) - len(self._gaps))]
        rows = self._rows[: len(guides)]
        for row, guide in zip(rows, guides, strict=True):
            row.tell(app, guide, large)
        laid = [*([head] if head else []), *rows, *self._gaps[: room - len(guides)]]
        if laid != self.children[::-1]:
            self.clear_widgets()
            for one in laid:
                self.add_widget(one)


load_kv(__file__)
