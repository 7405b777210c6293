"""The tables, as SQLAlchemy Core; what they look like on disk is made by the migrations beside them.

Instants are whole microseconds since 1970 in UTC (`Instant`): exact, ordered, and the same on every database, while a
DATETIME column would lose the offset on SQLite. Dates are ISO text.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Dialect

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)


def to_instant(at: datetime) -> int:
    """An aware datetime as microseconds since 1970."""
    return (at - EPOCH) // MICROSECOND


def from_instant(value: int) -> datetime:
    """Microseconds since 1970 as an aware datetime in UTC."""
    return EPOCH + timedelta(microseconds=value)


class Instant(sa.types.TypeDecorator[datetime]):
    """An aware datetime, stored as microseconds since 1970; a naive one is refused."""

    impl = sa.BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("a naive datetime: say which zone")
        return to_instant(value)

    def process_result_value(self, value: Any | None, dialect: Dialect) -> datetime | None:
        return None if value is None else from_instant(value)


metadata = sa.MetaData()

halls = sa.Table(
    "halls",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("epoch", sa.Text, nullable=False),  # a rebuilt hall starts a new one
    sa.Column("settings", sa.Text, nullable=False),  # JSON, as last applied
    sa.Column("last_event", sa.BigInteger, nullable=False),
    sa.Column("last_hash", sa.LargeBinary, nullable=False),
    sa.Column("last_ticket", sa.BigInteger, nullable=False),  # tickets.seq
    sa.Column("last_issued_at", Instant, nullable=False),
    sa.Column("business_day", sa.Text, nullable=False),
    sa.Column("settings_version", sa.BigInteger, nullable=False, server_default="1"),  # counts the changes of settings
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),
    sa.Column("hall", sa.Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("number", sa.Text, nullable=False),
    sa.Column("line", sa.Text, nullable=False),
    sa.Column("item", sa.Text),
    sa.Column("class", sa.Text, nullable=False),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("business_day", sa.Text, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("key", Instant, nullable=False),
    sa.Column("source", sa.Text, nullable=False),
    sa.Column("lang", sa.Text, nullable=False),
    sa.Column("bound", sa.Integer, nullable=False),  # a window's number, or 0: any window
    sa.Column("window", sa.Integer),
    sa.Column("calls", sa.Integer, nullable=False),
    sa.Column("first_called_at", Instant),
    sa.Column("called_at", Instant),
    sa.Column("started_at", Instant),
    sa.Column("ended_at", Instant),
    sa.Column("printed", sa.Integer, nullable=False),
    sa.Column("print_doubt", sa.Integer, nullable=False),
    sa.Column("prints", sa.Integer, nullable=False),
    sa.UniqueConstraint("hall", "business_day", "number", name="a_number_once_a_day"),
)
sa.Index(
    "lanes",
    tickets.c.hall,
    tickets.c.line,
    tickets.c["class"],
    tickets.c.bound,
    tickets.c.key,
    tickets.c.seq,
    sqlite_where=tickets.c.state == "waiting",
    postgresql_where=tickets.c.state == "waiting",
)
sa.Index(
    "recent_calls",
    tickets.c.hall,
    tickets.c.called_at,
    sqlite_where=tickets.c.called_at.is_not(None),
    postgresql_where=tickets.c.called_at.is_not(None),
)

windows = sa.Table(
    "windows",
    metadata,
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("no", sa.Integer, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text),  # its called or serving ticket
    sa.Column("since", Instant),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("letter", sa.Text, primary_key=True),  # not the line: a letter that moves must not count again
    sa.Column("business_day", sa.Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("type", sa.Text, nullable=False),
    sa.Column("ticket", sa.Text),
    sa.Column("at", Instant, nullable=False),
    sa.Column("payload", sa.Text, nullable=False),  # canonical JSON
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
sa.Index("events_of_ticket", events.c.ticket, events.c.seq, sqlite_where=events.c.ticket.is_not(None))

answers = sa.Table(  # what a request with this key was answered, for repeating it
    "answers",
    metadata,
    sa.Column("scope", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", sa.Text, primary_key=True),  # in logs; says nothing about the secret
    sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of the token
    sa.Column("role", sa.Text, nullable=False),
    sa.Column("name", sa.Text, nullable=False),
    sa.Column("hall", sa.Text),  # none: every hall
    sa.Column("demo", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("machine", sa.Text, primary_key=True),
    sa.Column("name", sa.Text, primary_key=True),
    sa.Column("state", sa.Text, nullable=False),
    sa.Column("detail", sa.Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

day_keys = sa.Table(  # one a hall and business day: what kiosks make card tokens with; deleted when the day closes
    "day_keys",
    metadata,
    sa.Column("hall", sa.Text, primary_key=True),
    sa.Column("day", sa.Text, primary_key=True),
    sa.Column("key", sa.Text, nullable=False),  # base64url of 32 random bytes
)

ticket_person = sa.Table(  # whose ticket it is; deleted when the day closes
    "ticket_person",
    metadata,
    sa.Column("ticket", sa.Text, primary_key=True),
    sa.Column("hall", sa.Text, nullable=False),
    sa.Column("day", sa.Text, nullable=False),
    sa.Column("card_token", sa.Text),
    sa.Column("masked_name", sa.Text),
)
sa.Index("tickets_of_a_person", ticket_person.c.hall, ticket_person.c.day, ticket_person.c.card_token)
