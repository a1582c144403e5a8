"""A table for the conflicts between registers that the daily run finds.

Revision ID: 0014
Revises: 0013
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None
serves_before = True
rebuilt = ("conflict",)


def upgrade() -> None:
    op.create_table(
        "conflict",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("code", sa.String(length=60), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("found_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["other_id"], ["record.id"], name=op.f("fk_conflict_other_id_record")
        ),
        sa.ForeignKeyConstraint(
            ["record_id"], ["record.id"], name=op.f("fk_conflict_record_id_record")
        ),
        sa.PrimaryKeyConstraint("record_id", "code", "other_id", name=op.f("pk_conflict")),
    )


def downgrade() -> None:
    op.drop_table("conflict")
