"""Accounts of reviewers have the region in which they act.

Revision ID: 0028
Revises: 0027
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0028"
down_revision = "0027"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.add_column("user", sa.Column("region_code", sa.String(length=6), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("user", "region_code")
