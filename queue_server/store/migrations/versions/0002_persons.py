"""The person behind a ticket, and the key of the day: both live until the day closes."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from queue_server.store.schema import Text

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "day_keys",
        sa.Column("hall", Text, nullable=False),
        sa.Column("day", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.PrimaryKeyConstraint("hall", "day"),
    )
    op.create_table(
        "ticket_person",
        sa.Column("ticket", Text, nullable=False),
        sa.Column("hall", Text, nullable=False),
        sa.Column("day", Text, nullable=False),
        sa.Column("card_token", Text, nullable=True),
        sa.Column("masked_name", Text, nullable=True),
        sa.PrimaryKeyConstraint("ticket"),
    )
    op.create_index("tickets_of_a_person", "ticket_person", ["hall", "day", "card_token"], unique=False)


def downgrade() -> None:
    op.drop_table("ticket_person")
    op.drop_table("day_keys")
