"""Counters that only rise: record ids, register numbers of a year, the log index.

Numbers are taken inside the caller's writing transaction, so that two processes never get the same ones. Gaps are
allowed: a transaction that is rolled back returns its numbers, a number that is skipped does not come again.
"""

from __future__ import annotations

from sqlalchemy import BigInteger, Connection, String, select, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Mapped, mapped_column

from registry.store.base import Base
from registry.store.unit_of_work import wait_in_queue


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
    """Lock the counter until the end of the transaction, without taking a number.

    Transactions that lock one counter before they change the same rows cannot deadlock. Those of one web process wait in
    order of arrival, as long as others of them end.
    """
    wait_in_queue(connection, name)
    connection.execute(select(Counter.value).where(Counter.name == name).with_for_update())


def peek(connection: Connection, name: str) -> int:
    """The last number taken, 0 for none."""
    return int(connection.execute(select(Counter.value).where(Counter.name == name)).scalar() or 0)


def raise_to(connection: Connection, name: str, minimum: int) -> None:
    """Make sure that `take` gives no number up to `minimum` again, because such numbers came from elsewhere."""
    insert = postgresql.insert if connection.dialect.name == "postgresql" else sqlite.insert
    connection.execute(insert(Counter).values(name=name, value=0).on_conflict_do_nothing())
    connection.execute(
        update(Counter).where(Counter.name == name, Counter.value < minimum).values(value=minimum)
    )
