"""Files that decisions are based on.

Revision ID: 0041
Revises: 0040
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0041"
down_revision = "0040"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    auto_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    op.create_table(
        "decision_file",
        sa.Column("id", auto_id, nullable=False),
        sa.Column("decision_id", auto_id, nullable=False),
        sa.Column("attachment_id", auto_id, nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_decision_file_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(["decision_id"], ["decision.id"], name=op.f("fk_decision_file_decision_id_decision")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_file")),
    )
    op.create_index(op.f("ix_decision_file_attachment_id"), "decision_file", ["attachment_id"], unique=False)
    op.create_index(op.f("ix_decision_file_decision_id"), "decision_file", ["decision_id"], unique=False)


def downgrade() -> None:
    op.drop_table("decision_file")
