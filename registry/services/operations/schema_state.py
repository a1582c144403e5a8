"""Whether program and schema fit: a program works on its own schema, and on newer ones that were made for it too.

Each migration states `serves_before`: True if the program before still works after it, and what that writes meanwhile is whole
for this one (it adds, and takes nothing away). Migrating writes into the store which is the oldest schema whose program may
go on: that lets a rolling upgrade pass. A migration names in `rebuilt` what it adds that is made anew from the rest.
"""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from registry.resources import resource_folder
from registry.store.state import StateValue, read_state, write_state

MIGRATIONS_DIR = resource_folder("migrations")
SERVES_FROM_STATE = "schema serves from"
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


def migrations_config() -> Config:
    """Return the configuration of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    return config


@functools.cache
def _steps() -> dict[str, MigrationStep]:
    """The migrations that this program knows, oldest first, by their revision."""
    newest_first = list(ScriptDirectory.from_config(migrations_config()).walk_revisions())
    return {
        each.revision: MigrationStep(
            each.revision,
            (each.doc or "").strip().removesuffix("."),
            str(each.down_revision) if each.down_revision else None,
            bool(each.module.serves_before),
            frozenset(getattr(each.module, "rebuilt", ())),
        )
        for each in reversed(newest_first)
    }


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
    found = MigrationContext.configure(connection).get_current_revision()
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
