"""One transaction: it rolls back unless the block reaches its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection, Engine


@contextlib.contextmanager
def unit_of_work(engine: Engine) -> Iterator[Connection]:
    """A writing transaction. Committed at the end of the block, rolled back on any exception."""
    with engine.connect().execution_options(writes=True) as connection, connection.begin():
        yield connection


@contextlib.contextmanager
def reading(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for a read; nothing is written."""
    with engine.connect() as connection:
        yield connection
