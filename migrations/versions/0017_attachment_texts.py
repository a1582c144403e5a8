"""The text of public PDF files is kept, so that records are found by the words in them.

Revision ID: 0017
Revises: 0016
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None
serves_before = True
rebuilt = ("attachment_text",)


def upgrade() -> None:
    op.create_table(
        "attachment_text",
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("read_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachment_text")),
    )


def downgrade() -> None:
    op.drop_table("attachment_text")
