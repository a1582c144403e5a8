"""Upkeep: making and migrating the store, health, and the check of everything kept against its rules."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, select, text
from sqlalchemy.exc import DBAPIError

from registry.accounts.policy import ANONYMOUS
from registry.config import Settings, keep_secret
from registry.errors import Misconfigured, NotFound
from registry.kit.record import Link, Record
from registry.ledger import canonical
from registry.ledger.model import Entry, Item
from registry.reference import register_numbers
from registry.registers import catalogue
from registry.services import indexing, lookup
from registry.services.wiring import Registry
from registry.store.base import Base
from registry.store.engine import engine_for
from registry.store.unit_of_work import reading, unit_of_work

MIGRATIONS = Path(__file__).resolve().parents[2] / "migrations"
BATCH = 1000


def init(settings: Settings) -> list[str]:
    """Make the data directory, the secret and the tables, or bring them up to date; safe to repeat.

    Returns lines that say what was done. Raises `Misconfigured` when the directory or database cannot be used.
    """
    try:
        settings.data_dir.mkdir(parents=True, exist_ok=True)
        settings.reports_dir.mkdir(exist_ok=True)
    except OSError as problem:
        raise Misconfigured("PINZHENG_DATA_DIR", f"cannot be used: {problem}") from problem
    lines = []
    if not settings.secret_key:
        keep_secret(settings.data_dir)
        lines.append(f"secret: {settings.data_dir / 'secret-key'}")
    try:
        with unit_of_work(engine_for(settings.database_url)) as work:
            before = MigrationContext.configure(work).get_current_revision()
            config = migrations_config()
            config.attributes["connection"] = work
            command.upgrade(config, "head")
            after = MigrationContext.configure(work).get_current_revision()
    except DBAPIError as problem:
        raise Misconfigured("PINZHENG_DATABASE_URL", f"cannot be used: {problem.orig}") from problem
    lines.append(f"database: schema {after}" + ("" if before == after else f" (was {before or 'empty'})"))
    return lines


def migrations_config() -> Config:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    return config


def drift(work: Connection) -> list[str]:
    """Differences between the migrated schema and the models; empty when there are none."""
    context = MigrationContext.configure(work, opts={"compare_type": True})
    return [str(each) for each in compare_metadata(context, Base.metadata)]


def is_ready(registry: Registry) -> dict[str, bool]:
    """Database reachable and migrated, index usable."""
    head = ScriptDirectory.from_config(migrations_config()).get_current_head()
    try:
        with reading(registry.engine) as work:
            database = MigrationContext.configure(work).get_current_revision() == head
            work.execute(text("SELECT 1"))
    except DBAPIError:
        database = False
    return {"database": database, "index": registry.search.status().documents is not None}


def index_status(registry: Registry) -> dict[str, Any]:
    """Documents, generation, size in bytes and place of the search index; `documents` None: there is none."""
    status = registry.search.status()
    return {
        "documents": status.documents,
        "generation": status.generation,
        "size_bytes": status.size_bytes,
        "path": str(status.path),
    }


index_rebuild = indexing.rebuild
index_verify = indexing.verify


def check_store(registry: Registry) -> Iterator[str]:
    """Every record against today's schema and its own hash, keys, entries and links; yields what is wrong."""
    last = 0
    with reading(registry.engine) as work:
        while found := work.execute(
            select(
                Record.id,
                Record.register,
                Record.number,
                Record.natural_key,
                Record.status,
                Record.version,
                Record.document_hash,
                Item.document,
                Entry.version.label("entry_version"),
                Entry.status.label("entry_status"),
                Entry.document_hash.label("entry_hash"),
            )
            .outerjoin(Item, Item.hash == Record.document_hash)
            .outerjoin(Entry, Entry.id == Record.entry_id)
            .where(Record.id > last)
            .order_by(Record.id)
            .limit(BATCH)
        ).all():
            for row in found:
                yield from (f"{row.register} {row.number}: {problem}" for problem in _problems(row))
            last = found[-1].id
        yield from _stray_links(work)
        yield from _gaps(work)


def _problems(row: Any) -> Iterator[str]:
    definition = catalogue().get(row.register)
    if definition is None:
        yield "belongs to no register of this program"
        return
    if row.document is None:
        yield "its document is missing"
        return
    values = json.loads(row.document)
    if canonical.document_hash(canonical.canonical(values)) != row.document_hash:
        yield "the document does not have the hash it is kept under"
    if (row.entry_version, row.entry_status, row.entry_hash) != (row.version, row.status, row.document_hash):
        yield "record and latest entry disagree"
    loaded = definition.schema.load_values(values, complete=False)
    for name in sorted(loaded.refused):
        yield f"{name} does not fit today's schema"
    if loaded.values != values and not loaded.refused:
        yield "the document changes when it is read again"
    if definition.key.of(values)[:600] != row.natural_key:
        yield "natural key and document disagree"
    if not definition.life_cycle.has(row.status):
        yield f"unknown status {row.status}"
    if definition.numbering.prefix and register_numbers.problem(row.number):
        yield "the number's check character is wrong"


def _stray_links(work: Connection) -> Iterator[str]:
    waiting = select(Link.from_id, Link.to_register, Link.to_key).join(
        Record, (Record.register == Link.to_register) & (Record.natural_key == Link.to_key)
    )
    for row in work.execute(waiting.where(Link.to_id.is_(None)).limit(BATCH)):
        yield f"record {row.from_id}: link to {row.to_register} {row.to_key} was not resolved"


def _gaps(work: Connection) -> Iterator[str]:
    indexes = work.execute(
        select(Entry.index).where(Entry.index.is_not(None)).order_by(Entry.index)
    ).scalars()
    for expected, index in enumerate(indexes):
        if index != expected:
            yield f"log: index {expected} is missing"
            return


def check_file(registry: Registry, path: Path) -> Iterator[tuple[str, str]]:
    """(number, answer) for each line of a file of numbers: first column, one a line.

    Raises `NotFound` for a missing file.
    """
    if not path.is_file():
        raise NotFound("file", str(path), code="file_missing")
    with path.open(encoding="utf-8-sig", newline="", errors="replace") as file:
        batch: list[str] = []
        for row in csv.reader(file):
            if row and row[0].strip():
                batch.append(row[0].strip())
            if len(batch) == lookup.CHECK_LIMIT:
                yield from _answers(registry, batch)
                batch = []
        yield from _answers(registry, batch)


def _answers(registry: Registry, numbers: list[str]) -> Iterator[tuple[str, str]]:
    from_service = lookup.check(registry, ANONYMOUS, numbers) if numbers else []
    yield from ((each["number"], each["answer"]) for each in from_service)
