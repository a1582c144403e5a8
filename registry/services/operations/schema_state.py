"""Whether program and schema fit: a program works on its own schema, and on newer ones that were made for it too.

A migration that the program before still works after says so with `serves_before = True` (it adds, and takes nothing away).
`init` then writes into the store which is the oldest schema whose program may go on: that lets a rolling upgrade pass.
"""

from __future__ import annotations

import functools
from typing import Literal, NamedTuple

from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection

from registry.resources import resource_folder
from registry.store.state import read_state, write_state

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


class _Revisions(NamedTuple):
    """The revisions that this program knows, its newest, and the oldest whose program works after that."""

    known: frozenset[str]
    head: str
    serves_from: str


def migrations_config() -> Config:
    """Return the configuration of the migrations."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS_DIR))
    return config


@functools.cache
def _revisions() -> _Revisions:
    known = list(ScriptDirectory.from_config(migrations_config()).walk_revisions())  # newest first
    serves_from = next(each.revision for each in known if not getattr(each.module, "serves_before", False))
    return _Revisions(frozenset(each.revision for each in known), known[0].revision, serves_from)


def is_known(revision: str) -> bool:
    """Return True if this program can bring tables of this revision up to date."""
    return revision in _revisions().known


def read_schema_state(connection: Connection) -> SchemaState:
    """Compare the schema of a store with that of this program."""
    revisions = _revisions()
    found = MigrationContext.configure(connection).get_current_revision()
    if found is None:
        word: SchemaWord = "missing"
    elif found == revisions.head:
        word = "equal"
    elif found in revisions.known:
        word = "older"
    else:
        compatible = read_state(connection, SERVES_FROM_STATE) in revisions.known
        word = "newer_compatible" if compatible else "newer"
    return SchemaState(word, found, revisions.head)


def note_oldest_program(connection: Connection) -> None:
    """Write into a store that has been brought up to date which programs may go on with it."""
    write_state(connection, SERVES_FROM_STATE, _revisions().serves_from)
