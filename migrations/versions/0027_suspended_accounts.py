"""Accounts can be suspended: nobody signs in with them until they are restored.

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
serves_before = True  # the program before suspends nobody; those who are suspended it lets in as long as it serves


def upgrade() -> None:
    op.add_column("user", sa.Column("suspended_at", registry.store.base.UtcDateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("user", "suspended_at")
