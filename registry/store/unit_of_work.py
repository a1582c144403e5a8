"""One transaction: it rolls back unless the block reaches its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection, Engine

from registry.store.error_translation import translate_errors


@contextlib.contextmanager
def unit_of_work(engine: Engine, *, commit: bool = True) -> Iterator[Connection]:
    """A writing transaction, committed at the end of the block and rolled back on any exception.

    `commit=False` (dry runs) does all the work and then rolls it back. Raises `ConcurrentWrite` where a constraint of
    the database is broken, `DatabaseUnavailable` where it cannot be used.
    """
    with (
        translate_errors(),
        engine.connect().execution_options(writes=True) as connection,
        connection.begin() as transaction,
    ):
        yield connection
        if not commit:
            transaction.rollback()


@contextlib.contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for reading. Raises `DatabaseUnavailable`."""
    with translate_errors(), engine.connect() as connection, connection.begin():
        yield connection
