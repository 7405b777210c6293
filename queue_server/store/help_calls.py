"""Citizens' calls for a person, from when they were made until somebody goes."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date, datetime

import sqlalchemy as sa

from queue_server.store.queries import Reading
from queue_server.store.schema import from_instant, help_calls, to_instant
from queue_server.store.statement import Row, Statement, given, save
from queue_server.store.writer import Transaction

h = help_calls.c
OF_DAY = Statement(
    sa.select(help_calls).where(h.hall == given("hall"), h.day == given("day"), h.answered_at.is_(None)).order_by(h.id)
)
ONE = Statement(sa.select(help_calls).where(h.hall == given("hall"), h.id == given("id")))
SAVE = Statement(save(help_calls))


@dataclass(frozen=True, slots=True)
class HelpCall:
    """`id` is the seq of the event it began with; `place` a machine's name or a zone; instants are aware."""

    hall: str
    id: int
    day: date
    place: str
    asked_at: datetime
    answered_at: datetime | None = None


def _call(row: Row) -> HelpCall:
    hall, id_, day, place, asked_at, answered_at = row
    answered = None if answered_at is None else from_instant(answered_at)
    return HelpCall(hall, id_, date.fromisoformat(day), place, from_instant(asked_at), answered)


def unanswered(reading: Reading, hall: str, day: date) -> list[HelpCall]:
    """The day's calls nobody has gone to yet, the oldest first."""
    return [_call(row) for row in OF_DAY.all(reading.connection, hall=hall, day=day.isoformat())]


def one(reading: Reading, hall: str, id_: int) -> HelpCall | None:
    row = ONE.one(reading.connection, hall=hall, id=id_)
    return _call(row) if row else None


def keep(tx: Transaction, call: HelpCall) -> None:
    values = dataclasses.asdict(call) | {"day": call.day.isoformat(), "asked_at": to_instant(call.asked_at)}
    SAVE.run(tx.connection, **values | {"answered_at": call.answered_at and to_instant(call.answered_at)})
