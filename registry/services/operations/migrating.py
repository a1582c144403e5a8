"""Bring the tables of a store to the schema of this program, or one step back, while other programs serve it.

A migration waits only a moment for its locks and tries again: readers behind one that waits would wait as long. All
steps of one run take effect together or not at all.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any, NamedTuple, TypeVar

from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError

from registry.accounts.policy import SYSTEM, Action, require
from registry.config import Settings
from registry.errors import Conflict, DatabaseBusy, DatabaseUnavailable, Misconfigured
from registry.late_imports import LateModule
from registry.services.operations import schema_state
from registry.services.operations.schema_state import MIGRATIONS_DIR, MigrationStep, SchemaState
from registry.store.engine import engine_for
from registry.store.unit_of_work import read_transaction, unit_of_work

alembic_command, alembic_config = (
    LateModule("alembic.command"),
    LateModule("alembic.config"),
)  # few processes migrate
LOCK_SECONDS = 1.0  # that a migration of PostgreSQL waits for a table, with every reader behind it
ATTEMPTS = 60
PAUSE_SECONDS = 1.0  # between attempts: those who were kept waiting are served
TURN_KEY = 7_031_401  # of the advisory lock by which programs migrate one after the other
Result = TypeVar("Result")


class SchemaReport(NamedTuple):
    """How schema and program fit, and the steps that lead from the one to the other, in the order in which `up` takes them."""

    state: SchemaState
    pending: tuple[MigrationStep, ...]


class SchemaChange(NamedTuple):
    """The revisions before and after a run; `before` None for an empty database, the same where nothing was done."""

    before: str | None
    after: str | None


class _Column(NamedTuple):
    """A column as the database has it; `default`: an expression of its own language, None without one."""

    default: str | None


def report_schema(settings: Settings) -> SchemaReport:
    """Compare the schema of the store with that of this program. Raises `Misconfigured` if the database cannot be used."""

    require(SYSTEM, Action.RELAY)

    def read(connection: Connection) -> SchemaReport:
        state = schema_state.read_schema_state(connection)
        return SchemaReport(state, schema_state.steps_between(state.found, state.expected))

    return _translated(lambda: _reading(settings, read))


def migrate_up(settings: Settings) -> SchemaChange:
    """Bring the tables up to date; safe to repeat. Tables of a newer program that this one may serve stay as they are.

    Raises `Misconfigured` if the database cannot be used or is too new, `DatabaseBusy` if others hold its tables throughout.
    """

    require(SYSTEM, Action.RELAY)

    def upgrade(connection: Connection) -> SchemaChange:
        state = schema_state.read_schema_state(connection)
        if state.word == "newer":
            raise Misconfigured(
                "The database", "has the schema of a newer version: this one is too old for it"
            )
        if state.word == "newer_compatible":
            return SchemaChange(state.found, state.found)
        _run(connection, "upgrade", "head")
        schema_state.note_oldest_program(connection)
        return SchemaChange(state.found, schema_state.read_schema_state(connection).found)

    return _migrated(settings, upgrade)


def migrate_down(settings: Settings, *, confirmed: bool = False) -> SchemaChange:
    """Take the last step back, for the program before. `confirmed`: what only this schema can hold may be deleted.

    Raises `Conflict`: `schema_of_newer_program`, `schema_has_no_step_back`, and `step_back_loses_data` unless confirmed.
    """

    require(SYSTEM, Action.RELAY)

    def downgrade(connection: Connection) -> SchemaChange:
        state = schema_state.read_schema_state(connection)
        if state.word in ("newer", "newer_compatible"):
            raise Conflict("schema_of_newer_program", schema=state.found)
        step = schema_state.step_to(state.found) if state.found else None
        if step is None or step.before is None:
            raise Conflict("schema_has_no_step_back", schema=state.found or "-")
        lost = _find_losses(connection, step)
        if lost and not confirmed:
            raise Conflict(
                "step_back_loses_data",
                schema=step.before,
                lost=", ".join(f"{name} ({count})" for name, count in lost.items()),
            )
        _run(connection, "downgrade", step.before)
        schema_state.note_oldest_program(connection, step.before)
        return SchemaChange(state.found, step.before)

    return _migrated(settings, downgrade)


def _reading(settings: Settings, read: Callable[[Connection], Result]) -> Result:
    with read_transaction(engine_for(settings.database_url)) as connection:
        return read(connection)


def _migrated(settings: Settings, work: Callable[[Connection], SchemaChange]) -> SchemaChange:
    """Do the work in one transaction, again and again while others hold the tables."""
    engine = engine_for(settings.database_url)

    def attempt() -> SchemaChange:
        with unit_of_work(engine) as connection:
            if connection.dialect.name == "postgresql":
                connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": TURN_KEY})
                connection.exec_driver_sql(f"SET LOCAL lock_timeout = {round(LOCK_SECONDS * 1000)}")
            return work(connection)

    def try_again() -> SchemaChange:
        for _attempt in range(ATTEMPTS - 1):
            try:
                return attempt()
            except DatabaseBusy:
                time.sleep(PAUSE_SECONDS)
        return attempt()

    return _translated(try_again)


def _translated(work: Callable[[], Result]) -> Result:
    """Return the result of the work; an error of the database becomes one line about the setting that names it."""
    try:
        return work()
    except DatabaseBusy:
        raise
    except DatabaseUnavailable as problem:
        raise Misconfigured("PINZHENG_DATABASE_URL", f"cannot be used: {problem.problem}") from problem
    except DBAPIError as problem:
        raise Misconfigured("PINZHENG_DATABASE_URL", f"cannot be used: {problem.orig}") from problem


def migrations_config() -> Any:
    """Return the configuration of the migrations, a `Config` of Alembic."""
    config = alembic_config.Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    return config


def _run(connection: Connection, direction: str, revision: str) -> None:
    config = migrations_config()
    config.attributes["connection"] = connection
    getattr(alembic_command, direction)(config, revision)


def _find_losses(connection: Connection, step: MigrationStep) -> dict[str, int]:
    """Try the step back and undo it; return what it would delete: table or table.column → how many rows have something there."""
    before = _read_columns(connection)
    with connection.begin_nested() as trial:
        _run(connection, "downgrade", str(step.before))
        after = _read_columns(connection)
        trial.rollback()
    quote = connection.dialect.identifier_preparer.quote
    losses = {}
    for table, columns in before.items():
        if table in step.rebuilt:
            continue
        if table not in after:
            losses[table] = f"SELECT count(*) FROM {quote(table)}"  # noqa: S608 - names of our own tables
            continue
        for name in columns.keys() - after[table].keys():
            differs = _differs_from_default(connection, quote(name), columns[name].default)
            if f"{table}.{name}" not in step.rebuilt:
                losses[f"{table}.{name}"] = f"SELECT count(*) FROM {quote(table)} WHERE {differs}"  # noqa: S608
    counts = {name: int(connection.execute(text(query)).scalar_one()) for name, query in losses.items()}
    return {name: count for name, count in sorted(counts.items()) if count}


def _read_columns(connection: Connection) -> dict[str, dict[str, _Column]]:
    found = inspect(connection)
    return {
        table: {column["name"]: _Column(column["default"]) for column in found.get_columns(table)}
        for table in found.get_table_names()
    }


def _differs_from_default(connection: Connection, column: str, default: str | None) -> str:
    """The condition under which a column says something. Both come from the database, which knows its own words."""
    if default is None:
        return f"{column} IS NOT NULL"
    operator = "IS DISTINCT FROM" if connection.dialect.name == "postgresql" else "IS NOT"
    return f"{column} {operator} ({default})"
