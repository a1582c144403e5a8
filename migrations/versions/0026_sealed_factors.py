"""Secrets of second factors are kept, encrypted, instead of being derived from the server's secret.

Revision ID: 0026
Revises: 0025
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0026"
down_revision = "0025"
branch_labels = None
depends_on = None
serves_before = True  # secrets are still made as the program before derives them
rebuilt = ("user.factor_secret",)


def upgrade() -> None:
    op.add_column("user", sa.Column("factor_secret", sa.String(length=255), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("user", "factor_secret")
