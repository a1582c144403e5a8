"""Engines: SQLite with WAL, explicit BEGIN IMMEDIATE and foreign keys; PostgreSQL with limits in seconds."""

from __future__ import annotations

import functools
import os
import sqlite3
import threading
import time
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from registry.errors import Misconfigured
from registry.store.patience import LONG, Patience, WriterGate

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an acknowledged write survives power loss
    "PRAGMA foreign_keys=ON",
    "PRAGMA mmap_size=536870912",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)
POOL_SIZE = POOL_OVERFLOW = 8
RENEWAL_SECONDS = 2.0  # that new connections wait for the end of old ones
# Between two looks at the clock SQLite runs so many instructions, some 10 ms: short statements never look.
INSTRUCTIONS_BETWEEN_LOOKS = 1_000_000
LOCK_POLL_SECONDS = 0.002  # between two tries to get the lock of writers
LOST_HOST_MILLISECONDS = 20_000  # after which a server that acknowledges nothing is taken for gone
# Asked of a side that says nothing, in seconds, and how often; then it is taken for gone. The server asks sooner: what a
# machine that has disappeared had locked is free again after some eleven seconds.
SERVER_ASKS = {
    "tcp_keepalives_idle": 5,
    "tcp_keepalives_interval": 2,
    "tcp_keepalives_count": 3,
    "tcp_user_timeout": 10_000,  # milliseconds that an answer is not acknowledged: nothing is asked meanwhile
}
CLIENT_ASKS = {"keepalives_idle": 10, "keepalives_interval": 5, "keepalives_count": 2}


@functools.cache
def engine_for(url: str, patience: Patience = LONG) -> Engine:
    """The engine of a database for processes of this patience, one for each process.

    Raises `Misconfigured` when the directory of an SQLite database cannot be made.
    """
    engine = _sqlite(url, patience) if url.startswith("sqlite") else _postgresql(url, patience)
    _close_when_outlived(engine)
    if engine.dialect.name == "sqlite" and engine.url.database not in (None, "", ":memory:"):
        _renewals[engine] = _Renewal(engine)
    return engine


def is_missing(url: str) -> bool:
    """Return True if a database is a file of SQLite that is not there: to connect would make an empty one."""
    database = make_url(url).database
    return (
        url.startswith("sqlite")
        and database not in (None, "", ":memory:")
        and not Path(str(database)).exists()
    )


class _Renewal:
    """Closes every connection of a process to a file of SQLite before the first new one is opened.

    One that was opened while the file was read-only stays so, and as long as it is open each one after it.
    """

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._changed = threading.Condition()
        self._open = 0
        self._is_renewing = False
        event.listen(engine, "do_connect", self._wait_for_turn)
        event.listen(engine, "connect", self._count_opened)
        event.listen(engine, "close", self._count_closed)

    def renew(self) -> None:
        """Close those that rest, and wait some seconds at most for those in use; new ones wait meanwhile."""
        with self._changed:
            if self._is_renewing:
                return
            self._is_renewing = True
        try:
            until = time.monotonic() + RENEWAL_SECONDS
            self._engine.dispose()
            while self._open > 0 and time.monotonic() < until:
                with self._changed:
                    self._changed.wait(0.05)
                self._engine.dispose()  # of one that was being opened
        finally:
            with self._changed:
                self._is_renewing = False
                self._changed.notify_all()

    def _wait_for_turn(self, *_given: object) -> None:
        with self._changed:
            self._changed.wait_for(lambda: not self._is_renewing, RENEWAL_SECONDS)

    def _count_opened(self, *_given: object) -> None:
        with self._changed:
            self._open += 1

    def _count_closed(self, *_given: object) -> None:
        with self._changed:
            self._open -= 1
            self._changed.notify_all()


_renewals: dict[Engine, _Renewal] = {}


def open_anew(engine: Engine) -> None:
    """Let no connection of this process outlive what made the database unusable.

    Those that rest are closed now, those in use when they come back. A file of SQLite that can be written to again is not
    opened before all of them are closed.
    """
    renewal = _renewals.get(engine)
    if renewal is not None and os.access(str(engine.url.database), os.W_OK):
        renewal.renew()
    else:
        engine.dispose()


def _close_when_outlived(engine: Engine) -> None:
    """Close connections that come back to a pool in whose place there is another one."""

    @event.listens_for(engine, "checkout")
    def remember(connection: object, record: Any, proxy: object) -> None:
        del connection, proxy
        record.info.setdefault("pool", engine.pool)

    @event.listens_for(engine, "checkin")
    def close(connection: object, record: Any) -> None:
        if connection is not None and record.info.get("pool") is not engine.pool:
            record.invalidate()


@functools.cache
def gate_of(engine: Engine) -> WriterGate | None:
    """The gate through which the writers of this process go, None where no reader waits for its threads.

    SQLite has one writer at a time: the next one of this process waits here, where the first to come is the first to
    go, and only processes contend in the database, which keeps no order.
    """
    patience: Patience = engine.get_execution_options().get("patience", LONG)
    if not patience.threads:
        return None
    sqlite = engine.dialect.name == "sqlite"
    seats = 1 if sqlite else max(1, patience.threads // 2)
    return WriterGate(seats, patience.threads, patience.write, gives_way=sqlite)


@functools.cache
def queue_of(engine: Engine, name: str) -> WriterGate | None:
    """The queue of those of this process who wait for one row of PostgreSQL that all of a kind lock; None as `gate_of`.

    So the database sees one of each process, for whom the time of a lock is long, and not all of them, for the last of
    whom it is short however fast they are.
    """
    del name  # each has a queue of its own
    patience: Patience = engine.get_execution_options().get("patience", LONG)
    if not patience.threads or engine.dialect.name == "sqlite":
        return None
    return WriterGate(1, patience.threads, patience.write)


def _postgresql(url: str, patience: Patience) -> Engine:
    """An engine over psycopg. Options that the URL names itself come last, so that they have the last word."""
    limits = {
        "lock_timeout": patience.write,
        "statement_timeout": patience.read,
        "idle_in_transaction_session_timeout": patience.idle,
    }
    options = [f"-c {name}={round(seconds * 1000)}" for name, seconds in limits.items() if seconds]
    options += [f"-c {name}={value}" for name, value in SERVER_ASKS.items()]
    given = make_url(url).query.get("options", "")
    return create_engine(
        url,
        connect_args={
            "options": " ".join([*options, *([given] if isinstance(given, str) else given)]).strip(),
            "connect_timeout": max(2, round(patience.connect)),
            "tcp_user_timeout": LOST_HOST_MILLISECONDS,
            **CLIENT_ASKS,
        },
        pool_size=POOL_SIZE,
        max_overflow=POOL_OVERFLOW,
        pool_timeout=patience.connect,
        pool_pre_ping=True,
        hide_parameters=True,
        execution_options={"patience": patience},
    )


def limit_lock_wait(connection: Connection, seconds: float | None) -> None:
    """Let this transaction of PostgreSQL wait less than others of the process where less time is left, and longer where all are slow.

    SQLite waits once, where the transaction begins.
    """
    if seconds is None or connection.dialect.name != "postgresql":
        return
    patience: Patience = connection.get_execution_options().get("patience", LONG)
    if not patience.write / 2 <= seconds <= patience.write:
        connection.exec_driver_sql(f"SET LOCAL lock_timeout = {max(1, round(seconds * 1000))}")


class _Deadline:
    """When the statement at hand must have ended, in monotonic seconds; one for each connection."""

    def __init__(self, seconds: float) -> None:
        self._seconds = seconds
        self._at = 0.0
        self.restart()

    def restart(self) -> None:
        self._at = time.monotonic() + self._seconds

    def is_past(self) -> bool:
        return time.monotonic() > self._at


def _sqlite(url: str, patience: Patience) -> Engine:
    database = make_url(url).database
    if database and database != ":memory:":
        try:
            Path(database).parent.mkdir(parents=True, exist_ok=True)
        except OSError as problem:
            raise Misconfigured(
                "PINZHENG_DATABASE_URL", f"names a directory that cannot be made: {problem}"
            ) from problem
    # Without isolation_level=None the driver opens transactions by itself and savepoints leak.
    engine = create_engine(
        url,
        connect_args={"isolation_level": None, "check_same_thread": False},
        pool_size=POOL_SIZE,
        pool_timeout=patience.connect,
        hide_parameters=True,  # errors are logged; addresses and hashes are not
        execution_options={"patience": patience},
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: Any) -> None:
        cursor = connection.cursor()
        cursor.execute(_busy_timeout(patience.write))  # first: the others wait as well
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()
        if patience.read:
            record.info["deadline"] = deadline = _Deadline(patience.read)
            connection.set_progress_handler(deadline.is_past, INSTRUCTIONS_BETWEEN_LOOKS)

    if patience.read:

        @event.listens_for(engine, "checkout")
        def restart(connection: object, record: Any, proxy: object) -> None:
            del connection, proxy
            record.info["deadline"].restart()

        @event.listens_for(engine, "before_cursor_execute")
        def restart_for_statement(connection: Connection, *statement: object) -> None:
            del statement
            connection.connection.info["deadline"].restart()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Writers take the lock when they begin: a transaction that reads first and writes later would fail with
        # "database is locked".
        options = connection.get_execution_options()
        driver = connection.connection.driver_connection
        assert driver is not None
        if options.get("writes", False):
            _begin_writing(driver, options.get("wait", patience.write))
        else:
            driver.execute("BEGIN")

    return engine


def _begin_writing(driver: sqlite3.Connection, seconds: float) -> None:
    """Begin a transaction that has the lock of writers. Raises `sqlite3.OperationalError` after so many seconds.

    SQLite itself looks again after up to a tenth of a second. By then a process that writes without pause has the lock again,
    and another one may never get it.
    """
    deadline = time.monotonic() + seconds
    driver.execute(_busy_timeout(0))
    while True:
        try:
            driver.execute("BEGIN IMMEDIATE")
            break
        except sqlite3.OperationalError as problem:
            if problem.sqlite_errorcode != sqlite3.SQLITE_BUSY or time.monotonic() >= deadline:
                raise
        time.sleep(LOCK_POLL_SECONDS)
    driver.execute(_busy_timeout(max(0.0, deadline - time.monotonic())))


def _busy_timeout(seconds: float) -> str:
    return f"PRAGMA busy_timeout={round(seconds * 1000)}"
