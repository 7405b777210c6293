"""The lookup terminal cannot: no guides yet, no number now. Why, in words, and what to do."""

from __future__ import annotations

from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.places import Place
from kiosk.refusals import reason
from kiosk.theme import load_kv
from kiosk.widgets import frame, nav

__all__ = ["Plight", "nav"]


class Plight(frame.Page):
    """`again` offers another try, `home` a way back."""

    icon = StringProperty("warning-circle")
    title = StringProperty("")
    text = StringProperty("")
    small = StringProperty("")
    again = BooleanProperty(False)
    home = BooleanProperty(True)

    def show(self, app: Any, place: Place) -> None:
        """Says it in the app's language; nothing in other places."""
        say, lang = app.say, app.lang
        self.again, self.home = place is Place.AWAY, place is not Place.EMPTY
        if place is Place.EMPTY:
            self.icon = "wifi-slash"
            self.title, self.text = say(lang, "copy.none"), say(lang, "copy.none.next")
            self.small = say(lang, "copy.none.soon")
        elif place is Place.AWAY:
            self.icon = "wifi-slash"
            self.title, self.text = say(lang, "away.title"), say(lang, "server.away.none")
            self.small = say(lang, "copy.still")
        elif place is Place.REFUSED:
            self.icon = "info"
            queue = app.here.queue if app.here else None
            other = say(lang, "refused.title"), say(lang, "refused.other")
            self.title, self.text = reason(app, queue, app.visit.refusal) if queue else other
            self.small = say(lang, "copy.still")


load_kv(__file__)
