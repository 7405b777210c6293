"""One hall's estimate: follows the log, learns when a day is over, and makes everybody's range of one look.

What it knows comes from the log and can be made anew from it, but for the scales, which are kept from day to day.
"""

from __future__ import annotations

import random
from collections.abc import Iterator, Mapping
from datetime import date, datetime, timedelta
from typing import Any

from queue_server.domain.model import Ticket
from queue_server.estimate import fallback, live
from queue_server.estimate.history import Facts, day_from, first_range, read_row
from queue_server.estimate.learning import DAYS, RECORD_DAYS, Day, Kept, Learned, learn
from queue_server.estimate.posted import Range, Ranges
from queue_server.estimate.ranges import Guess, Scales, Shown, Span, guess_of, rounded, shown
from queue_server.estimate.rollout import State, Waiting, rollouts
from queue_server.hallbook import HallBook
from queue_server.settings import stored
from queue_server.store import estimates
from queue_server.store.queries import HallState, Reading

PAGE = 2_000  # rows of the log
LEARN_EVERY = 5.0  # seconds, while there is no history
GONE = ("window.closed", "window.paused")


class Estimator:
    def __init__(self, hall: str, kept: Mapping[str, Any]) -> None:
        """`kept` is what `keep` gave before this process."""
        self.hall = hall
        self.scales = Scales(dict(kept.get("lower", {})), dict(kept.get("upper", {})))
        self._scaled = int(kept.get("seq", 0))  # up to here the scales have heard of everything
        self._epoch = str(kept.get("epoch", ""))
        self.seq = -1
        self._version = 0
        self._book: HallBook | None = None
        self._days: dict[date, Day] = {}
        self._open: dict[date, dict[str, list[Facts]]] = {}
        self._learned = Learned()
        self._learned_at = float("-inf")
        self._shown: dict[str, Shown] = {}
        self._window_gone = False

    def keep(self) -> dict[str, Any]:
        facts = {"lower": self.scales.lower, "upper": self.scales.upper}
        return facts | {"seq": self._scaled, "epoch": self._epoch}

    # -- following the log --------------------------------------------------------------------------------------------

    def follow(self, reading: Reading, now: datetime) -> bool:
        """Hears what is new in the log; whether anything was. Raises SettingsBroken."""
        state = reading.hall(self.hall)
        if state is None:
            return False
        if state.settings_version != self._version or self._book is None:
            self._book, self._version = HallBook(stored(self.hall, state.settings)), state.settings_version
        if state.epoch != self._epoch:  # a rebuilt hall: what its log said is another's
            self._epoch, self._scaled, self.seq = state.epoch, 0, -1
        if self.seq < 0:
            self.seq = estimates.seq_before(reading, self.hall, now - timedelta(days=DAYS), state.last_event)
        news = state.last_event > self.seq
        while rows := reading.events_after(self.hall, self.seq, PAGE):
            for seq, payload in rows:
                self.seq = seq
                self._hear(seq, payload)
        self._scaled = max(self._scaled, self.seq)
        self._close_days(state)
        return news

    def _hear(self, seq: int, payload: str) -> None:
        if any(f'"type":"{kind}"' in payload for kind in GONE):
            self._window_gone = True
        row = read_row(payload)
        if row is None:
            return
        ticket, day, facts = row
        if self._days and day <= max(self._days):
            return  # that day was counted
        for earlier in [one for one in self._open if one < day]:
            self._count(earlier)
        events = self._open.setdefault(day, {}).setdefault(ticket, [])
        events.append(facts)
        if facts["type"] == "ticket.called" and seq > self._scaled:
            self._called(events)

    def _called(self, events: list[Facts]) -> None:
        """Somebody's first call: their range is seen to have held, or not."""
        try:
            told = first_range(events[0])
            if told is None or any(one["type"] == "ticket.called" for one in events[:-1]):
                return
            issued, called = (datetime.fromisoformat(one["at"]) for one in (events[0], events[-1]))
            self.scales.heard(events[0]["ticket"]["class"], Span(*told), (called - issued).total_seconds() / 60)
        except (KeyError, TypeError, ValueError):
            return  # a broken row says nothing

    def _close_days(self, state: HallState) -> None:
        for day in [one for one in self._open if one < state.business_day]:
            self._count(day)

    def _count(self, day: date) -> None:
        assert self._book is not None
        self._days[day] = day_from(day, self._open.pop(day).values(), self._book)
        self._days = dict(sorted(self._days.items())[-DAYS:])
        self._learned_at = float("-inf")

    def learned(self, at: float) -> Learned:
        """From the days that are over; before there are enough, from today too. `at`: seconds on a steady clock."""
        none_yet = not self._learned.enough and at - self._learned_at >= LEARN_EVERY
        if self._book is not None and (self._learned_at == float("-inf") or none_yet):
            days = list(self._days.values())
            self._learned, self._learned_at = learn(days), at
            if not self._learned.enough:
                today = [day_from(day, tickets.values(), self._book) for day, tickets in self._open.items()]
                self._learned = learn([*days, *today])
        return self._learned

    # -- ranges -------------------------------------------------------------------------------------------------------

    def ranges(self, reading: Reading, now: datetime, at: float) -> Ranges:
        """Everybody's, from one look. `at`: seconds on a steady clock."""
        book = self._book
        assert book is not None
        state, tickets = live.look(reading, book, now)
        lines = [line.id for line in book.hall.lines if not line.retired]
        classes = [name for name, rule in book.classes.items() if not rule.retired]
        wanted = [(line, cls) for line in lines for cls in classes]
        newcomers = live.newcomers(state, tickets, wanted)
        guesses = self._guesses(state, newcomers, at)
        named = dict(zip((ticket.id for ticket in tickets), self._tickets(tickets, guesses, at), strict=True))
        coming: dict[str, dict[str, Range]] = {}
        for (line, cls), guess in zip(wanted, guesses[len(tickets) :], strict=True):
            if guess is not None:
                coming.setdefault(line, {})[cls] = rounded(self.scales.span(cls, guess))
        found = {ticket: span for ticket, span in named.items() if span is not None}
        served = {line for counter in state.counters for line in counter.desk.lines}
        return Ranges(at, found, coming, self._record(), frozenset(lines) - served)

    def _guesses(self, state: State, newcomers: list[Waiting], at: float) -> list[Guess | None]:
        learned = self.learned(at)
        if not learned.enough:
            return [fallback.guess(state, one, learned.headway) for one in (*state.waiting, *newcomers)]
        # two servers of one hall draw alike
        rng = random.Random(f"{self.hall} {self.seq}")
        return [guess_of(waits) for waits in rollouts(state, learned, newcomers, rng)]

    def _tickets(self, tickets: list[Ticket], guesses: list[Guess | None], at: float) -> Iterator[Range | None]:
        """In steady steps for who looks at them; once a window has gone they may rise."""
        told, gone = self._shown, self._window_gone
        self._shown, self._window_gone = {}, False
        for ticket, guess in zip(tickets, guesses, strict=False):
            if guess is None:
                yield None
                continue
            before = told.get(ticket.id) or self._first(ticket, at)
            now = self._shown[ticket.id] = shown(before, self.scales.span(ticket.cls, guess), at, may_rise=gone)
            yield now.low, now.high

    def _first(self, ticket: Ticket, at: float) -> Shown | None:
        """What stands on its paper."""
        events = self._open.get(ticket.business_day, {}).get(ticket.id)
        told = first_range(events[0]) if events else None
        return Shown(*told, at) if told else None

    def _record(self) -> dict[str, Kept]:
        found: dict[str, Kept] = {}
        for day in list(self._days.values())[-RECORD_DAYS:]:
            for line, kept in day.kept.items():
                found[line] = found.get(line, Kept()) + kept
        return found
