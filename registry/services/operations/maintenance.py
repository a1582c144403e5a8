"""Create and migrate the store, and check a file of numbers against it."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection

from registry.accounts.policy import ANONYMOUS
from registry.config import SECRET_FILE, Settings, ensure_secret
from registry.errors import Misconfigured, NotFound
from registry.late_imports import LateModule
from registry.services.bootstrap import Registry
from registry.services.operations import indexing, integrity_check, migrating
from registry.services.records.numbers import lookup
from registry.store.base import Base
from registry.store.batching import batches

autogenerate, migration = LateModule("alembic.autogenerate"), LateModule("alembic.migration")


def initialise(settings: Settings) -> list[str]:
    """Create the data directory, the secret and the tables, or bring them up to date; safe to repeat.

    Returns lines that say what was done. Raises `Misconfigured` when the directory or database cannot be used.
    """
    try:
        _make_private(settings.data_dir, holds_store=(settings.data_dir / SECRET_FILE).exists())
        settings.reports_dir.mkdir(mode=0o700, exist_ok=True)
    except OSError as problem:
        raise Misconfigured("PINZHENG_DATA_DIR", f"cannot be used: {problem}") from problem
    lines = []
    if not settings.secret_key:
        ensure_secret(settings.data_dir)
        lines.append(f"secret: {settings.data_dir / 'secret-key'}")
    change = migrating.migrate_up(settings)
    lines.append(
        f"database: schema {change.after}"
        + ("" if change.before == change.after else f" (was {change.before or 'empty'})")
    )
    return lines


def _make_private(data_dir: Path, *, holds_store: bool) -> None:
    """Make the data directory, or take the rights of others from one that is empty or holds a store already.

    A directory with other things in it, which was named by mistake, is left as it is.
    """
    if not data_dir.exists():
        data_dir.mkdir(mode=0o700, parents=True)
    elif holds_store or not any(data_dir.iterdir()):
        data_dir.chmod(0o700)


def schema_drift(connection: Connection) -> list[str]:
    """List the differences between the migrated schema and the models."""
    context = migration.MigrationContext.configure(connection, opts={"compare_type": True})
    return [str(each) for each in autogenerate.compare_metadata(context, Base.metadata)]


class IndexStatus(NamedTuple):
    """The search index in numbers; `documents` None: there is none."""

    documents: int | None
    generation: str
    size_bytes: int
    path: Path


class NumberCheck(NamedTuple):
    """A number and the answer to it, as `records.check_numbers` gives it.

    `read_as`: the number in it that was answered; `parts_not_held`: others in it that no record has.
    """

    number: str
    answer: str
    read_as: str = ""
    parts_not_held: tuple[str, ...] = ()


def index_status(registry: Registry) -> IndexStatus:
    """Return size, generation and path of the search index."""
    status = registry.search.status()
    return IndexStatus(status.documents, status.generation, status.size_bytes, status.path)


index_rebuild = indexing.rebuild_index
index_verify = indexing.verify_index
check_store = integrity_check.check_store


def check_number_file(registry: Registry, path: Path) -> Iterator[NumberCheck]:
    """Check a file of numbers, one a line, in the first column of a CSV; yields the answers in their order.

    Raises `NotFound` for a missing file.
    """
    if not path.is_file():
        raise NotFound("file", str(path), code="file_missing")
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        batch: list[str] = []
        for row in csv.reader(file):
            if row and row[0].strip():
                batch.append(row[0].strip())
            if len(batch) == lookup.MAX_CHECKED_NUMBERS:
                yield from _check_batch(registry, batch)
                batch = []
        yield from _check_batch(registry, batch)


def check_typed_numbers(registry: Registry, numbers: Sequence[str]) -> Iterator[NumberCheck]:
    """Check numbers as they were typed; yields the answers in their order."""
    for some in batches(numbers, lookup.MAX_CHECKED_NUMBERS):
        yield from _check_batch(registry, list(some))


def _check_batch(registry: Registry, numbers: list[str]) -> Iterator[NumberCheck]:
    answers = lookup.check_numbers(registry, ANONYMOUS, numbers) if numbers else []
    yield from (
        NumberCheck(answer.number, answer.answer, answer.read_as, answer.parts_not_held) for answer in answers
    )
