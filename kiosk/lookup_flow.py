"""Where the lookup terminal goes: a table of (place, happening) -> place. App and tests walk the same table."""

from __future__ import annotations

from kiosk.places import Happening, Journey, Place

LEFT_ALONE = (
    Place.LIST, Place.SEARCH, Place.GUIDE, Place.FACILITIES, Place.AWAY, Place.REFUSED,
)  # fmt: skip

STEPS: dict[tuple[Place, Happening], Place] = {
    (Place.OPENING, Happening.READY): Place.HOME,
    (Place.OPENING, Happening.NO_GUIDES): Place.EMPTY,
    (Place.EMPTY, Happening.READY): Place.HOME,
    (Place.HOME, Happening.GROUP): Place.LIST,
    (Place.HOME, Happening.SEARCH): Place.SEARCH,
    (Place.HOME, Happening.FACILITIES): Place.FACILITIES,
    (Place.HOME, Happening.TIME_OUT): Place.HOME,
    (Place.LIST, Happening.OPEN): Place.GUIDE,
    (Place.LIST, Happening.SEARCH): Place.SEARCH,
    (Place.LIST, Happening.BACK): Place.HOME,
    (Place.SEARCH, Happening.OPEN): Place.GUIDE,
    (Place.SEARCH, Happening.BACK): Place.HOME,
    (Place.GUIDE, Happening.TAKE): Place.ISSUING,
    (Place.GUIDE, Happening.TO_LIST): Place.LIST,
    (Place.GUIDE, Happening.TO_SEARCH): Place.SEARCH,
    (Place.GUIDE, Happening.GONE): Place.HOME,
    (Place.FACILITIES, Happening.BACK): Place.HOME,
    (Place.ISSUING, Happening.ISSUED): Place.TICKET,
    (Place.ISSUING, Happening.NO_SERVER): Place.AWAY,
    (Place.ISSUING, Happening.NO): Place.REFUSED,
    (Place.AWAY, Happening.AGAIN): Place.ISSUING,
    **{(place, Happening.GO_HOME): Place.HOME for place in (*LEFT_ALONE, Place.TICKET)},
    **{(place, Happening.TIME_OUT): Place.HOME for place in (*LEFT_ALONE, Place.TICKET)},
}

SCREENS = {  # place -> the screen that shows it
    Place.OPENING: "opening",
    Place.EMPTY: "notice",
    Place.HOME: "shelves",
    Place.LIST: "shelf",
    Place.SEARCH: "search",
    Place.GUIDE: "guide",
    Place.FACILITIES: "facilities",
    Place.ISSUING: "",  # whatever is shown stays, with a wait over it
    Place.TICKET: "ticket",
    Place.AWAY: "notice",
    Place.REFUSED: "notice",
}

LOOKUP = Journey(STEPS, SCREENS, watched=frozenset(LEFT_ALONE), counted=frozenset({Place.TICKET}))
