"""Where the ticket kiosk goes: a table of (place, happening) -> place. App and tests walk the same table.

What is not in the table does nothing: a second tap on an item while its number is being taken has no row.
"""

from __future__ import annotations

from enum import StrEnum


class Place(StrEnum):
    """What the citizen sees."""

    OPENING = "opening"  # the first frame, before the hall is known
    HOME = "home"
    ITEMS = "items"
    ISSUING = "issuing"  # the server is asked for a number
    TICKET = "ticket"
    AWAY = "away"  # no number: the server cannot be reached
    REFUSED = "refused"  # no number: the server or the line says no


class Happening(StrEnum):
    """What can happen there."""

    READY = "ready"  # the hall is known
    LINE = "line"  # a line tile was tapped
    LINE_CLOSED = "line closed"  # … of a line that gives no numbers
    ITEM = "item"  # an item was tapped
    ISSUED = "issued"
    NO_SERVER = "no server"  # asked, but it is away
    SERVER_BACK = "server back"
    NO = "no"  # asked, and it refused
    AGAIN = "again"
    BACK = "back"
    GO_HOME = "home"
    TIME_OUT = "time-out"


FLOW: dict[tuple[Place, Happening], Place] = {
    (Place.OPENING, Happening.READY): Place.HOME,
    (Place.OPENING, Happening.NO_SERVER): Place.AWAY,
    (Place.HOME, Happening.LINE): Place.ITEMS,
    (Place.HOME, Happening.LINE_CLOSED): Place.REFUSED,
    (Place.HOME, Happening.NO_SERVER): Place.AWAY,
    (Place.HOME, Happening.TIME_OUT): Place.HOME,
    (Place.ITEMS, Happening.ITEM): Place.ISSUING,
    (Place.ITEMS, Happening.NO_SERVER): Place.AWAY,
    (Place.ITEMS, Happening.BACK): Place.HOME,
    (Place.ITEMS, Happening.GO_HOME): Place.HOME,
    (Place.ITEMS, Happening.TIME_OUT): Place.HOME,
    (Place.ISSUING, Happening.ISSUED): Place.TICKET,
    (Place.ISSUING, Happening.NO_SERVER): Place.AWAY,
    (Place.ISSUING, Happening.NO): Place.REFUSED,
    (Place.TICKET, Happening.GO_HOME): Place.HOME,
    (Place.TICKET, Happening.TIME_OUT): Place.HOME,
    (Place.AWAY, Happening.AGAIN): Place.ISSUING,
    (Place.AWAY, Happening.READY): Place.HOME,
    (Place.AWAY, Happening.SERVER_BACK): Place.HOME,
    (Place.AWAY, Happening.GO_HOME): Place.HOME,
    (Place.AWAY, Happening.TIME_OUT): Place.HOME,
    (Place.REFUSED, Happening.GO_HOME): Place.HOME,
    (Place.REFUSED, Happening.TIME_OUT): Place.HOME,
}

SCREENS = {  # place -> the screen that shows it
    Place.OPENING: "opening",
    Place.HOME: "home",
    Place.ITEMS: "items",
    Place.ISSUING: "items",
    Place.TICKET: "ticket",
    Place.AWAY: "notice",
    Place.REFUSED: "notice",
}

WATCHED = {Place.ITEMS, Place.AWAY, Place.REFUSED}  # left alone here, the kiosk asks "are you still there?"


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
