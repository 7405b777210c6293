"""No number this time: why, in words, and what to do now."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.answers import Hall, Item, Line
from kiosk.client import Refused
from kiosk.places import Place
from kiosk.refusals import reason
from kiosk.theme import load_kv
from kiosk.visit import Visit
from kiosk.widgets import frame, message
from kiosk.widgets.answer import Answer
from kiosk.widgets.parts import Primary

__all__ = ["Notice", "elsewhere", "message"]


class Notice(frame.Page):
    """An icon, what happened, the next step; `again` offers another try."""

    icon = StringProperty("warning-circle")
    title = StringProperty("")
    text = StringProperty("")
    small = StringProperty("")
    again = BooleanProperty(False)
    help = BooleanProperty(False)  # calling somebody is the next step
    _call: Primary | None = None

    def show(self, app: Any, place: Place, visit: Visit) -> None:
        """Says in the app's language why there is no number; nothing in other places."""
        self.help = place is Place.REFUSED
        self._offer(app, elsewhere(app.hall, visit.refusal)[: app.choices.others] if self.help else [])
        if place is Place.AWAY:
            self.icon, self.again = "wifi-slash", visit.item is not None or app.finding.waits
            text = "find.away" if visit.seeks else "server.away.none"
            self.title, self.text = app.say(app.lang, "away.title"), app.say(app.lang, text)
            self.small = app.say(app.lang, "away.retry")
        elif place is Place.UNFOUND:
            self.icon, self.again = "info", True
            self.title, self.text = app.say(app.lang, "find.nothing"), app.say(app.lang, visit.unfound)
            self.small = app.say(app.lang, "refused.next")
        elif place is Place.REFUSED and visit.line:
            self.icon, self.again = "info", False
            self.title, self.text = reason(app, visit.line, visit.refusal)
            self.small = app.say(app.lang, "refused.phone", phone=app.hall.phone) if app.hall.phone else ""

    def _offer(self, app: Any, others: list[tuple[Line, Item]]) -> None:
        rows, last = self.ids.others, self.ids.last
        rows.clear_widgets()
        if self._call:
            last.remove_widget(self._call)
            self._call = None
        for line, item in others:
            words = app.say(app.lang, "refused.elsewhere", line=line.name.in_language(app.lang))
            row = Answer(testid=f"other-{line.id}", name=line.icon, text=words)
            row.bind(on_release=lambda _row, line=line, item=item: app.choose_elsewhere(line, item))
            rows.add_widget(row)
        if self.help:
            self._call = Primary(testid="call", name="headset", text=app.say(app.lang, "help.ask"))
            self._call.bind(on_release=lambda _call: app.help_step("open"))
            last.add_widget(self._call, len(last.children))


def elsewhere(hall: Hall | None, refusal: Refused | None) -> list[tuple[Line, Item]]:
    """The same in other lines, as the server names them."""
    named = refusal.detail.get("other_lines", ()) if refusal and hall else ()
    found = [(hall.line(one["line"]), one["item"]) for one in named] if hall else []
    return [(line, item) for line, name in found if line for item in line.items if item.id == name]


load_kv(__file__)
