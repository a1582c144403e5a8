"""Publishing: the one place that writes records. Record, entry, links and message in the caller's transaction.

It works on batches of one register, so that a sheet of 200,000 rows costs a handful of statements a chunk.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import Connection, bindparam, delete, insert, select, update
from sqlalchemy.dialects import postgresql, sqlite

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import COUNTER as RECORD_COUNTER
from registry.kit.record import DEMO, Identifier, Link, Record, Warned
from registry.ledger import canonical
from registry.ledger.model import COUNTER as ENTRY_COUNTER
from registry.ledger.model import Entry, Item
from registry.outbox.model import RECORD, announce
from registry.services import linking, numbering, spine
from registry.store import counters
from registry.store.base import Fetched

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
IMPORTED, AMENDED = "imported", "amended"

PRESENT = select(
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
    Record.shown,
    Record.search_stamp,
)
REWRITE = update(Record.__table__).where(Record.__table__.c.id == bindparam("record_id"))  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked document on its way to publication. `status` "": the sheet states none."""

    row: int
    key: str
    values: Mapping[str, Any]
    status: str
    number: str = ""  # a number to keep, well formed
    warnings: tuple[Issue, ...] = ()


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of a prepared document: created, updated, unchanged, or refused for `issue`."""

    row: int
    result: str
    issue: Issue | None = None


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose decision an entry stands: role of the actor, legal basis (document number and article)."""

    role: str
    legal_basis: str = ""


@dataclass(slots=True)
class Batch:
    """Statements' parameters gathered for one round; `records` are new ones, `rewritten` existing ones."""

    records: list[dict[str, Any]] = field(default_factory=list)
    rewritten: list[dict[str, Any]] = field(default_factory=list)
    documents: dict[int, Mapping[str, Any]] = field(default_factory=dict)  # record id → values, where new
    items: dict[str, str] = field(default_factory=dict)
    entries: list[dict[str, Any]] = field(default_factory=list)
    warnings: dict[int, tuple[Issue, ...]] = field(default_factory=dict)
    retitled: set[int] = field(
        default_factory=set
    )  # title or status changed: pages that name them change too


def publish(
    work: Connection, definition: RegisterDefinition, prepared: Sequence[Prepared], authority: Authority
) -> list[Outcome]:
    """Publish a batch of one register inside the caller's transaction.

    Natural keys must differ within the batch. A refused document leaves nothing behind.
    """
    present = _present(work, definition, [each.key for each in prepared])
    new = [each for each in prepared if each.key not in present]
    numbers = numbering.assign(work, definition, new)
    ids = _ids(work, new)
    batch, outcomes, moment = Batch(), [], clock.now()
    for each in prepared:
        known = present.get(each.key)
        if known is None:
            outcomes.append(
                _create(batch, definition, each, ids[each.key], numbers[each.key], moment, authority)
            )
        else:
            outcomes.append(_change(batch, definition, each, known, moment, authority))
    _store(work, definition, batch)
    return outcomes


def change_status(
    work: Connection,
    definition: RegisterDefinition,
    record: Fetched,
    values: Mapping[str, Any],
    status: str,
    reason: str,
    authority: Authority,
) -> None:
    """One entry for a change of status that leaves the document as it is. `record`: a row of `PRESENT`."""
    batch = Batch()
    _rewrite(
        batch, definition, record, None, values, record.document_hash, status, reason, clock.now(), authority
    )
    _store(work, definition, batch)


def _present(work: Connection, definition: RegisterDefinition, keys: list[str]) -> dict[str, Fetched]:
    rows = work.execute(PRESENT.where(Record.register == definition.slug, Record.natural_key.in_(keys)))
    return {row.natural_key: row for row in rows}


def _ids(work: Connection, new: Sequence[Prepared]) -> dict[str, int]:
    if not new:
        return {}
    first = counters.take(work, RECORD_COUNTER, len(new))
    return {each.key: first + place for place, each in enumerate(new)}


def _create(
    batch: Batch,
    definition: RegisterDefinition,
    each: Prepared,
    record_id: int,
    given: numbering.Assigned,
    moment: dt.datetime,
    authority: Authority,
) -> Outcome:
    status = each.status or definition.life_cycle.default
    warnings = each.warnings + given.warnings
    data = canonical.canonical(each.values)
    digest = canonical.document_hash(data)
    due = definition.life_cycle.due_change(status, each.values)
    batch.items[digest] = data.decode()
    batch.documents[record_id] = each.values
    batch.warnings[record_id] = warnings
    batch.records.append(
        {
            "id": record_id,
            "register": definition.slug,
            "number": given.number,
            "slug": spine.slug_of(given.number),
            "natural_key": each.key,
            "status": status,
            "status_since": moment.astimezone(clock.SHANGHAI).date(),
            "due_on": due[0] if due else None,
            "version": 1,
            "document_hash": digest,
            "warnings": _as_json(warnings),
            "shown": 1,
            "search_stamp": 1,
            **spine.columns(definition, each.values),
        }
    )
    batch.entries.append(
        _entry(
            definition, record_id, given.number, 1, digest, status, IMPORTED, moment, authority, each.values
        )
    )
    return Outcome(each.row, CREATED)


def _change(
    batch: Batch,
    definition: RegisterDefinition,
    each: Prepared,
    known: Fetched,
    moment: dt.datetime,
    authority: Authority,
) -> Outcome:
    status, reason = known.status, AMENDED
    cycle = definition.life_cycle
    if each.status and each.status != known.status:
        today = moment.astimezone(clock.SHANGHAI).date()
        move = cycle.move(known.status, each.status)
        if cycle.ended_by_date(each.status, known.status, each.values, today):
            pass  # an import never undoes what a date has ended
        elif move is None:
            states = {"before": known.status, "after": each.status}
            return Outcome(each.row, REFUSED, Issue("not_a_transition", "status", states))
        else:
            status, reason = each.status, move.name
    warnings = each.warnings
    if each.number and each.number != known.number:
        warnings = (*warnings, numbering.not_kept(each.number))
    data = canonical.canonical(each.values)
    digest = canonical.document_hash(data)
    if digest == known.document_hash and status == known.status:
        if _as_json(warnings) != known.warnings:
            batch.warnings[known.id] = warnings
            batch.rewritten.append(
                {"record_id": known.id, "warnings": _as_json(warnings), "shown": known.shown + 1}
            )
        return Outcome(each.row, UNCHANGED)
    batch.items[digest] = data.decode()
    batch.documents[known.id] = each.values
    _rewrite(batch, definition, known, warnings, each.values, digest, status, reason, moment, authority)
    return Outcome(each.row, UPDATED)


def _rewrite(
    batch: Batch,
    definition: RegisterDefinition,
    known: Fetched,
    warnings: tuple[Issue, ...] | None,
    values: Mapping[str, Any],
    digest: str,
    status: str,
    reason: str,
    moment: dt.datetime,
    authority: Authority,
) -> None:
    """The next version of an existing record. `warnings` None: they stay as they are."""
    due = definition.life_cycle.due_change(status, values)
    columns = spine.columns(definition, values)
    if warnings is not None:
        batch.warnings[known.id] = warnings
    if (columns["title_zh"], columns["title_en"], status) != (known.title_zh, known.title_en, known.status):
        batch.retitled.add(known.id)
    since = known.status_since if status == known.status else moment.astimezone(clock.SHANGHAI).date()
    batch.rewritten.append(
        {
            "record_id": known.id,
            "status": status,
            "status_since": since,
            "due_on": due[0] if due else None,
            "version": known.version + 1,
            "document_hash": digest,
            "warnings": known.warnings if warnings is None else _as_json(warnings),
            "shown": known.shown + 1,
            "search_stamp": known.search_stamp + 1,
            **columns,
        }
    )
    batch.entries.append(
        _entry(
            definition,
            known.id,
            known.number,
            known.version + 1,
            digest,
            status,
            reason,
            moment,
            authority,
            values,
        )
    )


def _entry(
    definition: RegisterDefinition,
    record_id: int,
    number: str,
    version: int,
    digest: str,
    status: str,
    reason: str,
    moment: dt.datetime,
    authority: Authority,
    values: Mapping[str, Any],
) -> dict[str, Any]:
    return {
        "record_id": record_id,
        "version": version,
        "register": definition.slug,
        "number": number,
        "document_hash": digest,
        "status": status,
        "reason": reason,
        "legal_basis": authority.legal_basis or str(values.get("legal_basis") or ""),
        "actor_role": authority.role,
        "schema_version": definition.schema.version,
        "recorded_at": moment,
    }


def _as_json(warnings: tuple[Issue, ...]) -> str:
    return json.dumps([issue.as_json() for issue in warnings], ensure_ascii=False, default=str)


def _store(work: Connection, definition: RegisterDefinition, batch: Batch) -> None:
    """Run the batch: items, records, entries, what hangs on them, and one message for each changed record."""
    new_ids = [row["id"] for row in batch.records]
    changed_ids = [row["record_id"] for row in batch.rewritten if "document_hash" in row]
    number_of = {row["record_id"]: row["number"] for row in batch.entries}
    if batch.entries:
        first = counters.take(work, ENTRY_COUNTER, len(batch.entries))
        entry_of = {}
        for place, entry in enumerate(batch.entries, start=first):
            entry["id"] = place
            entry_of[entry["record_id"]] = place
        for row in batch.records:
            row["entry_id"] = entry_of[row["id"]]
        for row in batch.rewritten:
            if row["record_id"] in entry_of:
                row["entry_id"] = entry_of[row["record_id"]]
        _insert_items(work, batch.items)
    redrawn = [record_id for record_id in changed_ids if record_id in batch.documents]
    left: set[int] = set()
    if redrawn:
        ends = work.execute(select(Link.to_id).where(Link.from_id.in_(redrawn))).scalars()
        left = {end for end in ends if end is not None}
        work.execute(delete(Identifier).where(Identifier.record_id.in_(redrawn)))
        work.execute(delete(Link).where(Link.from_id.in_(redrawn)))
    links = {
        record_id: list(spine.link_keys(definition, values)) for record_id, values in batch.documents.items()
    }
    targets = linking.targets(work, {link for found in links.values() for link in found})
    for row in (*batch.records, *batch.rewritten):
        record_id = row.get("id") or row["record_id"]
        if record_id in links:
            row.update(linking.parties(definition, links[record_id], targets))
    if batch.records:
        work.execute(insert(Record), batch.records)
    if any(row.get("demo") for row in (*batch.records, *batch.rewritten)):
        counters.raise_to(work, DEMO, 1)
    _rewrite_rows(work, batch.rewritten)
    if batch.entries:
        work.execute(insert(Entry), batch.entries)
    identifiers = [
        {"record_id": record_id, "key": key}
        for record_id, values in batch.documents.items()
        for key in spine.identifier_keys(definition, number_of[record_id], values)
    ]
    if identifiers:
        work.execute(insert(Identifier), identifiers)
    _store_warnings(work, definition.slug, batch.warnings, fresh=set(new_ids))
    linking.store(work, definition, links, targets)
    if batch.records:
        linking.arrived(work, definition, {row["natural_key"]: row["id"] for row in batch.records})
    linking.touch(work, touched=left | set(targets.values()), retitled=batch.retitled)
    announce(work, RECORD, [*new_ids, *changed_ids])


def _rewrite_rows(work: Connection, rows: list[dict[str, Any]]) -> None:
    """Update existing records; rows with the same columns share one statement."""
    shapes: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        shapes.setdefault(tuple(sorted(row)), []).append(row)
    for names, alike in shapes.items():
        statement = REWRITE.values({name: bindparam(name) for name in names if name != "record_id"})
        work.execute(statement, alike)


def _insert_items(work: Connection, items: Mapping[str, str]) -> None:
    if not items:  # a change of status leaves the document as it is
        return
    dialect = postgresql if work.dialect.name == "postgresql" else sqlite
    work.execute(
        dialect.insert(Item).on_conflict_do_nothing(),
        [{"hash": digest, "document": document} for digest, document in items.items()],
    )


def _store_warnings(
    work: Connection, register: str, warnings: Mapping[int, tuple[Issue, ...]], fresh: set[int]
) -> None:
    known = [record_id for record_id in warnings if record_id not in fresh]
    if known:
        work.execute(delete(Warned).where(Warned.record_id.in_(known)))
    rows = {
        (record_id, issue.field[:60], issue.code[:60])
        for record_id, issues in warnings.items()
        for issue in issues
    }
    if rows:
        work.execute(
            insert(Warned),
            [
                {"record_id": record_id, "field": name, "code": code, "register": register}
                for record_id, name, code in sorted(rows)
            ],
        )
