"""Decisions on published records are prepared by one person and taken by another.

Revision ID: 0031
Revises: 0030
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0031"
down_revision = "0030"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = registry.store.base.UtcDateTime(timezone=True)
    op.create_table(
        "decision",
        sa.Column("id", number, nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("transition", sa.String(length=60), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("note", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("prepared_by", number, nullable=False),
        sa.Column("prepared_at", instant, nullable=False),
        sa.Column("claimed_by", number, nullable=True),
        sa.Column("claimed_at", instant, nullable=True),
        sa.Column("settled_by", number, nullable=True),
        sa.Column("settled_at", instant, nullable=True),
        sa.Column("reply", sa.String(length=500), server_default="", nullable=False),
        sa.ForeignKeyConstraint(["claimed_by"], ["user.id"], name=op.f("fk_decision_claimed_by_user")),
        sa.ForeignKeyConstraint(["prepared_by"], ["user.id"], name=op.f("fk_decision_prepared_by_user")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_decision_settled_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision")),
    )
    op.create_index("ix_decision_state", "decision", ["state", "register"], unique=False)
    op.create_table(
        "decided_record",
        sa.Column("decision_id", number, autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("outcome", sa.String(length=20), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decided_record_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_decided_record_record_id_record")),
        sa.PrimaryKeyConstraint("decision_id", "record_id", name=op.f("pk_decided_record")),
    )
    op.create_index(op.f("ix_decided_record_record_id"), "decided_record", ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_table("decided_record")
    op.drop_table("decision")
