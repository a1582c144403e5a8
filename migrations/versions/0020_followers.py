"""Addresses that follow a search without an account.

Revision ID: 0020
Revises: 0019
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

import registry.store.base

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None
serves_before = True
COUNTED = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_follower",
        sa.Column("id", COUNTED, nullable=False),
        sa.Column("link_id", COUNTED, nullable=False),
        sa.Column("lang", sa.String(length=5), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("register", sa.String(length=60), server_default="", nullable=False),
        sa.Column("query", sa.Text(), nullable=False),
        sa.Column("mail", sa.String(length=10), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("made_at", registry.store.base.UtcDateTime(timezone=True), nullable=False),
        sa.Column("confirmed_at", registry.store.base.UtcDateTime(timezone=True), nullable=True),
        sa.Column("mailed_on", sa.Date(), nullable=False),
        sa.ForeignKeyConstraint(
            ["link_id"], ["ticket.id"], name=op.f("fk_search_follower_link_id_ticket"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_follower")),
        sa.UniqueConstraint("link_id", name=op.f("uq_search_follower_link_id")),
    )
    op.create_index("ix_search_follower_mail", "search_follower", ["mail", "mailed_on"], unique=False)


def downgrade() -> None:
    op.drop_table("search_follower")
