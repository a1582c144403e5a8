"""Drafts and receipts know the full text of the standard that was handed in with them.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.add_column("draft", sa.Column("text_id", sa.BigInteger(), nullable=True))
    op.add_column("receipt", sa.Column("text_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_receipt_text_id"), "receipt", ["text_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_receipt_text_id"), table_name="receipt")
    op.drop_column("receipt", "text_id")
    op.drop_column("draft", "text_id")
