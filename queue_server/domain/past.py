"""A ticket's life, read from its own events: what it was after each of them, and the steps it went through.

The log says everything a ticket's row says, so that tables can be made from it again, the last action can be taken
back, and no step needs a table of its own. An event that was undone is as if it had not been.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from typing import Any

from queue_server.domain.events import RATED
from queue_server.domain.model import State, Ticket

Facts = Mapping[str, Any]
UNDONE = "ticket.undone"
PAPER = ("ticket.printed", "ticket.not_printed")
ALARM = "alarm"  # it names the ticket, and changes nothing of it
ASIDE = (*PAPER, ALARM, RATED)  # these do not stand between an action and its being taken back
UNDOABLE = {  # event -> what is taken back; an announcement cannot be
    "ticket.called": "call",
    "ticket.started": "start",
    "ticket.finished": "finish",
    "ticket.missed": "miss",
    "ticket.released": "release",
    "ticket.transferred": "transfer",
    "ticket.held": "hold",
    "ticket.resumed": "resume",
}


def standing(events: Iterable[Facts]) -> list[Facts]:
    """The events of one ticket, in order of seq, without those that were taken back."""
    stand: list[Facts] = []
    for facts in events:
        if facts["type"] == UNDONE:
            del stand[max(place for place, one in enumerate(stand) if one["type"] in UNDOABLE)]
        else:
            stand.append(facts)
    return stand


def lives(hall: str, events: Iterable[Facts]) -> list[tuple[Facts, Ticket]]:
    """Each event that stands and the ticket after it; `events` are one ticket's, in order of seq."""
    found: list[tuple[Facts, Ticket]] = []
    for facts in standing(events):
        found.append((facts, _after(hall, found[-1][1] if found else None, facts)))
    return found


def _after(hall: str, before: Ticket | None, facts: Facts) -> Ticket:
    ticket = before or _issued(hall, facts)
    told, kind, at = facts["ticket"], facts["type"], datetime.fromisoformat(facts["at"])
    if kind in (ALARM, RATED):  # said of a call, or of a service, that may have been taken back
        return ticket
    if kind in PAPER:  # it may have been told after an action that was taken back
        return _printed(ticket, facts)
    ticket = ticket._replace(
        state=State(told["state"]),
        key=datetime.fromisoformat(told["key"]),
        line=told["line"],
        cls=told["class"],
        bound=told.get("bound", 0),
        calls=told["calls"],
    )
    change = CHANGES.get(kind)
    return change(ticket, facts, at) if change else ticket


def _issued(hall: str, facts: Facts) -> Ticket:
    told = facts["ticket"]
    return Ticket(
        id=told["id"],
        seq=told["seq"],
        number=told["number"],
        hall=hall,
        line=told["line"],
        item=told["item"],
        cls=told["class"],
        state=State.WAITING,
        business_day=date.fromisoformat(told["business_day"]),
        issued_at=datetime.fromisoformat(told["issued_at"]),
        key=datetime.fromisoformat(told["key"]),
        source=told.get("source", "kiosk"),
        lang=told.get("lang", "zh"),
    )


def _called(ticket: Ticket, facts: Facts, at: datetime) -> Ticket:
    first = ticket.first_called_at or at
    return ticket._replace(window=facts["window"], called_at=at, first_called_at=first, started_at=None)


def _ended(ticket: Ticket, facts: Facts, at: datetime) -> Ticket:
    return ticket._replace(ended_at=at)


def _printed(ticket: Ticket, facts: Facts) -> Ticket:
    reason = facts["reason"]
    return ticket._replace(
        printed=ticket.printed or facts["type"] == "ticket.printed",
        print_doubt=reason["doubt"],
        prints=ticket.prints + reason["count"],
    )


def queued_again(ticket: Ticket) -> Ticket:
    """Away from its window, into a queue again; when it was first called is kept."""
    return ticket._replace(window=None, calls=0, called_at=None, started_at=None)


CHANGES: dict[str, Callable[[Ticket, Facts, datetime], Ticket]] = {
    "ticket.called": _called,
    "ticket.resumed": _called,
    "ticket.recalled": lambda ticket, facts, at: ticket._replace(called_at=at),
    "ticket.started": lambda ticket, facts, at: ticket._replace(started_at=at),
    "ticket.finished": _ended,
    "ticket.missed": _ended,
    "ticket.cancelled": _ended,
    "ticket.expired": _ended,
    "ticket.released": lambda ticket, facts, at: queued_again(ticket),
    "ticket.transferred": lambda ticket, facts, at: queued_again(ticket),
    "ticket.returned": lambda ticket, facts, at: queued_again(ticket)._replace(first_called_at=None, ended_at=None),
}


# -- steps ------------------------------------------------------------------------------------------------------------

JOINED = {"ticket.issued", "ticket.transferred", "ticket.returned", "ticket.released"}  # a wait begins
LEFT = {  # a step ends, and how
    "ticket.finished": "done",
    "ticket.missed": "missed",
    "ticket.held": "held",
    "ticket.transferred": "transferred",
    "ticket.released": "released",
    "ticket.cancelled": "cancelled",
    "ticket.expired": "expired",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One stay in a queue and at a window; instants are aware. What has not happened yet is None."""

    line: str
    waiting_from: datetime
    window: int | None = None
    called_at: datetime | None = None
    started_at: datetime | None = None
    ended_at: datetime | None = None
    outcome: str = ""  # empty while it runs

    @property
    def waited(self) -> timedelta | None:
        """Until it was first called, or gave up."""
        end = self.called_at or self.ended_at
        return end - self.waiting_from if end else None

    @property
    def served(self) -> timedelta | None:
        return self.ended_at - self.started_at if self.started_at and self.ended_at else None


def steps(events: Iterable[Facts]) -> list[Step]:
    """The steps of one ticket from its events, in order of seq."""
    found: list[Step] = []
    for facts in standing(events):
        kind, at, line = facts["type"], datetime.fromisoformat(facts["at"]), facts["ticket"]["line"]
        if kind in LEFT:
            found[-1] = replace(found[-1], ended_at=at, outcome=LEFT[kind])
        if kind == "ticket.called":
            found[-1] = replace(found[-1], window=facts["window"], called_at=at)
        elif kind == "ticket.started":
            found[-1] = replace(found[-1], started_at=at)
        elif kind == "ticket.resumed":
            found.append(Step(line, found[-1].ended_at or at, facts["window"], called_at=at))
        elif kind in JOINED:
            found.append(Step(line, at))
    return found
