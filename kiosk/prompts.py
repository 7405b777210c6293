"""What is said of a place of the ticket kiosk: in elder mode by itself, else on demand. Nothing about a person."""

from __future__ import annotations

from collections.abc import Callable

from kiosk.places import Place
from kiosk.visit import Visit

VOICE: dict[Place, str] = {  # place -> key of words
    Place.HOME: "voice.home",
    Place.LINES: "voice.home",
    Place.ITEMS: "voice.items",
    Place.CHOICE: "voice.choice",
    Place.PRIVACY: "voice.privacy",
    Place.LAY: "voice.lay",
    Place.UNREADABLE: "voice.unreadable",
    Place.GIVE_UP: "voice.give.up",
    Place.NO_READER: "voice.no.reader",
    Place.OFFER: "voice.offer",
    Place.TICKET: "voice.ticket",
    Place.HELD: "voice.held",
    Place.AWAY: "voice.away",
    Place.REFUSED: "voice.refused",
    Place.BRING: "voice.bring",
    Place.FIND: "voice.find",
    Place.FOUND: "voice.found",
    Place.SURE: "voice.sure",
    Place.RATE: "voice.rate",
    Place.THANKS: "voice.thanks",
    Place.UNFOUND: "voice.unfound",
}
SEEKING: dict[Place, str] = {Place.AWAY: "voice.away.find"}  # to somebody who looks for a ticket


def prompt(place: Place, visit: Visit, say: Callable[..., str]) -> str:
    """The sentence; empty where none is due."""
    key = (SEEKING.get(place) if visit.seeks else None) or VOICE.get(place)
    ticket = visit.ticket
    said = {"number": ticket.number, "zone": ticket.zone} if ticket else {}
    return say(key, **said) if key else ""
