"""One transaction: it rolls back unless the block reaches its end."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from dataclasses import dataclass, field

from sqlalchemy import Connection, Engine
from sqlalchemy.exc import DBAPIError

from registry.errors import ConcurrentWrite, DatabaseBusy, DatabaseUnavailable
from registry.observing.recent_trouble import note_trouble
from registry.store.engine import gate_of, limit_lock_wait, open_anew, queue_of
from registry.store.error_translation import translate_errors
from registry.store.patience import Urgency

# Of a store that cannot be used for the moment: the same work may succeed later.
STORE_ERRORS = (DBAPIError, ConcurrentWrite, DatabaseUnavailable, OSError)
QUEUES = "queues"  # option of a connection: the queues in which its transaction has the first place


@contextlib.contextmanager
def unit_of_work(
    engine: Engine, *, commit: bool = True, urgency: Urgency = Urgency.USUAL
) -> Iterator[Connection]:
    """A writing transaction, committed at the end of the block and rolled back on any exception.

    `commit=False` (dry runs) does all the work and then rolls it back. `urgency`: how long a web process waits where
    others write. Raises `ConcurrentWrite` where a constraint of
    the database is broken, `DatabaseUnavailable` where it cannot be used, `DatabaseBusy` where others write for longer
    than this process waits.
    """
    try:
        with _transaction(engine, commit=commit, urgency=urgency) as connection:
            yield connection
    except DatabaseUnavailable as problem:
        if urgency is not Urgency.HURRIED:
            note_trouble("writes_refused")
        if not isinstance(problem, DatabaseBusy):
            open_anew(engine)
        raise


@contextlib.contextmanager
def _transaction(engine: Engine, *, commit: bool, urgency: Urgency) -> Iterator[Connection]:
    gate = gate_of(engine)
    with (
        contextlib.nullcontext(None) if gate is None else gate.turn(urgency) as wait,
        contextlib.ExitStack() as places,  # in queues, given up when the transaction has ended
        translate_errors(),
        engine.connect() as connection,
    ):
        options: dict[str, object] = {"writes": True, QUEUES: _Queues(engine, places)}
        if wait is not None:
            options["wait"] = wait
        with connection.execution_options(**options).begin() as transaction:
            limit_lock_wait(connection, wait)
            yield connection
            if not commit:
                transaction.rollback()


@dataclass(frozen=True, slots=True)
class _Queues:
    """The queues in which a transaction has the first place, until `places` is closed."""

    engine: Engine
    places: contextlib.ExitStack
    names: set[str] = field(default_factory=set)

    def enter(self, name: str) -> None:
        queue = queue_of(self.engine, name)
        if queue is not None and name not in self.names:
            self.places.enter_context(queue.turn())
            self.names.add(name)


def wait_in_queue(connection: Connection, name: str) -> None:
    """Let those of this process who lock the same row of PostgreSQL do so in order of arrival, each until its transaction ends.

    Raises `DatabaseBusy` when the queue does not move.
    """
    queues: _Queues | None = connection.get_execution_options().get(QUEUES)
    if queues is not None:
        queues.enter(name)


@contextlib.contextmanager
def read_transaction(engine: Engine) -> Iterator[Connection]:
    """One consistent view of the database for reading. Raises `DatabaseUnavailable`."""
    with translate_errors(), engine.connect() as connection, connection.begin():
        yield connection
