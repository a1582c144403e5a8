"""Declared conflicts of interest, and substitutes for a time.

Revision ID: 0029
Revises: 0028
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0029"
down_revision = "0028"
branch_labels = None
depends_on = None
serves_before = True
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "declared_interest",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("user_id", COUNTED, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.String(length=500), server_default="", nullable=False),
        sa.Column("declared_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", registry.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_declared_interest_record_id_record")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_declared_interest_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_declared_interest")),
    )
    op.create_index(
        "ix_declared_interest_user_id", "declared_interest", ["user_id", "record_id"], unique=False
    )
    op.create_table(
        "substitution",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("user_id", COUNTED, nullable=False),
        sa.Column("substitute_id", COUNTED, nullable=False),
        sa.Column("from_on", sa.Date(), nullable=False),
        sa.Column("until_on", sa.Date(), nullable=False),
        sa.Column("named_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("ended_at", registry.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["substitute_id"], ["user.id"], name=op.f("fk_substitution_substitute_id_user")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_substitution_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_substitution")),
    )
    op.create_index(
        "ix_substitution_substitute_id", "substitution", ["substitute_id", "until_on"], unique=False
    )
    op.create_index(op.f("ix_substitution_user_id"), "substitution", ["user_id"], unique=False)


def downgrade() -> None:
    op.drop_table("substitution")
    op.drop_table("declared_interest")
