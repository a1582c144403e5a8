"""Sealing: the relay gives entries their place in the log, in order and without gaps."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from registry.ledger.canonical import leaf, leaf_hash
from registry.ledger.model import LOG_INDEX_COUNTER, Entry
from registry.store import counters

SEAL = (
    update(Entry.__table__)  # type: ignore[arg-type]
    .where(Entry.__table__.c.id == bindparam("entry_id"))
    .values(log_index=bindparam("new_index"), leaf_hash=bindparam("new_leaf"))
)


def seal(connection: Connection, limit: int = 1000) -> list[int]:
    """Seal up to `limit` entries; returns the ids of their records (empty: nothing was waiting).

    Only one relay may run (its lock is held by the caller): the order is that of entry ids.
    """
    waiting = connection.execute(
        select(
            Entry.id,
            Entry.record_id,
            Entry.register,
            Entry.number,
            Entry.version,
            Entry.schema_version,
            Entry.status,
            Entry.reason,
            Entry.legal_basis,
            Entry.actor_role,
            Entry.recorded_at,
            Entry.document_hash,
        )
        .where(Entry.index.is_(None))
        .order_by(Entry.id)
        .limit(limit)
    ).all()
    if not waiting:
        return []
    first = (
        counters.take(connection, LOG_INDEX_COUNTER, len(waiting)) - 1
    )  # counters begin at 1, the log at 0
    seals = []
    for place, entry in enumerate(waiting, start=first):
        facts = dict(entry._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor of a row
        entry_id, _record = facts.pop("id"), facts.pop("record_id")
        seals.append({"entry_id": entry_id, "new_index": place, "new_leaf": leaf_hash(leaf(**facts))})
    connection.execute(SEAL, seals)
    return [entry.record_id for entry in waiting]


def log_size(connection: Connection) -> int:
    """The number of sealed entries: one more than the highest index."""
    return counters.peek(connection, LOG_INDEX_COUNTER)
