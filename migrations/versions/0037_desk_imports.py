"""Sheets of the registrar at the desk: the work on each, what became of its rows, and mappings by name.

Revision ID: 0037
Revises: 0035
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0037"
down_revision = "0035"
branch_labels = None
depends_on = None
serves_before = True


def upgrade() -> None:
    auto_id = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    moment = registry.store.base.UtcDateTime(timezone=True)
    op.create_table(
        "desk_import",
        sa.Column("id", auto_id, nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("file", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("digest", sa.String(length=64), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("source_date", sa.String(length=10), server_default="", nullable=False),
        sa.Column("mapping", sa.String(length=80), server_default="", nullable=False),
        sa.Column("columns", sa.Text(), server_default="", nullable=False),
        sa.Column("header_row", sa.Integer(), nullable=True),
        sa.Column("clear_empty", sa.Boolean(), server_default="0", nullable=False),
        sa.Column("preview", sa.Text(), server_default="", nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("total", sa.Integer(), nullable=True),
        sa.Column("last_row", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created", sa.Integer(), server_default="0", nullable=False),
        sa.Column("updated", sa.Integer(), server_default="0", nullable=False),
        sa.Column("unchanged", sa.Integer(), server_default="0", nullable=False),
        sa.Column("refused", sa.Integer(), server_default="0", nullable=False),
        sa.Column("foreseen", sa.Text(), server_default="", nullable=False),
        sa.Column("doubts", sa.Text(), server_default="", nullable=False),
        sa.Column("problem", sa.Text(), server_default="", nullable=False),
        sa.Column("made_by", auto_id, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.Column("run_by", auto_id, nullable=True),
        sa.Column("run_at", moment, nullable=True),
        sa.Column("ended_at", moment, nullable=True),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_desk_import_made_by_user")),
        sa.ForeignKeyConstraint(["run_by"], ["user.id"], name=op.f("fk_desk_import_run_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_desk_import")),
    )
    op.create_index("ix_desk_import_state", "desk_import", ["state", "id"], unique=False)
    op.create_index("ix_desk_import_digest", "desk_import", ["register", "digest"], unique=False)
    op.create_table(
        "desk_import_row",
        sa.Column("job_id", auto_id, nullable=False),
        sa.Column("dry_run", sa.Boolean(), nullable=False),
        sa.Column("row", sa.Integer(), nullable=False),
        sa.Column("result", sa.String(length=10), nullable=False),
        sa.Column("number", sa.String(length=120), server_default="", nullable=False),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("natural_key", sa.String(length=600), nullable=True),
        sa.Column("content", sa.String(length=64), server_default="", nullable=False),
        sa.Column("issues", sa.Text(), server_default="", nullable=False),
        sa.Column("changes", sa.Text(), server_default="", nullable=False),
        sa.Column("doubts", sa.Text(), server_default="", nullable=False),
        sa.ForeignKeyConstraint(
            ["job_id"], ["desk_import.id"], name=op.f("fk_desk_import_row_job_id_desk_import")
        ),
        sa.PrimaryKeyConstraint("job_id", "dry_run", "row", name=op.f("pk_desk_import_row")),
    )
    op.create_index(
        "ix_desk_import_row_natural_key", "desk_import_row", ["job_id", "dry_run", "natural_key"], unique=False
    )
    op.create_index(
        "ix_desk_import_row_result", "desk_import_row", ["job_id", "dry_run", "result", "row"], unique=False
    )
    op.create_table(
        "saved_mapping",
        sa.Column("id", auto_id, nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("columns", sa.Text(), nullable=False),
        sa.Column("made_by", auto_id, nullable=False),
        sa.Column("made_at", moment, nullable=False),
        sa.ForeignKeyConstraint(["made_by"], ["user.id"], name=op.f("fk_saved_mapping_made_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_mapping")),
        sa.UniqueConstraint("register", "name", name="uq_saved_mapping_register"),
    )


def downgrade() -> None:
    op.drop_table("saved_mapping")
    op.drop_table("desk_import_row")
    op.drop_table("desk_import")
