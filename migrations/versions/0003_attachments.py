"""Attachments: files that people hand in.

Revision ID: 0003
Revises: 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "attachment",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("size", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("uploaded_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.Column("created_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("published", sa.Boolean(), server_default="0", nullable=False),
        sa.ForeignKeyConstraint(["uploaded_by"], ["user.id"], name=op.f("fk_attachment_uploaded_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_attachment")),
    )
    op.create_index(op.f("ix_attachment_sha256"), "attachment", ["sha256"], unique=False)
    op.create_index(op.f("ix_attachment_uploaded_by"), "attachment", ["uploaded_by"], unique=False)


def downgrade() -> None:
    op.drop_table("attachment")
