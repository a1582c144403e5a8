"""Looks at confidential parts, counted for the public; and when the contents of an application were deleted.

Revision ID: 0048
Revises: 0047
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0048"
down_revision = "0047"
branch_labels = None
depends_on = None
serves_before = True

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "confidential_look",
        sa.Column("id", ID, nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_confidential_look")),
    )
    op.create_index("ix_confidential_look_year", "confidential_look", ["year", "kind", "reason"], unique=False)
    op.add_column("application", sa.Column("forgotten_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    op.drop_column("application", "forgotten_at")
    op.drop_index("ix_confidential_look_year", table_name="confidential_look")
    op.drop_table("confidential_look")
