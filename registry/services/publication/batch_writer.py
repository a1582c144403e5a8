"""Next versions of records, gathered into a batch and written by a handful of statements, in the caller's transaction."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from sqlalchemy import Connection, bindparam, delete, select, update

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import DEMO_FLAG, Identifier, Link, Record, StandingWarning
from registry.ledger.model import ENTRY_ID_COUNTER, Entry, Item
from registry.outbox.model import RECORD_TOPIC, enqueue
from registry.services.publication import (
    caution_links,
    lasting_links,
    link_resolution,
    record_columns,
    successions,
)
from registry.store import counters
from registry.store.base import FetchedRow
from registry.store.insertion import insert_rows
from registry.store.state import FLAG_SET, write_state

INCREMENTED_COLUMNS = (
    "page_version",
    "index_version",
)  # given as steps, added by the database: two writers never reach one value
UPDATE_RECORD = update(Record.__table__).where(Record.__table__.c.id == bindparam("record_id"))  # type: ignore[arg-type]


@dataclass(slots=True)
class Batch:
    """The rows of one publication, gathered so that each statement runs once."""

    new_records: list[dict[str, Any]] = field(default_factory=list)
    updated_records: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[int, Mapping[str, Any]] = field(default_factory=dict)  # record id → values, where new
    items: dict[str, str] = field(default_factory=dict)  # hash → document
    entries: list[dict[str, Any]] = field(default_factory=list)
    warnings: dict[int, tuple[Issue, ...]] = field(default_factory=dict)
    older: set[int] = field(
        default_factory=set
    )  # records whose place those of the batch, or others, have taken
    rekeyed: dict[str, int] = field(default_factory=dict)  # new natural key → record id
    retitled: set[int] = field(default_factory=set)  # what other pages show of them has changed
    corrected: dict[int, Mapping[str, Any]] = field(
        default_factory=dict
    )  # record id → values before, where a wrong fact was corrected


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose decision an entry stands: role of the actor, legal basis (document number and article)."""

    role: str
    legal_basis: str = ""


class Change(NamedTuple):
    """The next version of a record: what it says, when it is recorded, and on whose decision.

    `since`: the day since which the record is in a status that is new to it, None for the day of the entry.
    """

    definition: RegisterDefinition
    values: Mapping[str, Any]
    digest: str  # SHA-256 of the document's canonical JSON, in hex
    status: str
    reason: str
    moment: dt.datetime
    authority: Authority
    legal_basis: str  # as the document states it; that of the authority goes before
    key: str = ""  # natural key of the record from now on, "" for the one that it has
    since: dt.date | None = None

    @property
    def day(self) -> dt.date:
        return clock.day_of(self.moment)

    @property
    def due_on(self) -> dt.date | None:
        return self.definition.next_day_of_change(self.status, self.values, self.day)


def add_version(
    batch: Batch, existing: FetchedRow, change: Change, warnings: tuple[Issue, ...] | None
) -> None:
    """The next version of an existing record. `warnings` None: they stay as they are."""
    columns = record_columns.columns_of(change.definition, change.values)
    if warnings is not None:
        batch.warnings[existing.id] = warnings
    if (columns["title_zh"], columns["title_en"], columns["region_code"], change.status) != (
        existing.title_zh,
        existing.title_en,
        existing.region_code,  # the region of the records that it holds and that state none
        existing.status,
    ) or (
        change.digest != existing.document_hash
        and caution_links.is_read(change.definition.slug, change.status)
    ):
        batch.retitled.add(existing.id)
    number = number_after(change.definition, existing, change.values, change.key)
    if change.key and change.key != existing.natural_key:
        columns["natural_key"] = change.key
        batch.rekeyed[change.key] = existing.id
    if number != existing.number:
        columns |= {"number": number, "slug": record_columns.number_slug(number)}
        batch.retitled.add(existing.id)
    batch.updated_records.append(
        {
            "record_id": existing.id,
            "status": change.status,
            "status_since": existing.status_since
            if change.status == existing.status
            else change.since or change.day,
            "due_on": change.due_on,
            "version": existing.version + 1,
            "document_hash": change.digest,
            "warnings": existing.warnings if warnings is None else warnings_json(warnings),
            "page_version": 1,
            "index_version": 1,
            **columns,
        }
    )
    batch.entries.append(entry_row(existing.id, number, existing.version + 1, change))


def number_after(
    definition: RegisterDefinition, existing: FetchedRow, values: Mapping[str, Any], key: str
) -> str:
    """The number of a record from now on: another one where it is made of a key that has been corrected."""
    if definition.numbering.derive and key not in ("", existing.natural_key):
        return definition.numbering.derive(values)
    return str(existing.number)


def entry_row(record_id: int, number: str, version: int, change: Change) -> dict[str, Any]:
    """Return the entry of a version, as a batch takes it."""
    return {
        "record_id": record_id,
        "version": version,
        "register": change.definition.slug,
        "number": number,
        "document_hash": change.digest,
        "status": change.status,
        "reason": change.reason,
        "legal_basis": change.authority.legal_basis or change.legal_basis,
        "actor_role": change.authority.role,
        "schema_version": change.definition.schema.version,
        "recorded_at": change.moment,
    }


def warnings_json(warnings: tuple[Issue, ...]) -> str:
    if not warnings:  # as most records
        return "[]"
    return json.dumps([issue.as_json() for issue in warnings], ensure_ascii=False, default=str)


def write_batch(connection: Connection, definition: RegisterDefinition, batch: Batch) -> None:
    """Write a batch: items, records, entries, what hangs on them, and one message for each changed record."""
    new_ids = [row["id"] for row in batch.new_records]
    changed_ids = [row["record_id"] for row in batch.updated_records if "document_hash" in row]
    if batch.entries:
        _number_entries(connection, batch)
        items = [{"hash": digest, "document": document} for digest, document in batch.items.items()]
        insert_rows(
            connection, Item, items, skip_known=True
        )  # a change of status leaves the document as it is
    held_before = _held_before(connection, definition, changed_ids)
    links = {
        record_id: list(record_columns.link_keys(definition, values))
        for record_id, values in batch.documents.items()
    }
    lasting_links.add_those_of_entries(definition, links, batch.entries)
    rewritten = [each for each in changed_ids if each in batch.documents]
    lasting_links.delete_corrected(connection, definition, links, batch.corrected)
    unlinked = _delete_derived(connection, definition, rewritten)
    lasting_links.leave_out_kept(connection, definition, links, rewritten)
    targets = link_resolution.find_targets(
        connection, {link for of_record in links.values() for link in of_record}
    )
    for row in (*batch.new_records, *batch.updated_records):
        record_id = row.get("id") or row["record_id"]
        if record_id in links:
            row.update(link_resolution.party_columns(definition, links[record_id], targets))
    insert_rows(connection, Record, batch.new_records)
    if any(row.get("demo") for row in (*batch.new_records, *batch.updated_records)):
        write_state(connection, DEMO_FLAG, FLAG_SET)
    _update_records(connection, batch.updated_records)
    insert_rows(connection, Entry, batch.entries)
    identifiers = _insert_identifiers(connection, definition, batch)
    write_warnings(connection, definition.slug, batch.warnings, new_ids=set(new_ids))
    link_resolution.write_links(connection, definition, links, targets)
    new = {row["natural_key"]: row["id"] for row in batch.new_records} | batch.rekeyed
    if link_resolution.is_found_by_identifier(definition.slug):
        new = identifiers | new
    if new:
        link_resolution.resolve_pending_links(connection, definition, new)
    batch.older = successions.link_results(connection, definition, batch.documents)
    link_resolution.bump_page_versions(
        connection, touched=unlinked | set(targets.values()), retitled=batch.retitled
    )
    link_resolution.bump_shown_records(connection, _holders_to_show(definition, batch, held_before))
    enqueue(connection, RECORD_TOPIC, [*new_ids, *changed_ids])


def _held_before(
    connection: Connection, definition: RegisterDefinition, record_ids: list[int]
) -> dict[int, FetchedRow]:
    """Read holder and status of records as they are, by id; none of a register whose records have no holder."""
    if definition.holder is None or not record_ids:
        return {}
    rows = connection.execute(
        select(Record.id, Record.holder_id, Record.status).where(Record.id.in_(record_ids))
    )
    return {row.id: row for row in rows}


def _holders_to_show(
    definition: RegisterDefinition, batch: Batch, held_before: Mapping[int, FetchedRow]
) -> set[int]:
    """Return the holders of which a record is in force now and was not, or no longer is: search filters them by it."""

    def is_in_force(status: str) -> bool:
        return definition.life_cycle.state(status).standing == "in_force"

    if definition.holder is None:
        return set()
    before = {(row.id, row.holder_id) for row in held_before.values() if is_in_force(row.status)}
    now = {(row["id"], row.get("holder_id")) for row in batch.new_records if is_in_force(row["status"])}
    now |= {
        (row["record_id"], row.get("holder_id", held_before[row["record_id"]].holder_id))
        for row in batch.updated_records
        if row["record_id"] in held_before and is_in_force(row["status"])
    }
    return {holder for _record, holder in before ^ now if holder is not None}


def _number_entries(connection: Connection, batch: Batch) -> None:
    """Give the entries their ids, and the records that of their latest entry."""
    first = counters.take(connection, ENTRY_ID_COUNTER, len(batch.entries))
    entry_of = {}
    for entry_id, entry in enumerate(batch.entries, start=first):
        entry["id"] = entry_id
        entry_of[entry["record_id"]] = entry_id
    for row in batch.new_records:
        row["entry_id"] = entry_of[row["id"]]
    for row in batch.updated_records:
        if row["record_id"] in entry_of:
            row["entry_id"] = entry_of[row["record_id"]]


def _delete_derived(
    connection: Connection, definition: RegisterDefinition, record_ids: list[int]
) -> set[int]:
    """Delete identifiers and links of records with a new document, but lasting ones; returns the ids of the records linked to."""
    if not record_ids:
        return set()
    ends = connection.execute(select(Link.to_id).where(Link.from_id.in_(record_ids))).scalars()
    unlinked = {end for end in ends if end is not None}
    connection.execute(delete(Identifier).where(Identifier.record_id.in_(record_ids)))
    lasting = record_columns.lasting_relations(definition.slug)
    connection.execute(delete(Link).where(Link.from_id.in_(record_ids), Link.relation.not_in(lasting)))
    return unlinked


def _insert_identifiers(
    connection: Connection, definition: RegisterDefinition, batch: Batch
) -> dict[str, int]:
    """Insert the identifiers of records with a new document; returns key → id of the record."""
    number_of = {row["record_id"]: row["number"] for row in batch.entries}
    identifiers: list[dict[str, Any]] = [
        {"record_id": record_id, "key": key}
        for record_id, values in batch.documents.items()
        for key in (
            *record_columns.identifier_keys(definition, number_of[record_id], values),
            *successions.subject_keys(definition, values),
        )
    ]
    insert_rows(connection, Identifier, identifiers)
    return {row["key"]: row["record_id"] for row in reversed(identifiers)}


def _update_records(connection: Connection, rows: list[dict[str, Any]]) -> None:
    """Update existing records; rows with the same columns share one statement."""
    by_columns: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        by_columns.setdefault(tuple(sorted(row)), []).append(row)
    for names, alike in by_columns.items():
        columns = Record.__table__.c
        statement = UPDATE_RECORD.values(
            {
                name: columns[name] + bindparam(name) if name in INCREMENTED_COLUMNS else bindparam(name)
                for name in names
                if name != "record_id"
            }
        )
        connection.execute(statement, alike)


def write_warnings(
    connection: Connection, register: str, warnings: Mapping[int, tuple[Issue, ...]], new_ids: set[int]
) -> None:
    """Write the table of standing warnings for records (id → warnings) that have others now."""
    existing = [record_id for record_id in warnings if record_id not in new_ids]
    if existing:
        connection.execute(delete(StandingWarning).where(StandingWarning.record_id.in_(existing)))
    rows = {
        (record_id, issue.field[:60], issue.code[:60])
        for record_id, issues in warnings.items()
        for issue in issues
    }
    found = [
        {"record_id": record_id, "field": name, "code": code, "register": register}
        for record_id, name, code in sorted(rows)
    ]
    insert_rows(connection, StandingWarning, found)
