"""Random checks are announced with their population, drawn from a later seed, and their results published.

Revision ID: 0034
Revises: 0033
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0034"
down_revision = "0033"
branch_labels = None
depends_on = None
serves_before = True

TABLES = ("drawn_inspector", "drawn_record", "check_inspector", "check_population", "random_check")


def upgrade() -> None:
    number = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
    instant = registry.store.base.UtcDateTime(timezone=True)
    op.create_table(
        "random_check",
        sa.Column("id", number, nullable=False),
        sa.Column("number", sa.String(length=40), nullable=False),
        sa.Column("register", sa.String(length=60), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("title_zh", sa.String(length=200), nullable=False),
        sa.Column("title_en", sa.String(length=200), nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("region_code", sa.String(length=6), server_default="", nullable=False),
        sa.Column("seed_on", sa.Date(), nullable=False),
        sa.Column("results_until", sa.Date(), nullable=False),
        sa.Column("pool_key", sa.String(length=64), nullable=False),
        sa.Column("log_id", sa.BigInteger(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("entry_id", sa.BigInteger(), nullable=False),
        sa.Column("document_hash", sa.String(length=64), nullable=False),
        sa.Column("announced_by", number, nullable=False),
        sa.Column("announced_at", instant, nullable=False),
        sa.Column("settled_by", number, nullable=True),
        sa.Column("settled_at", instant, nullable=True),
        sa.ForeignKeyConstraint(
            ["announced_by"], ["user.id"], name=op.f("fk_random_check_announced_by_user")
        ),
        sa.ForeignKeyConstraint(["settled_by"], ["user.id"], name=op.f("fk_random_check_settled_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_random_check")),
        sa.UniqueConstraint("number", name=op.f("uq_random_check_number")),
    )
    op.create_table(
        "check_population",
        _check_id(number),
        sa.Column("numbers", sa.Text(), nullable=False),
        _of_check("check_population"),
        sa.PrimaryKeyConstraint("check_id", name=op.f("pk_check_population")),
    )
    op.create_table(
        "check_inspector",
        _check_id(number),
        sa.Column("label", sa.String(length=10), nullable=False),
        sa.Column("user_id", number, nullable=True),
        sa.Column("name", sa.String(length=120), server_default="", nullable=False),
        _of_check("check_inspector"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_check_inspector_user_id_user")),
        sa.PrimaryKeyConstraint("check_id", "label", name=op.f("pk_check_inspector")),
    )
    op.create_index(op.f("ix_check_inspector_user_id"), "check_inspector", ["user_id"], unique=False)
    op.create_table(
        "drawn_record",
        _check_id(number),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("record_id", sa.BigInteger(), nullable=False),
        sa.Column("state", sa.String(length=20), nullable=False),
        sa.Column("stated", sa.Text(), server_default="{}", nullable=False),
        sa.Column("reply", sa.String(length=500), server_default="", nullable=False),
        sa.Column("recorded_by", number, nullable=True),
        sa.Column("recorded_at", instant, nullable=True),
        sa.Column("result", sa.String(length=20), server_default="", nullable=False),
        sa.Column("published_by", number, nullable=True),
        sa.Column("published_at", instant, nullable=True),
        sa.Column("log_id", sa.BigInteger(), nullable=True),
        sa.Column("document_hash", sa.String(length=64), server_default="", nullable=False),
        _of_check("drawn_record"),
        sa.ForeignKeyConstraint(["record_id"], ["record.id"], name=op.f("fk_drawn_record_record_id_record")),
        sa.ForeignKeyConstraint(["recorded_by"], ["user.id"], name=op.f("fk_drawn_record_recorded_by_user")),
        sa.ForeignKeyConstraint(
            ["published_by"], ["user.id"], name=op.f("fk_drawn_record_published_by_user")
        ),
        sa.PrimaryKeyConstraint("check_id", "place", name=op.f("pk_drawn_record")),
    )
    op.create_index(op.f("ix_drawn_record_record_id"), "drawn_record", ["record_id"], unique=False)
    op.create_table(
        "drawn_inspector",
        _check_id(number),
        sa.Column("place", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("label", sa.String(length=10), nullable=False),
        _of_check("drawn_inspector"),
        sa.PrimaryKeyConstraint("check_id", "place", "label", name=op.f("pk_drawn_inspector")),
    )


def downgrade() -> None:
    for table in TABLES:
        op.drop_table(table)


def _check_id(number: sa.types.TypeEngine[int]) -> sa.Column[int]:
    return sa.Column("check_id", number, autoincrement=False, nullable=False)


def _of_check(table: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["check_id"], ["random_check.id"], name=op.f(f"fk_{table}_check_id_random_check")
    )
