"""Glossary terms among the words that staff have added, and what became of each of these words.

Revision ID: 0047
Revises: 0046
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0047"
down_revision = "0046"
branch_labels = None
depends_on = None
serves_before = True

COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TEXTS = ("definition_zh", "definition_en", "source_zh", "source_en")


def upgrade() -> None:
    op.add_column("synonym", sa.Column("part", sa.String(length=20), server_default="", nullable=False))
    for name in TEXTS:
        op.add_column("synonym", sa.Column(name, sa.Text(), server_default="", nullable=False))
    op.add_column("synonym", sa.Column("version", sa.Integer(), server_default="1", nullable=False))
    op.create_table(
        "synonym_change",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("synonym_id", COUNTED, nullable=False),
        sa.Column("act", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.Text(), server_default="", nullable=False),
        sa.Column("english", sa.Text(), server_default="", nullable=False),
        sa.Column("chinese", sa.Text(), server_default="", nullable=False),
        sa.Column("part", sa.String(length=20), server_default="", nullable=False),
        *(sa.Column(name, sa.Text(), server_default="", nullable=False) for name in TEXTS),
        sa.Column("acted_by", COUNTED, nullable=False),
        sa.Column("acted_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ["synonym_id"], ["synonym.id"], name=op.f("fk_synonym_change_synonym_id_synonym")
        ),
        sa.ForeignKeyConstraint(["acted_by"], ["user.id"], name=op.f("fk_synonym_change_acted_by_user")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_synonym_change")),
    )
    op.create_index("ix_synonym_change_synonym", "synonym_change", ["synonym_id", "id"], unique=False)
    # What was done before: no reason was asked for then.
    for act, by, at in (("added", "added_by", "added_at"), ("ended", "removed_by", "removed_at")):
        op.execute(
            "INSERT INTO synonym_change (synonym_id, act, english, chinese, acted_by, acted_at) "
            f"SELECT id, '{act}', english, chinese, {by}, {at} FROM synonym WHERE {by} IS NOT NULL ORDER BY id"
        )


def downgrade() -> None:
    op.drop_table("synonym_change")
    for name in ("version", *reversed(TEXTS), "part"):
        op.drop_column("synonym", name)
