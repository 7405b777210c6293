"""The card and the reader: lay it, it is being read, it was not read, the reader cannot work. Always a way on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from kivy.properties import BooleanProperty, StringProperty

from kiosk.places import Place
from kiosk.theme import load_kv
from kiosk.widgets import answer, frame, message


@dataclass(frozen=True)
class Saying:
    """What is said in a place: keys of words, and what can be done."""

    icon: str
    title: str
    text: str
    grave: bool = False
    again: bool = False
    busy: bool = False


SAYS = {
    Place.LAY: Saying("identification-card", "card.lay", "card.lay.how"),
    Place.READING: Saying("", "card.reading", "card.reading.how", busy=True),
    Place.UNREADABLE: Saying("warning-circle", "card.unreadable.title", "card.unreadable", grave=True, again=True),
    Place.GIVE_UP: Saying("info", "card.give.up.title", "card.give.up"),
    Place.NO_READER: Saying("warning-circle", "card.reader.away.short", "card.reader.away", grave=True, again=True),
}

__all__ = ["SAYS", "CardScreen", "answer", "message"]


class CardScreen(frame.Page):
    """`again` offers another try; a number without a card is always offered."""

    icon = StringProperty("")
    title = StringProperty("")
    text = StringProperty("")
    grave = BooleanProperty(False)
    again = BooleanProperty(False)
    busy = BooleanProperty(False)

    def show(self, app: Any, place: Place) -> None:
        """Says in the app's language how far it is; nothing in other places."""
        said = SAYS.get(place)
        if said is None:
            return
        left = place is Place.LAY and app.identity.left
        self.title = app.say(app.lang, said.title)
        self.text = app.say(app.lang, "card.left" if left else said.text)
        self.icon, self.grave, self.again, self.busy = said.icon, said.grave or left, said.again, said.busy


load_kv(__file__)
