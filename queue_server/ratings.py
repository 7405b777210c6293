"""Ratings: a citizen's once a service, kept from the clerk; a manager sees how many there are of each level."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import TypeVar

from queue_server.days import Days
from queue_server.domain.errors import Conflict
from queue_server.domain.events import RATED, Event
from queue_server.domain.model import State
from queue_server.domain.ratings import ENOUGH, Rating, rating_of
from queue_server.store import ratings as table
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction
from queue_server.windows import the_ticket

Levels = Counter[int]  # level -> how many


@dataclass(frozen=True, slots=True)
class Summary:
    """Ratings of the business days from `since` to `until`; items and windows only where there are ENOUGH."""

    since: date
    until: date
    levels: Levels
    items: dict[str, Levels]
    windows: dict[int, Levels]


class Ratings:
    """Commands and looks about ratings."""

    def __init__(self, days: Days) -> None:
        self._days = days

    def rate(self, tx: Transaction, ticket_id: str, level: int, language: str, actor: str) -> Rating:
        """A citizen's word on a finished service. Raises NotFound, Conflict with `why`: unfinished, over or rated.

        One that was given before the clerk took the finish back stands: it is not the clerk's to take back.
        """
        hall = the_ticket(tx, ticket_id).hall
        now = self._days.begin(tx, hall)
        ticket = the_ticket(tx, ticket_id)
        if ticket.business_day != tx.state(hall).business_day:
            words = f"ticket {ticket.number} is of {ticket.business_day}; a visit can be rated until its day is over"
            raise Conflict(words, why="over")
        if table.of_ticket(tx, ticket_id) is not None:
            raise Conflict("this visit has been rated; thank you, once is enough", why="rated")
        if ticket.state is not State.DONE:
            raise Conflict(f"ticket {ticket.number} is {ticket.state}; please rate it once done", why="unfinished")
        event = Event(RATED, now, actor, ticket, ticket.window, {"level": level, "language": language})
        tx.append(hall, event)
        rating = rating_of(hall, event.facts())
        table.add(tx, rating)
        return rating

    def summary(self, reading: Reading, hall: str, days: int) -> Summary:
        """The last business days, today's included."""
        until = self._days.today(reading, hall)
        since = until - timedelta(days=days - 1)
        found = table.counts(reading, hall, since, until)
        return Summary(
            since,
            until,
            _sum((one.level, one.count) for one in found),
            _by([(one.item, one.level, one.count) for one in found]),
            _by([(one.window, one.level, one.count) for one in found]),
        )


def _sum(counted: Iterable[tuple[int, int]]) -> Levels:
    levels: Levels = Counter()
    for level, count in counted:
        levels[level] += count
    return levels


Name = TypeVar("Name", str, int)


def _by(counted: list[tuple[Name | None, int, int]]) -> dict[Name, Levels]:
    """Those that have ENOUGH, in order of name."""
    names = sorted({name for name, _, _ in counted if name is not None})
    found = {name: _sum((level, count) for own, level, count in counted if own == name) for name in names}
    return {name: levels for name, levels in found.items() if levels.total() >= ENOUGH}
