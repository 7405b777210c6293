"""Citizens' calls for a person."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from queue_server.store.schema import Instant, Text

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "help_calls",
        sa.Column("hall", Text, nullable=False),
        sa.Column("id", sa.BigInteger(), nullable=False),
        sa.Column("day", Text, nullable=False),
        sa.Column("place", Text, nullable=False),
        sa.Column("asked_at", Instant(), nullable=False),
        sa.Column("answered_at", Instant()),
        sa.PrimaryKeyConstraint("hall", "id"),
    )
    op.create_index("help_calls_of_day", "help_calls", ["hall", "day"])


def downgrade() -> None:
    op.drop_index("help_calls_of_day", "help_calls")
    op.drop_table("help_calls")
