"""The first schema: halls, tickets, windows, the event log, repeated answers, tokens, devices."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from queue_server.store.schema import Instant, Text

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "answers",
        sa.Column("scope", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.Column("fingerprint", sa.LargeBinary(), nullable=False),
        sa.Column("status", sa.Integer(), nullable=False),
        sa.Column("body", Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("scope", "key"),
    )
    op.create_table(
        "counters",
        sa.Column("hall", Text, nullable=False),
        sa.Column("letter", Text, nullable=False),
        sa.Column("business_day", Text, nullable=False),
        sa.Column("n", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "letter", "business_day"),
    )
    op.create_table(
        "devices",
        sa.Column("hall", Text, nullable=False),
        sa.Column("machine", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("detail", Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "machine", "name"),
    )
    op.create_table(
        "events",
        sa.Column("hall", Text, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("type", Text, nullable=False),
        sa.Column("ticket", Text, nullable=True),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("hall", "seq"),
    )
    op.create_index(
        "events_of_ticket",
        "events",
        ["ticket", "seq"],
        unique=False,
        sqlite_where=sa.text("ticket IS NOT NULL"),
        postgresql_where=sa.text("ticket IS NOT NULL"),
    )
    op.create_table(
        "halls",
        sa.Column("id", Text, nullable=False),
        sa.Column("epoch", Text, nullable=False),
        sa.Column("settings", Text, nullable=False),
        sa.Column("last_event", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.Column("last_ticket", sa.BigInteger(), nullable=False),
        sa.Column("last_issued_at", Instant(), nullable=False),
        sa.Column("business_day", Text, nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "tickets",
        sa.Column("id", Text, nullable=False),
        sa.Column("hall", Text, nullable=False),
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("number", Text, nullable=False),
        sa.Column("line", Text, nullable=False),
        sa.Column("item", Text, nullable=True),
        sa.Column("class", Text, nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("business_day", Text, nullable=False),
        sa.Column("issued_at", Instant(), nullable=False),
        sa.Column("key", Instant(), nullable=False),
        sa.Column("source", Text, nullable=False),
        sa.Column("lang", Text, nullable=False),
        sa.Column("bound", sa.Integer(), nullable=False),
        sa.Column("window", sa.Integer(), nullable=True),
        sa.Column("calls", sa.Integer(), nullable=False),
        sa.Column("first_called_at", Instant(), nullable=True),
        sa.Column("called_at", Instant(), nullable=True),
        sa.Column("started_at", Instant(), nullable=True),
        sa.Column("ended_at", Instant(), nullable=True),
        sa.Column("printed", sa.Integer(), nullable=False),
        sa.Column("print_doubt", sa.Integer(), nullable=False),
        sa.Column("prints", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hall", "business_day", "number", name="a_number_once_a_day"),
    )
    op.create_index(
        "lanes",
        "tickets",
        ["hall", "line", "class", "bound", "key", "seq"],
        unique=False,
        sqlite_where=sa.text("state = 'waiting'"),
        postgresql_where=sa.text("state = 'waiting'"),
    )
    op.create_index(
        "recent_calls",
        "tickets",
        ["hall", "called_at"],
        unique=False,
        sqlite_where=sa.text("called_at IS NOT NULL"),
        postgresql_where=sa.text("called_at IS NOT NULL"),
    )
    op.create_table(
        "tokens",
        sa.Column("id", Text, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("role", Text, nullable=False),
        sa.Column("name", Text, nullable=False),
        sa.Column("hall", Text, nullable=True),
        sa.Column("demo", sa.Integer(), nullable=False),
        sa.Column("created_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("hash"),
    )
    op.create_table(
        "windows",
        sa.Column("hall", Text, nullable=False),
        sa.Column("no", sa.Integer(), nullable=False),
        sa.Column("state", Text, nullable=False),
        sa.Column("ticket", Text, nullable=True),
        sa.Column("since", Instant(), nullable=True),
        sa.PrimaryKeyConstraint("hall", "no"),
    )


def downgrade() -> None:
    for table in ("windows", "tokens", "tickets", "halls", "events", "devices", "counters", "answers"):
        op.drop_table(table)
