"""Snapshots of the database: a consistent copy while others write, and loading one into an empty database.

SQLite: the online backup of the driver. PostgreSQL: `pg_dump` and `pg_restore`, which must be on the PATH and not older
than the server.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from sqlalchemy import Connection, NullPool, create_engine, inspect, text
from sqlalchemy.engine import make_url

from registry.errors import Conflict, DatabaseUnavailable, Misconfigured
from registry.late_imports import LateModule
from registry.store.engine import engine_for
from registry.store.error_translation import translate_errors

conninfo = LateModule("psycopg.conninfo")  # a register on SQLite never needs it
SQLITE, POSTGRESQL = "sqlite", "postgresql"
MAX_ERROR_LENGTH = 500  # of what a program of PostgreSQL says


@contextlib.contextmanager
def take_snapshot(url: str, target: Path, *, without_schema: str) -> Iterator[Connection]:
    """Write a snapshot to `target` and yield a connection that sees just what is in it.

    `without_schema`: a schema of PostgreSQL that is left out because it can be made anew. Raises `DatabaseUnavailable`
    when the database cannot be read, `Conflict` (database_program_failed) when `pg_dump` ends with an error, `Misconfigured` when it
    is missing.
    """
    if database_kind(url) == SQLITE:
        _copy_sqlite(url, target)
        copy = create_engine(f"sqlite:///{target}", poolclass=NullPool)
        with translate_errors(), copy.connect() as connection:
            yield connection
        return
    engine = engine_for(url).execution_options(isolation_level="REPEATABLE READ")
    with translate_errors(), engine.connect() as connection:
        snapshot_id = connection.execute(text("SELECT pg_export_snapshot()")).scalar_one()
        _run_program(
            url,
            "pg_dump",
            (
                "--format=custom",
                "--no-owner",
                "--no-privileges",
                f"--snapshot={snapshot_id}",
                f"--exclude-schema={without_schema}",
                f"--file={target}",
            ),
        )
        yield connection


def load_snapshot(url: str, source: Path) -> None:
    """Load a snapshot into an empty database. An SQLite snapshot is moved into its place.

    Raises `Conflict` (database_program_failed) when `pg_restore` ends with an error, `Misconfigured` when it is missing.
    """
    if database_kind(url) == SQLITE:
        target = _sqlite_path(url)
        target.parent.mkdir(parents=True, exist_ok=True)
        engine_for(url).dispose()
        for suffix in (
            "",
            "-wal",
            "-shm",
        ):  # of an empty database: a log that is left would lie over the new one
            target.with_name(target.name + suffix).unlink(missing_ok=True)
        source.chmod(0o600)
        shutil.move(source, target)
        return
    options = ("--no-owner", "--no-privileges", "--exit-on-error", "--single-transaction")
    _run_program(url, "pg_restore", (*options, str(source)))


def is_empty(url: str) -> bool:
    """Return True if the database has no tables, or is an SQLite file that does not exist. Raises `DatabaseUnavailable`."""
    if database_kind(url) == SQLITE:
        return _is_empty_file(_sqlite_path(url))
    with translate_errors(), engine_for(url).connect() as connection:
        return not inspect(connection).get_table_names()


def _is_empty_file(path: Path) -> bool:
    if not path.exists():
        return True
    try:
        with contextlib.closing(sqlite3.connect(f"file:{path}?mode=ro", uri=True)) as connection:
            return not connection.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
    except sqlite3.Error as problem:
        raise DatabaseUnavailable(str(problem)) from problem


def database_kind(url: str) -> str:
    """Return `sqlite` or `postgresql`."""
    return make_url(url).get_backend_name()


def _copy_sqlite(url: str, target: Path) -> None:
    try:
        with (
            contextlib.closing(sqlite3.connect(f"file:{_sqlite_path(url)}?mode=ro", uri=True)) as source,
            contextlib.closing(sqlite3.connect(target)) as copy,
        ):
            # All pages in one step: it reads one state of the database, and in WAL mode writers do not wait for it.
            source.backup(copy, pages=-1)
            copy.execute("PRAGMA journal_mode=DELETE")  # one file, without a log beside it
    except sqlite3.Error as problem:
        raise DatabaseUnavailable(str(problem)) from problem


def _sqlite_path(url: str) -> Path:
    return Path(make_url(url).database or "")


def _run_program(url: str, name: str, arguments: Sequence[str]) -> None:
    """Run a program of PostgreSQL against the database. The password is given in the environment, where others cannot read it."""
    program = shutil.which(name)
    if program is None:
        raise Misconfigured("PATH", f"has no {name}: install the client programs of PostgreSQL")
    connection, environment = _connection_parameters(url)
    target = f"--dbname={connection}"
    try:
        subprocess.run(  # noqa: S603 - a program of PostgreSQL, with arguments of our own
            [program, target, *arguments],
            env={**os.environ, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            check=True,
            text=True,
        )
    except subprocess.CalledProcessError as problem:
        told = " ".join(problem.stderr.split())[-MAX_ERROR_LENGTH:]
        raise Conflict("database_program_failed", program=name, problem=told) from problem


def _connection_parameters(url: str) -> tuple[str, Mapping[str, str]]:
    """Return the connection without its password, as libpq reads it, and the environment that holds the password."""
    plain = make_url(url).set(drivername="postgresql").render_as_string(hide_password=False)
    parameters = {name: str(value) for name, value in conninfo.conninfo_to_dict(plain).items()}
    password = parameters.pop("password", "")
    environment = {"PGPASSWORD": password} if password else {}
    return conninfo.make_conninfo(**parameters), environment
