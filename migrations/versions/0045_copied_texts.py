"""Signatures of texts, and which records say nearly the same.

Revision ID: 0045
Revises: 0044
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0045"
down_revision = "0044"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "text_signature",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("source", sa.String(length=64), nullable=False),
        sa.Column("signature", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_text_signature_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "kind", name=op.f("pk_text_signature")),
    )
    op.create_table(
        "text_band",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("band", sa.SmallInteger(), nullable=False),
        sa.Column("value", sa.BigInteger(), nullable=False),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_text_band_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "kind", "band", name=op.f("pk_text_band")),
    )
    op.create_index("ix_text_band_value", "text_band", ["value", "band", "kind"], unique=False)
    op.create_table(
        "alike_text",
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("other_id", sa.BigInteger(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("common", sa.SmallInteger(), nullable=False),
        sa.ForeignKeyConstraint(["other_id"], ["record.id"], name=op.f("fk_alike_text_other_id_record")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_alike_text_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", "other_id", "kind", name=op.f("pk_alike_text")),
    )
    op.create_index(op.f("ix_alike_text_other_id"), "alike_text", ["other_id"], unique=False)


def downgrade() -> None:
    op.drop_table("alike_text")
    op.drop_table("text_band")
    op.drop_table("text_signature")
