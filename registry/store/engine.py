"""Engines: SQLite with WAL, explicit BEGIN IMMEDIATE and foreign keys; PostgreSQL with plain options."""

from __future__ import annotations

import functools
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import make_url

from registry.errors import Misconfigured

SQLITE_PRAGMAS = (
    "PRAGMA journal_mode=WAL",
    "PRAGMA synchronous=FULL",  # an acknowledged write survives power loss
    "PRAGMA foreign_keys=ON",
    "PRAGMA busy_timeout=60000",
    "PRAGMA mmap_size=536870912",
    "PRAGMA cache_size=-65536",
    "PRAGMA temp_store=MEMORY",
)


@functools.cache
def engine_for(url: str) -> Engine:
    """The engine of a database, one for each process.

    Raises `Misconfigured` when the directory of an SQLite database cannot be made.
    """
    if url.startswith("sqlite"):
        return _sqlite(url)
    return create_engine(url, pool_size=8, max_overflow=8, pool_pre_ping=True, hide_parameters=True)


def _sqlite(url: str) -> Engine:
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
        pool_size=8,
        hide_parameters=True,  # errors are logged; addresses and hashes are not
    )

    @event.listens_for(engine, "connect")
    def prepare(connection: Any, record: object) -> None:
        del record
        cursor = connection.cursor()
        for pragma in SQLITE_PRAGMAS:
            cursor.execute(pragma)
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        # Writers take the lock when they begin: a transaction that reads first and writes later would fail with
        # "database is locked".
        writes = connection.get_execution_options().get("writes", False)
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.execute("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine
