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


# compared by bytes on every database: a collation would put lanes and classes in another order (and cost more)
Text = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

metadata = sa.MetaData()

halls = sa.Table(
    "halls",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("epoch", Text, nullable=False),  # a rebuilt hall starts a new one
    sa.Column("settings", Text, nullable=False),  # JSON, as last applied
    sa.Column("last_event", sa.BigInteger, nullable=False),
    sa.Column("last_hash", sa.LargeBinary, nullable=False),
    sa.Column("last_ticket", sa.BigInteger, nullable=False),  # tickets.seq
    sa.Column("last_issued_at", Instant, nullable=False),
    sa.Column("business_day", Text, nullable=False),
    sa.Column("settings_version", sa.BigInteger, nullable=False, server_default="1"),  # counts the changes of settings
)

tickets = sa.Table(
    "tickets",
    metadata,
    sa.Column("id", Text, primary_key=True),
    sa.Column("hall", Text, nullable=False),
    sa.Column("seq", sa.BigInteger, nullable=False),
    sa.Column("number", Text, nullable=False),
    sa.Column("line", Text, nullable=False),
    sa.Column("item", Text),
    sa.Column("class", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("business_day", Text, nullable=False),
    sa.Column("issued_at", Instant, nullable=False),
    sa.Column("key", Instant, nullable=False),
    sa.Column("source", Text, nullable=False),
    sa.Column("lang", Text, nullable=False),
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
    sa.Column("hall", Text, primary_key=True),
    sa.Column("no", sa.Integer, primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("ticket", Text),  # its called or serving ticket
    sa.Column("since", Instant),
)

counters = sa.Table(
    "counters",
    metadata,
    sa.Column("hall", Text, primary_key=True),
    sa.Column("letter", Text, primary_key=True),  # not the line: a letter that moves must not count again
    sa.Column("business_day", Text, primary_key=True),
    sa.Column("n", sa.Integer, nullable=False),
)

events = sa.Table(
    "events",
    metadata,
    sa.Column("hall", Text, primary_key=True),
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("type", Text, nullable=False),
    sa.Column("ticket", Text),
    sa.Column("at", Instant, nullable=False),
    sa.Column("payload", Text, nullable=False),  # canonical JSON
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
sa.Index(
    "events_of_ticket",
    events.c.ticket,
    events.c.seq,
    sqlite_where=events.c.ticket.is_not(None),
    postgresql_where=events.c.ticket.is_not(None),
)

answers = sa.Table(  # what a request with this key was answered, for repeating it
    "answers",
    metadata,
    sa.Column("scope", Text, primary_key=True),
    sa.Column("key", Text, primary_key=True),
    sa.Column("fingerprint", sa.LargeBinary, nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
    sa.Column("body", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

tokens = sa.Table(
    "tokens",
    metadata,
    sa.Column("id", Text, primary_key=True),  # in logs; says nothing about the secret
    sa.Column("hash", sa.LargeBinary, nullable=False, unique=True),  # SHA-256 of the token
    sa.Column("role", Text, nullable=False),
    sa.Column("name", Text, nullable=False),
    sa.Column("hall", Text),  # none: every hall
    sa.Column("demo", sa.Integer, nullable=False),
    sa.Column("created_at", Instant, nullable=False),
)

devices = sa.Table(
    "devices",
    metadata,
    sa.Column("hall", Text, primary_key=True),
    sa.Column("machine", Text, primary_key=True),
    sa.Column("name", Text, primary_key=True),
    sa.Column("state", Text, nullable=False),
    sa.Column("detail", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)

day_keys = sa.Table(  # one a hall and business day: what kiosks make card tokens with; deleted when the day closes
    "day_keys",
    metadata,
    sa.Column("hall", Text, primary_key=True),
    sa.Column("day", Text, primary_key=True),
    sa.Column("key", Text, nullable=False),  # base64url of 32 random bytes
)

ticket_person = sa.Table(  # whose ticket it is; deleted when the day closes
    "ticket_person",
    metadata,
    sa.Column("ticket", Text, primary_key=True),
    sa.Column("hall", Text, nullable=False),
    sa.Column("day", Text, nullable=False),
    sa.Column("card_token", Text),
    sa.Column("masked_name", Text),
)
sa.Index("tickets_of_a_person", ticket_person.c.hall, ticket_person.c.day, ticket_person.c.card_token)

ratings = sa.Table(
    "ratings",
    metadata,
    sa.Column("ticket", Text, primary_key=True),  # one a service
    sa.Column("hall", Text, nullable=False),
    sa.Column("business_day", Text, nullable=False),
    sa.Column("window", sa.Integer),
    sa.Column("line", Text, nullable=False),
    sa.Column("item", Text),
    sa.Column("level", sa.Integer, nullable=False),  # 5 very satisfied … 1 very dissatisfied
    sa.Column("language", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
)
sa.Index("ratings_of_days", ratings.c.hall, ratings.c.business_day)

help_calls = sa.Table(
    "help_calls",
    metadata,
    sa.Column("hall", Text, primary_key=True),
    sa.Column("id", sa.BigInteger, primary_key=True),  # seq of the event it began with
    sa.Column("day", Text, nullable=False),
    sa.Column("place", Text, nullable=False),
    sa.Column("asked_at", Instant, nullable=False),
    sa.Column("answered_at", Instant),
)
sa.Index("help_calls_of_day", help_calls.c.hall, help_calls.c.day)

server_keys = sa.Table(  # what the processes of one database sign with; where one process serves, it is in a file
    "server_keys",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("key", Text, nullable=False),
)

guide_catalogue = sa.Table(  # the city's: one row
    "guide_catalogue",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("tables", Text, nullable=False),  # the code tables, JSON
    sa.Column("last_change", sa.BigInteger, nullable=False),
    sa.Column("last_hash", sa.LargeBinary, nullable=False),
)

guide_versions = sa.Table(
    "guide_versions",
    metadata,
    sa.Column("code", Text, primary_key=True),
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("status", Text, nullable=False),
    sa.Column("effective_from", Text),
    sa.Column("effective_to", Text),
    sa.Column("content", Text, nullable=False),  # the guide, JSON
    sa.Column("made_at", Instant, nullable=False),
    sa.Column("made_by", Text, nullable=False),
    sa.Column("published_at", Instant),
    sa.Column("published_by", Text, nullable=False),
    sa.Column("edits", sa.Integer, nullable=False),
)

guide_changes = sa.Table(  # the catalogue's log
    "guide_changes",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True),
    sa.Column("code", Text, nullable=False),
    sa.Column("payload", Text, nullable=False),  # canonical JSON
    sa.Column("hash", sa.LargeBinary, nullable=False),
)
sa.Index("changes_of_guide", guide_changes.c.code, guide_changes.c.seq)

guide_reviews = sa.Table(
    "guide_reviews",
    metadata,
    sa.Column("seq", sa.BigInteger, primary_key=True),  # of the change it was logged as
    sa.Column("code", Text, nullable=False),
    sa.Column("number", sa.Integer, nullable=False),
    sa.Column("kind", Text, nullable=False),
    sa.Column("verdict", Text, nullable=False),
    sa.Column("reason", Text, nullable=False),
    sa.Column("at", Instant, nullable=False),
    sa.Column("by", Text, nullable=False),
)

guide_searches = sa.Table(  # words that found nothing
    "guide_searches",
    metadata,
    sa.Column("words", Text, primary_key=True),
    sa.Column("count", sa.Integer, nullable=False),
    sa.Column("first_at", Instant, nullable=False),
    sa.Column("last_at", Instant, nullable=False),
)
