"""No number this time: why, in words, and what to do now."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.client import Line, Refused
from kiosk.flow import Place
from kiosk.terminal import moment_text
from kiosk.theme import load_kv
from kiosk.visit import Visit
from kiosk.widgets import frame


class Notice(frame.Page):
    """An icon, what happened, the next step; `again` offers another try."""

    icon = StringProperty("warning-circle")
    title = StringProperty("")
    text = StringProperty("")
    small = StringProperty("")
    again = BooleanProperty(False)

    def show(self, app: Any, place: Place, visit: Visit) -> None:
        """Says in the app's language why there is no number; nothing in other places."""
        if place is Place.AWAY:
            self.icon, self.again = "wifi-slash", visit.item is not None
            self.title, self.text = app.say(app.lang, "away.title"), app.say(app.lang, "server.away.none")
            self.small = app.say(app.lang, "away.retry")
        elif place is Place.REFUSED and visit.line:
            self.icon, self.again = "info", False
            self.title, self.text = app.say(app.lang, "refused.title"), why(app, visit.line, visit.refusal)
            self.small = app.say(app.lang, "refused.next")


def why(app: Any, line: Line, refusal: Refused | None) -> str:
    """Why there is no number: in our words where we know the case, else the server's, which are English."""
    detail = refusal.detail if refusal else {"line": line.id}
    if detail.get("line"):
        return str(app.say(app.lang, "refused.closed", line=line.name.in_language(app.lang)))
    if detail.get("next_open"):
        opens = datetime.fromisoformat(detail["next_open"]).astimezone(app.now().tzinfo)
        return str(app.say(app.lang, "refused.hours", next=moment_text(opens, app.lang)))
    words = refusal.message if refusal and app.lang == "en" else ""
    return words[:1].upper() + words[1:] or str(app.say(app.lang, "refused.other"))


load_kv(__file__)
