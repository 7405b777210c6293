"""A day as it was, from a hall's log: who came for what, how long it took, and when each window was there.

Each stay at a window is somebody who comes: after a transfer or a hold they come again when they did, with the key they
had. Whoever gave up before a call is left out. A ticket takes from its call to its end, whether or not a clerk pressed
start: that is how long the window was busy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import mean
from typing import Any

from config import Hall
from queue_server.domain import past
from queue_server.domain.calendar import periods_of
from queue_server.domain.model import Ticket
from queue_server.hallbook import HallBook
from queue_server.simulate.people import Person, micro
from queue_server.simulate.plan import MEAN_SERVICE, NoDay
from queue_server.simulate.room import MICROSECOND
from queue_server.simulate.scene import FOREVER, Break

Facts = Mapping[str, Any]
GONE = ("cancelled", "released")
KEPT_BUSY = ("done", "missed", "held", "transferred")  # a window was busy from the call to the end of these


@dataclass(frozen=True, slots=True)
class Yesterday:
    """One business day. `absences` are windows' by number.

    How long `guessed` stays took is not known; they get the mean of their line. `unread` rows, and tickets, make no
    sense and were left out.
    """

    day: date
    people: list[Person]
    absences: dict[int, tuple[Break, ...]]
    guessed: int
    unread: int


def yesterday(payloads: Iterable[str], hall: Hall, day: date | None = None) -> Yesterday:
    """The given business day, or the last one, of a log's payloads in order. Raises NoDay."""
    tickets: dict[str, list[Facts]] = {}
    windows: dict[int, list[tuple[datetime, bool]]] = {}
    unread = 0
    for payload in payloads:
        facts = _facts(payload)
        if facts is None:
            unread += 1
        elif facts["ticket"] is not None:
            tickets.setdefault(facts["ticket"]["id"], []).append(facts)
        elif facts["type"].startswith("window."):
            at = datetime.fromisoformat(facts["at"])
            windows.setdefault(facts["window"], []).append((at, facts["type"] == "window.opened"))
    days = {found[0]["ticket"]["business_day"] for found in tickets.values()}
    wanted = day.isoformat() if day else max(days, default="")
    if wanted not in days:
        raise NoDay(f"the log of hall {hall.id} has no ticket{f' of {day}' if day else ''}")
    of_day = [found for found in tickets.values() if found[0]["ticket"]["business_day"] == wanted]
    return _told(hall, date.fromisoformat(wanted), of_day, windows, unread)


def _facts(payload: str) -> Facts | None:
    """An event, or None if the row is broken."""
    try:
        facts: Facts = json.loads(payload)
        ticket, kind, _ = facts["ticket"], facts["type"], facts["window"]
        whole = isinstance(kind, str) and datetime.fromisoformat(facts["at"]).tzinfo is not None
        if ticket is not None:
            whole = whole and isinstance(ticket["id"], str) and bool(date.fromisoformat(ticket["business_day"]))
    except (ValueError, KeyError, TypeError):
        return None
    return facts if whole else None


@dataclass(frozen=True, slots=True)
class _Stay:
    """One stay in a queue as the log has it; None where nobody knows how long it took."""

    ticket: Ticket
    arrives: datetime
    line: str
    minutes: float | None
    answers: bool


def _told(
    hall: Hall,
    day: date,
    tickets: Iterable[list[Facts]],
    windows: Mapping[int, list[tuple[datetime, bool]]],
    unread: int,
) -> Yesterday:
    stays: list[_Stay] = []
    for found in tickets:
        try:
            stays += _stays(hall, found)
        except (KeyError, ValueError, IndexError, TypeError):
            unread += 1
    period = next(iter(periods_of(hall, day)), None)
    opens = period.opens if period else min((stay.arrives for stay in stays), default=None)
    if opens is None:
        raise NoDay(f"no ticket of {day} can be read from the log of hall {hall.id}")
    known: dict[str, list[float]] = {}
    for stay in stays:
        if stay.answers and stay.minutes is not None:
            known.setdefault(stay.line, []).append(stay.minutes)
    means = {line: mean(minutes) for line, minutes in known.items()}
    book = HallBook(hall)
    people = [_person(stay, opens, means, book) for stay in stays]
    people.sort(key=lambda person: person.arrives)
    absences = {no: _absences(told, opens) for no, told in windows.items()}
    return Yesterday(day, people, absences, sum(stay.minutes is None for stay in stays), unread)


def _stays(hall: Hall, events: list[Facts]) -> list[_Stay]:
    """The stays of a ticket; those that were given up are none."""
    ticket = past.lives(hall.id, events)[-1][1]
    found = []
    for step in past.steps(events):
        if step.outcome in GONE:
            continue
        took = step.ended_at - step.called_at if step.called_at and step.ended_at else None
        known = step.outcome in KEPT_BUSY and took is not None and took >= timedelta(0)
        minutes = took.total_seconds() / 60 if known and took is not None else None
        found.append(_Stay(ticket, step.waiting_from, step.line, minutes, step.outcome != "missed"))
    return found


def _person(stay: _Stay, opens: datetime, means: Mapping[str, float], book: HallBook) -> Person:
    expected = micro(means.get(stay.line, MEAN_SERVICE))
    arrives = (stay.arrives - opens) // MICROSECOND
    came = (stay.ticket.key + book.credit(stay.ticket.cls) - opens) // MICROSECOND
    takes = expected if stay.minutes is None else max(1, micro(stay.minutes))
    item = stay.ticket.item or stay.line
    return Person(arrives, came, item, stay.line, stay.ticket.cls, takes, expected, stay.answers)


def _absences(told: Iterable[tuple[datetime, bool]], opens: datetime) -> tuple[Break, ...]:
    """When a window was paused or closed, from the hall's opening on; one that was left open stays so."""
    changes = [((at - opens) // MICROSECOND, there) for at, there in told]
    there = next((there for at, there in reversed(changes) if at <= 0), False)
    gone_since = None if there else 0
    found = []
    for at, there in changes:
        if at > 0 and not there and gone_since is None:
            gone_since = at
        elif at > 0 and there and gone_since is not None:
            found.append(Break(gone_since, max(1, at - gone_since)))  # a clock may have been set back
            gone_since = None
    return (*found, Break(gone_since, FOREVER)) if gone_since is not None else tuple(found)
