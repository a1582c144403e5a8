"""Accounts can be suspended: their owners cannot sign in until they are restored.

Revision ID: 0027
Revises: 0026
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0027"
down_revision = "0026"
branch_labels = None
depends_on = None
serves_before = True  # the program before knows no suspension: as long as it serves, suspended accounts can sign in there


def upgrade() -> None:
    op.add_column("user", sa.Column("suspended_at", registry.store.base.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "suspended_at")
