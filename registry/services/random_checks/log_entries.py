"""Entries of the log that are about a check or its result: documents of no record, sealed like any other."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, func, insert, select
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.kit.record import RECORD_ID_COUNTER
from registry.ledger import canonical
from registry.ledger.model import ENTRY_ID_COUNTER, RANDOM_CHECKS, Entry, Item
from registry.store import counters
from registry.store.base import FetchedRow

DOCUMENT_FORMAT = 1  # of the documents of checks and results


@dataclass(frozen=True, slots=True)
class LogAct:
    """What is to stand in the log. `number`: of the check or of the result; `role`: of who acts."""

    number: str
    status: str
    document: Mapping[str, Any]
    role: str
    legal_basis: str = ""


@dataclass(frozen=True, slots=True)
class WrittenEntry:
    """An entry that was written, before it is sealed. `log_id`: under which further versions of it stand."""

    log_id: int
    version: int
    entry_id: int
    document_hash: str
    moment: dt.datetime


def write_entry(connection: Connection, act: LogAct, *, log_id: int | None = None) -> WrittenEntry:
    """Write an entry with its document. `log_id`: of the entries before about the same, None for a first one."""
    counters.lock(connection, ENTRY_ID_COUNTER)
    data = canonical.canonical_json(act.document)
    digest = canonical.document_hash(data)
    dialect = postgresql if connection.dialect.name == "postgresql" else sqlite
    connection.execute(
        dialect.insert(Item).on_conflict_do_nothing(), [{"hash": digest, "document": data.decode()}]
    )
    version = 1
    if log_id is None:
        log_id = counters.take(connection, RECORD_ID_COUNTER)
    else:
        last = select(func.max(Entry.version)).where(Entry.record_id == log_id)
        version = int(connection.execute(last).scalar_one()) + 1
    written = WrittenEntry(log_id, version, counters.take(connection, ENTRY_ID_COUNTER), digest, clock.now())
    values = {
        "id": written.entry_id,
        "record_id": log_id,
        "version": version,
        "register": RANDOM_CHECKS,
        "number": act.number,
        "document_hash": digest,
        "status": act.status,
        "reason": act.status,
        "legal_basis": act.legal_basis,
        "actor_role": act.role,
        "schema_version": DOCUMENT_FORMAT,
        "recorded_at": written.moment,
    }
    connection.execute(insert(Entry), [values])
    return written


def read_entries(connection: Connection, log_id: int) -> list[FetchedRow]:
    """Return the entries about a check or a result with their documents, the first one first."""
    statement = (
        select(*Entry.__table__.columns, Item.document)
        .join(Item, Item.hash == Entry.document_hash)
        .where(Entry.record_id == log_id)
        .order_by(Entry.version)
    )
    return list(connection.execute(statement).all())


def find_checkpoint(connection: Connection, day: dt.date) -> FetchedRow | None:
    """Return the last entry of the log before a day began in Shanghai, None while that is not sealed.

    It is the one before the first entry that was recorded on that day or later, whatever its own time says: nothing that
    is written on the day itself can take its place.
    """
    start = clock.end_of_day(day - dt.timedelta(days=1))
    first = connection.execute(select(func.min(Entry.id)).where(Entry.recorded_at >= start)).scalar()
    before = select(*Entry.__table__.columns).order_by(Entry.id.desc()).limit(1)
    row = connection.execute(before.where(Entry.id < first) if first is not None else before).one_or_none()
    return row if row is not None and row.log_index is not None else None


def leaf_of(row: FetchedRow) -> dict[str, Any]:
    """Return what the leaf of a sealed entry says: its canonical JSON has the leaf hash (RFC 6962)."""
    leaf = canonical.LogLeaf(
        register=row.register,
        number=row.number,
        version=row.version,
        schema_version=row.schema_version,
        status=row.status,
        reason=row.reason,
        legal_basis=row.legal_basis,
        actor_role=row.actor_role,
        recorded_at=row.recorded_at,
        document_hash=row.document_hash,
    )
    decoded: dict[str, Any] = json.loads(leaf.encode())
    return decoded
