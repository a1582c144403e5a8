"""Records that were merged into others, and natural keys that records had before.

Revision ID: 0046
Revises: 0045
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0046"
down_revision = "0045"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "former_key",
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("natural_key", sa.String(length=600), nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("title_zh", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_former_key_record_id_record")),
        sa.PrimaryKeyConstraint("register", "natural_key", name=op.f("pk_former_key")),
    )
    op.create_index("ix_former_key_record_id", "former_key", ["record_id"], unique=False)
    op.add_column("record", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    op.create_index("ix_record_merged_into_id", "record", ["merged_into_id"], unique=False)


def downgrade() -> None:
    op.drop_index("ix_record_merged_into_id", table_name="record")
    op.drop_column("record", "merged_into_id")
    op.drop_table("former_key")
