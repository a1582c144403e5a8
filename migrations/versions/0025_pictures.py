"""A record may have a picture that its holder has supplied.

Revision ID: 0025
Revises: 0024
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "picture",
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("attachment_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("alt_zh", sa.Text(), nullable=False),
        sa.Column("alt_en", sa.Text(), nullable=False),
        sa.Column("given_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["attachment_id"], ["attachment.id"], name=op.f("fk_picture_attachment_id_attachment")),
        sa.ForeignKeyConstraint(["organisation_id"], ["record.id"], name=op.f("fk_picture_organisation_id_record")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_picture_record_id_record")),
        sa.PrimaryKeyConstraint("record_id", name=op.f("pk_picture")),
    )
    op.create_index(op.f("ix_picture_organisation_id"), "picture", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_picture_sha256"), "picture", ["sha256"], unique=False)


def downgrade() -> None:
    op.drop_table("picture")
