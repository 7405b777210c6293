"""One guide, to be read standing: five figures first, then materials to tick, steps, places, questions."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from kivy.properties import BooleanProperty, StringProperty
from kivy.uix.widget import Widget

from kiosk import guide_text
from kiosk.guides_client import Guide
from kiosk.screens.home import span_text
from kiosk.theme import load_kv
from kiosk.widgets import frame, nav, sheets
from kiosk.widgets.checklist import checklist
from kiosk.widgets.leaves import (
    AskedCard,
    Dot,
    Figure,
    Heading,
    Para,
    PlaceCard,
    Side,
    StepRow,
    Strip,
    TakeHome,
    TickRow,
)

__all__ = ["GuideScreen", "nav", "sheets"]

ICONS = {"materials": "files", "time": "clock", "fee": "money", "windows": "storefront", "visits": "person-simple-walk"}
ORDER = ("materials", "time", "fee", "windows", "visits")
NOTE = {("zh", False): 28, ("en", False): 46, ("zh", True): 48, ("en", True): 90}  # characters in two lines, by elder


class GuideScreen(frame.Page):
    """`section`: facts, materials, steps, places or questions. `missing` speaks of what is not ticked yet."""

    section = StringProperty("facts")
    title = StringProperty("")
    version = StringProperty("")
    missing = StringProperty("")
    complete = BooleanProperty(False)
    takes = BooleanProperty(False)
    open = BooleanProperty(False)
    take = StringProperty("")
    crowd = StringProperty("")

    def open_at(self, app: Any, section: str = "facts") -> None:
        """A section from its first sheet."""
        self.section = section
        self.fill(app, page=0)

    def fill(self, app: Any, page: int | None = None) -> None:
        """Everything anew, in the app's language and size; stays on its sheet unless `page` says another."""
        guide: Guide | None = app.guide
        if guide is None:
            return
        self.title = guide_text.title(guide, app.lang)
        self.version = guide_text.version_line(guide, app.lang)
        body = self.ids.sheets
        body.show(SECTIONS[self.section](app, guide), body.page if page is None else page)
        self.mark(app)
        self.count(app)

    def mark(self, app: Any) -> None:
        """What is ticked, and how much is missing."""
        guide: Guide | None = app.guide
        if guide is None:
            return
        for row in self.ids.sheets.walk():
            if isinstance(row, TickRow):
                row.ticked = row.at in app.visit.ticked
        left = len(guide_text.missing(guide, app.visit.ticked))
        self.complete = left == 0
        say = app.say
        self.missing = say(app.lang, "list.missing", count=left) if left else say(app.lang, "list.all")
        if not guide.materials:
            self.missing = say(app.lang, "list.none")

    def count(self, app: Any) -> None:
        """What the button for a number says; there is none where this hall has no line for the matter."""
        place = app.here
        self.takes = bool(place and place.queue)
        if place is None or place.queue is None:
            return
        now = app.line_now(place.queue.id)
        self.open = place.queue.open and (now is None or now.open)
        self.take = app.say(app.lang, "take.do" if self.open else "take.closed")
        if now is None or not self.open:
            self.crowd = app.say(app.lang, "take.unknown") if self.open else ""
            return
        ahead = app.say(app.lang, "tile.waiting" if now.waiting else "tile.nobody", count=now.waiting)
        self.crowd = " · ".join(filter(None, (ahead, span_text(app, now))))


# -- sections ---------------------------------------------------------------------------------------------------------


def _facts(app: Any, guide: Guide) -> list[Widget]:
    """The figures two by two, one under another in elder mode, and the steps in a row."""
    told = {card.key: card for card in guide_text.cards(guide, app.snapshot.tables, app.lang, app.settings.hall)}
    room = NOTE[app.lang, app.elder]
    figures: list[Widget] = [
        Figure(icon=ICONS[key], label=told[key].label, value=told[key].value, note=shortened(told[key].note, room))
        for key in ORDER
        if key in told
    ]
    figures.append(TakeHome(url=app.page_of(guide)))
    if not app.elder:
        pairs = [figures[at : at + 2] for at in range(0, len(figures), 2)]
        figures = []
        for pair in pairs:
            side = Side()
            for figure in pair:
                side.add_widget(figure)
            figures.append(side)
    return [*figures, *_strip(app, guide)]


def _strip(app: Any, guide: Guide) -> list[Widget]:
    steps = guide_text.step_lines(guide, app.snapshot.tables, app.lang)
    if not steps:
        return []
    strip = Strip()
    for at, step in enumerate(steps):
        time = guide_text.time_text(guide.steps[at].time, app.snapshot.tables, app.lang)
        strip.add_widget(
            Dot(number=str(step.number), stage=step.stage, time=time, first=at == 0, last=step is steps[-1])
        )
    return [strip]


def _materials(app: Any, guide: Guide) -> list[Widget]:
    lines = guide_text.material_lines(guide, app.snapshot.tables, app.lang)
    blocks = checklist(app, lines, app.tick)
    if lines:
        blocks.append(Para(text=app.say(app.lang, "list.rule")))
    return blocks


def _steps(app: Any, guide: Guide) -> list[Widget]:
    conditions = guide_text.conditions(guide, app.lang)
    blocks: list[Widget] = [Heading(text=app.say(app.lang, "guide.conditions"))] if conditions else []
    blocks += [Para(text=line) for line in conditions]
    steps = guide_text.step_lines(guide, app.snapshot.tables, app.lang)
    if steps:
        blocks.append(Heading(text=app.say(app.lang, "guide.steps")))
    blocks += [
        StepRow(number=str(one.number), stage=one.stage, time=one.time, what=one.what, last=one is steps[-1])
        for one in steps
    ]
    return blocks


def _places(app: Any, guide: Guide) -> list[Widget]:
    blocks: list[Widget] = []
    for place in guide_text.places(guide, app.snapshot.tables, app.lang, app.settings.hall):
        windows = app.say(app.lang, "guide.windows", windows=place.windows) if place.windows else ""
        told = (
            ("label.windows", windows),
            ("label.hours", place.hours),
            ("label.phone", place.enquiry),
            ("label.complaint", place.complaint),
        )
        facts = "\n".join(f"{app.say(app.lang, key)}{guide_text.COLON[app.lang]}{text}" for key, text in told if text)
        area = app.say(app.lang, "places.here", area=place.area) if place.here else place.area
        blocks.append(PlaceCard(title=place.name, area=area, here=place.here, facts=facts))
    return blocks


def _questions(app: Any, guide: Guide) -> list[Widget]:
    """Questions first, then the fee and the visits in full, the basis, and the version."""
    blocks: list[Widget] = [
        AskedCard(question=one.question, answer=one.answer) for one in guide_text.faq(guide, app.lang)
    ]
    cards = guide_text.cards(guide, app.snapshot.tables, app.lang, app.settings.hall)
    blocks += [
        AskedCard(question=f"{card.label}{guide_text.COLON[app.lang]}{card.value}", answer=card.note)
        for card in cards
        if card.note and card.key in ("fee", "visits", "time")
    ]
    if guide.basis:
        blocks.append(AskedCard(question=app.say(app.lang, "guide.basis"), answer="\n".join(guide.basis)))
    return blocks


SECTIONS: dict[str, Callable[[Any, Guide], list[Widget]]] = {
    "facts": _facts,
    "materials": _materials,
    "steps": _steps,
    "places": _places,
    "questions": _questions,
}


def shortened(text: str, room: int) -> str:
    """At most so many characters; what is left out stands in full under its own section."""
    return text if len(text) <= room else text[: room - 1].rstrip() + "…"


load_kv(__file__)
