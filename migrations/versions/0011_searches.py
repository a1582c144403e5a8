"""Synonyms that staff add, searches without an answer, and saved searches.

Revision ID: 0011
Revises: 0010
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None
serves_before = True
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "synonym",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("english", sa.Text(), server_default="", nullable=False),
        sa.Column("chinese", sa.Text(), server_default="", nullable=False),
        sa.Column("added_by", COUNTED, nullable=False),
        sa.Column("added_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("removed_by", COUNTED, nullable=True),
        sa.Column("removed_at", registry.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(["added_by"], ["user.id"], name=op.f("fk_synonym_added_by_user")),
        sa.ForeignKeyConstraint(["removed_by"], ["user.id"], name=op.f("fk_synonym_removed_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym")),
    )
    op.create_table(
        "missed_search",
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("lang", sa.String(length=2), nullable=False),
        sa.Column("text", sa.String(length=60), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("hidden", sa.Boolean(), server_default="0", nullable=False),
        sa.PrimaryKeyConstraint("day", "lang", "text", name=op.f("pk_missed_search")),
    )
    op.create_table(
        "saved_search",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("user_id", COUNTED, nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("register", sa.String(length=60), server_default="", nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("mail", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("made_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("mailed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_saved_search_user_id_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_saved_search")),
    )
    op.create_index("ix_saved_search_user", "saved_search", ["user_id", "id"], unique=False)
    op.create_index("ix_saved_search_mail", "saved_search", ["mail", "mailed_on"], unique=False)


def downgrade() -> None:
    op.drop_table("saved_search")
    op.drop_table("missed_search")
    op.drop_table("synonym")
