"""Where a citizen can be at a terminal, what can happen there, and what a journey is: a table of both.

What is not in a journey's table does nothing: a second tap on an item while its number is being taken has no row.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Place(StrEnum):
    """What the citizen sees."""

    OPENING = "opening"  # the first frame, before the hall is known
    HOME = "home"
    ISSUING = "issuing"  # the server is asked for a number
    TICKET = "ticket"
    HELD = "held"  # no second number: the one this person has in that line
    AWAY = "away"  # no number: the server cannot be reached
    REFUSED = "refused"  # no number: the server or the line says no
    # the ticket kiosk
    LINES = "lines"  # home in the middle of a visit: the card is settled, a line is to be chosen
    ITEMS = "items"
    CHOICE = "choice"  # an item is chosen: with a card or without?
    PRIVACY = "privacy"  # the notice before a card is read
    LAY = "lay"  # agreed; no card lies there yet
    READING = "reading"
    UNREADABLE = "unreadable"  # lift it, lay it again
    GIVE_UP = "give up"  # not read three times
    NO_READER = "no reader"  # the reader is away or broken
    OFFER = "offer"  # the card shows a class: use it?
    BRING = "bring"  # what the guide of the chosen item asks for
    FIND = "find"  # which ticket: scan it, lay the card, type its number
    ASKING = "asking"  # the server is asked about a ticket, or to change it
    FOUND = "found"  # how it stands, and what can be done
    SURE = "sure"  # give it up, really?
    RATE = "rate"
    THANKS = "thanks"  # rated
    UNFOUND = "unfound"  # no such ticket, or what was asked of it is not possible: why
    ATTRACT = "attract"  # home, and nobody there
    # the lookup terminal
    EMPTY = "empty"  # no guides: never fetched, and the server is away
    LIST = "list"  # the guides of a theme, a life event, a department or an audience
    SEARCH = "search"
    GUIDE = "guide"
    FACILITIES = "facilities"  # where to rest, to drink, to charge a phone


class Happening(StrEnum):
    """What can happen there."""

    READY = "ready"  # what home shows is known
    ISSUED = "issued"
    HELD = "held"  # asked, and this person has a number in that line
    NO_SERVER = "no server"  # asked, but it is away
    SERVER_BACK = "server back"
    NO = "no"  # asked, and it refused
    AGAIN = "again"
    BACK = "back"
    GO_HOME = "home"
    TIME_OUT = "time-out"
    # the ticket kiosk
    LINE = "line"  # a line tile was tapped
    LINE_CLOSED = "line closed"  # … of a line that gives no numbers
    ITEM = "item"  # an item was tapped
    ITEM_FIRST = "item first"  # … before anybody said whether with a card
    CARD = "card"  # "with a card" was tapped
    CARD_LAID = "card laid"
    AGREE = "agree"
    OFFER = "offer"  # read, and the card shows a class
    UNREADABLE = "unreadable"
    GIVE_UP = "give up"
    READER_GONE = "reader gone"
    READER_BACK = "reader back"
    SETTLED = "settled"  # with or without a card, with or without a class; an item is still to be chosen
    COMPLETE = "complete"  # … and the item is chosen
    FIND = "find"  # "my ticket" was tapped
    LOOK = "look"  # there is something to ask the server: a number, a code, a card, a change
    FOUND = "found"
    UNFOUND = "unfound"
    CANCEL = "cancel"  # "give it up" was tapped
    RATE = "rate"  # "rate" was tapped
    RATED = "rated"
    REPRINT = "reprint"
    BRING = "bring"  # "what to bring" was tapped
    WAKE = "wake"  # somebody came
    # the lookup terminal
    NO_GUIDES = "no guides"  # there are none, and nobody to ask
    GROUP = "group"  # a tile was tapped
    SEARCH = "search"  # the search field was tapped, or a key of a real keyboard
    OPEN = "open"  # a guide was tapped
    FACILITIES = "facilities"
    TAKE = "take"  # "take a ticket for this" was tapped
    TO_LIST = "to list"  # back from a guide that was opened from a list
    TO_SEARCH = "to search"  # … from a search
    GONE = "gone"  # the guide that is shown is no longer in force


@dataclass(frozen=True)
class Journey:
    """`steps` lead from place to place, `screens` name what shows a place ("": whatever is shown stays). Left alone in
    a `watched` place a terminal asks "are you still there?"; `counted` ones count down themselves.
    """

    steps: Mapping[tuple[Place, Happening], Place]
    screens: Mapping[Place, str]
    watched: frozenset[Place]
    counted: frozenset[Place]

    def after(self, place: Place, happening: Happening) -> Place | None:
        """Where to go, None to stay."""
        return self.steps.get((place, happening))


class Paper(StrEnum):
    """What became of the ticket's paper."""

    NONE = "none"  # this kiosk has no printer
    PRINTING = "printing"
    PRINTED = "printed"
    OUT = "out"  # no paper in the printer
    FAULT = "fault"  # the printer is away, silent or refuses
    DOUBT = "doubt"  # sent whole, never confirmed
    EARLIER = "earlier"  # printed when this number was taken, some time ago


class Help(StrEnum):
    """The question "shall we call someone?" over any screen."""

    CLOSED = "closed"
    ASKED = "asked"
    CALLING = "calling"
    COMING = "coming"
    FAILED = "failed"


HELP: dict[tuple[Help, str], Help] = {
    (Help.CLOSED, "open"): Help.ASKED,
    (Help.ASKED, "yes"): Help.CALLING,
    (Help.ASKED, "no"): Help.CLOSED,
    (Help.CALLING, "told"): Help.COMING,
    (Help.CALLING, "failed"): Help.FAILED,
    (Help.COMING, "no"): Help.CLOSED,
    (Help.FAILED, "no"): Help.CLOSED,
}
