"""What the estimate reads of a hall: everybody who waits, and from where the log is to be read."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from queue_server.domain.model import Ticket
from queue_server.store.queries import Reading, ticket_of
from queue_server.store.schema import events, tickets, to_instant
from queue_server.store.statement import Statement, given

t = tickets.c
WAITING = Statement(
    sa.select(tickets)
    # the literal text lets SQLite see that the partial index `lanes` applies
    .where(sa.and_(t.hall == given("hall"), sa.text("tickets.state = 'waiting'")))
    .order_by(t.line, t["class"], t.bound, t.key, t.seq)
)
AT = Statement(
    sa.select(events.c.seq, events.c.at)
    .where(events.c.hall == given("hall"), events.c.seq >= given("seq"))
    .order_by(events.c.seq)
    .limit(sa.literal_column("1"))
)


def waiting(reading: Reading, hall: str) -> list[Ticket]:
    return [ticket_of(row) for row in WAITING.all(reading.connection, hall=hall)]


def seq_before(reading: Reading, hall: str, since: datetime, last: int) -> int:
    """The seq of the log's last event before `since`, by halving: 0 if there is none."""
    low, high, instant = 0, last, to_instant(since)
    while low < high:
        middle = (low + high + 1) // 2
        row = AT.one(reading.connection, hall=hall, seq=middle)
        if row is not None and row[1] < instant:
            low = middle
        else:
            high = middle - 1
    return low
