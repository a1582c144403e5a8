"""Drafts know the version of the record that they go by, receipts the draft that they came from.

Revision ID: 0007
Revises: 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.add_column("draft", sa.Column("amends_version", sa.Integer(), nullable=True))
    op.add_column("receipt", sa.Column("draft_id", sa.BigInteger(), nullable=True))
    op.create_index(op.f("ix_receipt_draft_id"), "receipt", ["draft_id"], unique=False)


def downgrade() -> None:
    op.drop_index(op.f("ix_receipt_draft_id"), table_name="receipt")
    op.drop_column("receipt", "draft_id")
    op.drop_column("draft", "amends_version")
