"""A table for what a store knows of itself; two values that were kept as counters move there.

Revision ID: 0012
Revises: 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None
serves_before = False  # the program before looks for these values among the counters
# Name of the old counter, of the new value. The first stood at 1 once a demonstration record had been published.
MOVED = (("demo", "has_demo_records"), ("demonstration", "demonstration"))


def upgrade() -> None:
    state = op.create_table(
        "state",
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_state")),
    )
    counter = sa.table("counter", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    for old, new in MOVED:
        value = sa.select(sa.literal(new), sa.cast(counter.c.value, sa.Text)).where(counter.c.name == old)
        op.execute(sa.insert(state).from_select(["name", "value"], value))
        op.execute(sa.delete(counter).where(counter.c.name == old))


def downgrade() -> None:
    counter = sa.table("counter", sa.column("name", sa.String), sa.column("value", sa.BigInteger))
    state = sa.table("state", sa.column("name", sa.String), sa.column("value", sa.Text))
    value = sa.select(sa.literal("demo"), sa.cast(state.c.value, sa.BigInteger))
    op.execute(
        sa.insert(counter).from_select(["name", "value"], value.where(state.c.name == "has_demo_records"))
    )
    op.drop_table("state")
