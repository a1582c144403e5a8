"""Applications on their way to a first publication, with their steps and files.

Revision ID: 0035
Revises: 0034
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0035"
down_revision = "0034"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = registry.store.base.UtcDateTime(timezone=True)
    op.add_column("draft", sa.Column("application_id", sa.BigInteger(), nullable=True))
    op.create_table(
        "application",
        sa.Column("id", number, nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("organisation_id", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.String(length=40), nullable=False),
        sa.Column("natural_key", sa.String(length=600), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("region_code", sa.String(length=6), server_default="", nullable=False),
        sa.Column("typed", sa.Text(), nullable=False),
        sa.Column("revision", sa.Integer(), nullable=False),
        sa.Column("submitted_at", instant, nullable=False),
        sa.Column("changed_at", instant, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=True),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["record.id"], name=op.f("fk_application_organisation_id_record")
        ),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_application_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application")),
    )
    op.create_index("ix_application_status", "application", ["register", "status"], unique=False)
    op.create_index(op.f("ix_application_organisation_id"), "application", ["organisation_id"], unique=False)
    op.create_index(op.f("ix_application_record_id"), "application", ["record_id"], unique=False)
    op.create_table(
        "application_step",
        sa.Column("id", number, nullable=False),
        sa.Column("application_id", number, nullable=False),
        sa.Column("transition", sa.String(length=60), nullable=False),
        sa.Column("before", sa.String(length=40), nullable=False),
        sa.Column("after", sa.String(length=40), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("role", sa.String(length=30), nullable=False),
        sa.Column("typed", sa.Text(), server_default="", nullable=False),
        sa.Column("signer", sa.String(length=80), server_default="", nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("stated", sa.Text(), server_default="{}", nullable=False),
        sa.Column("papers", sa.Text(), server_default="{}", nullable=False),
        sa.Column("opinion", sa.Text(), server_default="", nullable=False),
        sa.Column("reasons", sa.Text(), server_default="{}", nullable=False),
        sa.Column("prepared_by", number, nullable=False),
        sa.Column("prepared_at", instant, nullable=False),
        sa.Column("settled_by", number, nullable=True),
        sa.Column("settled_at", instant, nullable=True),
        sa.Column("reply", sa.String(length=500), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["application_id"], ["application.id"], name=op.f("fk_application_step_application_id_application")
        ),
        sa.ForeignKeyConstraint(["prepared_by"], ["user.id"], name=op.f("fk_application_step_prepared_by_user")),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_application_step_settled_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_step")),
    )
    op.create_index(
        op.f("ix_application_step_application_id"), "application_step", ["application_id"], unique=False
    )
    op.create_index(op.f("ix_application_step_draft_id"), "application_step", ["draft_id"], unique=False)
    op.create_table(
        "application_file",
        sa.Column("id", number, nullable=False),
        sa.Column("draft_id", sa.BigInteger(), nullable=True),
        sa.Column("step_id", number, nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("attachment_id", number, nullable=False),
        sa.Column("public", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["attachment_id"], ["attachment.id"], name=op.f("fk_application_file_attachment_id_attachment")
        ),
        sa.ForeignKeyConstraint(
            ["step_id"], ["application_step.id"], name=op.f("fk_application_file_step_id_application_step")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_application_file")),
    )
    op.create_table(
        "holder_report",
        sa.Column("id", number, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("figures", sa.Text(), nullable=False),
        sa.Column("made_by", number, nullable=False),
        sa.Column("made_at", instant, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_holder_report_made_by_user")),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_holder_report_record_id_record")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holder_report")),
        sa.UniqueConstraint("record_id", "year", name=op.f("uq_holder_report_record_id_year")),
    )
    for column in ("draft_id", "step_id", "attachment_id"):
        op.create_index(op.f(f"ix_application_file_{column}"), "application_file", [column], unique=False)


def downgrade() -> None:
    op.drop_table("holder_report")
    op.drop_table("application_file")
    op.drop_table("application_step")
    op.drop_table("application")
    op.drop_column("draft", "application_id")
