"""The person behind a ticket and the key of the day: kept in two tables, gone with the business day.

A person is a token that a kiosk made from a card with the day's key (the number itself never comes here) and a name
with stars in it. Neither is ever part of an event, of a stored answer or of a ticket: these two tables are the only
place, so that deleting their rows is forgetting. What was deleted leaves the disk too: SQLite overwrites the rows
(`secure_delete`), and the writer empties the WAL after a `forget` (`Writer`). PostgreSQL cannot promise that: deleted
rows go with its next vacuum, old WAL when it is recycled, so its disk should be an encrypted one.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date

import sqlalchemy as sa

from queue_server.domain.model import OPEN_STATES, State, Ticket
from queue_server.store.queries import Reading, ticket_of
from queue_server.store.schema import day_keys, ticket_person, tickets
from queue_server.store.statement import Statement, given, insert
from queue_server.store.writer import Transaction


@dataclass(frozen=True, slots=True)
class Person:
    """Who holds a ticket, as far as the hall knows; never shown by `repr`, so that no log can hold it."""

    card_token: str | None = field(default=None, repr=False)  # HMAC-SHA-256 of kind and number, 64 hex digits
    masked_name: str | None = field(default=None, repr=False)


p = ticket_person.c
LIVE = Statement(
    # the line is the ticket's own, where it stands now: a copy beside the person would be wrong after a transfer
    sa.select(tickets)
    .join(ticket_person, p.ticket == tickets.c.id)
    .where(
        p.hall == given("hall"),
        p.day == given("day"),
        p.card_token == given("card_token"),
        tickets.c.line == given("line"),
        tickets.c.state.in_([sa.literal_column(f"'{state}'") for state in OPEN_STATES]),
    )
)
OF_PERSON = Statement(
    sa.select(tickets)
    .join(ticket_person, p.ticket == tickets.c.id)
    .where(p.hall == given("hall"), p.day == given("day"), p.card_token == given("card_token"))
    .where(tickets.c.state.in_([sa.literal_column(f"'{state}'") for state in (*OPEN_STATES, State.MISSED)]))
    .order_by(tickets.c.seq)
)
OF_TICKET = Statement(sa.select(p.card_token, p.masked_name).where(p.ticket == given("ticket")))
ADD = Statement(insert(ticket_person))
KEY = Statement(sa.select(day_keys.c.key).where(day_keys.c.hall == given("hall"), day_keys.c.day == given("day")))
ADD_KEY = Statement(insert(day_keys))
_FORGOTTEN = sa.and_(p.hall == given("hall"), p.day != given("day"))
FORGOTTEN = Statement(sa.select(sa.func.count()).select_from(ticket_person).where(_FORGOTTEN))
KEPT = Statement(sa.select(ticket_person).where(sa.not_(_FORGOTTEN)))
CLEAR = Statement(sa.delete(ticket_person))
FORGET = Statement(sa.delete(ticket_person).where(_FORGOTTEN))
FORGET_KEYS = Statement(
    sa.delete(day_keys).where(day_keys.c.hall == given("hall"), day_keys.c.day != given("day")),
)


def live_ticket(reading: Reading, hall: str, day: date, line: str, card_token: str) -> Ticket | None:
    """The person's ticket of this line that waits, is called, served or held."""
    row = LIVE.one(reading.connection, hall=hall, day=day.isoformat(), line=line, card_token=card_token)
    return ticket_of(row) if row else None


def tickets_of(reading: Reading, hall: str, day: date, card_token: str) -> list[Ticket]:
    """The person's tickets that live or were missed, in the order they were taken."""
    rows = OF_PERSON.all(reading.connection, hall=hall, day=day.isoformat(), card_token=card_token)
    return [ticket_of(row) for row in rows]


def person_of(reading: Reading, ticket_id: str) -> Person | None:
    """Who holds a ticket of today; None for an anonymous one, and for everybody once the day is closed."""
    row = OF_TICKET.one(reading.connection, ticket=ticket_id)
    return Person(*row) if row else None


def add(tx: Transaction, ticket: Ticket, person: Person) -> None:
    ADD.run(
        tx.connection,
        ticket=ticket.id,
        hall=ticket.hall,
        day=ticket.business_day.isoformat(),
        card_token=person.card_token,
        masked_name=person.masked_name,
    )


def day_key(reading: Reading, hall: str, day: date) -> str | None:
    row = KEY.one(reading.connection, hall=hall, day=day.isoformat())
    return str(row[0]) if row else None


def add_day_key(tx: Transaction, hall: str, day: date, key: str) -> None:
    ADD_KEY.run(tx.connection, hall=hall, day=day.isoformat(), key=key)


def forget(tx: Transaction, hall: str, keep: date) -> None:
    """Deletes the hall's persons and keys of every business day but `keep`, and has the writer wipe what is left."""
    values = {"hall": hall, "day": keep.isoformat()}
    keys = FORGET_KEYS.run(tx.connection, **values).rowcount
    if tx.shared:  # other halls' rows belong to others, who may be writing them now
        FORGET.run(tx.connection, **values)
        return
    forgotten = FORGOTTEN.one(tx.connection, **values)
    if forgotten and forgotten[0]:
        # Rows that moved between pages while the table grew have left copies in the space between rows, which deleting
        # single rows does not overwrite (measured: 1 of 3,000). Emptying the table overwrites every page it ever had.
        kept = KEPT.all(tx.connection, **values)
        CLEAR.run(tx.connection)
        for row in kept:
            ADD.run(tx.connection, **dict(zip(p.keys(), row, strict=True)))
        tx.forgot = True
    tx.forgot |= keys > 0
