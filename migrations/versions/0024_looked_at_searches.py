"""Staff look at a search without results before the public page shows it.

Revision ID: 0024
Revises: 0023
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.add_column("missed_search", sa.Column("shown", sa.Boolean(), server_default="0", nullable=False))


def downgrade() -> None:
    op.drop_column("missed_search", "shown")
