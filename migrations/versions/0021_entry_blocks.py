"""What entries say, as arrays, for the statistics of past days.

Revision ID: 0021
Revises: 0020
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None
serves_before = True
rebuilt = ("entry_block",)


def upgrade() -> None:
    op.create_table(
        "entry_block",
        sa.Column("first_entry", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_entry", sa.BigInteger(), nullable=False),
        sa.Column("form", sa.String(length=64), nullable=False),
        sa.Column("arrays", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("first_entry", name=op.f("pk_entry_block")),
    )


def downgrade() -> None:
    op.drop_table("entry_block")
