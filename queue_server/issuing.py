"""Taking a ticket: which line, in which place, for whom; one live ticket a line for each person."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from config import Line
from queue_server.days import Days, full
from queue_server.domain import calendar
from queue_server.domain.errors import Conflict, KeyUsed, NoNumbers
from queue_server.domain.events import NOBODY, Event
from queue_server.domain.model import State, Ticket, ticket_number
from queue_server.estimate.posted import Range
from queue_server.hallbook import HallBook
from queue_server.store import persons
from queue_server.store.persons import Person
from queue_server.store.writer import Transaction

TICK = timedelta(microseconds=1)  # the least between two issues: a clock set back never changes the order
ID_BYTES = 16
WALK_IN, APPOINTMENT = "walk_in", "appointment"
GREEN = "green"  # the class for the urgent: given by staff only, and watched


@dataclass(frozen=True, slots=True)
class Order:
    """What a citizen wants a ticket for: an item, or a line."""

    item: str | None
    line: str | None
    cls: str = "walk_in"
    source: str = "kiosk"
    lang: str = "zh"
    person: Person | None = None  # None: anonymous
    reason: str = ""  # why a green ticket is given: a code
    slot: datetime | None = None  # when somebody with an appointment was asked to come


@dataclass(frozen=True, slots=True)
class Placed:
    """A ticket and how many of its line wait before it; `range`: minutes it was told to wait when it was taken."""

    ticket: Ticket
    ahead: int
    range: Range | None = None


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
    """`rng(n)` is n random bytes as URL-safe text; `newcomer(hall, line, class)`: how long a ticket taken now waits."""

    def __init__(
        self,
        halls: Mapping[str, HallBook],
        days: Days,
        rng: Callable[[int], str],
        newcomer: Callable[[str, str, str], Range | None],
    ) -> None:
        self._halls = halls
        self._days = days
        self._rng = rng
        self._newcomer = newcomer

    def issue(self, tx: Transaction, hall: str, order: Order, actor: str) -> Placed:
        """A new ticket.

        Raises NotFound, Unprocessable, HasTicket, Conflict, or NoNumbers when the line or the hall gives none.
        """
        try:
            return self._issue(tx, hall, order, actor)
        except NoNumbers as refused:
            detail = {**refused.detail, "other_lines": self._elsewhere(tx, hall, order)}
            raise NoNumbers(refused.message, **detail) from None

    def _issue(self, tx: Transaction, hall: str, order: Order, actor: str) -> Placed:
        book = self._halls[hall]
        line = book.line_for(order.item, order.line)
        rule = book.classes.get(order.cls)
        if rule is None or rule.retired:
            raise Conflict(f"this hall has no class {order.cls!r}", known=book.class_names())
        now = self._days.begin(tx, hall)
        self._days.check_hours(hall, now)
        self._check_one_each(tx, hall, line, order.person)
        self._check_room(tx, hall, line, now)
        ticket = self._numbered(tx, hall, line, order, now)
        tx.add_ticket(ticket)
        if order.person is not None:
            persons.add(tx, ticket, order.person)
        reason: dict[str, Any] = {"code": order.reason} if order.reason else {}
        told = self._newcomer(hall, line.id, ticket.cls)
        if told is not None:  # what its paper says is kept, so that anybody can see whether it held
            reason["range"] = {"low": told[0], "high": told[1]}
        tx.append(hall, Event("ticket.issued", now, actor, ticket, reason=reason))
        self.watch_green(tx, ticket, now)
        return Placed(ticket, tx.ahead(ticket), told)

    def check_same_person(self, tx: Transaction, key: str, ticket_id: str, person: Person | None) -> None:
        """Raises KeyUsed if a repeated request names another person than the ticket it was answered with.

        Once the ticket's day is closed nobody knows whose it was, and any repeat is taken for one.
        """
        ticket = tx.ticket(ticket_id)
        today = ticket and tx.state(ticket.hall).business_day
        if ticket and ticket.business_day == today and persons.person_of(tx, ticket_id) != person:
            raise KeyUsed(key)

    def watch_green(self, tx: Transaction, ticket: Ticket, now: datetime) -> None:
        """Raises the alarm when this ticket makes green ones more of the day's than the hall allows."""
        share = self._halls[ticket.hall].hall.rules.green_alarm
        if ticket.cls != GREEN:
            return
        counts = tx.classes_of_day(ticket.hall, ticket.business_day)
        green, total = counts[GREEN], sum(counts.values())
        if 100 * (green - 1) <= share * total < 100 * green:
            reason = {"kind": "green", "green": green, "of": total, "percent": share}
            tx.append(ticket.hall, Event("alarm", now, NOBODY, ticket, reason=reason))

    def _check_room(self, tx: Transaction, hall: str, line: Line, now: datetime) -> None:
        day = tx.state(hall).business_day
        if full(tx, hall, line, day):
            again = calendar.opening_after(self._halls[hall].hall, now, day)
            when = f"; come {again:%Y-%m-%d %H:%M}" if again else ""
            words = f"{line.name.zh} ({line.id}) has given all its {line.daily} numbers of today{when}"
            raise NoNumbers(words, "line_full", again, line=line.id, daily=line.daily)

    def _elsewhere(self, tx: Transaction, hall: str, order: Order) -> list[dict[str, str]]:
        """Other lines that do the same and give numbers now."""
        book, now = self._halls[hall], self._days.begin(tx, hall)
        if not self._days.gives(hall, now):
            return []
        day, same = tx.state(hall).business_day, book.elsewhere(order.item)
        return [{"line": one.line, "item": one.id} for one in same if not full(tx, hall, book.lines[one.line], day)]

    def _check_one_each(self, tx: Transaction, hall: str, line: Line, person: Person | None) -> None:
        if person is None or person.card_token is None:
            return
        ticket = persons.live_ticket(tx, hall, tx.state(hall).business_day, line.id, person.card_token)
        if ticket is not None:
            raise HasTicket(Placed(ticket, tx.ahead(ticket)), line)

    def _numbered(self, tx: Transaction, hall: str, line: Line, order: Order, now: datetime) -> Ticket:
        """The next ticket of a line."""
        state = tx.state(hall)
        state.last_ticket += 1
        state.last_issued_at = issued_at = max(state.last_issued_at + TICK, now)
        cls, arrived = self._arrival(hall, order, issued_at)
        return Ticket(
            id=self._rng(ID_BYTES),
            seq=state.last_ticket,
            number=ticket_number(line.letter, tx.next_number(hall, line.letter, state.business_day)),
            hall=hall,
            line=line.id,
            item=order.item,
            cls=cls,
            state=State.WAITING,
            business_day=state.business_day,
            issued_at=issued_at,
            key=arrived - self._halls[hall].credit(cls),  # QUEUE R1
            source=order.source,
            lang=order.lang,
        )

    def _arrival(self, hall: str, order: Order, issued_at: datetime) -> tuple[str, datetime]:
        """The class and when it counts from: a slot if that is later; who comes too late for it is a walk-in."""
        if order.cls != APPOINTMENT or order.slot is None:
            return order.cls, issued_at
        late = timedelta(minutes=self._halls[hall].hall.rules.appointment_late)
        return (order.cls, max(issued_at, order.slot)) if issued_at <= order.slot + late else (WALK_IN, issued_at)
