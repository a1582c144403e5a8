"""One transaction: it rolls back unless the block reaches its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection, Engine


@contextlib.contextmanager
def unit_of_work(engine: Engine, *, commit: bool = True) -> Iterator[Connection]:
    """A writing transaction. Committed at the end of the block, rolled back on any exception.

    `keep=False` (dry runs) does all the work and then rolls it back.
    """
    with engine.connect().execution_options(writes=True) as connection, connection.begin() as transaction:
        yield connection
        if not commit:
            transaction.rollback()


@contextlib.contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for a read; nothing is written."""
    with engine.connect() as connection, connection.begin():
        yield connection
