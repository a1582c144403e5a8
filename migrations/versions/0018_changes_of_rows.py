"""A column for what a row of a sheet has changed in its record, old and new.

Revision ID: 0018
Revises: 0017
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.add_column("import_row", sa.Column("changes", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("import_row", "changes")
