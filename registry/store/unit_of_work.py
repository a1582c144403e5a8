"""One transaction: it rolls back unless the block reaches its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from sqlalchemy import Connection, Engine

from registry.errors import DatabaseBusy, DatabaseUnavailable
from registry.observing.recent_trouble import note_trouble
from registry.store.engine import gate_of, limit_lock_wait, open_anew
from registry.store.error_translation import translate_errors


@contextlib.contextmanager
def unit_of_work(engine: Engine, *, commit: bool = True, hurried: bool = False) -> Iterator[Connection]:
    """A writing transaction, committed at the end of the block and rolled back on any exception.

    `commit=False` (dry runs) does all the work and then rolls it back. `hurried`: a web process gives up immediately where
    others write, because little is lost. Raises `ConcurrentWrite` where a constraint of
    the database is broken, `DatabaseUnavailable` where it cannot be used, `DatabaseBusy` where others write for longer
    than this process waits.
    """
    try:
        with _transaction(engine, commit=commit, hurried=hurried) as connection:
            yield connection
    except DatabaseUnavailable as problem:
        if not hurried:
            note_trouble("writes_refused")
        if not isinstance(problem, DatabaseBusy):
            open_anew(engine)
        raise


@contextlib.contextmanager
def _transaction(engine: Engine, *, commit: bool, hurried: bool) -> Iterator[Connection]:
    gate = gate_of(engine)
    with (
        contextlib.nullcontext(None) if gate is None else gate.turn(hurried=hurried) as wait,
        translate_errors(),
        engine.connect() as connection,
    ):
        options = {"writes": True} if wait is None else {"writes": True, "wait": wait}
        with connection.execution_options(**options).begin() as transaction:
            limit_lock_wait(connection, wait)
            yield connection
            if not commit:
                transaction.rollback()


@contextlib.contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for reading. Raises `DatabaseUnavailable`."""
    with translate_errors(), engine.connect() as connection, connection.begin():
        yield connection
