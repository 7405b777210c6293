"""What citizens thought of a service."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from queue_server.store.schema import Instant, Text

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "ratings",
        sa.Column("ticket", Text, nullable=False),
        sa.Column("hall", Text, nullable=False),
        sa.Column("business_day", Text, nullable=False),
        sa.Column("window", sa.Integer()),
        sa.Column("line", Text, nullable=False),
        sa.Column("item", Text),
        sa.Column("level", sa.Integer(), nullable=False),
        sa.Column("language", Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("ticket"),
    )
    op.create_index("ratings_of_days", "ratings", ["hall", "business_day"])


def downgrade() -> None:
    op.drop_index("ratings_of_days", "ratings")
    op.drop_table("ratings")
