"""What happens to a ticket away from windows: given up, come back, on paper or not, another class, and why it waits."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

from queue_server.days import Days
from queue_server.domain import calendar
from queue_server.domain.dispatch import Desk, Rule
from queue_server.domain.errors import Conflict
from queue_server.domain.events import EVENT_OF, Event
from queue_server.domain.model import Action, State, Ticket
from queue_server.domain.past import queued_again, steps
from queue_server.domain.why import Asker, Called, why
from queue_server.hallbook import HallBook
from queue_server.issuing import Issuing, Placed
from queue_server.store.queries import Reading
from queue_server.store.writer import Transaction
from queue_server.windows import check_one_live, past_of, the_ticket

LOOKED_AT = 20  # calls among which the one that answers "why" is looked for

Sentence = tuple[str, dict[str, object]]  # its key, and what it is filled with


class Holders:
    """Commands and looks about single tickets; `clock()` is an aware datetime in UTC."""

    def __init__(
        self, book: Callable[[str], HallBook], days: Days, issuing: Issuing, clock: Callable[[], datetime]
    ) -> None:
        self._book = book
        self._days = days
        self._issuing = issuing
        self._clock = clock

    def cancel(self, tx: Transaction, ticket_id: str, actor: str) -> Placed:
        """Gives up a waiting ticket. Raises NotFound, Conflict."""
        hall = the_ticket(tx, ticket_id).hall
        now = self._days.begin(tx, hall)
        ticket = the_ticket(tx, ticket_id).after(Action.CANCEL, ended_at=now)
        tx.save_ticket(ticket)
        tx.append(hall, Event(EVENT_OF[Action.CANCEL], now, actor, ticket))
        return Placed(ticket, 0)

    def come_back(self, tx: Transaction, ticket_id: str, actor: str) -> Placed:
        """A missed ticket waits again, its key a little later (QUEUE R6). Raises NotFound, Conflict with `why`."""
        hall = the_ticket(tx, ticket_id).hall
        now = self._days.begin(tx, hall)
        missed = the_ticket(tx, ticket_id)
        key = missed.key + timedelta(minutes=self._book(hall).hall.rules.return_penalty)
        back = queued_again(missed.after(Action.RETURN, key=key, first_called_at=None, ended_at=None))
        self._check_return(tx, missed, now)
        tx.save_ticket(back)
        tx.append(hall, Event(EVENT_OF[Action.RETURN], now, actor, back))
        return Placed(back, tx.ahead(back))

    def change_class(self, tx: Transaction, ticket_id: str, cls: str, reason: str, actor: str) -> Placed:
        """Another class for a waiting ticket; its key is worked out anew from when it was issued (QUEUE R1).

        Raises NotFound, Conflict.
        """
        hall = the_ticket(tx, ticket_id).hall
        now = self._days.begin(tx, hall)
        ticket = the_ticket(tx, ticket_id)
        rules = self._book(hall).hall.rules
        late = timedelta(minutes=rules.return_penalty) if _was_back(tx, ticket) else timedelta(0)
        key = ticket.issued_at - self._book(hall).credit(cls) + late
        changed = ticket.after(Action.CLASS, cls=cls, key=key)
        if changed.cls == ticket.cls:
            return Placed(ticket, tx.ahead(ticket))
        tx.save_ticket(changed)
        tx.append(hall, Event(EVENT_OF[Action.CLASS], now, actor, changed, reason={"code": reason}))
        self._issuing.watch_green(tx, changed, now)
        return Placed(changed, tx.ahead(changed))

    def printed(self, tx: Transaction, ticket_id: str, ok: bool, doubt: bool, count: int, actor: str) -> Placed:
        """Notes whether the ticket is on paper; the ticket itself stays as it is."""
        ticket = the_ticket(tx, ticket_id)
        ticket = ticket._replace(printed=ok or ticket.printed, print_doubt=doubt, prints=ticket.prints + count)
        tx.save_ticket(ticket)
        name = "ticket.printed" if ok else "ticket.not_printed"
        tx.append(ticket.hall, Event(name, self._clock(), actor, ticket, reason={"count": count, "doubt": doubt}))
        return Placed(ticket, tx.ahead(ticket))

    # -- looking -----------------------------------------------------------------------------------------------------

    def return_until(self, reading: Reading, ticket: Ticket) -> datetime | None:
        """Until when a missed ticket may come back, UTC; None: it is not missed, it is too late, it has been back."""
        if ticket.state is not State.MISSED:
            return None
        until = self._return_ends(ticket)
        return until if self._clock() < until and not _was_back(reading, ticket) else None

    def why(self, reading: Reading, ticket_id: str) -> Sentence:
        """Who was called while this ticket waited, and by which rule: the latest that overtook it, else the latest.

        Raises NotFound.
        """
        ticket = the_ticket(reading, ticket_id)
        calls = reading.recent_calls(ticket.hall, ticket.business_day, LOOKED_AT)
        until = ticket.first_called_at or self._clock()
        while_waiting = [
            one for one in calls if one.id != ticket.id and ticket.issued_at <= (one.called_at or until) <= until
        ]
        overtaking = [one for one in while_waiting if (one.issued_at, one.seq) > (ticket.issued_at, ticket.seq)]
        if not while_waiting:
            return "why.nobody", {}
        return self._why(reading, ticket, (overtaking or while_waiting)[0])

    def _why(self, reading: Reading, ticket: Ticket, other: Ticket) -> Sentence:
        book, past = self._book(ticket.hall), past_of(reading, other)
        call = next(facts for facts, _ in reversed(past) if facts["type"] in ("ticket.called", "ticket.resumed"))
        before = [step.window for step in steps(facts for facts, _ in past) if step.outcome == "transferred"]
        called = Called(
            number=other.number,
            cls=other.cls,
            issued_at=other.issued_at,
            key=other.key,
            rule=Rule(call["reason"]["rule"]),
            returned=any(facts["type"] == EVENT_OF[Action.RETURN] for facts, _ in past),
            first_window=before[0] if before else None,
        )
        desk = book.desk(call["window"]) if call["window"] in book.windows else Desk(call["window"], frozenset())
        field = book.field_words(call["window"])
        asker = Asker(ticket.line, ticket.issued_at, ticket.key)
        key, facts = why(asker, called, desk, book.credit(other.cls), field)
        return key, facts | {"penalty": book.hall.rules.return_penalty}

    # -- parts -------------------------------------------------------------------------------------------------------

    def _return_ends(self, ticket: Ticket) -> datetime:
        hall = self._book(ticket.hall).hall
        missed_at = ticket.ended_at or ticket.issued_at
        within = timedelta(minutes=hall.rules.return_within)
        return min(missed_at + within, calendar.day_end(hall, ticket.business_day))

    def _check_return(self, tx: Transaction, missed: Ticket, now: datetime) -> None:
        """Raises Conflict: `why` is late, once, or another (the person holds a live ticket of the line by now)."""
        within = self._book(missed.hall).hall.rules.return_within
        if now >= self._return_ends(missed):
            words = f"ticket {missed.number} could come back within {within} minutes; take a new one"
            raise Conflict(words, why="late", return_within=within)
        if _was_back(tx, missed):
            raise Conflict(f"ticket {missed.number} has been back once; take a new one", why="once")
        check_one_live(tx, missed)


def _was_back(reading: Reading, ticket: Ticket) -> bool:
    # the log knows: a column would say it a second time
    return any(facts["type"] == EVENT_OF[Action.RETURN] for facts, _ in past_of(reading, ticket))
