"""Databases for tests: migrated once, then copied for each test. SQLite files, or PostgreSQL when asked for.

A copy costs a few milliseconds and, unlike a savepoint, lets several processes and connections take part.
"""

from __future__ import annotations

import atexit
import os
import shutil
import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg
from sqlalchemy import make_url

from registry.config import Settings
from registry.services.operations.maintenance import initialise
from registry.store.engine import engine_for

POSTGRESQL = os.environ.get("PINZHENG_TEST_DATABASE_URL", "")
SECRET = "for tests only: thirty-two characters"


def settings(folder: Path, database_url: str = "") -> Settings:
    url = database_url or f"sqlite:///{folder / 'pinzheng.sqlite3'}"
    return Settings(folder, url, SECRET, "http://127.0.0.1:8000")


class _Server:
    """One connection of a process to the server, in which databases are made and dropped: a new one takes longer than a copy."""

    def __init__(self) -> None:
        self._connection: psycopg.Connection | None = None
        self._process = 0
        atexit.register(self._close)

    def connected(self) -> psycopg.Connection:
        """The connection; a new one in a process that was forked, and where a test has ended the one before."""
        if self._connection is None or self._connection.closed or self._process != os.getpid():
            self._connection = psycopg.connect(_plain(), autocommit=True)
            self._process = os.getpid()
        return self._connection

    def _close(self) -> None:
        """Only in the process that opened it: a forked one would say goodbye in its name."""
        if self._connection is not None and self._process == os.getpid():
            self._connection.close()


_SERVER = _Server()


class Template:
    """A migrated database to copy from, with what lies beside it: empty, or as `fill` left it."""

    def __init__(self, folder: Path, fill: Callable[[Settings], None] | None = None) -> None:
        self._folder = folder
        self._name = f"template_{uuid.uuid4().hex[:12]}"
        if POSTGRESQL:
            self._admin(f"CREATE DATABASE {self._name}")
        self.settings = settings(folder, _postgresql(self._name) if POSTGRESQL else "")
        initialise(self.settings)
        if fill:
            fill(self.settings)
        engine_for(self.settings.database_url).dispose()

    @contextmanager
    def copy(self, folder: Path) -> Iterator[Settings]:
        """A database of its own for one test, gone afterwards."""
        shutil.copytree(self._folder, folder, dirs_exist_ok=True)
        if not POSTGRESQL:
            yield settings(folder)
            engine_for(settings(folder).database_url).dispose()
            return
        name = f"test_{uuid.uuid4().hex[:16]}"
        self._admin(f"CREATE DATABASE {name} TEMPLATE {self._name} STRATEGY FILE_COPY")
        made = settings(folder, _postgresql(name))
        try:
            yield made
        finally:
            engine_for(made.database_url).dispose()
            self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    @contextmanager
    def empty(self, folder: Path) -> Iterator[Settings]:
        """A database without any table, gone afterwards; with SQLite the name of a file that does not exist."""
        name = f"test_{uuid.uuid4().hex[:16]}"
        if POSTGRESQL:
            self._admin(f"CREATE DATABASE {name}")
        made = settings(folder, _postgresql(name) if POSTGRESQL else "")
        try:
            yield made
        finally:
            engine_for(made.database_url).dispose()
            if POSTGRESQL:
                self._admin(f"DROP DATABASE {name} WITH (FORCE)")

    def drop(self) -> None:
        if POSTGRESQL:
            self._admin(f"DROP DATABASE {self._name} WITH (FORCE)")

    def _admin(self, statement: str) -> None:
        _SERVER.connected().execute(statement)  # type: ignore[arg-type]


def _postgresql(name: str) -> str:
    """The address of another database on the same server."""
    address = make_url(POSTGRESQL).set(drivername="postgresql+psycopg", database=name)
    return address.render_as_string(hide_password=False)


def _plain() -> str:
    """The server's own address as libpq reads it."""
    return make_url(POSTGRESQL).set(drivername="postgresql").render_as_string(hide_password=False)
