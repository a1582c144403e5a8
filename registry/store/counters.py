"""Counters that never run backwards: record ids, register numbers of a year, the log index.

Taken inside the caller's writing transaction, so two processes never get the same block. Gaps are allowed
(a rolled-back transaction gives its block back, a skipped number does not return).
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base


class Counter(Base):
    __tablename__ = "counter"

    name: Mapped[str] = mapped_column(String(80), primary_key=True)
    value: Mapped[int] = mapped_column(BigInteger)


def take(connection: Connection, name: str, count: int = 1) -> int:
    """Reserve `count` numbers; returns the first of them (1 for a new counter)."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(Counter).values(name=name, value=0).on_conflict_do_nothing())
    last = connection.execute(
        update(Counter)
        .where(Counter.name == name)
        .values(value=Counter.value + count)
        .returning(Counter.value)
    ).scalar_one()
    return int(last) - count + 1


def lock(connection: Connection, name: str) -> None:
    """Wait for whoever has taken from this counter to commit, and make others wait, without taking anything.

    Two transactions that change the same rows after taking from one counter cannot block each other for ever.
    """
    connection.execute(select(Counter.value).where(Counter.name == name).with_for_update())


def peek(connection: Connection, name: str) -> int:
    """The last number taken, 0 for none."""
    return int(connection.execute(select(Counter.value).where(Counter.name == name)).scalar() or 0)


def raise_to(connection: Connection, name: str, minimum: int) -> None:
    """Make sure that `take` will never again give a number up to `least` (numbers kept from elsewhere)."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(Counter).values(name=name, value=0).on_conflict_do_nothing())
    connection.execute(
        update(Counter).where(Counter.name == name, Counter.value < minimum).values(value=minimum)
    )
