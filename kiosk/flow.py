"""Where the ticket kiosk goes: a table of (place, happening) -> place. App and tests walk the same table.

What is not in the table does nothing: a second tap on an item while its number is being taken has no row.
"""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """What the citizen sees."""

    OPENING = "opening"  # the first frame, before the hall is known
    HOME = "home"
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
    ISSUING = "issuing"  # the server is asked for a number
    TICKET = "ticket"
    HELD = "held"  # no second number: the one this person has in that line
    AWAY = "away"  # no number: the server cannot be reached
    REFUSED = "refused"  # no number: the server or the line says no


class Happening(StrEnum):
    """What can happen there."""

    READY = "ready"  # the hall is known
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
    ISSUED = "issued"
    HELD = "held"  # asked, and this person has a number in that line
    NO_SERVER = "no server"  # asked, but it is away
    SERVER_BACK = "server back"
    NO = "no"  # asked, and it refused
    AGAIN = "again"
    BACK = "back"
    GO_HOME = "home"
    TIME_OUT = "time-out"


CARD_PLACES = (
    Place.PRIVACY, Place.LAY, Place.READING, Place.UNREADABLE, Place.GIVE_UP, Place.NO_READER, Place.OFFER,
)  # fmt: skip
LEFT_ALONE = (Place.LINES, Place.ITEMS, Place.CHOICE, *CARD_PLACES, Place.AWAY, Place.REFUSED)

FLOW: dict[tuple[Place, Happening], Place] = {
    (Place.OPENING, Happening.READY): Place.HOME,
    (Place.OPENING, Happening.NO_SERVER): Place.AWAY,
    (Place.HOME, Happening.LINE): Place.ITEMS,
    (Place.HOME, Happening.LINE_CLOSED): Place.REFUSED,
    (Place.HOME, Happening.NO_SERVER): Place.AWAY,
    (Place.HOME, Happening.CARD): Place.PRIVACY,
    (Place.HOME, Happening.CARD_LAID): Place.PRIVACY,
    (Place.HOME, Happening.TIME_OUT): Place.HOME,
    (Place.LINES, Happening.LINE): Place.ITEMS,
    (Place.LINES, Happening.LINE_CLOSED): Place.REFUSED,
    (Place.LINES, Happening.NO_SERVER): Place.AWAY,
    (Place.LINES, Happening.CARD): Place.PRIVACY,
    (Place.LINES, Happening.CARD_LAID): Place.PRIVACY,
    (Place.ITEMS, Happening.ITEM): Place.ISSUING,
    (Place.ITEMS, Happening.ITEM_FIRST): Place.CHOICE,
    (Place.ITEMS, Happening.NO_SERVER): Place.AWAY,
    (Place.ITEMS, Happening.BACK): Place.HOME,
    (Place.ITEMS, Happening.SETTLED): Place.LINES,  # back, with a card settled
    (Place.CHOICE, Happening.CARD): Place.PRIVACY,
    (Place.CHOICE, Happening.CARD_LAID): Place.PRIVACY,
    (Place.CHOICE, Happening.COMPLETE): Place.ISSUING,
    (Place.CHOICE, Happening.BACK): Place.ITEMS,
    # the only way to a reading leads over AGREE
    (Place.PRIVACY, Happening.AGREE): Place.LAY,
    (Place.LAY, Happening.CARD_LAID): Place.READING,
    (Place.LAY, Happening.READER_GONE): Place.NO_READER,
    (Place.READING, Happening.OFFER): Place.OFFER,
    (Place.READING, Happening.UNREADABLE): Place.UNREADABLE,
    (Place.READING, Happening.GIVE_UP): Place.GIVE_UP,
    (Place.READING, Happening.READER_GONE): Place.NO_READER,
    (Place.UNREADABLE, Happening.CARD_LAID): Place.READING,
    (Place.UNREADABLE, Happening.AGAIN): Place.LAY,
    (Place.UNREADABLE, Happening.READER_GONE): Place.NO_READER,
    (Place.NO_READER, Happening.READER_BACK): Place.LAY,
    (Place.NO_READER, Happening.AGAIN): Place.LAY,
    **{(place, Happening.SETTLED): Place.LINES for place in CARD_PLACES},
    **{(place, Happening.COMPLETE): Place.ISSUING for place in CARD_PLACES},
    (Place.ISSUING, Happening.ISSUED): Place.TICKET,
    (Place.ISSUING, Happening.HELD): Place.HELD,
    (Place.ISSUING, Happening.NO_SERVER): Place.AWAY,
    (Place.ISSUING, Happening.NO): Place.REFUSED,
    (Place.AWAY, Happening.AGAIN): Place.ISSUING,
    (Place.AWAY, Happening.READY): Place.HOME,
    (Place.AWAY, Happening.SERVER_BACK): Place.HOME,
    **{(place, Happening.GO_HOME): Place.HOME for place in (*LEFT_ALONE, Place.TICKET, Place.HELD)},
    **{(place, Happening.TIME_OUT): Place.HOME for place in (*LEFT_ALONE, Place.TICKET, Place.HELD)},
}

SCREENS = {  # place -> the screen that shows it
    Place.OPENING: "opening",
    Place.HOME: "home",
    Place.LINES: "home",
    Place.ITEMS: "items",
    Place.CHOICE: "choice",
    Place.PRIVACY: "privacy",
    Place.LAY: "card",
    Place.READING: "card",
    Place.UNREADABLE: "card",
    Place.GIVE_UP: "card",
    Place.NO_READER: "card",
    Place.OFFER: "offer",
    Place.ISSUING: "",  # whatever is shown stays, with a wait over it
    Place.TICKET: "ticket",
    Place.HELD: "ticket",
    Place.AWAY: "notice",
    Place.REFUSED: "notice",
}

WATCHED = set(LEFT_ALONE)  # left alone here, the kiosk asks "are you still there?"
COUNTED = {Place.TICKET, Place.HELD}  # these count down themselves


def after(place: Place, happening: Happening) -> Place | None:
    """Where to go, None to stay."""
    return FLOW.get((place, happening))


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
