"""Near doubles: records that may be one are told as doubtful on both, as soon as the second one comes in.

Their keys are kept beside the identifiers, so that one statement a batch finds them; the doubts go when they are resolved.
"""

from __future__ import annotations

import json
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple, Protocol, TypeVar

from sqlalchemy import Connection, bindparam, select, update

from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.near_doubles import NearDouble
from registry.kit.record import Identifier, Record
from registry.ledger.model import Item
from registry.outbox.model import RECORD_TOPIC, enqueue
from registry.services.publication.batch_writer import write_warnings
from registry.services.publication.record_columns import near_double_keys
from registry.store.base import FetchedRow
from registry.store.batching import batches

CHUNK_SIZE = 500
MAX_GROUP = (
    20  # records under one key that are compared with each other; more of them are no sign of a double
)
SET_WARNINGS = (
    update(Record.__table__)  # type: ignore[arg-type]
    .where(Record.__table__.c.id == bindparam("record_id"))
    .values(warnings=bindparam("text"), page_version=Record.__table__.c.page_version + 1)
)
Doubts = dict[int, tuple[Issue, ...]]  # by record id


class Comparable(Protocol):
    """What may be the same thing as another one: a record, or a row that is to become one."""

    @property
    def status(self) -> str: ...

    @property
    def values(self) -> Mapping[str, Any]: ...


Other = TypeVar("Other", bound=Comparable)


class PlannedRecord(NamedTuple):
    """A record as it is, or would be."""

    number: str
    status: str
    values: Mapping[str, Any]


def compare(
    definition: RegisterDefinition, own: Comparable, others: Iterable[Other]
) -> Iterator[tuple[NearDouble, Other]]:
    """For each kind of doubt, the first of the others that may be the same thing, unless both have ended."""
    ended, candidates = _has_ended(definition, own), list(others)
    told = set()
    for kind in definition.near_doubles:
        keys = set(kind.keys(own.values))
        if not keys or (kind.code, kind.field) in told or (ended and kind.both_stand):
            continue
        for other in candidates:
            if (ended or kind.both_stand) and _has_ended(definition, other):
                continue
            if not keys.isdisjoint(kind.keys(other.values)) and kind.alike(own.values, other.values):
                yield kind, other
                told.add((kind.code, kind.field))
                break


def _has_ended(definition: RegisterDefinition, each: Comparable) -> bool:
    return definition.life_cycle.state(each.status).standing == "ended"


def codes(definition: RegisterDefinition) -> frozenset[str]:
    """The codes of doubts about near doubles."""
    return frozenset(each.code for each in definition.near_doubles)


def standing(definition: RegisterDefinition, warnings: str) -> tuple[Issue, ...]:
    """The doubts about near doubles among the warnings of a record. `warnings`: as its column holds them."""
    if not definition.near_doubles or warnings == "[]":
        return ()
    known = [code for code in codes(definition) if f'"{code}"' in warnings]
    if not known:
        return ()
    return tuple(
        Issue(each["code"], each["field"], each["params"], "warns")
        for each in json.loads(warnings)
        if each["code"] in known
    )


def tell(
    connection: Connection,
    definition: RegisterDefinition,
    documents: Mapping[int, Mapping[str, Any]],
    former: Iterable[str],
) -> Doubts:
    """Write the doubts that documents just published (record id → values) bring or resolve, on both records of each.

    `former`: numbers that the doubts of these records named so far. Returns the doubts of the records concerned.
    """
    if not definition.near_doubles or not documents:
        return {}
    keys = {key for values in documents.values() for key in near_double_keys(definition, values)}
    groups = _groups(connection, keys)
    ids = {record_id for group in groups.values() for record_id in group}
    numbers = set(former)
    if numbers:
        of_number = select(Record.id).where(Record.register == definition.slug, Record.number.in_(numbers))
        ids |= {*connection.execute(of_number).scalars(), *documents}
    if not ids:
        return {}
    records = _records(connection, ids)
    if numbers:  # their doubts may be over, and others may stand
        more = {
            key for row in records.values() for key in near_double_keys(definition, json.loads(row.document))
        }
        groups = _groups(connection, more)
        records |= _records(connection, {each for group in groups.values() for each in group} - set(records))
    return _write(connection, definition, records, groups, published=documents.keys())


def foresee(
    connection: Connection, definition: RegisterDefinition, planned: Mapping[int, PlannedRecord]
) -> Doubts:
    """Return the doubts that `tell` would write on records (id → as they would be), reading only."""
    if not definition.near_doubles or not planned:
        return {}
    keys = {record_id: near_double_keys(definition, each.values) for record_id, each in planned.items()}
    groups: dict[str, set[int]] = {key: set() for of_record in keys.values() for key in of_record}
    for key, record_id in _holders_of_keys(connection, groups):
        if record_id not in planned:  # such a one would have other keys by then
            groups[key].add(record_id)
    for record_id, of_record in keys.items():
        for key in of_record:
            groups[key].add(record_id)
    groups = {key: ids for key, ids in groups.items() if 1 < len(ids) <= MAX_GROUP}
    compared = dict(planned)
    for row in _records(
        connection, {each for ids in groups.values() for each in ids} - set(planned)
    ).values():
        compared[row.id] = PlannedRecord(row.number, row.status, json.loads(row.document))
    return {
        record_id: _doubts_of(
            definition,
            compared[record_id],
            [compared[other] for other in _sharing(keys[record_id], groups, record_id) if other in compared],
        )
        for record_id in planned
    }


def _groups(connection: Connection, keys: Iterable[str]) -> dict[str, list[int]]:
    """Key → ids of the records that share it, where there are some, but not too many."""
    groups: dict[str, list[int]] = {}
    for key, record_id in _holders_of_keys(connection, keys):
        groups.setdefault(key, []).append(record_id)
    return {key: ids for key, ids in groups.items() if 1 < len(ids) <= MAX_GROUP}


def _holders_of_keys(connection: Connection, keys: Iterable[str]) -> Iterator[tuple[str, int]]:
    """Yield the keys that records have, with the ids of the records."""
    for chunk in batches(sorted(keys), CHUNK_SIZE):
        rows = connection.execute(
            select(Identifier.key, Identifier.record_id)
            .where(Identifier.key.in_(chunk))
            .order_by(Identifier.record_id)
        )
        yield from ((row.key, row.record_id) for row in rows)


def _records(connection: Connection, ids: Iterable[int]) -> dict[int, FetchedRow]:
    found: dict[int, FetchedRow] = {}
    for chunk in batches(sorted(ids), CHUNK_SIZE):
        rows = connection.execute(
            select(Record.id, Record.number, Record.status, Record.warnings, Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(Record.id.in_(chunk))
        )
        found |= {row.id: row for row in rows}
    return found


def _write(
    connection: Connection,
    definition: RegisterDefinition,
    records: Mapping[int, FetchedRow],
    groups: Mapping[str, Sequence[int]],
    *,
    published: Collection[int],
) -> Doubts:
    """Write the doubts that have changed. Records that are not `published` now are looked at again too: watch lists have their doubts."""
    values = {record_id: json.loads(row.document) for record_id, row in records.items()}
    compared = {
        record_id: PlannedRecord(row.number, row.status, values[record_id])
        for record_id, row in records.items()
    }
    found: Doubts = {}
    issues: Doubts = {}
    changed = []
    for record_id, row in records.items():
        others = [
            compared[other] for other in _others(definition, record_id, values, groups) if other in records
        ]
        doubts = _doubts_of(definition, compared[record_id], others)
        found[record_id] = doubts
        if doubts == standing(definition, row.warnings):
            continue
        kept = [each for each in json.loads(row.warnings) if each["code"] not in codes(definition)]
        written = [*kept, *(doubt.as_json() for doubt in doubts)]
        changed.append({"record_id": record_id, "text": json.dumps(written, ensure_ascii=False)})
        issues[record_id] = tuple(Issue(str(each["code"]), str(each["field"])) for each in written)
    if changed:
        connection.execute(SET_WARNINGS, changed)
        write_warnings(connection, definition.slug, issues, new_ids=set())
        enqueue(connection, RECORD_TOPIC, sorted(issues.keys() - published))
    return found


def _others(
    definition: RegisterDefinition,
    record_id: int,
    values: Mapping[int, Mapping[str, Any]],
    groups: Mapping[str, Sequence[int]],
) -> list[int]:
    """The records that share a key with one, the oldest first."""
    return _sharing(near_double_keys(definition, values[record_id]), groups, record_id)


def _sharing(keys: Iterable[str], groups: Mapping[str, Collection[int]], record_id: int) -> list[int]:
    return sorted({other for key in keys for other in groups.get(key, ())} - {record_id})


def _doubts_of(
    definition: RegisterDefinition, own: PlannedRecord, others: Iterable[PlannedRecord]
) -> tuple[Issue, ...]:
    return tuple(
        Issue(kind.code, kind.field, {"number": other.number}, "warns")
        for kind, other in compare(definition, own, others)
    )
