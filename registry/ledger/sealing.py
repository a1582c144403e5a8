"""Sealing: the relay gives each entry its index in the log, in order and without gaps."""

from __future__ import annotations

from sqlalchemy import Connection, bindparam, select, update

from registry.ledger.canonical import LogLeaf, leaf_hash
from registry.ledger.model import LOG_INDEX_COUNTER, Entry
from registry.store import counters

SEAL = (
    update(Entry.__table__)  # type: ignore[arg-type]
    .where(Entry.__table__.c.id == bindparam("entry_id"))
    .values(log_index=bindparam("new_index"), leaf_hash=bindparam("new_leaf"))
)


def seal(connection: Connection, limit: int = 1000) -> list[int]:
    """Seal up to `limit` entries in the order of their ids, and return the ids of their records.

    The caller holds the lock of the relay: only one process may seal at a time.
    """
    unsealed = connection.execute(
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
    if not unsealed:
        return []
    # Counters begin at 1, the log at 0.
    first_index = counters.take(connection, LOG_INDEX_COUNTER, len(unsealed)) - 1
    seals = []
    for index, entry in enumerate(unsealed, start=first_index):
        values = dict(entry._mapping)  # noqa: SLF001 - SQLAlchemy's public accessor of a row
        entry_id, _record_id = values.pop("id"), values.pop("record_id")
        leaf = LogLeaf(**values).encode()
        seals.append({"entry_id": entry_id, "new_index": index, "new_leaf": leaf_hash(leaf)})
    connection.execute(SEAL, seals)
    return [entry.record_id for entry in unsealed]


def log_size(connection: Connection) -> int:
    """The number of sealed entries: one more than the highest index."""
    return counters.peek(connection, LOG_INDEX_COUNTER)
