"""My ticket: found by its code, a card or its number; then coming back, giving it up, rating, as far as possible.

What is asked of the server is kept until it answers, so that another try is the same question with the same key.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any

from kivy.clock import Clock
from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, StringProperty

from kiosk.answers import Ticket
from kiosk.client import Refused, ServerAway, new_key
from kiosk.flow import SCANS
from kiosk.places import Happening, Help, Place
from kiosk.scanning import Scan
from kiosk.visit import Person, Seen, Visit
from kiosk.visits_client import Mine, Visits

if TYPE_CHECKING:
    from kiosk.app import TicketApp

ENTER_KEYS = (13, 271)  # on the letters and on the figures
BEGUN, WHOLE = re.compile(r"[A-Z]?|[A-Z]\d{1,5}"), re.compile(r"[A-Z]\d{1,5}")  # a number as it is typed
THANKS_STAY = 6.0  # seconds
WHY = {  # what the server says of a ticket -> key of words
    "no_number": "find.none", "none": "find.none", "yesterday": "find.yesterday", "late": "missed.late",
    "another": "find.another", "over": "rate.over", "unfinished": "rate.unfinished",
}  # fmt: skip
TOO_MANY, NOT_FOUND = 429, 404


class Finding(EventDispatcher):
    """KV reads its properties: `typed` is the number so far; `seeks`: in this visit a ticket is looked for."""

    typed = StringProperty("")
    seeks = BooleanProperty(False)

    def __init__(self, app: TicketApp) -> None:
        super().__init__()
        self._app, self._server = app, Visits(app.client)
        self._scan = Scan()
        self._asked: tuple[Callable[[], Any], Callable[[Any], None]] | None = None

    def begin(self) -> None:
        """A ticket is to be looked for; what was found before is dropped."""
        self._app.drop_visit()
        self.typed, self._asked = "", None
        self._app.visit.seeks = self.seeks = True

    def end(self) -> None:
        """Nothing of this visit stays."""
        self.typed, self.seeks, self._asked = "", False, None
        Clock.unschedule(self._enough_thanks)

    @property
    def waits(self) -> bool:
        """Whether something was asked and not answered."""
        return self._asked is not None

    # -- by number, code, card ---------------------------------------------------------------------------------------

    def type(self, character: str) -> None:
        """A key on the glass; what could be no number is not taken."""
        if BEGUN.fullmatch(self.typed + character):
            self.typed += character

    def back(self) -> None:
        self.typed = self.typed[:-1]

    def by_number(self) -> None:
        number = self.typed
        if WHOLE.fullmatch(number):
            self._look(lambda: (Seen(self._server.standing(number)),), self._found)

    def by_person(self, person: Person) -> None:
        """The card that was read for this; only its token is used."""
        visit, token = self._app.visit, person.token
        visit.forget_person()

        def asked() -> tuple[Seen, ...]:
            if not token:
                raise ServerAway("without the key of the day no card is known")
            return seen(self._server.find_ticket(card_token=token))

        self._look(asked, self._found)

    def key(self, key: int) -> None:
        """A key of a keyboard, or of what types like one: only a scanner's last is of interest."""
        if key in ENTER_KEYS:
            scanned = self._scan.enter(Clock.get_time(), Clock.frames)
            if scanned and self._app.help is Help.CLOSED:
                self._scanned(scanned)

    def heard(self, text: str) -> None:
        """Characters of a keyboard or a scanner."""
        self._scan.type(text, Clock.get_time(), Clock.frames)

    def _scanned(self, scanned: str) -> None:
        if self._app.place in SCANS:
            self.begin()
            self._look(lambda: seen(self._server.find_ticket(scanned=scanned)), self._found)

    # -- what can be done with it ------------------------------------------------------------------------------------

    @property
    def shown(self) -> Seen | None:
        """The ticket on the screen."""
        visit = self._app.visit
        return visit.found[visit.at] if visit.found else None

    def turn(self, by: int) -> None:
        """Another ticket of the same holder."""
        visit = self._app.visit
        visit.at, visit.news = (visit.at + by) % len(visit.found), ""
        self._app.say_place()

    def do(self, name: str) -> None:
        """What was touched on its screen."""
        if self.shown:
            DOES[name](self, self.shown)

    def come_back(self, mine: Seen) -> None:
        """After a missed call."""
        ticket, number, key = mine.ticket, mine.standing.number, new_key()

        def asked() -> Seen:
            if ticket is None:
                return Seen(self._server.come_back_by_number(number, key))
            return as_now(mine, self._server.come_back(ticket.id, key))

        self._look(asked, partial(self._changed, "missed.return"))

    def cancel(self, mine: Seen) -> None:
        """Gives it up; asked and answered."""
        ticket, key = mine.ticket, new_key()
        if ticket:
            self._look(lambda: as_now(mine, self._server.cancel(ticket.id, key)), partial(self._changed, "found.gone"))

    def rate(self, level: int) -> None:
        ticket, key, language = self.shown and self.shown.ticket, new_key(), self._app.lang
        if ticket:
            self._look(lambda: self._server.rate(ticket.id, level, language, key), self._rated)

    def reprint(self, mine: Seen) -> None:
        """On paper once more, marked as such."""
        app = self._app
        if mine.ticket and app.journey.after(app.place, Happening.REPRINT):
            app.visit.ticket, app.visit.reprints = mine.ticket, max(0, mine.standing.prints - 1)
            app.happen(Happening.REPRINT)
            app.reprint()

    def happen(self, happening: Happening) -> None:
        self._app.happen(happening)

    # -- asking ------------------------------------------------------------------------------------------------------

    def _look(self, work: Callable[[], Any], done: Callable[[Any], None]) -> None:
        if self._app.journey.after(self._app.place, Happening.LOOK):  # a second tap changes nothing
            self._asked = work, done
            self._app.happen(Happening.LOOK)

    def ask(self) -> None:
        """What was asked for, now or once more."""
        if self._asked:
            work, done = self._asked
            visit = self._app.visit
            self._app.background.run(work, partial(self._answered, visit, done), partial(self._failed, visit))

    def _answered(self, visit: Visit, done: Callable[[Any], None], answer: Any) -> None:
        if visit is self._app.visit:
            self._asked = None
            done(answer)

    def _failed(self, visit: Visit, error: Exception) -> None:
        if visit is not self._app.visit:
            return
        if not isinstance(error, Refused):
            self._app.happen(Happening.NO_SERVER)
            return
        self._asked = None
        why = str(error.detail.get("why", ""))
        if why == "rated":
            visit.news = "rate.already"
            self._app.happen(Happening.RATED)
        else:
            known = {TOO_MANY: "find.many", NOT_FOUND: "find.none"}.get(error.status, "find.changed")
            visit.unfound = WHY.get(why, known)
            self._app.happen(Happening.UNFOUND)

    def _found(self, found: tuple[Seen, ...]) -> None:
        visit = self._app.visit
        visit.found, visit.at, self.typed = found, 0, ""
        visit.unfound = "" if found else "find.card.none"
        ended = [one for one in found if one.ticket and one.standing.state == "done"]
        # whoever scans the ticket of a service that is over has come to say how it was
        rates = len(found) == len(ended) == 1
        self._app.happen(Happening.RATE if rates else Happening.FOUND if found else Happening.UNFOUND)

    def _changed(self, news: str, now: Seen) -> None:
        visit = self._app.visit
        visit.found = (*visit.found[: visit.at], now, *visit.found[visit.at + 1 :])
        visit.news = news
        self._app.happen(Happening.FOUND)

    def _rated(self, _nothing: None) -> None:
        self._app.happen(Happening.RATED)

    def thank(self) -> None:
        """A while is enough."""
        Clock.schedule_once(self._enough_thanks, THANKS_STAY)

    def _enough_thanks(self, *_: Any) -> None:
        if self._app.place is Place.THANKS:
            self._app.happen(Happening.GO_HOME)


def seen(found: Iterable[Mine]) -> tuple[Seen, ...]:
    return tuple(Seen(one.standing, one.ticket) for one in found)


def as_now(mine: Seen, ticket: Ticket) -> Seen:
    """How it stands after a change."""
    now = replace(
        mine.standing, state=ticket.state, ahead=ticket.ahead, range=ticket.range, zone=ticket.zone, return_until=None
    )
    return Seen(now, ticket)


DOES: dict[str, Callable[[Finding, Seen], None]] = {  # by the names of screens.found.ANSWERS
    "back": Finding.come_back,
    "reprint": Finding.reprint,
    "rate": lambda finding, _mine: finding.happen(Happening.RATE),
    "cancel": lambda finding, _mine: finding.happen(Happening.CANCEL),
    "keep": lambda finding, _mine: finding.happen(Happening.BACK),
    "really": Finding.cancel,
}
