"""Where the ticket kiosk goes: a table of (place, happening) -> place. App and tests walk the same table."""

from __future__ import annotations

from kiosk.places import Happening, Journey, Place

CARD_PLACES = (
    Place.PRIVACY, Place.LAY, Place.READING, Place.UNREADABLE, Place.GIVE_UP, Place.NO_READER, Place.OFFER,
)  # fmt: skip
LEFT_ALONE = (
    Place.LINES, Place.ITEMS, Place.CHOICE, Place.BRING, *CARD_PLACES, Place.AWAY, Place.REFUSED,
    Place.FIND, Place.FOUND, Place.SURE, Place.RATE, Place.UNFOUND,
)  # fmt: skip
BRIEF = (Place.TICKET, Place.HELD, Place.THANKS)  # go home by themselves
SCANS = (  # a ticket scanned here is looked for; where a card is being read, or something asked, it is not
    Place.HOME, Place.ATTRACT, Place.LINES, Place.ITEMS, Place.CHOICE, Place.BRING, Place.TICKET, Place.HELD,
    Place.REFUSED, Place.FIND, Place.FOUND, Place.UNFOUND, Place.RATE, Place.THANKS,
)  # fmt: skip

STEPS: dict[tuple[Place, Happening], Place] = {
    (Place.OPENING, Happening.READY): Place.HOME,
    (Place.OPENING, Happening.NO_SERVER): Place.AWAY,
    (Place.HOME, Happening.LINE): Place.ITEMS,
    (Place.HOME, Happening.LINE_CLOSED): Place.REFUSED,
    (Place.HOME, Happening.NO_SERVER): Place.AWAY,
    (Place.HOME, Happening.CARD): Place.PRIVACY,
    (Place.HOME, Happening.CARD_LAID): Place.PRIVACY,
    (Place.HOME, Happening.ITEM): Place.ISSUING,  # one of those most asked for
    (Place.HOME, Happening.ITEM_FIRST): Place.CHOICE,
    (Place.HOME, Happening.FIND): Place.FIND,
    (Place.HOME, Happening.TIME_OUT): Place.ATTRACT,
    (Place.ATTRACT, Happening.WAKE): Place.HOME,
    (Place.ATTRACT, Happening.CARD_LAID): Place.PRIVACY,
    (Place.ATTRACT, Happening.NO_SERVER): Place.AWAY,
    (Place.LINES, Happening.LINE): Place.ITEMS,
    (Place.LINES, Happening.LINE_CLOSED): Place.REFUSED,
    (Place.LINES, Happening.NO_SERVER): Place.AWAY,
    (Place.LINES, Happening.ITEM): Place.ISSUING,
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
    (Place.CHOICE, Happening.BRING): Place.BRING,
    (Place.BRING, Happening.BACK): Place.CHOICE,
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
    (Place.REFUSED, Happening.ITEM): Place.ISSUING,  # in another line that does it
    (Place.AWAY, Happening.AGAIN): Place.ISSUING,
    (Place.AWAY, Happening.LOOK): Place.ASKING,  # the same question once more
    (Place.AWAY, Happening.FIND): Place.FIND,  # nothing was asked yet
    (Place.AWAY, Happening.READY): Place.HOME,
    (Place.AWAY, Happening.SERVER_BACK): Place.HOME,
    # my ticket
    **{(place, Happening.LOOK): Place.ASKING for place in SCANS},
    (Place.FIND, Happening.CARD): Place.PRIVACY,
    (Place.FIND, Happening.CARD_LAID): Place.PRIVACY,
    (Place.FIND, Happening.NO_SERVER): Place.AWAY,
    (Place.FIND, Happening.BACK): Place.HOME,
    **{(place, Happening.FIND): Place.FIND for place in CARD_PLACES},  # without a card after all
    (Place.READING, Happening.LOOK): Place.ASKING,
    (Place.ASKING, Happening.FOUND): Place.FOUND,
    (Place.ASKING, Happening.UNFOUND): Place.UNFOUND,
    (Place.ASKING, Happening.RATE): Place.RATE,
    (Place.ASKING, Happening.RATED): Place.THANKS,
    (Place.ASKING, Happening.NO_SERVER): Place.AWAY,
    (Place.UNFOUND, Happening.FIND): Place.FIND,
    (Place.FOUND, Happening.BACK): Place.FIND,
    (Place.FOUND, Happening.REPRINT): Place.HELD,
    (Place.FOUND, Happening.CANCEL): Place.SURE,
    (Place.FOUND, Happening.RATE): Place.RATE,
    (Place.SURE, Happening.BACK): Place.FOUND,
    (Place.SURE, Happening.LOOK): Place.ASKING,
    (Place.RATE, Happening.BACK): Place.FOUND,
    **{(place, Happening.GO_HOME): Place.HOME for place in (*LEFT_ALONE, *BRIEF)},
    **{(place, Happening.TIME_OUT): Place.HOME for place in (*LEFT_ALONE, *BRIEF)},
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
    Place.BRING: "bring",
    Place.FIND: "find",
    Place.ASKING: "",
    Place.FOUND: "found",
    Place.SURE: "found",
    Place.RATE: "rate",
    Place.THANKS: "thanks",
    Place.UNFOUND: "notice",
    Place.ATTRACT: "attract",
}

TICKET = Journey(STEPS, SCREENS, watched=frozenset(LEFT_ALONE), counted=frozenset({Place.TICKET, Place.HELD}))
