"""Publishing: the one place that writes records. Record, entry, links and message in the caller's transaction.

It works on batches of one register, so that a sheet of 200,000 rows costs a handful of statements a chunk.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, select

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import RECORD_ID_COUNTER as RECORD_COUNTER
from registry.kit.record import Link, Record
from registry.ledger import canonical
from registry.ledger.model import ENTRY_ID_COUNTER as ENTRY_COUNTER
from registry.services.publication import numbering, record_columns
from registry.services.publication.batch_writer import Batch, write_batch
from registry.store import counters
from registry.store.base import FetchedRow

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
IMPORTED, AMENDED = "imported", "amended"

EXISTING_RECORDS = select(
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
)


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A checked document on its way to publication. `status` "": the sheet states none."""

    row: int
    key: str
    values: Mapping[str, Any]
    status: str
    number: str = ""  # a number to keep, well formed
    warnings: tuple[Issue, ...] = ()
    amendment_reason: str = ""  # reason of the entry where it amends, "" for the plain one


@dataclass(frozen=True, slots=True)
class PublishOutcome:
    """What became of a prepared document: created, updated, unchanged, or refused for `issue`."""

    row: int
    result: str
    issue: Issue | None = None
    status: str = ""  # of the record, after it


@dataclass(frozen=True, slots=True)
class Authority:
    """On whose decision an entry stands: role of the actor, legal basis (document number and article)."""

    role: str
    legal_basis: str = ""


def publish(
    connection: Connection,
    definition: RegisterDefinition,
    documents: Sequence[PreparedDocument],
    authority: Authority,
    reason: str = IMPORTED,
) -> list[PublishOutcome]:
    """Publish a batch of one register inside the caller's transaction.

    Natural keys must differ within the batch. A refused document leaves nothing behind. `reason`: of new records.
    """
    present = _existing_by_key(connection, definition, [each.key for each in documents])
    new = [each for each in documents if each.key not in present]
    numbers = numbering.assign_numbers(connection, definition, new)
    held = _pinned_by_link(connection, definition, present.values())
    ids = _reserve_ids(connection, new)
    batch, outcomes, moment = Batch(), [], clock.now()
    for each in documents:
        known = present.get(each.key)
        if known is None:
            outcomes.append(
                _create_record(
                    batch, definition, each, ids[each.key], numbers[each.key], moment, authority, reason
                )
            )
        else:
            outcomes.append(
                _change_record(
                    batch, definition, each, known, moment, authority, pinned_by_link=known.id in held
                )
            )
    write_batch(connection, definition, batch)
    return outcomes


def acquire_publish_lock(connection: Connection) -> None:
    """Wait until whoever publishes now has committed, and let others wait.

    For who reads first and then decides what to publish: what was read stays so until it is published.
    """
    counters.lock(connection, ENTRY_COUNTER)


def change_status(
    connection: Connection,
    definition: RegisterDefinition,
    record: FetchedRow,
    values: Mapping[str, Any],
    status: str,
    reason: str,
    authority: Authority,
) -> None:
    """One entry for a change of status that leaves the document as it is. `record`: a row of `PRESENT`."""
    batch = Batch()
    _add_version(
        batch, definition, record, None, values, record.document_hash, status, reason, clock.now(), authority
    )
    write_batch(connection, definition, batch)


def _existing_by_key(
    connection: Connection, definition: RegisterDefinition, keys: list[str]
) -> dict[str, FetchedRow]:
    rows = connection.execute(
        EXISTING_RECORDS.where(Record.register == definition.slug, Record.natural_key.in_(keys))
    )
    return {row.natural_key: row for row in rows}


def _pinned_by_link(
    connection: Connection, definition: RegisterDefinition, existing: Iterable[FetchedRow]
) -> set[int]:
    """Records in a state that a linked record has brought them to, as long as that one has not changed back."""
    found: set[int] = set()
    for rule in definition.life_cycle.linked_changes:
        ids = [row.id for row in existing if row.status == rule.after]
        if ids:
            ours, theirs = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
            brought = (Link.relation == rule.relation) & Record.status.in_(rule.when)
            rows = connection.execute(
                select(ours).join(Record, Record.id == theirs).where(ours.in_(ids), brought)
            )
            found |= {int(row[0] or 0) for row in rows}
    return found


def _reserve_ids(connection: Connection, new: Sequence[PreparedDocument]) -> dict[str, int]:
    if not new:
        return {}
    first = counters.take(connection, RECORD_COUNTER, len(new))
    return {each.key: first + place for place, each in enumerate(new)}


def _create_record(
    batch: Batch,
    definition: RegisterDefinition,
    document: PreparedDocument,
    record_id: int,
    assigned: numbering.AssignedNumber,
    moment: dt.datetime,
    authority: Authority,
    reason: str,
) -> PublishOutcome:
    status = document.status or definition.life_cycle.default_status
    warnings = document.warnings + assigned.warnings
    data = canonical.canonical_json(document.values)
    digest = canonical.document_hash(data)
    due = definition.life_cycle.next_date_change(status, document.values)
    batch.items[digest] = data.decode()
    batch.documents[record_id] = document.values
    batch.warnings[record_id] = warnings
    batch.new_records.append(
        {
            "id": record_id,
            "register": definition.slug,
            "number": assigned.number,
            "slug": record_columns.number_slug(assigned.number),
            "natural_key": document.key,
            "status": status,
            "status_since": moment.astimezone(clock.SHANGHAI).date(),
            "due_on": due[0] if due else None,
            "version": 1,
            "document_hash": digest,
            "warnings": _warnings_json(warnings),
            "page_version": 1,
            "index_version": 1,
            **record_columns.columns_of(definition, document.values),
        }
    )
    batch.entries.append(
        _entry_row(
            definition,
            record_id,
            assigned.number,
            1,
            digest,
            status,
            reason,
            moment,
            authority,
            document.values,
        )
    )
    return PublishOutcome(document.row, CREATED, status=status)


def _change_record(
    batch: Batch,
    definition: RegisterDefinition,
    document: PreparedDocument,
    existing: FetchedRow,
    moment: dt.datetime,
    authority: Authority,
    *,
    pinned_by_link: bool,
) -> PublishOutcome:
    step = next_status(definition, document, existing.status, moment, pinned_by_link=pinned_by_link)
    if isinstance(step, Issue):
        return PublishOutcome(document.row, REFUSED, step)
    status, reason = step
    reason = document.amendment_reason if document.amendment_reason and reason == AMENDED else reason
    warnings = document.warnings
    if document.number and document.number != existing.number:
        warnings = (*warnings, numbering.number_not_kept(document.number))
    data = canonical.canonical_json(document.values)
    digest = canonical.document_hash(data)
    if digest == existing.document_hash and status == existing.status:
        if _warnings_json(warnings) != existing.warnings:
            batch.warnings[existing.id] = warnings
            batch.updated_records.append(
                {"record_id": existing.id, "warnings": _warnings_json(warnings), "page_version": 1}
            )
        return PublishOutcome(document.row, UNCHANGED, status=status)
    batch.items[digest] = data.decode()
    batch.documents[existing.id] = document.values
    _add_version(
        batch, definition, existing, warnings, document.values, digest, status, reason, moment, authority
    )
    return PublishOutcome(document.row, UPDATED, status=status)


def next_status(
    definition: RegisterDefinition,
    document: PreparedDocument,
    current: str,
    moment: dt.datetime,
    *,
    pinned_by_link: bool = False,
) -> tuple[str, str] | Issue:
    """Status and reason of a record's next version, or the issue that the life cycle does not lead there.

    `held`: a linked record keeps it in its present state.
    """
    cycle = definition.life_cycle
    if document.status in ("", current):
        return current, AMENDED
    today = moment.astimezone(clock.SHANGHAI).date()
    if cycle.changed_by_date(document.status, current, document.values, today):
        return current, AMENDED  # an import never undoes what a date has ended
    if pinned_by_link and cycle.changed_by_link(document.status, current):
        return current, AMENDED  # nor what the end of a linked record has brought
    move = cycle.find_transition(current, document.status)
    if move is None:
        return Issue("not_a_transition", "status", {"before": current, "after": document.status})
    return document.status, move.name


def _add_version(
    batch: Batch,
    definition: RegisterDefinition,
    existing: FetchedRow,
    warnings: tuple[Issue, ...] | None,
    values: Mapping[str, Any],
    digest: str,
    status: str,
    reason: str,
    moment: dt.datetime,
    authority: Authority,
) -> None:
    """The next version of an existing record. `warnings` None: they stay as they are."""
    due = definition.life_cycle.next_date_change(status, values)
    columns = record_columns.columns_of(definition, values)
    if warnings is not None:
        batch.warnings[existing.id] = warnings
    if (columns["title_zh"], columns["title_en"], status) != (
        existing.title_zh,
        existing.title_en,
        existing.status,
    ):
        batch.retitled.add(existing.id)
    since = existing.status_since if status == existing.status else moment.astimezone(clock.SHANGHAI).date()
    batch.updated_records.append(
        {
            "record_id": existing.id,
            "status": status,
            "status_since": since,
            "due_on": due[0] if due else None,
            "version": existing.version + 1,
            "document_hash": digest,
            "warnings": existing.warnings if warnings is None else _warnings_json(warnings),
            "page_version": 1,
            "index_version": 1,
            **columns,
        }
    )
    batch.entries.append(
        _entry_row(
            definition,
            existing.id,
            existing.number,
            existing.version + 1,
            digest,
            status,
            reason,
            moment,
            authority,
            values,
        )
    )


def _entry_row(
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


def _warnings_json(warnings: tuple[Issue, ...]) -> str:
    return json.dumps([issue.as_json() for issue in warnings], ensure_ascii=False, default=str)
