"""What a clerk does at a window. Every method is a command: it runs inside one transaction of the hall.

A window has at most one called or serving ticket. Held tickets belong to it too, but leave it free.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config import Window
from queue_server.days import Days
from queue_server.domain import promise
from queue_server.domain.dispatch import Decision, LaneHead, Rule, dispatch
from queue_server.domain.errors import Conflict, NotFound, Unprocessable
from queue_server.domain.events import EVENT_OF, NOBODY, Event
from queue_server.domain.model import AT_A_WINDOW, Action, State, Ticket, WindowState, WindowStatus
from queue_server.domain.past import ALARM, ASIDE, UNDOABLE, UNDONE, lives, queued_again
from queue_server.hallbook import HallBook
from queue_server.store import persons
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction

LAST_EVENTS = 1_000  # of the hall, looked through for a window's last action: more than happen in the time of undo
EVENTS_OF_A_TICKET = 1_000  # more than happen to one in a day
MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class AtWindow:
    """What a window action leaves: the window, its ticket (the one acted on), why it was called, how many are ahead."""

    window: WindowStatus
    ticket: Ticket | None
    decision: Decision | None = None
    ahead: int = 0


def the_ticket(reading: Reading, ticket_id: str) -> Ticket:
    """Raises NotFound."""
    ticket = reading.ticket(ticket_id)
    if ticket is None:
        raise NotFound("there is no such ticket; check the address or the code on the paper")
    return ticket


def past_of(reading: Reading, ticket: Ticket) -> list[tuple[Mapping[str, Any], Ticket]]:
    """What happened to a ticket and stands, each with the ticket after it."""
    told = reading.events_after(ticket.hall, 0, EVENTS_OF_A_TICKET, ticket.id)
    return lives(ticket.hall, (json.loads(payload) for _, payload in told))


def check_one_live(tx: Transaction, ticket: Ticket) -> None:
    """Raises Conflict if who holds this ticket has another live one of its line: one a person and line."""
    person = persons.person_of(tx, ticket.id)
    if person is None or person.card_token is None:
        return
    other = persons.live_ticket(tx, ticket.hall, ticket.business_day, ticket.line, person.card_token)
    if other is not None and other.id != ticket.id:
        words = f"its holder has ticket {other.number} of the same line by now; that one counts"
        raise Conflict(words, why="another", number=other.number)


class Windows:
    """`book(hall)` raises NotFound for a hall that is not here."""

    def __init__(self, book: Callable[[str], HallBook], days: Days) -> None:
        self._book = book
        self._days = days

    # -- the window itself -------------------------------------------------------------------------------------------

    def set_state(self, tx: Transaction, hall: str, no: int, state: WindowState, actor: str) -> AtWindow:
        """Opens, pauses or closes a window; the same state again changes nothing. Raises Conflict."""
        window = self._book(hall).window(no)
        now = self._days.begin(tx, hall)
        status = tx.window(hall, no)
        if state is WindowState.OPEN:
            _check_service(window)
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

    # -- calling -----------------------------------------------------------------------------------------------------

    def call_next(self, tx: Transaction, hall: str, no: int, actor: str, *, finish_current: bool) -> AtWindow | None:
        """Calls who is next to a window; None when nobody it serves waits. Raises Conflict if busy or not open."""
        book = self._book(hall)
        desk, now = book.desk(no), self._days.begin(tx, hall)
        busy, status = self._freed(tx, hall, no, now, actor, finish_current=finish_current)
        decision = dispatch(desk, tx.lane_heads(hall, book.window(no).lines, no))
        if decision is None:
            if busy:
                tx.save_window(hall, status)
            return None
        return self._call(tx, status, the_ticket(tx, decision.ticket.ticket), decision, now, actor)

    def call_this(self, tx: Transaction, hall: str, no: int, ticket_id: str, actor: str) -> AtWindow:
        """Calls the ticket the clerk chose. Raises Conflict; what breaks the promise is called and raises an alarm."""
        book = self._book(hall)
        desk, now = book.desk(no), self._days.begin(tx, hall)
        _, status = self._freed(tx, hall, no, now, actor, finish_current=False)
        ticket = _of_hall(tx, hall, ticket_id)
        head = LaneHead.of(ticket)
        ticket.after(Action.CALL)  # refused in words before anything else is looked at
        if not desk.serves(head):
            where = f"is meant for window {ticket.bound}" if ticket.bound else f"is of line {ticket.line}"
            raise Conflict(f"window {no} cannot call ticket {ticket.number}: it {where}", line=ticket.line)
        usual = dispatch(desk, tx.lane_heads(hall, book.window(no).lines, no))
        assert usual is not None
        decision = usual if usual.ticket.ticket == ticket.id else dataclasses.replace(
            usual, ticket=head, rule=Rule.BOUND if ticket.bound else Rule.CHOSEN
        )  # fmt: skip
        return self._call(tx, status, ticket, decision, now, actor)

    def resume(self, tx: Transaction, hall: str, no: int, ticket_id: str, actor: str) -> AtWindow:
        """Calls a ticket this window set aside. Raises Conflict while the window is busy or if it is another's."""
        desk, now = self._book(hall).desk(no), self._days.begin(tx, hall)
        _, status = self._freed(tx, hall, no, now, actor, finish_current=False)
        ticket = _of_hall(tx, hall, ticket_id)
        resumed = ticket.after(Action.RESUME, calls=1, called_at=now, started_at=None)
        if ticket.window != no:
            raise Conflict(f"ticket {ticket.number} is held at window {ticket.window}", window=ticket.window)
        tx.save_ticket(resumed)
        status = dataclasses.replace(status, ticket=ticket.id)
        tx.save_window(hall, status)
        decision = Decision(LaneHead.of(ticket), Rule.RESUMED, LaneHead.of(ticket), 1)
        tx.append(hall, Event(EVENT_OF[Action.RESUME], now, actor, resumed, desk.no, reason_of(decision)))
        return AtWindow(status, resumed, decision)

    def recall(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """Announces the called ticket again. Raises Conflict saying when, if too soon after the last call."""
        now = self._days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        gap = timedelta(seconds=self._book(hall).hall.rules.recall_gap)
        called_again = ticket.after(Action.RECALL, calls=ticket.calls + 1, called_at=now)
        waited = now - (ticket.called_at or now - gap)
        if timedelta(0) <= waited < gap:  # a clock set back must not hold a clerk up
            left = (gap - waited).total_seconds()
            raise Conflict(
                f"ticket {ticket.number} was called {waited.total_seconds():.0f} s ago; call it again in {left:.0f} s",
                retry_at=now + gap - waited,
                retry_after=left,
            )
        return self._act(tx, Action.RECALL, now, called_again, no, actor)

    # -- the ticket at the window ------------------------------------------------------------------------------------

    def start(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """The called citizen is here. Raises Conflict."""
        now = self._days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        return self._act(tx, Action.START, now, ticket.after(Action.START, started_at=now), no, actor)

    def finish(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """The citizen being served is done; the window is free. Raises Conflict."""
        now = self._days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        return self._act(tx, Action.FINISH, now, ticket.after(Action.FINISH, ended_at=now), no, actor)

    def miss(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """Nobody came. Raises Conflict before the ticket was called often enough."""
        now = self._days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        missed = ticket.after(Action.MISS, ended_at=now)
        needed = self._book(hall).hall.rules.calls_before_missed
        if ticket.calls < needed:
            raise Conflict(
                f"ticket {ticket.number} was called {ticket.calls} of {needed} times; call it again first",
                calls=ticket.calls,
                calls_before_missed=needed,
            )
        return self._act(tx, Action.MISS, now, missed, no, actor)

    def release(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """The called ticket waits again in its old place; when it was first called is kept. Raises Conflict."""
        now = self._days.begin(tx, hall)
        released = queued_again(self._current(tx, hall, no).after(Action.RELEASE))
        return self._act(tx, Action.RELEASE, now, released, no, actor)

    def hold(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """Sets the ticket being served aside; the window is free and may resume it. Raises Conflict."""
        now = self._days.begin(tx, hall)
        return self._act(tx, Action.HOLD, now, self._current(tx, hall, no).after(Action.HOLD), no, actor)

    def transfer(
        self, tx: Transaction, hall: str, no: int, actor: str, *, line: str | None, window: int | None
    ) -> AtWindow:
        """Sends the ticket on with its number and key: to a line, to one window, or to a line at one window.

        Raises Conflict, NotFound, Unprocessable (neither is named, or the window does not serve the line).
        """
        book, now = self._book(hall), self._days.begin(tx, hall)
        ticket = self._current(tx, hall, no)
        if line is None and window is None:
            raise Unprocessable("say which line or which window the ticket goes to", fields=["line", "window"])
        to = book.line_for(None, line).id if line is not None else ticket.line
        if window is not None:
            other = book.window(window)
            _check_service(other)
            if to not in other.lines:
                raise Unprocessable(
                    f"window {window} does not serve line {to}; name one of its lines", lines=list(other.lines)
                )
        moved = queued_again(ticket.after(Action.TRANSFER, line=to, bound=window or 0))
        check_one_live(tx, moved)
        reason = {"from_line": ticket.line, "from_window": no, "to_window": window}
        return self._act(tx, Action.TRANSFER, now, moved, no, actor, reason)

    def undo(self, tx: Transaction, hall: str, no: int, actor: str) -> AtWindow:
        """Takes back the window's own last action, soon enough and if nothing happened since. Raises Conflict."""
        book, now = self._book(hall), self._days.begin(tx, hall)
        book.window(no)
        within = timedelta(seconds=book.hall.rules.undo_within)
        last = _last_at(tx, hall, no)
        if last is None or last["type"] not in UNDOABLE:
            raise Conflict(f"there is nothing at window {no} to take back", window=no)
        if now - datetime.fromisoformat(last["at"]) > within:
            raise Conflict(f"window {no} could take it back within {within.total_seconds():.0f} s", window=no)
        ticket = the_ticket(tx, last["ticket"]["id"])
        past = [facts for facts, _ in past_of(tx, ticket)]
        *_, newest = (place for place, facts in enumerate(past) if facts["type"] not in ASIDE)
        if past[newest] != last:
            raise Conflict(f"something happened to ticket {ticket.number} since", ticket=ticket.id, state=ticket.state)
        before = lives(hall, [*past[:newest], *past[newest + 1 :]])[-1][1]
        status = tx.window(hall, no)
        if status.ticket not in (None, before.id):
            raise Conflict(f"window {no} has another ticket by now", window=no)
        check_one_live(tx, before)
        status = dataclasses.replace(status, ticket=before.id if before.state in AT_A_WINDOW else None)
        tx.save_ticket(before)
        tx.save_window(hall, status)
        tx.append(hall, Event(UNDONE, now, actor, before, no, {"action": UNDOABLE[last["type"]]}))
        return AtWindow(status, before, ahead=tx.ahead(before))

    # -- looking -----------------------------------------------------------------------------------------------------

    def preview(self, reading: Reading, hall: str, no: int) -> Decision | None:
        """Whom `call_next` would choose for a window now. Raises NotFound."""
        book = self._book(hall)
        return dispatch(book.desk(no), reading.lane_heads(hall, book.window(no).lines, no))

    # -- parts -------------------------------------------------------------------------------------------------------

    def _freed(
        self, tx: Transaction, hall: str, no: int, now: datetime, actor: str, *, finish_current: bool
    ) -> tuple[bool, WindowStatus]:
        """Whether the window had a ticket, which is finished if that was asked, and the window without it (not saved).

        Raises Conflict.
        """
        _check_service(self._book(hall).window(no))
        status = tx.window(hall, no)
        if status.state is not WindowState.OPEN:
            raise Conflict(f"window {no} is {status.state}; open it first", window=no, state=status.state)
        if status.ticket is None:
            return False, status
        self._finish_first(tx, no, status.ticket, now, actor, asked=finish_current)
        return True, dataclasses.replace(status, ticket=None)

    def _finish_first(
        self, tx: Transaction, no: int, ticket_id: str, now: datetime, actor: str, *, asked: bool
    ) -> None:
        """Finishes a window's ticket in the same step as the next call. Raises Conflict if that was not asked for."""
        ticket = the_ticket(tx, ticket_id)
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

    def _call(
        self, tx: Transaction, status: WindowStatus, ticket: Ticket, decision: Decision, now: datetime, actor: str
    ) -> AtWindow:
        hall, no = ticket.hall, status.no
        first = ticket.first_called_at or now
        called = ticket.after(Action.CALL, window=no, calls=1, called_at=now, first_called_at=first)
        tx.save_ticket(called)
        status = dataclasses.replace(status, ticket=called.id)
        tx.save_window(hall, status)
        tx.append(hall, Event(EVENT_OF[Action.CALL], now, actor, called, no, reason_of(decision)))
        if not promise.kept(self._book(hall).desk(no), decision):
            behind = round((decision.ticket.key - decision.oldest.key) / MINUTE)
            reason = {"kind": "promise", "overtaken": decision.oldest.number, "minutes": behind}
            tx.append(hall, Event(ALARM, now, NOBODY, called, no, reason))
        return AtWindow(status, called, decision)

    def _act(
        self,
        tx: Transaction,
        action: Action,
        now: datetime,
        ticket: Ticket,
        no: int,
        actor: str,
        reason: Mapping[str, Any] | None = None,
    ) -> AtWindow:
        """Saves what the action made of a window's ticket; frees the window when the ticket left it."""
        tx.save_ticket(ticket)
        tx.append(ticket.hall, Event(EVENT_OF[action], now, actor, ticket, no, reason or {}))
        if ticket.state not in AT_A_WINDOW:
            tx.free_window(ticket.hall, no, ticket.id)
        return AtWindow(tx.window(ticket.hall, no), ticket, ahead=tx.ahead(ticket))

    def _current(self, tx: Transaction, hall: str, no: int) -> Ticket:
        """The ticket at a window. Raises NotFound for the window, Conflict when it has none."""
        self._book(hall).window(no)
        status = tx.window(hall, no)
        if status.ticket is None:
            raise Conflict(f"window {no} has no ticket; call the next one first", window=no, state=status.state)
        return the_ticket(tx, status.ticket)


def _check_service(window: Window) -> None:
    if window.retired:
        raise Conflict(f"window {window.no} is out of service", window=window.no)


def _of_hall(tx: Transaction, hall: str, ticket_id: str) -> Ticket:
    ticket = the_ticket(tx, ticket_id)
    if ticket.hall != hall:
        raise NotFound("that ticket is of another hall", hall=ticket.hall)
    return ticket


def _last_at(tx: Transaction, hall: str, no: int) -> Mapping[str, Any] | None:
    """The last thing that happened at this window, among the hall's last events; that it opened or paused counts."""
    last = tx.state(hall).last_event
    told = tx.events_after(hall, max(0, last - LAST_EVENTS), LAST_EVENTS)
    for _, payload in reversed(told):
        facts: Mapping[str, Any] = json.loads(payload)
        if facts["window"] == no and facts["type"] not in ASIDE:
            return facts
    return None


def reason_of(decision: Decision) -> dict[str, Any]:
    """Why this ticket: {candidates: lanes compared, oldest: number, rule}."""
    return {"candidates": decision.candidates, "oldest": decision.oldest.number, "rule": decision.rule.value}
