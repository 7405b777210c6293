"""The table of ratings: one a ticket, made from the event of the same transaction."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from datetime import date

import sqlalchemy as sa

from queue_server.domain.ratings import Rating
from queue_server.store.queries import Reading
from queue_server.store.schema import from_instant, ratings, to_instant
from queue_server.store.statement import Statement, given, insert
from queue_server.store.writer import Transaction

r = ratings.c
ADD = Statement(insert(ratings))
OF_TICKET = Statement(sa.select(ratings).where(r.ticket == given("ticket")))
COUNTS = Statement(
    sa.select(r.window, r.item, r.level, sa.func.count())
    .where(r.hall == given("hall"), r.business_day >= given("since"), r.business_day <= given("until"))
    .group_by(r.window, r.item, r.level)
)


@dataclass(frozen=True, slots=True)
class Count:
    """How many of a level an item had at a window."""

    window: int | None
    item: str | None
    level: int
    count: int


def add(tx: Transaction, rating: Rating) -> None:
    values = dataclasses.asdict(rating)
    values |= {"business_day": rating.business_day.isoformat(), "at": to_instant(rating.at)}
    ADD.run(tx.connection, **values)


def of_ticket(reading: Reading, ticket: str) -> Rating | None:
    row = OF_TICKET.one(reading.connection, ticket=ticket)
    if row is None:
        return None
    id_, hall, day, window, line, item, level, language, at = row
    return Rating(id_, hall, date.fromisoformat(day), window, line, item, level, language, from_instant(at))


def counts(reading: Reading, hall: str, since: date, until: date) -> list[Count]:
    """Of the business days from `since` to `until`, both counted."""
    values = {"hall": hall, "since": since.isoformat(), "until": until.isoformat()}
    return [Count(*row) for row in COUNTS.all(reading.connection, **values)]
