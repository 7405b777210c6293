"""The keys that several server processes share."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from queue_server.store.schema import Text

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "server_keys",
        sa.Column("name", Text, nullable=False),
        sa.Column("key", Text, nullable=False),
        sa.PrimaryKeyConstraint("name"),
    )


def downgrade() -> None:
    op.drop_table("server_keys")
