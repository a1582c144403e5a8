"""New records that staff enter at the desk, such as notices.

Revision ID: 0040
Revises: 0039
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0040"
down_revision = "0039"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "desk_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("natural_key", sa.String(length=600), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column(
            "attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True
        ),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("prepared_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("settled_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("reply", sa.String(length=500), server_default="", nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_desk_entry_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(["prepared_by"], ["user.id"], name=op.f("fk_desk_entry_prepared_by_user")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_desk_entry_settled_by_user")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_desk_entry_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_entry")),
    )
    op.create_index("ix_desk_entry_state", "desk_entry", ["state", "register"], unique=False)
    op.create_index("ix_desk_entry_record_id", "desk_entry", ["record_id"], unique=False)
    op.create_index("ix_desk_entry_attachment_id", "desk_entry", ["attachment_id"], unique=False)


def downgrade() -> None:
    op.drop_table("desk_entry")
