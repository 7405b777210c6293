"""Who stands here and what they did, from the first touch until home: then all of it is dropped.

Of a card only a Person is kept. It is made in the thread that read the card, so that number, name and birth date end
there: what goes on is a token nobody can turn back, a name with stars and whether the card shows the class for old age.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime

from devices.sdt.card import Card
from kiosk.answers import DayKey, Elderly, Item, Line, Ticket
from kiosk.errand import Errand
from kiosk.guides_client import Guide, Tables
from kiosk.visits_client import Standing

ELDERLY = "elderly"


@dataclass(frozen=True, repr=False)
class Person:
    """As much of a card's holder as leaves the reader. `token` is empty without a key of the day, else good until
    `token_ends`.
    """

    masked_name: str
    elderly: bool
    token: str = ""
    token_ends: datetime | None = None


def person(card: Card, today: date, elderly: Elderly | None, key: DayKey | None) -> Person:
    """What is kept of a card. `today` is the hall's."""
    old = elderly is not None and card.age_on(today) >= elderly.age
    if key is None:
        return Person(card.masked_name, old)
    return Person(card.masked_name, old, card_token(card, key.key), key.closes_at)


def card_token(card: Card, key: bytes) -> str:
    """The same for the same card all day, and nothing to anybody without the day's key: HMAC-SHA-256 in hex."""
    return hmac.new(key, f"{card.kind.value}|{card.number}".encode(), hashlib.sha256).hexdigest()


@dataclass(frozen=True)
class Seen:
    """A ticket that was looked for; `ticket` is None where only its number is known."""

    standing: Standing
    ticket: Ticket | None = field(default=None, repr=False)


@dataclass
class Visit(Errand):
    """What one citizen did at the ticket kiosk."""

    line: Line | None = None
    item: Item | None = None
    agreed: bool = False  # to the notice, in this visit
    declined: bool = False  # a card; not asked again
    failures: int = 0  # readings in vain
    person: Person | None = None
    cls: str = ""  # a class that was offered and taken
    popular: bool = False  # the item was chosen on home
    bring: tuple[Guide, Tables] | None = None  # what the chosen item asks for
    ticked: set[int] = field(default_factory=set)  # of its materials, by their place in the guide
    seeks: bool = False  # came for a ticket there is
    found: tuple[Seen, ...] = ()
    at: int = 0  # which of them is shown
    news: str = ""  # key of words: what has just become of it
    unfound: str = ""  # key of words: why there is nothing

    @property
    def settled(self) -> bool:
        """Whether it is known if with a card or without."""
        return self.person is not None or self.declined

    def forget_person(self) -> None:
        """The card was never laid; the next one is asked about anew."""
        self.agreed = self.declined = False
        self.failures, self.person, self.cls = 0, None, ""

    def about(self, now: datetime) -> Mapping[str, str]:
        """What the server gets to know of the person: class, card_token and masked_name, as far as there are any."""
        known, told = self.person, {"class": self.cls}
        if known is not None:
            told["masked_name"] = known.masked_name
            if known.token_ends is not None and now < known.token_ends:
                told["card_token"] = known.token
        return {name: value for name, value in told.items() if value}
