"""Sheets of decisions: each row a decision on one record, prepared together.

Revision ID: 0042
Revises: 0041
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0042"
down_revision = "0041"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    op.create_table(
        "decision_sheet",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("key", sa.String(length=100), server_default="", nullable=False),
        sa.Column("grounds", sa.Text(), nullable=False),
        sa.Column("file", sa.String(length=64), server_default="", nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("notes", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("prepared_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_decision_sheet_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_sheet")),
    )
    op.create_index("ix_decision_sheet_state", "decision_sheet", ["state", "id"], unique=False)
    op.create_table(
        "decision_sheet_row",
        sa.Column("sheet_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("place", sa.String(length=60), nullable=False),
        sa.Column("number", sa.String(length=120), nullable=False),
        sa.Column("transition", sa.String(length=200), nullable=False),
        sa.Column("stated", sa.Text(), nullable=False),
        sa.Column("evidence", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column("issues", sa.Text(), server_default="", nullable=False),
        sa.Column("decision_id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), nullable=True),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_sheet_row_decision_id_decision")
        ),
        sa.ForeignKeyConstraint(
            ["sheet_id"], ["decision_sheet.id"], name=op.f("fk_decision_sheet_row_sheet_id_decision_sheet")
        ),
        sa.PrimaryKeyConstraint("sheet_id", "row", name=op.f("pk_decision_sheet_row")),
    )
    op.create_index(
        op.f("ix_decision_sheet_row_decision_id"), "decision_sheet_row", ["decision_id"], unique=False
    )


def downgrade() -> None:
    op.drop_table("decision_sheet_row")
    op.drop_table("decision_sheet")
