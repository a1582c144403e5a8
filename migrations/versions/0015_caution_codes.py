"""A column for the cautions of a record, for lists on the pages of other records.

Revision ID: 0015
Revises: 0014
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None
serves_before = False  # the program before does not keep the codes up to date


def upgrade() -> None:
    op.add_column("record", sa.Column("caution_codes", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("record", "caution_codes")
