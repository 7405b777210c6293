"""What tickets were taken for, counted over past days."""

from __future__ import annotations

from datetime import date

import sqlalchemy as sa

from queue_server.store.queries import Reading
from queue_server.store.schema import tickets
from queue_server.store.statement import Statement, given

t = tickets.c
_BEFORE = (t.hall == given("hall"), t.business_day < given("today"))
DAYS = Statement(
    sa.select(t.business_day).where(*_BEFORE).distinct().order_by(t.business_day.desc()).limit(given("limit"))
)
COUNTS = Statement(
    sa.select(t.item, sa.func.count())
    .where(*_BEFORE, t.business_day >= given("since"), t.item.is_not(None))
    .group_by(t.item)
)


def last_day(reading: Reading, hall: str, today: date) -> date | None:
    """The last business day before `today` on which any ticket was taken."""
    row = DAYS.one(reading.connection, hall=hall, today=today.isoformat(), limit=1)
    return date.fromisoformat(row[0]) if row else None


def counts(reading: Reading, hall: str, today: date, days: int) -> dict[str, int]:
    """Tickets per item over the last business days before `today` on which any were taken."""
    values = {"hall": hall, "today": today.isoformat()}
    known = DAYS.all(reading.connection, **values, limit=days)
    return dict(COUNTS.all(reading.connection, **values, since=known[-1][0])) if known else {}
