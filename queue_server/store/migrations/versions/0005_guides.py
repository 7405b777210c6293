"""The guide catalogue: versions, its log, reviews, missed searches."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from queue_server.store.schema import Instant, Text

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "guide_catalogue",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tables", Text, nullable=False),
        sa.Column("last_change", sa.BigInteger(), nullable=False),
        sa.Column("last_hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("id"),
    )
    op.create_table(
        "guide_versions",
        sa.Column("code", Text, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("status", Text, nullable=False),
        sa.Column("effective_from", Text),
        sa.Column("effective_to", Text),
        sa.Column("content", Text, nullable=False),
        sa.Column("made_at", Instant(), nullable=False),
        sa.Column("made_by", Text, nullable=False),
        sa.Column("published_at", Instant()),
        sa.Column("published_by", Text, nullable=False),
        sa.Column("edits", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("code", "number"),
    )
    op.create_table(
        "guide_changes",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("code", Text, nullable=False),
        sa.Column("payload", Text, nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_index("changes_of_guide", "guide_changes", ["code", "seq"])
    op.create_table(
        "guide_reviews",
        sa.Column("seq", sa.BigInteger(), nullable=False),
        sa.Column("code", Text, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("kind", Text, nullable=False),
        sa.Column("verdict", Text, nullable=False),
        sa.Column("reason", Text, nullable=False),
        sa.Column("at", Instant(), nullable=False),
        sa.Column("by", Text, nullable=False),
        sa.PrimaryKeyConstraint("seq"),
    )
    op.create_table(
        "guide_searches",
        sa.Column("words", Text, nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.Column("first_at", Instant(), nullable=False),
        sa.Column("last_at", Instant(), nullable=False),
        sa.PrimaryKeyConstraint("words"),
    )


def downgrade() -> None:
    op.drop_table("guide_searches")
    op.drop_table("guide_reviews")
    op.drop_index("changes_of_guide", "guide_changes")
    op.drop_table("guide_changes")
    op.drop_table("guide_versions")
    op.drop_table("guide_catalogue")
