"""The integrity check: whatever was published and changed behind the register's back shows here."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields, replace
from typing import Any

from sqlalchemy import Connection, select
from sqlalchemy.orm import aliased

from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.record import (
    MAX_KEY_LENGTH,
    MERGED,
    FormerKey,
    Identifier,
    Link,
    Record,
    StandingWarning,
    register_of,
)
from registry.kit.schema import FORMER_NUMBERS
from registry.ledger import canonical
from registry.ledger.model import ACTS, Entry, Item
from registry.ledger.sealing import log_size
from registry.reference.identifiers import register_numbers
from registry.registers import catalogue
from registry.services.auditing.days import check_days
from registry.services.bootstrap import Registry
from registry.services.operations.derived_tables_check import check_derived_tables
from registry.services.publication import record_columns, successions
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

BATCH_SIZE = 1000
Remaining = aliased(Record)
LEAF_FIELDS = (
    "register",
    "number",
    "version",
    "schema_version",
    "status",
    "reason",
    "legal_basis",
    "actor_role",
)


@dataclass(frozen=True, slots=True)
class _Derived:
    """What the tables beside the record hold of it."""

    identifiers: set[str] = field(default_factory=set)
    links: set[tuple[str, ...]] = field(default_factory=set)
    warnings: set[tuple[str, ...]] = field(default_factory=set)


def check_store(registry: Registry) -> Iterator[str]:
    """Check the whole store; yields what is wrong, one line each.

    Records are held against today's schema and what follows from their documents, documents against their hashes,
    entries against their leaves and their order, finished days of the audit log against their hashes; the tables that are worked
    out from records against what would be worked out now, once all else is sound: nothing follows from damaged records.
    """
    with read_transaction(registry.engine) as connection:
        is_sound = True
        for problem in _check_sources(connection):
            is_sound = False
            yield problem
        if is_sound:
            yield from check_derived_tables(connection)
        yield from check_days(connection)


def _check_sources(connection: Connection) -> Iterator[str]:
    """Records, documents, entries and the log."""
    yield from _check_records(connection)
    yield from _unresolved_links(connection)
    yield from _former_keys(connection)
    yield from _check_documents(connection)
    yield from _check_entries(connection)
    yield from _check_log(connection)


def _check_records(connection: Connection) -> Iterator[str]:
    last = 0
    while rows := connection.execute(
        select(
            *Record.__table__.c,
            Item.document,
            Entry.version.label("entry_version"),
            Entry.status.label("entry_status"),
            Entry.document_hash.label("entry_hash"),
            Entry.record_id.label("entry_of"),
            Remaining.register.label("remaining_register"),
        )
        .outerjoin(Remaining, Remaining.id == Record.merged_into_id)
        .outerjoin(Item, Item.hash == Record.document_hash)
        .outerjoin(Entry, Entry.id == Record.entry_id)
        .where(Record.id > last)
        .order_by(Record.id)
        .limit(BATCH_SIZE)
    ).all():
        stored = _stored_derivatives(connection, [row.id for row in rows])
        for row in rows:
            merged = row.register.startswith(MERGED)
            problems = _merged_problems if merged else _record_problems
            for problem in problems(row, stored[row.id]):
                yield f"{register_of(row.register)} {row.number}: {problem}"
        last = rows[-1].id


def _stored_derivatives(connection: Connection, record_ids: Sequence[int]) -> dict[int, _Derived]:
    stored = {record_id: _Derived() for record_id in record_ids}
    identifiers = select(Identifier.record_id, Identifier.key).where(Identifier.record_id.in_(record_ids))
    links = select(Link.from_id, Link.relation, Link.to_register, Link.to_key).where(
        Link.from_id.in_(record_ids)
    )
    warnings = select(StandingWarning.record_id, StandingWarning.field, StandingWarning.code).where(
        StandingWarning.record_id.in_(record_ids)
    )
    for record_id, key in connection.execute(identifiers):
        stored[record_id].identifiers.add(key)
    for record_id, *link in connection.execute(links):
        stored[record_id].links.add(tuple(link))
    for record_id, *warning in connection.execute(warnings):
        stored[record_id].warnings.add(tuple(warning))
    return stored


def _record_problems(row: FetchedRow, stored: _Derived) -> Iterator[str]:
    definition = catalogue().get(row.register)
    if definition is None:
        yield "belongs to no register of this program"
        return
    if (row.entry_of, row.entry_version, row.entry_status, row.entry_hash) != (
        row.id,
        row.version,
        row.status,
        row.document_hash,
    ):
        yield "record and latest entry disagree"
    if not definition.life_cycle.has_state(row.status):
        yield f"unknown status {row.status}"
    if definition.numbering.prefix and register_numbers.error_code(row.number):
        yield "the number's check character is wrong"
    if row.document is None:
        yield "its document is missing"
        return
    values = _parse_document(row.document)
    if values is not None:  # else said of the document
        yield from _document_problems(definition, row, values, stored)


def _merged_problems(row: FetchedRow, stored: _Derived) -> Iterator[str]:
    """What is wrong with a record that was merged: it has its entries and its last document, and nothing else."""
    if (row.entry_of, row.entry_version, row.entry_hash) != (row.id, row.version, row.document_hash):
        yield "record and latest entry disagree"
    if row.document is None:
        yield "its document is missing"
    if row.remaining_register != register_of(row.register):
        yield "it is not merged into a record of its register"
    if (
        stored != _Derived()
        or row.natural_key != f"#{row.id}"
        or row.holder_id
        or row.issuer_id
        or row.due_on
    ):
        yield "something is kept of it beside the log"


def _former_keys(connection: Connection) -> Iterator[str]:
    """Former keys name records that stand in the register, and no record has them now."""
    holder = aliased(Record)
    rows = connection.execute(
        select(
            FormerKey.register, FormerKey.natural_key, Record.register.label("of"), holder.id.label("has_it")
        )
        .outerjoin(Record, Record.id == FormerKey.record_id)
        .outerjoin(
            holder,
            (holder.register == FormerKey.register) & (holder.natural_key == FormerKey.natural_key),
        )
    )
    for row in rows:
        if row.of != row.register or row.has_it is not None:
            yield f"{row.register}: the former key {row.natural_key} does not name a record"


def _document_problems(
    definition: RegisterDefinition, row: FetchedRow, values: Mapping[str, Any], stored: _Derived
) -> Iterator[str]:
    loaded = definition.schema.load_values(values, complete=False)
    for name in sorted(loaded.refused_fields):
        yield f"{name} does not fit today's schema"
    if loaded.values != values and not loaded.refused_fields:
        yield "the document changes when it is read again"
    try:
        key = definition.key.compute(values)[:MAX_KEY_LENGTH]
    except KeyMissing:
        key = ""
    if key != row.natural_key:
        yield "natural key and document disagree"
    columns = record_columns.columns_of(definition, values) | {"slug": record_columns.number_slug(row.number)}
    for name, expected in columns.items():
        if getattr(row, name) != expected:
            yield f"{name} and document disagree"
    if definition.life_cycle.has_state(row.status):
        change = definition.life_cycle.next_date_change(row.status, values)
        due = change[0] if change else None
        days = (day for rule in definition.cautions if rule.days for day in rule.days(values))
        if row.due_on != due and (row.due_on not in days or (due is not None and row.due_on > due)):
            yield "due_on and document disagree"
    expected_derived = _Derived(
        identifiers=record_columns.identifier_keys(definition, row.number, values)
        | successions.subject_keys(definition, values),
        links={
            tuple(link)
            for link in record_columns.link_keys(definition, values)
            if link.relation not in successions.relations(definition)
        },
        warnings={(issue["field"][:60], issue["code"][:60]) for issue in json.loads(row.warnings)},
    )
    of_others = {link for link in stored.links if link[0] in successions.relations(definition)}
    stored = replace(stored, links=stored.links - of_others)  # they follow from other records as well
    for part in fields(_Derived):
        if getattr(stored, part.name) != getattr(expected_derived, part.name):
            yield f"{part.name} and record disagree"


def _parse_document(document: str) -> Mapping[str, Any] | None:
    """The values of a document, None for what is no JSON object."""
    try:
        values = json.loads(document)
    except ValueError:
        return None
    return values if isinstance(values, dict) else None


def _check_documents(connection: Connection) -> Iterator[str]:
    """Every document that was ever published, the past ones too."""
    last = ""
    while rows := connection.execute(
        select(Item.hash, Item.document).where(Item.hash > last).order_by(Item.hash).limit(BATCH_SIZE)
    ).all():
        for row in rows:
            values = _parse_document(row.document)
            if values is None or canonical.document_hash(canonical.canonical_json(values)) != row.hash:
                yield f"document {row.hash}: does not have the hash it is kept under"
        last = rows[-1].hash


def _check_entries(connection: Connection) -> Iterator[str]:
    """Every entry: its record, its document, its position among the versions, and its leaf once it is sealed."""
    record_id = version = 0
    while rows := connection.execute(
        select(
            *Entry.__table__.c,
            Record.register.label("of_register"),
            Record.number.label("of_number"),
            Record.document_hash.label("of_document"),
            Item.hash.label("item_hash"),
        )
        .outerjoin(Record, Record.id == Entry.record_id)
        .outerjoin(Item, Item.hash == Entry.document_hash)
        .where((Entry.record_id > record_id) | ((Entry.record_id == record_id) & (Entry.version > version)))
        .order_by(Entry.record_id, Entry.version)
        .limit(BATCH_SIZE)
    ).all():
        for row in rows:
            expected = version + 1 if row.record_id == record_id else 1
            renumbered = row.of_number not in (None, row.number)
            known = _former_numbers(connection, row.of_document) if renumbered else ()
            for problem in _entry_problems(row, expected, known):
                yield f"{row.register} {row.number}, version {row.version}: {problem}"
            record_id, version = row.record_id, row.version


def _former_numbers(connection: Connection, digest: str) -> Sequence[str]:
    """The numbers that a record had before, by the hash of its document."""
    document = connection.execute(select(Item.document).where(Item.hash == digest)).scalar()
    found = (_parse_document(document or "") or {}).get(FORMER_NUMBERS)
    return found if isinstance(found, list) else ()


def _entry_problems(row: FetchedRow, version: int, former_numbers: Sequence[str]) -> Iterator[str]:
    if row.version != version:
        yield f"version {version} is missing"
    of_record = (None, None) if row.register in ACTS else (row.register, row.number)
    number = row.number if row.number in former_numbers else row.of_number
    if (row.of_register and register_of(row.of_register), number) != of_record:
        yield "entry and record disagree"
    if row.item_hash is None:
        yield "its document is missing"
    if row.log_index is None:
        return
    facts = {name: getattr(row, name) for name in LEAF_FIELDS}
    leaf = canonical.LogLeaf(**facts, recorded_at=row.recorded_at, document_hash=row.document_hash).encode()
    if canonical.leaf_hash(leaf) != row.leaf_hash:
        yield "the entry does not have the leaf hash it was sealed with"


def _unresolved_links(connection: Connection) -> Iterator[str]:
    pending = select(Link.from_id, Link.to_register, Link.to_key).join(
        Record, (Record.register == Link.to_register) & (Record.natural_key == Link.to_key)
    )
    pending = pending.where(Link.to_id.is_(None), Link.from_id != Record.id)
    for row in connection.execute(pending.limit(BATCH_SIZE)):
        yield f"record {row.from_id}: link to {row.to_register} {row.to_key} was not resolved"


def _check_log(connection: Connection) -> Iterator[str]:
    """The log: indexes 0, 1, 2 … without a gap, as many as have been given."""
    indexes = connection.execute(
        select(Entry.index).where(Entry.index.is_not(None)).order_by(Entry.index)
    ).scalars()
    size = 0
    for index in indexes:
        if index != size:
            yield f"log: index {size} is missing"
            return
        size += 1
    if size != log_size(connection):
        yield f"log: {size} entries are sealed, but {log_size(connection)} indexes have been given"
