"""What parties of a record ask for and answer: requests for a decision, statements on a report.

Revision ID: 0044
Revises: 0043
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0044"
down_revision = "0043"
branch_labels = None
depends_on = None
serves_before = True

ID = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "decision_request",
        sa.Column("id", ID, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("transition", sa.String(length=40), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("ended_by", ID, nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("decision_id", ID, nullable=True),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_decision_request_record_id_record")),
        sa.ForeignKeyConstraint(["party_id"], ["record.id"], name=op.f("fk_decision_request_party_id_record")),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_decision_request_made_by_user")),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_decision_request_ended_by_user")),
        sa.ForeignKeyConstraint(
            ["decision_id"], ["decision.id"], name=op.f("fk_decision_request_decision_id_decision")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_decision_request")),
    )
    op.create_index("ix_decision_request_record_id", "decision_request", ["record_id"], unique=False)
    op.create_index("ix_decision_request_state", "decision_request", ["state", "id"], unique=False)
    op.create_table(
        "report_statement",
        sa.Column("id", ID, nullable=False),
        sa.Column("report_id", ID, nullable=False),
        sa.Column("party_id", sa.BigInteger(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("made_by", ID, nullable=False),
        sa.Column("made_at", sa.DateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(["report_id"], ["report.id"], name=op.f("fk_report_statement_report_id_report")),
        sa.ForeignKeyConstraint(["party_id"], ["record.id"], name=op.f("fk_report_statement_party_id_record")),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_report_statement_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report_statement")),
    )
    op.create_index("ix_report_statement_report_id", "report_statement", ["report_id"], unique=False)
    op.add_column("report", sa.Column("put_to_parties", sa.Text(), server_default="", nullable=False))


def downgrade() -> None:
    op.drop_column("report", "put_to_parties")
    op.drop_table("report_statement")
    op.drop_table("decision_request")
