"""Watch lists: what is due on records, of what was told by letter, and who wants no such letters.

Revision ID: 0038
Revises: 0037
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0038"
down_revision = "0037"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "watch_item",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("watch", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("listed_from", sa.Date(), nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("region_code", sa.String(length=6), server_default="", nullable=False),
        sa.Column("holder_id", sa.BigInteger(), nullable=True),
        sa.Column("issuer_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_watch_item_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "watch", name=op.f("pk_watch_item")),
    )
    op.create_index("ix_watch_item_listed_from", "watch_item", ["listed_from", "watch"], unique=False)
    op.create_index("ix_watch_item_holder_id", "watch_item", ["holder_id"], unique=False)
    op.create_index("ix_watch_item_issuer_id", "watch_item", ["issuer_id"], unique=False)
    op.create_table(
        "watch_notice",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("watch", sa.String(length=30), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("due", sa.String(length=10), nullable=False),
        sa.Column("threshold", sa.Integer(), nullable=False),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_watch_notice_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "watch", "code", "due", "threshold", name=op.f("pk_watch_notice")),
    )
    op.create_index("ix_watch_notice_told_at", "watch_notice", ["told_at"], unique=False)
    op.add_column(
        "user", sa.Column("due_letters", sa.Boolean(), server_default=sa.text("true"), nullable=False)
    )


def downgrade() -> None:
    op.drop_column("user", "due_letters")
    op.drop_table("watch_notice")
    op.drop_table("watch_item")
