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
from registry.kit.record import COUNTER as RECORD_COUNTER
from registry.kit.record import Link, Record
from registry.ledger import canonical
from registry.ledger.model import COUNTER as ENTRY_COUNTER
from registry.services.publication import numbering, record_columns
from registry.services.publication.batch_writer import Batch, store
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
)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A checked document on its way to publication. `status` "": the sheet states none."""

    row: int
    key: str
    values: Mapping[str, Any]
    status: str
    number: str = ""  # a number to keep, well formed
    warnings: tuple[Issue, ...] = ()
    why: str = ""  # reason of the entry where it amends, "" for the plain one


@dataclass(frozen=True, slots=True)
class Outcome:
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
    prepared: Sequence[Prepared],
    authority: Authority,
    reason: str = IMPORTED,
) -> list[Outcome]:
    """Publish a batch of one register inside the caller's transaction.

    Natural keys must differ within the batch. A refused document leaves nothing behind. `reason`: of new records.
    """
    present = _present(connection, definition, [each.key for each in prepared])
    new = [each for each in prepared if each.key not in present]
    numbers = numbering.assign(connection, definition, new)
    held = _held(connection, definition, present.values())
    ids = _ids(connection, new)
    batch, outcomes, moment = Batch(), [], clock.now()
    for each in prepared:
        known = present.get(each.key)
        if known is None:
            outcomes.append(
                _create(batch, definition, each, ids[each.key], numbers[each.key], moment, authority, reason)
            )
        else:
            outcomes.append(_change(batch, definition, each, known, moment, authority, held=known.id in held))
    store(connection, definition, batch)
    return outcomes


def wait_for_others(connection: Connection) -> None:
    """Wait until whoever publishes now has committed, and let others wait.

    For who reads first and then decides what to publish: what was read stays so until it is published.
    """
    counters.lock(connection, ENTRY_COUNTER)


def change_status(
    connection: Connection,
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
    store(connection, definition, batch)


def _present(connection: Connection, definition: RegisterDefinition, keys: list[str]) -> dict[str, Fetched]:
    rows = connection.execute(PRESENT.where(Record.register == definition.slug, Record.natural_key.in_(keys)))
    return {row.natural_key: row for row in rows}


def _held(connection: Connection, definition: RegisterDefinition, present: Iterable[Fetched]) -> set[int]:
    """Records in a state that a linked record has brought them to, as long as that one has not changed back."""
    found: set[int] = set()
    for rule in definition.life_cycle.follows:
        ids = [row.id for row in present if row.status == rule.after]
        if ids:
            ours, theirs = (Link.to_id, Link.from_id) if rule.incoming else (Link.from_id, Link.to_id)
            brought = (Link.relation == rule.relation) & Record.status.in_(rule.when)
            rows = connection.execute(
                select(ours).join(Record, Record.id == theirs).where(ours.in_(ids), brought)
            )
            found |= {int(row[0] or 0) for row in rows}
    return found


def _ids(connection: Connection, new: Sequence[Prepared]) -> dict[str, int]:
    if not new:
        return {}
    first = counters.take(connection, RECORD_COUNTER, len(new))
    return {each.key: first + place for place, each in enumerate(new)}


def _create(
    batch: Batch,
    definition: RegisterDefinition,
    each: Prepared,
    record_id: int,
    given: numbering.Assigned,
    moment: dt.datetime,
    authority: Authority,
    reason: str,
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
            "slug": record_columns.slug_of(given.number),
            "natural_key": each.key,
            "status": status,
            "status_since": moment.astimezone(clock.SHANGHAI).date(),
            "due_on": due[0] if due else None,
            "version": 1,
            "document_hash": digest,
            "warnings": _as_json(warnings),
            "page_version": 1,
            "index_version": 1,
            **record_columns.columns(definition, each.values),
        }
    )
    batch.entries.append(
        _entry(definition, record_id, given.number, 1, digest, status, reason, moment, authority, each.values)
    )
    return Outcome(each.row, CREATED, status=status)


def _change(
    batch: Batch,
    definition: RegisterDefinition,
    each: Prepared,
    known: Fetched,
    moment: dt.datetime,
    authority: Authority,
    *,
    held: bool,
) -> Outcome:
    step = next_status(definition, each, known.status, moment, held=held)
    if isinstance(step, Issue):
        return Outcome(each.row, REFUSED, step)
    status, reason = step
    reason = each.why if each.why and reason == AMENDED else reason
    warnings = each.warnings
    if each.number and each.number != known.number:
        warnings = (*warnings, numbering.not_kept(each.number))
    data = canonical.canonical(each.values)
    digest = canonical.document_hash(data)
    if digest == known.document_hash and status == known.status:
        if _as_json(warnings) != known.warnings:
            batch.warnings[known.id] = warnings
            batch.rewritten.append({"record_id": known.id, "warnings": _as_json(warnings), "page_version": 1})
        return Outcome(each.row, UNCHANGED, status=status)
    batch.items[digest] = data.decode()
    batch.documents[known.id] = each.values
    _rewrite(batch, definition, known, warnings, each.values, digest, status, reason, moment, authority)
    return Outcome(each.row, UPDATED, status=status)


def next_status(
    definition: RegisterDefinition, each: Prepared, present: str, moment: dt.datetime, *, held: bool = False
) -> tuple[str, str] | Issue:
    """Status and reason of a record's next version, or the issue that the life cycle does not lead there.

    `held`: a linked record keeps it in its present state.
    """
    cycle = definition.life_cycle
    if each.status in ("", present):
        return present, AMENDED
    today = moment.astimezone(clock.SHANGHAI).date()
    if cycle.ended_by_date(each.status, present, each.values, today):
        return present, AMENDED  # an import never undoes what a date has ended
    if held and cycle.brought_by_another(each.status, present):
        return present, AMENDED  # nor what the end of a linked record has brought
    move = cycle.move(present, each.status)
    if move is None:
        return Issue("not_a_transition", "status", {"before": present, "after": each.status})
    return each.status, move.name


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
    columns = record_columns.columns(definition, values)
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
            "page_version": 1,
            "index_version": 1,
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
