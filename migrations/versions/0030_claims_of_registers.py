"""Claims name the register of the record that is claimed: an organisation, or a body.

Revision ID: 0030
Revises: 0029
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0030"
down_revision = "0029"
branch_labels = None
depends_on = None
serves_before = True  # the program before takes each claim for one to an organisation, finds none, and enters none


def upgrade() -> None:
    op.add_column("claim", sa.Column("register", sa.String(length=60), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("claim", "register")
