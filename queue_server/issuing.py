"""Taking a ticket: which line, in which place, for whom; one live ticket a line for each person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from config import Line
from queue_server.days import Days
from queue_server.domain.errors import Conflict, KeyUsed
from queue_server.domain.events import Event
from queue_server.domain.model import State, Ticket, ticket_number
from queue_server.hallbook import HallBook
from queue_server.store import persons
from queue_server.store.persons import Person
from queue_server.store.writer import Transaction

TICK = timedelta(microseconds=1)  # the least between two issues: a clock set back never changes the order
ID_BYTES = 16


@dataclass(frozen=True, slots=True)
class Order:
    """What a citizen wants a ticket for: an item, or a line."""

    item: str | None
    line: str | None
    cls: str = "walk_in"
    source: str = "kiosk"
    lang: str = "zh"
    person: Person | None = None  # None: anonymous


@dataclass(frozen=True, slots=True)
class Placed:
    """A ticket and how many of its line wait before it."""

    ticket: Ticket
    ahead: int


class HasTicket(Conflict):
    """One live ticket per person and line: show the one there is."""

    def __init__(self, placed: Placed, line: Line) -> None:
        ticket = placed.ticket
        super().__init__(
            f"the holder of this card already has ticket {ticket.number} for {line.name.zh} ({line.id}), "
            f"which is {ticket.state}; it must be finished or cancelled before another is taken"
        )
        self.placed = placed


class Issuing:
    """`rng(n)` is n random bytes as URL-safe text."""

    def __init__(self, halls: Mapping[str, HallBook], days: Days, rng: Callable[[int], str]) -> None:
        self._halls = halls
        self._days = days
        self._rng = rng

    def issue(self, tx: Transaction, hall: str, order: Order, actor: str) -> Placed:
        """A new ticket.

        Raises NotFound, Unprocessable, HasTicket, or Conflict when the line or the hall gives no numbers.
        """
        book = self._halls[hall]
        line = book.line_for(order.item, order.line)
        rule = book.classes.get(order.cls)
        if rule is None:
            raise Conflict(f"this hall has no class {order.cls!r}", known=sorted(book.classes))
        now = self._days.begin(tx, hall)
        self._days.check_hours(hall, now)
        self._check_one_each(tx, hall, line, order.person)
        ticket = self._numbered(tx, hall, line, order, timedelta(minutes=rule.credit), now)
        tx.add_ticket(ticket)
        if order.person is not None:
            persons.add(tx, ticket, order.person)
        tx.append(hall, Event("ticket.issued", now, actor, ticket))
        return Placed(ticket, tx.ahead(ticket))

    def check_same_person(self, tx: Transaction, key: str, ticket_id: str, person: Person | None) -> None:
        """Raises KeyUsed if a repeated request names another person than the ticket it was answered with.

        Once the ticket's day is closed nobody knows whose it was, and any repeat is taken for one.
        """
        ticket = tx.ticket(ticket_id)
        today = ticket and tx.state(ticket.hall).business_day
        if ticket and ticket.business_day == today and persons.person_of(tx, ticket_id) != person:
            raise KeyUsed(key)

    def _check_one_each(self, tx: Transaction, hall: str, line: Line, person: Person | None) -> None:
        if person is None or person.card_token is None:
            return
        ticket = persons.live_ticket(tx, hall, tx.state(hall).business_day, line.id, person.card_token)
        if ticket is not None:
            raise HasTicket(Placed(ticket, tx.ahead(ticket)), line)

    def _numbered(
        self, tx: Transaction, hall: str, line: Line, order: Order, credit: timedelta, now: datetime
    ) -> Ticket:
        """The next ticket of a line."""
        state = tx.state(hall)
        state.last_ticket += 1
        state.last_issued_at = max(state.last_issued_at + TICK, now)
        return Ticket(
            id=self._rng(ID_BYTES),
            seq=state.last_ticket,
            number=ticket_number(line.letter, tx.next_number(hall, line.letter, state.business_day)),
            hall=hall,
            line=line.id,
            item=order.item,
            cls=order.cls,
            state=State.WAITING,
            business_day=state.business_day,
            issued_at=state.last_issued_at,
            key=state.last_issued_at - credit,  # QUEUE R1
            source=order.source,
            lang=order.lang,
        )
