"""Applications know the body that they ask.

Revision ID: 0043
Revises: 0042
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0043"
down_revision = "0042"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.add_column("application", sa.Column("issuer_id", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("application", "issuer_id")
