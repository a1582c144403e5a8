"""Whether program and schema fit: a program works on its own schema, and on newer ones that were made for it too.

Each migration states `serves_before`: True if the program before still works after it, and what that writes meanwhile is whole
for this one (it adds, and takes nothing away). Migrating writes into the store which is the oldest schema whose program may
go on: that lets a rolling upgrade pass. A migration names in `rebuilt` what it adds that is made anew from the rest.
"""

from __future__ import annotations

import ast
import functools
from pathlib import Path
from typing import Any, Literal, NamedTuple

from sqlalchemy import Column, Connection, MetaData, String, Table, inspect, select

from registry.resources import resource_folder
from registry.store.state import StateValue, read_state, write_state

MIGRATIONS_DIR = resource_folder("migrations")
SERVES_FROM_STATE = "schema serves from"
REVISION_TABLE = Table("alembic_version", MetaData(), Column("version_num", String(32)))  # Alembic's own
SchemaWord = Literal["equal", "newer_compatible", "newer", "older", "missing", "unknown"]
USABLE: tuple[SchemaWord, ...] = ("equal", "newer_compatible")


class SchemaState(NamedTuple):
    """The schema that a store has and the one that this program has; `word` says how they fit, `unknown` if none can be read."""

    word: SchemaWord
    found: str | None = None
    expected: str | None = None

    @property
    def is_usable(self) -> bool:
        return self.word in USABLE


class MigrationStep(NamedTuple):
    """One migration. `before`: the revision that it goes on from, None for the first; `rebuilt`: tables, or table.column."""

    revision: str
    title: str
    before: str | None
    serves_before: bool
    rebuilt: frozenset[str]


@functools.cache
def _steps() -> dict[str, MigrationStep]:
    """The migrations that this program knows, oldest first, by their revision."""
    after = {step.before: step for step in map(_read_step, (MIGRATIONS_DIR / "versions").glob("*.py"))}
    steps: dict[str, MigrationStep] = {}
    before: str | None = None
    while (step := after.get(before)) is not None:
        steps[step.revision] = step
        before = step.revision
    return steps


def _read_step(path: Path) -> MigrationStep:
    """Read what a migration says of itself. It is not imported: each start asks for its revision, few run it."""
    module = ast.parse(path.read_bytes())
    said: dict[str, Any] = {}
    for statement in module.body:
        if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
            name = statement.targets[0].id
            if name in ("revision", "down_revision", "serves_before", "rebuilt"):
                said[name] = ast.literal_eval(statement.value)
    title = (ast.get_docstring(module) or "").partition("\n\n")[0].removesuffix(".")
    return MigrationStep(
        said["revision"],
        title,
        said["down_revision"],
        bool(said["serves_before"]),
        frozenset(said.get("rebuilt", ())),
    )


def read_revision(connection: Connection) -> str | None:
    """Return the revision that a store has, None for an empty database."""
    if not inspect(connection).has_table(REVISION_TABLE.name):
        return None
    return connection.execute(select(REVISION_TABLE.c.version_num)).scalar()


def newest_revision() -> str:
    """Return the schema of this program."""
    return list(_steps())[-1]


def oldest_served(revision: str) -> str:
    """Return the oldest schema whose program works on tables of this revision."""
    known = list(_steps())
    upwards = known[: known.index(revision) + 1]
    return next(each for each in reversed(upwards) if not _steps()[each].serves_before)


def is_known(revision: str) -> bool:
    """Return True if this program can bring tables of this revision up to date."""
    return revision in _steps()


def step_to(revision: str) -> MigrationStep | None:
    """Return the migration that leads to a revision, None if this program does not know it."""
    return _steps().get(revision)


def steps_between(found: str | None, expected: str | None) -> tuple[MigrationStep, ...]:
    """Return the migrations that lead from a revision to another, oldest first; () if this program does not know them."""
    known = list(_steps())
    if expected not in known or (found is not None and found not in known):
        return ()
    first = known.index(found) + 1 if found is not None else 0
    return tuple(_steps()[each] for each in known[first : known.index(expected) + 1])


def read_schema_state(connection: Connection) -> SchemaState:
    """Compare the schema of a store with that of this program."""
    known, head = _steps(), newest_revision()
    found = read_revision(connection)
    if found is None:
        word: SchemaWord = "missing"
    elif found == head:
        word = "equal"
    elif found in known:
        word = "older"
    else:
        compatible = read_state(connection, SERVES_FROM_STATE) in known
        word = "newer_compatible" if compatible else "newer"
    return SchemaState(word, found, head)


def note_oldest_program(connection: Connection, revision: str = "") -> None:
    """Write into a store which programs may go on with it. `revision`: its schema, default: that of this program."""
    if inspect(connection).has_table(StateValue.__tablename__):  # one of the oldest schemas has it not
        write_state(connection, SERVES_FROM_STATE, oldest_served(revision or newest_revision()))
