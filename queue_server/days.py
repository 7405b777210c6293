"""The business days of the halls: which one it is, whether numbers are given, and what happens when one is over.

A day is closed by the first command after it, or by `QueueService.close_days` when nobody comes at night: open tickets
expire, and the persons behind the day's tickets are forgotten together with the key their tokens were made with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from queue_server.domain import calendar
from queue_server.domain.errors import Conflict
from queue_server.domain.events import EVENT_OF, NOBODY, Event
from queue_server.domain.model import AT_A_WINDOW, OPEN_STATES, Action, Ticket
from queue_server.hallbook import HallBook
from queue_server.store import persons
from queue_server.store.writer import Transaction

KEEP_ANSWERS = timedelta(hours=48)
KEY_BYTES = 32


@dataclass(frozen=True, slots=True)
class DayKey:
    """What kiosks make card tokens with: `key` is base64url, good until `closes_at` (UTC)."""

    day: date
    key: str = field(repr=False)
    closes_at: datetime


class Days:
    """`clock()` is an aware datetime in UTC, `rng(n)` n random bytes as base64url text.

    `enforce_hours` False: opening hours are shown, not enforced (demo).
    """

    def __init__(
        self,
        halls: Mapping[str, HallBook],
        clock: Callable[[], datetime],
        rng: Callable[[int], str],
        *,
        enforce_hours: bool,
    ) -> None:
        self._halls = halls
        self._clock = clock
        self._rng = rng
        self.enforce_hours = enforce_hours
        self._moments: dict[str, tuple[int, HallBook, calendar.Moment]] = {}

    def moment(self, hall: str, now: datetime) -> calendar.Moment:
        """What `now` is to the hall; worked out once a second, and anew for other settings."""
        second, book = int(now.timestamp()), self._halls[hall]
        cached = self._moments.get(hall)
        if cached is None or cached[0] != second or cached[1] is not book:
            cached = self._moments[hall] = second, book, calendar.moment(book.hall, now)
        return cached[2]

    def check_hours(self, hall: str, now: datetime) -> None:
        """Raises Conflict, saying when, if the hall gives no numbers now."""
        if not self.enforce_hours or self.moment(hall, now).takes_tickets:
            return
        opening = calendar.next_opening(self._halls[hall].hall, now)
        when = f"it opens {opening:%Y-%m-%d %H:%M}" if opening else "no opening is planned"
        raise Conflict(f"the hall gives no numbers now; {when}", next_open=opening)

    def begin(self, tx: Transaction, hall: str) -> datetime:
        """The instant of this command, which is on today's business day: one that is over is closed first."""
        now, state = self._clock(), tx.state(hall)
        day = self.moment(hall, max(now, state.last_issued_at)).business_day
        if day > state.business_day:
            over, state.business_day = state.business_day, day
            for ticket in tx.of_day(hall, over):
                if ticket.state in OPEN_STATES:
                    _expire(tx, ticket, now)
            persons.forget(tx, hall, keep=day)
            tx.forget_answers(now - KEEP_ANSWERS)
        return now

    def close(self, tx: Transaction, hall: str) -> bool:
        """Closes the hall's day if it is over; whether it was. A hall no longer served here keeps no persons at all."""
        if hall not in self._halls:
            persons.forget(tx, hall, keep=date.min)
            return False
        day = tx.state(hall).business_day
        self.begin(tx, hall)
        return tx.state(hall).business_day != day

    def key(self, tx: Transaction, hall: str) -> DayKey:
        """The key of the hall's business day, made when it is first asked for."""
        self.begin(tx, hall)
        day = tx.state(hall).business_day
        key = persons.day_key(tx, hall, day)
        if key is None:
            text = self._rng(KEY_BYTES)
            key = text + "=" * (-len(text) % 4)  # every decoder takes it with padding, not every one without
            persons.add_day_key(tx, hall, day, key)
        return DayKey(day, key, calendar.day_end(self._halls[hall].hall, day))


def _expire(tx: Transaction, ticket: Ticket, now: datetime) -> None:
    if ticket.state in AT_A_WINDOW and ticket.window is not None:
        tx.free_window(ticket.hall, ticket.window, ticket.id)
    expired = ticket.after(Action.EXPIRE, ended_at=now)
    tx.save_ticket(expired)
    tx.append(ticket.hall, Event(EVENT_OF[Action.EXPIRE], now, NOBODY, expired, ticket.window))
