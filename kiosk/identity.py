"""With a card or without: from a card laid on the reader to a class taken or not.

Nothing but "is a card there" is asked of the reader before the citizen of this visit has agreed to the notice. A card
that lies there since an earlier visit is never read: it must be lifted first, so that nobody gets a number with
somebody else's card. In every place there is a way on without a card.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING

from kivy.event import EventDispatcher
from kivy.properties import BooleanProperty, OptionProperty, StringProperty

from devices.health import HealthReport
from devices.roles import IdCardReader
from devices.sdt.card import Card
from kiosk.answers import DayKey
from kiosk.client import Refused, ServerAway
from kiosk.follower import Link
from kiosk.places import Happening, Place
from kiosk.reading import Reading
from kiosk.reports import DeviceReports
from kiosk.visit import ELDERLY, Person, Visit, person

if TYPE_CHECKING:
    from kiosk.app import TicketApp

TRIES = 3  # readings in vain until the kiosk gives up

SHOWN = {Place.READING: "reading", Place.UNREADABLE: "unreadable", Place.GIVE_UP: "unreadable"}  # place -> card's state


class Identity(EventDispatcher):
    """KV reads its properties. `way`: is there a reader, and can it be used; `masked`: whose card was read in this
    visit; `there`: a card lies there; `left`: … since an earlier visit.
    """

    way = OptionProperty("none", options=["none", "open", "broken"])
    state = StringProperty("")  # a devices.health.Health, empty while unknown
    masked = StringProperty("")
    there = BooleanProperty(False)
    left = BooleanProperty(False)

    def __init__(self, app: TicketApp, reader: IdCardReader | None, reports: DeviceReports) -> None:
        super().__init__()
        self._app = app
        self._reading = Reading(reader, reports, self.lies, self.show_reader) if reader else None
        self.way = "open" if reader else "none"

    def start(self) -> None:
        if self._reading:
            self._reading.start()

    def close(self) -> None:
        if self._reading:
            self._reading.close()

    @property
    def asks(self) -> bool:
        """Whether the citizen should be asked: with a card or without."""
        return self.way == "open" and not self._app.visit.settled

    # -- what the citizen does ---------------------------------------------------------------------------------------

    def use_card(self) -> None:
        """ "With a card" was tapped."""
        self._begin(Happening.CARD)

    def agree(self) -> None:
        """To the notice: from now on the card of this visit may be read."""
        if self._app.journey.after(self._app.place, Happening.AGREE):
            self._app.visit.agreed = True
            self._app.happen(Happening.AGREE)
            self._read_what_lies_there()

    def again(self) -> None:
        """Another try, without waiting until the card is lifted."""
        self._app.happen(Happening.AGAIN)
        self._read_what_lies_there()

    def without(self) -> None:
        """A number without a card."""
        visit = self._app.visit
        if self._app.journey.after(self._app.place, self._onward(visit)):
            visit.forget_person()
            visit.declined = True
            self._app.happen(self._onward(visit))

    def choose_class(self, use: bool) -> None:
        """The class that was offered, or none."""
        if self._app.place is Place.OFFER:
            self._app.visit.cls = ELDERLY if use else ""
            self._app.happen(self._onward(self._app.visit))

    def forget(self) -> None:
        """The card was never laid. Where only that had happened, the visit is over."""
        if self._app.place is Place.LINES:
            self._app.happen(Happening.GO_HOME)
        elif self._app.place is Place.ITEMS:
            self._app.visit.forget_person()
            self.masked = ""

    def end(self) -> None:
        """The visit is over. A card that lies there now is not the next citizen's."""
        self.masked, self.left = "", self.there

    # -- what the reader tells, in the UI thread ---------------------------------------------------------------------

    def lies(self, there: bool) -> None:
        """A card was laid there or lifted."""
        self.there = there
        if not there:
            self.left = False
        elif self._app.visit.person is None:
            self._begin(Happening.CARD_LAID)

    def show_reader(self, report: HealthReport) -> None:
        self.state = report.state.value
        self.way = "open" if report.state.works else "broken"
        self._app.happen(Happening.READER_BACK if report.state.works else Happening.READER_GONE)
        self._read_what_lies_there()

    # -- reading -----------------------------------------------------------------------------------------------------

    def prepare(self) -> None:
        """The day's key is fetched while the notice is read."""
        now = self._app.now()
        self._app.background.run(lambda: self._key(now), lambda _key: None)

    def read(self) -> None:
        """Reads the card, if this visit's citizen has agreed."""
        visit, hall, now = self._app.visit, self._app.hall, self._app.now()
        if self._reading is None or hall is None or not visit.agreed:
            return

        def keep(card: Card) -> Person:
            return person(card, now.date(), hall.elderly, self._key(now))

        self._reading.read(keep, partial(self._was_read, visit), partial(self._was_not_read, visit))

    def _was_read(self, visit: Visit, known: Person) -> None:
        if not self._awaited(visit):
            return
        if visit.seeks:
            self._app.finding.by_person(known)
            return
        visit.person, self.masked = known, known.masked_name
        self._app.happen(Happening.OFFER if known.elderly else self._onward(visit))

    def _was_not_read(self, visit: Visit, card: bool) -> None:
        if not self._awaited(visit):
            return
        if not card:
            self._app.happen(Happening.READER_GONE)
            return
        visit.failures += 1
        self._app.happen(Happening.UNREADABLE if visit.failures < TRIES else Happening.GIVE_UP)

    def _awaited(self, visit: Visit) -> bool:
        """Whether its citizen still stands there and waits; else what was read is dropped unseen."""
        return visit is self._app.visit and self._app.place is Place.READING

    def _key(self, now: datetime) -> DayKey | None:
        """None: the number is given all the same, only not known as this person's."""
        try:
            return self._app.client.day_key(now)
        except (ServerAway, Refused):
            return None

    # -- where to ----------------------------------------------------------------------------------------------------

    def _begin(self, happening: Happening) -> None:
        """A card is laid or wanted: where nothing can be had from the server, that is said first."""
        away = self._app.link == Link.AWAY and self._app.journey.after(self._app.place, Happening.NO_SERVER)
        self._app.happen(Happening.NO_SERVER if away else happening)

    def _read_what_lies_there(self) -> None:
        if self.there and not self.left and self._app.place is Place.LAY:
            self._app.happen(Happening.CARD_LAID)

    def _onward(self, visit: Visit) -> Happening:
        if visit.seeks:
            return Happening.FIND
        return Happening.COMPLETE if visit.item else Happening.SETTLED

    def account(self) -> Mapping[str, str]:
        """For the dump: none, laid, reading, read or unreadable, and a class. Nothing about the person."""
        card = SHOWN.get(self._app.place) or ("read" if self._app.visit.person else "laid" if self.there else "none")
        return {"reader": self.state, "card": card, "class": self._app.visit.cls}
