"""My ticket: its number, how it stands in words, and what can be done with it, only that."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, NumericProperty, StringProperty

from kiosk.places import Place
from kiosk.screens import ticket
from kiosk.theme import load_kv
from kiosk.visit import Seen, Visit
from kiosk.widgets import frame, message, pager
from kiosk.widgets.answer import Answer

SAYS = {  # state -> what it is called and what that means, as keys of words
    "waiting": ("found.waiting", "found.waiting.how"),
    "called": ("found.called", "found.called.how"),
    "serving": ("found.serving", "found.serving.how"),
    "held": ("found.held", "found.held.how"),
    "missed": ("found.missed", "found.missed.how"),
    "done": ("found.done", "found.done.how"),
    "cancelled": ("found.cancelled", "found.over.how"),
    "expired": ("found.expired", "found.over.how"),
}
CAN = {  # state -> what its holder may do, the likeliest first
    "waiting": ("reprint", "cancel"),
    "called": ("reprint",),
    "missed": ("back",),
    "done": ("rate",),
}
ANSWERS = {  # what can be done -> (icon, key of words)
    "back": ("arrow-u-up-left", "missed.back"),
    "rate": ("star", "rate.do"),
    "reprint": ("printer", "ticket.reprint.do"),
    "cancel": ("x-circle", "found.cancel"),
    "really": ("x-circle", "found.cancel.yes"),
    "keep": ("ticket", "found.cancel.no"),
}

__all__ = ["Found", "message", "pager", "possible", "ticket"]


class Found(frame.Page):
    """`page` of `pages`: a card may have several tickets."""

    number = StringProperty("")
    item = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    page = NumericProperty(0)
    pages = NumericProperty(1)
    low = BooleanProperty(False)

    def on_low(self, _page: Any, low: bool) -> None:
        frame.lift(self.ids.number, self.ids.header, self.ids.sheet, low)

    def show(self, app: Any, place: Place, visit: Visit) -> None:
        """Says it in the app's language; nothing in other places, and nothing is left of the last one's."""
        if not visit.found:
            self.number = self.item = self.title = self.text = ""
            self.ids.rows.clear_widgets()
        if place not in (Place.FOUND, Place.SURE) or not visit.found:
            return
        mine = visit.found[visit.at]
        self.number, self.item = mine.standing.number, _item(app, mine)
        self.page, self.pages = visit.at, len(visit.found) if place is Place.FOUND else 1
        self.title, self.text = said(app, mine, visit.news)
        if place is Place.SURE:
            self.title, self.text = app.say(app.lang, "found.sure"), app.say(app.lang, "found.sure.how")
        doing = ("keep", "really") if place is Place.SURE else possible(mine, app.can_print)
        self._offer(app, doing)

    def _offer(self, app: Any, doing: tuple[str, ...]) -> None:
        rows = self.ids.rows
        rows.clear_widgets()
        for name in doing:
            icon, key = ANSWERS[name]
            row = Answer(testid=f"do-{name}", name=icon, text=app.say(app.lang, key))
            row.bind(on_release=lambda _row, name=name: app.finding.do(name))
            rows.add_widget(row)


def possible(mine: Seen, printer: bool) -> tuple[str, ...]:
    """What can be done: by number alone nothing but to come back."""
    standing, holder = mine.standing, mine.ticket is not None
    allowed = {
        "back": standing.return_until is not None,
        "reprint": holder and printer,
        "cancel": holder,
        "rate": holder,
    }
    return tuple(name for name in CAN.get(standing.state, ()) if allowed[name])


def said(app: Any, mine: Seen, news: str) -> tuple[str, str]:
    """How it stands, in two sentences; `news` is the key of what has just become of it."""
    standing = mine.standing
    title, text = SAYS[standing.state]
    if standing.state == "missed" and standing.return_until is None:
        text = "missed.late"
    elif standing.state == "waiting" and not standing.ahead:
        text = "found.next.how"
    elif standing.state == "done" and mine.ticket is None:
        text = "found.done.scan"
    until = standing.return_until.astimezone(app.now().tzinfo) if standing.return_until else None
    facts = {
        "number": standing.number,
        "ahead": standing.ahead,
        "window": standing.window or "",
        "zone": standing.zone,
        "until": f"{until:%H:%M}" if until else "",
    }
    told = [app.say(app.lang, key, **facts) for key in (title, news or text)]
    span = app.wait_text(app.lang, standing.range) if standing.state == "waiting" and standing.ahead else ""
    return told[0], "\n".join(filter(None, (told[1], span and app.say(app.lang, "found.span", span=span))))


def _item(app: Any, mine: Seen) -> str:
    """The item of a ticket, else its line."""
    line = app.hall.line(mine.standing.line) if app.hall else None
    if line is None:
        return ""
    names = {item.id: item.name for item in line.items}
    item = mine.ticket.item if mine.ticket else ""
    return str(names.get(item, line.name).in_language(app.lang))


load_kv(__file__)
