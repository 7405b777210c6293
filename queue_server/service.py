"""What a hall can be asked to do: each method decides by asking the domain, inside one transaction of the hall.

Methods that take a `Transaction` are commands: they run in `Store.run`, one after another, and what they append to the
log is told to listeners after the commit. The others only look. Clock and randomness come in: `clock()` is an aware
datetime in UTC, `rng(n)` n random bytes as URL-safe text.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any

from queue_server.days import KEEP_ANSWERS, Days
from queue_server.domain import calendar
from queue_server.domain.dispatch import Decision, dispatch
from queue_server.domain.errors import Conflict, KeyUsed, NotFound
from queue_server.domain.events import EVENT_OF, Event
from queue_server.domain.model import (
    AT_A_WINDOW,
    Action,
    State,
    Ticket,
    WindowState,
    WindowStatus,
)
from queue_server.hallbook import HallBook
from queue_server.issuing import Issuing, Placed
from queue_server.store import persons
from queue_server.store.queries import Answer, Reading
from queue_server.store.store import Store
from queue_server.store.writer import Transaction

NEVER_CALLED: Mapping[str, None] = dict.fromkeys(("first_called_at", "called_at", "started_at", "ended_at"))
EVENTS_OF_A_TICKET = 1_000  # more than happen to one in a day


@dataclass(frozen=True, slots=True)
class AtWindow:
    """What a window action leaves: the window, its ticket (the one acted on), and why it was called."""

    window: WindowStatus
    ticket: Ticket | None
    decision: Decision | None = None


class QueueService:
    """The halls of one store. `enforce_hours` False: opening hours are shown, not enforced (demo)."""

    def __init__(
        self,
        halls: Mapping[str, HallBook],
        store: Store,
        clock: Callable[[], datetime],
        rng: Callable[[int], str],
        *,
        enforce_hours: bool = True,
    ) -> None:
        self.halls = halls
        self.store = store
        self.clock = clock
        self.days = Days(halls, clock, rng, enforce_hours=enforce_hours)
        self.issuing = Issuing(halls, self.days, rng)

    def book(self, hall: str) -> HallBook:
        """Raises NotFound."""
        book = self.halls.get(hall)
        if book is None:
            raise NotFound(f"there is no hall {hall!r} on this server", hall=hall)
        return book

    def once(
        self,
        hall: str,
        scope: str,
        key: str,
        fingerprint: bytes,
        work: Callable[[Transaction], Answer],
        check_repeat: Callable[[Transaction, Answer], None] = lambda tx, first: None,
    ) -> Answer:
        """The work's answer; a repeat of scope + key gets the first answer again, and nothing happens twice.

        Raises Unprocessable if the key was used for another request (`fingerprint` differs, or `check_repeat` says
        so), and what `work` raises: a refused request is not remembered, so it may be sent again with the same key.
        """

        def command(tx: Transaction) -> Answer:
            now = self.clock()
            stored = tx.answered(scope, key)
            if stored is not None and now - stored.at < KEEP_ANSWERS:
                if stored.fingerprint != fingerprint:
                    raise KeyUsed(key)
                check_repeat(tx, stored.answer)
                return stored.answer
            answer = work(tx)
            tx.remember(scope, key, fingerprint, answer, now)
            return answer

        return self.store.run(hall, command)

    def close_days(self) -> list[str]:
        """Closes every business day that is over, also where nobody sends a command; the halls it closed one of."""
        with self.store.read() as reading:
            halls = reading.hall_ids()
        return [hall for hall in halls if self.store.run(hall, partial(self.days.close, hall=hall))]

    # commands

    def call_next(self, tx: Transaction, hall: str, no: int, actor: str, *, finish_current: bool) -> AtWindow | None:
        """Calls who is next to a window; None when nobody it serves waits. Raises Conflict if busy or not open."""
        book = self.book(hall)
        window = book.window(no)
        now = self.days.begin(tx, hall)
        status = tx.window(hall, no)
        if window.retired:
            raise Conflict(f"window {no} is out of service", window=no)
        if status.state is not WindowState.OPEN:
            raise Conflict(f"window {no} is {status.state}; open it first", window=no, state=status.state)
        busy, status = status.ticket, dataclasses.replace(status, ticket=None)
        if busy is not None:
            self._finish_first(tx, no, busy, now, actor, asked=finish_current)
        decision = dispatch(window, tx.lane_heads(hall, window.lines, no), now, book.hall.rules)
        if decision is None:
            if busy is not None:
                tx.save_window(hall, status)
            return None
        ticket = self._ticket(tx, decision.ticket.ticket)
        ticket = ticket.after(
            Action.CALL,
            window=no,
            calls=1,
            called_at=now,
            first_called_at=ticket.first_called_at or now,
        )
        tx.save_ticket(ticket)
        status = dataclasses.replace(status, ticket=ticket.id)
        tx.save_window(hall, status)
        tx.append(hall, Event(EVENT_OF[Action.CALL], now, actor, ticket, no, reason_of(decision)))
        return AtWindow(status, ticket, decision)

    def recall(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """Announces the called ticket again. Raises Conflict saying when, if too soon after the last call."""
        now = self.days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        gap = timedelta(seconds=self.book(hall).hall.rules.recall_gap)
        called_again = ticket.after(Action.RECALL, calls=ticket.calls + 1, called_at=now)
        waited = now - (ticket.called_at or now - gap)
        if timedelta(0) <= waited < gap:  # a clock set back must not hold a clerk up
            left = (gap - waited).total_seconds()
            raise Conflict(
                f"ticket {ticket.number} was called {waited.total_seconds():.0f} s ago; call it again in {left:.0f} s",
                retry_at=now + gap - waited,
                retry_after=left,
            )
        return self._act(tx, Action.RECALL, now, called_again, actor)

    def start(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """The called citizen is here. Raises Conflict."""
        now = self.days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        return self._act(tx, Action.START, now, ticket.after(Action.START, started_at=now), actor)

    def finish(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """The citizen being served is done; the window is free. Raises Conflict."""
        now = self.days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        return self._act(tx, Action.FINISH, now, ticket.after(Action.FINISH, ended_at=now), actor)

    def miss(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """Nobody came. Raises Conflict before the ticket was called often enough."""
        now = self.days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        missed = ticket.after(Action.MISS, ended_at=now)
        needed = self.book(hall).hall.rules.calls_before_missed
        if ticket.calls < needed:
            raise Conflict(
                f"ticket {ticket.number} was called {ticket.calls} of {needed} times; call it again first",
                calls=ticket.calls,
                calls_before_missed=needed,
            )
        return self._act(tx, Action.MISS, now, missed, actor)

    def set_window(self, tx: Transaction, hall: str, no: int, state: WindowState, actor: str) -> AtWindow:
        """Opens, pauses or closes a window; the same state again changes nothing. Raises Conflict."""
        window = self.book(hall).window(no)
        now = self.days.begin(tx, hall)
        status = tx.window(hall, no)
        if state is WindowState.OPEN and window.retired:
            raise Conflict(f"window {no} is out of service", window=no)
        ticket = tx.ticket(status.ticket) if status.ticket else None
        if state is WindowState.CLOSED and ticket is not None:
            raise Conflict(
                f"window {no} still has ticket {ticket.number} ({ticket.state}); finish it before closing",
                ticket=ticket.id,
                number=ticket.number,
            )
        if status.state is not state:
            status = dataclasses.replace(status, state=state, since=now)
            tx.save_window(hall, status)
            name = {"open": "window.opened", "paused": "window.paused", "closed": "window.closed"}[state]
            tx.append(hall, Event(name, now, actor, window=no))
        return AtWindow(status, ticket)

    def cancel(self, tx: Transaction, ticket_id: str, actor: str) -> Placed:
        """Gives up a waiting ticket. Raises NotFound, Conflict."""
        hall = self._ticket(tx, ticket_id).hall
        now = self.days.begin(tx, hall)
        ticket = self._ticket(tx, ticket_id).after(Action.CANCEL, ended_at=now)
        tx.save_ticket(ticket)
        tx.append(hall, Event(EVENT_OF[Action.CANCEL], now, actor, ticket))
        return Placed(ticket, 0)

    def come_back(self, tx: Transaction, ticket_id: str, actor: str) -> Placed:
        """A missed ticket waits again, its key a little later (QUEUE R6). Raises NotFound, Conflict with `why`."""
        hall = self._ticket(tx, ticket_id).hall
        now = self.days.begin(tx, hall)
        missed = self._ticket(tx, ticket_id)
        key = missed.key + timedelta(minutes=self.book(hall).hall.rules.return_penalty)
        back = missed.after(Action.RETURN, key=key, window=None, calls=0, **NEVER_CALLED)
        self._check_return(tx, missed, now)
        tx.save_ticket(back)
        tx.append(hall, Event(EVENT_OF[Action.RETURN], now, actor, back))
        return Placed(back, tx.ahead(back))

    def printed(self, tx: Transaction, ticket_id: str, ok: bool, doubt: bool, count: int, actor: str) -> Placed:
        """Notes whether the ticket is on paper; the ticket itself stays as it is."""
        ticket = self._ticket(tx, ticket_id)
        ticket = dataclasses.replace(
            ticket, printed=ok or ticket.printed, print_doubt=doubt, prints=ticket.prints + count
        )
        tx.save_ticket(ticket)
        name = "ticket.printed" if ok else "ticket.not_printed"
        tx.append(ticket.hall, Event(name, self.clock(), actor, ticket, reason={"doubt": doubt, "count": count}))
        return Placed(ticket, tx.ahead(ticket))

    def help(self, tx: Transaction, hall: str, place: str, actor: str) -> int:
        """A citizen asks for a person at `place`; returns the event's seq."""
        self.book(hall)
        return tx.append(hall, Event("help.asked", self.clock(), actor, reason={"place": place}))

    # looking

    def placed(self, reading: Reading, ticket_id: str) -> Placed:
        """Raises NotFound."""
        ticket = self._ticket(reading, ticket_id)
        return Placed(ticket, reading.ahead(ticket))

    def return_until(self, reading: Reading, ticket: Ticket) -> datetime | None:
        """Until when a missed ticket may come back, UTC; None: it is not missed, it is too late, it has been back."""
        if ticket.state is not State.MISSED:
            return None
        until = self._return_ends(ticket)
        return until if self.clock() < until and not _was_back(reading, ticket) else None

    def preview(self, reading: Reading, hall: str, no: int) -> Decision | None:
        """Whom `call_next` would choose for a window now. Raises NotFound."""
        book = self.book(hall)
        window = book.window(no)
        return dispatch(window, reading.lane_heads(hall, window.lines, no), self.clock(), book.hall.rules)

    # parts of commands

    def _return_ends(self, ticket: Ticket) -> datetime:
        hall = self.book(ticket.hall).hall
        missed_at = ticket.ended_at or ticket.issued_at
        within = timedelta(minutes=hall.rules.return_within)
        return min(missed_at + within, calendar.day_end(hall, ticket.business_day))

    def _check_return(self, tx: Transaction, missed: Ticket, now: datetime) -> None:
        """Raises Conflict: `why` is late, once, or another (the person holds a live ticket of the line by now)."""
        within = self.book(missed.hall).hall.rules.return_within
        if now >= self._return_ends(missed):
            words = f"ticket {missed.number} could come back within {within} minutes; take a new one"
            raise Conflict(words, why="late", return_within=within)
        if _was_back(tx, missed):
            raise Conflict(f"ticket {missed.number} has been back once; take a new one", why="once")
        person = persons.person_of(tx, missed.id)
        if person is None or person.card_token is None:
            return
        other = persons.live_ticket(tx, missed.hall, missed.business_day, missed.line, person.card_token)
        if other is not None:
            words = f"its holder has ticket {other.number} of the same line by now; that one counts"
            raise Conflict(words, why="another", number=other.number)

    def _finish_first(
        self, tx: Transaction, no: int, ticket_id: str, now: datetime, actor: str, *, asked: bool
    ) -> None:
        """Finishes a window's ticket in the same step as the next call. Raises Conflict if that was not asked for."""
        ticket = self._ticket(tx, ticket_id)
        if not asked:
            raise Conflict(
                f"window {no} has ticket {ticket.number} ({ticket.state}); finish it or say finish_current",
                ticket=ticket.id,
                number=ticket.number,
                state=ticket.state,
            )
        if ticket.state is State.CALLED:  # a clerk who never pressed start has served them all the same
            ticket = ticket.after(Action.START, started_at=now)
            tx.append(ticket.hall, Event(EVENT_OF[Action.START], now, actor, ticket, no))
        ticket = ticket.after(Action.FINISH, ended_at=now)
        tx.append(ticket.hall, Event(EVENT_OF[Action.FINISH], now, actor, ticket, no))
        tx.save_ticket(ticket)

    def _act(self, tx: Transaction, action: Action, now: datetime, ticket: Ticket, actor: str) -> AtWindow:
        """Saves what the action made of a window's ticket; frees the window when the ticket left it."""
        assert ticket.window is not None
        tx.save_ticket(ticket)
        tx.append(ticket.hall, Event(EVENT_OF[action], now, actor, ticket, ticket.window))
        if ticket.state not in AT_A_WINDOW:
            tx.free_window(ticket.hall, ticket.window, ticket.id)
        return AtWindow(tx.window(ticket.hall, ticket.window), ticket)

    def _current(self, tx: Transaction, hall: str, no: int) -> Ticket:
        """The ticket at a window. Raises NotFound for the window, Conflict when it has none."""
        self.book(hall).window(no)
        status = tx.window(hall, no)
        if status.ticket is None:
            raise Conflict(f"window {no} has no ticket; call the next one first", window=no, state=status.state)
        return self._ticket(tx, status.ticket)

    def _ticket(self, reading: Reading, ticket_id: str) -> Ticket:
        ticket = reading.ticket(ticket_id)
        if ticket is None:
            raise NotFound("there is no such ticket; check the address or the code on the paper")
        return ticket


def _was_back(reading: Reading, ticket: Ticket) -> bool:
    # the log knows: a column would say it a second time
    told = reading.events_after(ticket.hall, 0, EVENTS_OF_A_TICKET, ticket.id)
    return any(json.loads(payload)["type"] == EVENT_OF[Action.RETURN] for _, payload in told)


def reason_of(decision: Decision) -> dict[str, Any]:
    """Why this ticket: {rule, candidates: lanes compared, oldest: number}."""
    return {"rule": decision.rule.value, "candidates": decision.candidates, "oldest": decision.oldest.number}
