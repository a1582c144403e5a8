"""Reports of errors and fakes, and objections, are handed in without an account.

Revision ID: 0033
Revises: 0036
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0033"
down_revision = "0036"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = registry.store.base.UtcDateTime(timezone=True)
    op.create_table(
        "report",
        sa.Column("id", number, nullable=False),
        sa.Column("number", sa.String(length=24), nullable=False),
        sa.Column("nonce", sa.String(length=32), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("state", sa.String(length=12), nullable=False),
        sa.Column("register", sa.String(length=60), server_default="", nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.Column("subject", sa.String(length=200), nullable=False),
        sa.Column("status", sa.String(length=40), server_default="", nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("statement", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.Text(), server_default="", nullable=False),
        sa.Column("email", sa.String(length=254), server_default="", nullable=False),
        sa.Column("attachment_id", number, nullable=True),
        sa.Column("received_at", instant, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("admitted_at", instant, nullable=True),
        sa.Column("admitted_by", number, nullable=True),
        sa.Column("claimed_by", number, nullable=True),
        sa.Column("claimed_at", instant, nullable=True),
        sa.Column("outcome", sa.String(length=16), server_default="", nullable=False),
        sa.Column("reply", sa.Text(), server_default="", nullable=False),
        sa.Column("public_zh", sa.Text(), server_default="", nullable=False),
        sa.Column("public_en", sa.Text(), server_default="", nullable=False),
        sa.Column("sent_to", sa.String(length=200), server_default="", nullable=False),
        sa.Column("ended_at", instant, nullable=True),
        sa.Column("ended_by", number, nullable=True),
        sa.Column("forgotten_at", instant, nullable=True),
        sa.ForeignKeyConstraint(["admitted_by"], ["user.id"], name=op.f("fk_report_admitted_by_user")),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_report_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(["claimed_by"], ["user.id"], name=op.f("fk_report_claimed_by_user")),
        sa.ForeignKeyConstraint(["ended_by"], ["user.id"], name=op.f("fk_report_ended_by_user")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_report_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
    )
    op.create_index("uq_report_number", "report", ["number"], unique=True)
    op.create_index("uq_report_nonce", "report", ["nonce"], unique=True)
    op.create_index("ix_report_state_due_on", "report", ["state", "due_on"], unique=False)
    op.create_index("ix_report_record_id", "report", ["record_id"], unique=False)


def downgrade() -> None:
    op.drop_table("report")
