"""The business days of the halls: which one it is, whether numbers are given, and what happens when one is over.

A day is closed by the first command after it, or by `QueueService.close_days` when nobody comes at night: open tickets
expire, and the persons behind the day's tickets are forgotten together with the key their tokens were made with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from config import Line
from queue_server.domain import calendar
from queue_server.domain.errors import Conflict, NoNumbers
from queue_server.domain.events import EVENT_OF, NOBODY, Event
from queue_server.domain.model import AT_A_WINDOW, OPEN_STATES, Action, Ticket
from queue_server.hallbook import HallBook
from queue_server.store import persons
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction

KEEP_ANSWERS = timedelta(hours=48)
AHEAD = timedelta(hours=12)  # what was issued later than this from now was issued by a clock that was wrong, or is
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
        self._alarmed: dict[str, date] = {}  # the day a hall is in by mistake, when that was said

    def moment(self, hall: str, now: datetime) -> calendar.Moment:
        """What `now` is to the hall; worked out once a second, and anew for other settings."""
        second, book = int(now.timestamp()), self._halls[hall]
        cached = self._moments.get(hall)
        if cached is None or cached[0] != second or cached[1] is not book:
            cached = self._moments[hall] = second, book, calendar.moment(book.hall, now)
        return cached[2]

    def gives(self, hall: str, now: datetime) -> bool:
        """Are numbers given now?"""
        return not self.enforce_hours or self.moment(hall, now).takes_tickets

    def check_hours(self, hall: str, now: datetime) -> None:
        """Raises NoNumbers, saying when, if the hall gives none now."""
        if self.gives(hall, now):
            return
        opening = calendar.next_opening(self._halls[hall].hall, now)
        when = f"it opens {opening:%Y-%m-%d %H:%M}" if opening else "no opening is planned"
        reason = "last_ticket" if self.moment(hall, now).open else "hall_closed"
        raise NoNumbers(f"the hall gives no numbers now; {when}", reason, opening)

    def gives_next(self, reading: Reading, hall: str, line: Line) -> datetime | None:
        """When a line gives numbers again; None if it does now, or if only a manager can say."""
        settings, now = self._halls[hall].hall, self._clock()
        if not line.open:
            return None
        if full(reading, hall, line, day := self.today(reading, hall)):
            return calendar.opening_after(settings, now, day)
        return None if self.gives(hall, now) else calendar.next_opening(settings, now)

    def begin(self, tx: Transaction, hall: str) -> datetime:
        """The instant of this command, which is on today's business day: one that is over is closed first."""
        now, state = self._clock(), tx.state(hall)
        day = self.moment(hall, max(now, state.last_issued_at)).business_day
        if state.last_issued_at > now + AHEAD:
            self._doubt(tx, hall, now)
        if day > state.business_day:
            over, state.business_day = state.business_day, day
            for ticket in tx.of_day(hall, over):
                if ticket.state in OPEN_STATES:
                    _expire(tx, ticket, now)
            persons.forget(tx, hall, keep=day)
            tx.forget_answers(now - KEEP_ANSWERS)
        return now

    def _doubt(self, tx: Transaction, hall: str, now: datetime) -> None:
        """Says once that the clock is, or was, wrong: nothing tells which of the two times is the right one."""
        day, by_clock = tx.state(hall).business_day, self.moment(hall, now).business_day
        if by_clock < day and self._alarmed.get(hall) != day:
            self._alarmed[hall] = day
            reason = {"kind": "clock", "business_day": day.isoformat(), "by_clock": by_clock.isoformat()}
            tx.append(hall, Event("alarm", now, NOBODY, reason=reason))

    def set_by_clock(self, tx: Transaction, hall: str, actor: str) -> date:
        """The business day as the clock has it, after a time when the clock was ahead; the manager knows it is right.

        Numbers go on where that day left them. Raises Conflict when nothing is wrong with the day.
        """
        now, state = self.begin(tx, hall), tx.state(hall)
        day, wrong = self.moment(hall, now).business_day, state.business_day
        if day == wrong:
            raise Conflict(f"the business day is {day}, as the server's clock says", business_day=day.isoformat())
        for ticket in tx.of_day(hall, wrong):
            if ticket.state in OPEN_STATES:
                _expire(tx, ticket, now)
        persons.forget(tx, hall, keep=day)
        state.business_day, state.last_issued_at = day, now
        tx.append(hall, Event("day.set", now, actor, reason={"from": wrong.isoformat(), "to": day.isoformat()}))
        return day

    def today(self, reading: Reading, hall: str) -> date:
        """The hall's business day now; other hours or another time zone never lead back to one before the last."""
        day, state = self.moment(hall, self._clock()).business_day, reading.hall(hall)
        return max(day, state.business_day) if state else day

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


def full(reading: Reading, hall: str, line: Line, day: date) -> bool:
    """Has a line given all its numbers of a day?"""
    return 0 < line.daily <= reading.numbers_given(hall, line.letter, day)
