"""Publishing: the one place that writes records. Record, entry, links and message in the caller's transaction.

Works on batches of one register, so that a sheet of 200,000 rows costs a handful of statements per chunk.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.kit.definition import Party, RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import COUNTER as RECORD_COUNTER
from registry.kit.record import Identifier, Link, Record, Warned
from registry.ledger import canonical
from registry.ledger.model import COUNTER as ENTRY_COUNTER
from registry.ledger.model import Entry, Item
from registry.outbox.model import RECORD, announce
from registry.reference import register_numbers
from registry.reference.folding import fold_number
from registry.registers import catalogue
from registry.services import titles
from registry.store import counters

record_table = Record.__table__
SPINE = (
    Record.id,
    Record.number,
    Record.natural_key,
    Record.status,
    Record.status_since,
    Record.version,
    Record.document_hash,
    Record.warnings,
    Record.title_zh,
    Record.title_en,
    Record.demo,
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked document on its way to publication. `status` "" : the sheet states none."""

    row: int
    key: str
    values: Mapping[str, Any]
    status: str
    number: str = ""
    demo: bool = False
    warnings: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a prepared document: created, updated, unchanged or refused (then `issue` says why)."""

    row: int
    result: str
    record_id: int = 0
    issue: Issue | None = None


@dataclass(slots=True)
class Batch:
    """Rows gathered for one round of statements."""

    records: list[dict[str, Any]] = field(default_factory=list)
    changed: list[dict[str, Any]] = field(default_factory=list)
    items: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    identifiers: list[dict[str, Any]] = field(default_factory=list)
    links: list[dict[str, Any]] = field(default_factory=list)
    warnings: list[dict[str, Any]] = field(default_factory=list)
    retitled: set[int] = field(default_factory=set)  # title or status changed: pages that name them change too


def publish(
    work: Connection,
    definition: RegisterDefinition,
    prepared: Sequence[Prepared],
    *,
    actor_role: str,
    reason: str = "imported",
    legal_basis: str = "",
) -> list[Outcome]:
    """Publish a batch of one register inside the caller's transaction; keys must differ within the batch."""
    existing = {
        row.natural_key: row
        for row in work.execute(
            select(*SPINE).where(
                Record.register == definition.slug, Record.natural_key.in_([each.key for each in prepared])
            )
        )
    }
    outcomes: list[Outcome] = []
    batch = Batch()
    moment = clock.now()
    numbers = _Numbers(work, definition, [each for each in prepared if each.key not in existing])
    for each in prepared:
        present = existing.get(each.key)
        if present is None:
            outcomes.append(_create(batch, definition, each, numbers, moment, actor_role, reason, legal_basis))
        else:
            outcomes.append(_update(batch, definition, each, present, moment, actor_role, legal_basis))
    _assign_ids(work, batch)
    created = [(row["id"], row["natural_key"]) for row in batch.records]
    _store(work, definition, batch)
    _resolve_incoming(work, definition, created)
    _touch_neighbours(work, batch, [record_id for record_id, _key in created])
    announce(work, RECORD, [row["record_id"] for row in batch.entries])
    by_row = {row["row"]: row["id"] for row in getattr_rows(batch)}
    return [
        Outcome(each.row, each.result, by_row.get(each.row, each.record_id), each.issue) for each in outcomes
    ]


def getattr_rows(batch: Batch) -> list[dict[str, Any]]:
    return [row for row in batch.records if "row" in row]
