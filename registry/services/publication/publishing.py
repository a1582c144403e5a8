"""Publishing: the one place that writes records, with entry, links and message, in the caller's transaction.

It takes batches of one register, so that a sheet of 200,000 rows costs a handful of statements a chunk.
"""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple

from sqlalchemy import Connection, exists, select
from sqlalchemy.orm import aliased

from registry import clock
from registry.accounts.policy import SYSTEM, Action, Actor, may
from registry.errors import ConcurrentWrite
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue, without_repetition
from registry.kit.record import RECORD_ID_COUNTER, Link, Record
from registry.ledger import canonical
from registry.ledger.model import ENTRY_ID_COUNTER, Item
from registry.services.publication import existing_records, near_doubles, numbering, record_columns
from registry.services.publication.batch_writer import (
    Authority,
    Batch,
    Change,
    add_version,
    entry_row,
    number_after,
    warnings_json,
    write_batch,
)
from registry.services.publication.existing_records import (
    ExistingRecord,
    fetch_first_entries,
    find_pinned_by_link,
)
from registry.services.publication.numbering import AssignedNumber, NumberSource
from registry.services.publication.transitions import (
    AMENDED,
    DECISION_INCOMPLETE,
    FACTS_CORRECTED,
    NextStatus,
    RecordState,
    first_status,
    missing_grounds,
    next_status,
)
from registry.store import counters
from registry.store.base import FetchedRow

CREATED, UPDATED, UNCHANGED, REFUSED = "created", "updated", "unchanged", "refused"
IMPORTED = "imported"  # reason of a first entry that a sheet brought

EXISTING_RECORDS = select(
    *(Record.id, Record.number, Record.natural_key, Record.status, Record.status_since, Record.version),
    *(Record.document_hash, Record.warnings, Record.title_zh, Record.title_en, Record.region_code),
)


@dataclass(frozen=True, slots=True)
class PreparedDocument:
    """A validated document on its way to publication.

    `stated`: the fields that the sender states, None for all of the values. `amends`: the record whose other facts it
    keeps, as it was read; it may get another natural key. `kept_doubts`: those of the warnings that were told of the record
    before, on facts that the sender does not state. `legal_basis`: of the decision that it is, where its sender names one.
    """

    row: int
    key: str
    values: Mapping[str, Any]
    status: str  # "" where the sender states none
    number: str = ""  # a number to keep, well formed
    warnings: tuple[Issue, ...] = ()
    amendment_reason: str = ""  # reason of the entry where it amends, "" for the plain one
    stated: frozenset[str] | None = None
    amends: ExistingRecord | None = None
    kept_doubts: tuple[Issue, ...] = ()
    legal_basis: str = ""
    transition: str = ""  # the one that it is, where several lead from its record's status to the next one

    @property
    def new_warnings(self) -> tuple[Issue, ...]:
        """What is said of what the sender states."""
        if not self.kept_doubts:
            return self.warnings
        return tuple(issue for issue in self.warnings if issue not in self.kept_doubts)

    @property
    def former_key(self) -> str:
        """The natural key of its record so far."""
        return self.amends.natural_key if self.amends else self.key


class PublishOutcome(NamedTuple):
    """What became of a prepared document. `result`: `CREATED`, `UPDATED`, `UNCHANGED`, or `REFUSED` for `issue`."""

    row: int
    result: str
    issue: Issue | None = None
    status: str = ""  # of the record afterwards
    warnings: tuple[Issue, ...] = ()  # that publication adds to those of the document
    number: str = ""  # of a record that was created


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A change of status that leaves the document, with these `values`, as it is.

    `since`: the day since which the record is in the status, None for the day of the entry.
    """

    definition: RegisterDefinition
    values: Mapping[str, Any]
    status: str
    reason: str
    authority: Authority
    since: dt.date | None = None


def publish(
    connection: Connection,
    definition: RegisterDefinition,
    documents: Sequence[PreparedDocument],
    authority: Authority,
    *,
    reason: str = IMPORTED,
) -> list[PublishOutcome]:
    """Publish a batch of one register inside the caller's transaction; the outcomes are in the order of `documents`.

    Natural keys must differ within the batch. A refused document leaves nothing behind. `reason`: of new records.
    """
    publication = Publication(connection, definition, authority)
    decided = publication.decide(documents, reason)
    existing_records.drop_former_keys(connection, definition.slug, publication.keys_taken)
    write_batch(connection, definition, publication.batch)
    for key, record in publication.former.items():
        existing_records.keep_former_key(
            connection, definition.slug, key, record_id=record.id, title_zh=record.title_zh
        )
    _replace_older(connection, definition, publication.batch.older)
    return decided.with_doubts(
        near_doubles.tell(connection, definition, publication.batch.documents, publication.former_doubles)
    )


def _replace_older(connection: Connection, definition: RegisterDefinition, older: set[int]) -> None:
    """Change the status of older results whose place newer ones have taken, where those are in force."""
    succession = definition.succession
    if succession is None or not older:
        return
    newer = aliased(Record)
    for rule in definition.life_cycle.linked_changes:
        if rule.relation != succession.relation or not rule.incoming:
            continue
        rows = connection.execute(
            EXISTING_RECORDS.add_columns(Item.document)
            .join(Item, Item.hash == Record.document_hash)
            .where(
                Record.id.in_(older),
                Record.status.in_(rule.before),
                exists(
                    select(Link.id)
                    .join(newer, newer.id == Link.from_id)
                    .where(
                        Link.to_id == Record.id, Link.relation == rule.relation, newer.status.in_(rule.when)
                    )
                ),
            )
        ).all()
        for row in rows:
            to = StatusChange(
                definition, json.loads(row.document), rule.after, rule.transition, Authority(SYSTEM.role)
            )
            change_status(connection, row, to)


def acquire_publish_lock(connection: Connection) -> None:
    """Wait until the transaction that publishes now has ended, and make others wait for this one.

    For a caller that reads first and then decides what to publish: what was read stays so until it is published.
    """
    counters.lock(connection, ENTRY_ID_COUNTER)


def published_state(connection: Connection) -> tuple[int, dt.date]:
    """Return what is the same as long as nothing was published and the day has not changed.

    A caller that checks before it takes the lock compares it afterwards: what was checked holds while it is the same.
    """
    return counters.peek(connection, ENTRY_ID_COUNTER), clock.today()


def change_status(connection: Connection, record: FetchedRow, to: StatusChange) -> None:
    """Publish one entry for a change of status that a rule has brought about. `record`: of `EXISTING_RECORDS`.

    The caller has checked that the life cycle leads there; roles are not checked here.
    """
    batch = Batch()
    change = Change(
        definition=to.definition,
        values=to.values,
        digest=record.document_hash,
        status=to.status,
        reason=to.reason,
        moment=clock.now(),
        authority=to.authority,
        since=to.since,
        legal_basis=str(to.values.get("legal_basis") or ""),
    )
    add_version(batch, record, change, None)
    write_batch(connection, to.definition, batch)


class DecidedDocuments(NamedTuple):
    """What becomes of documents, in their order; `record_ids`: row → the record that it is about, 0 for none."""

    outcomes: list[PublishOutcome]
    record_ids: Mapping[int, int]

    def with_doubts(self, doubts: Mapping[int, tuple[Issue, ...]]) -> list[PublishOutcome]:
        """The outcomes, with doubts by the id of a record among their warnings."""
        if not doubts:
            return self.outcomes
        return [
            each._replace(warnings=each.warnings + doubts.get(self.record_ids[each.row], ()))
            for each in self.outcomes
        ]


class _NewRecord(NamedTuple):
    id: int
    number: AssignedNumber
    status: str
    reason: str


class Publication:
    """One batch of documents of one register on its way into the store. `source`: of numbers and ids."""

    def __init__(
        self,
        connection: Connection,
        definition: RegisterDefinition,
        authority: Authority,
        source: NumberSource = counters,
    ) -> None:
        self._connection, self._source = connection, source
        self._definition, self._authority = definition, authority
        self._moment = clock.now()
        # A source that the registrar enters may be silent on the grounds of a decision; who decides must give them.
        self._records_decisions = may(Actor(authority.role), Action.IMPORT)
        self._values_before: dict[
            str, Mapping[str, Any]
        ] = {}  # by hash, as `_read_documents_before` has read them
        self.batch = Batch()
        self._retaken: list[str] = []  # former keys of other records that new ones have
        self.former: dict[str, FetchedRow] = {}  # natural key that a record has no longer → the record before
        self.former_doubles: set[str] = set()  # numbers that doubts about near doubles have named so far

    def decide(self, documents: Sequence[PreparedDocument], reason: str) -> DecidedDocuments:
        """Say what becomes of each document, and fill `batch` with what is to be written."""
        existing = self._existing_records(documents)
        taken = {each.key for each in documents if each.key != each.former_key} & set(existing)
        first = {
            document.key: first_status(self._definition, document.status, self._authority.role)
            for document in documents
            if document.former_key not in existing
        }
        doubtful = self._doubts_of_keys(documents, first)
        new = [document for document in documents if isinstance(first.get(document.key), str)]
        numbers = numbering.assign_numbers(self._connection, self._definition, new, self._source)
        ids = self._reserve_ids(new)
        states = self._states(documents, existing)
        self._read_documents_before(documents, existing)
        outcomes, record_ids = [], {}
        for document in documents:
            status = first.get(document.key)
            record = existing.get(document.former_key)
            record_ids[document.row] = record.id if record else ids.get(document.key, 0)
            if isinstance(status, Issue):
                outcome = PublishOutcome(document.row, REFUSED, status)
            elif record is None:
                assert status is not None
                target = _NewRecord(ids[document.key], numbers[document.key], status, reason)
                outcome = self._create(document, target, doubtful.get(document.key, ()))
            elif document.key in taken:
                issue = numbering.number_names_another(record.number, existing[document.key].number)
                outcome = PublishOutcome(document.row, REFUSED, issue)
            else:
                outcome = self._update(document, record, states[record.id])
            outcomes.append(outcome)
        return DecidedDocuments(outcomes, record_ids)

    @property
    def keys_taken(self) -> list[str]:
        """Natural keys that records have from now on and that others may have had before."""
        return [*self._retaken, *self.batch.rekeyed]

    def _doubts_of_keys(
        self, documents: Sequence[PreparedDocument], first: dict[str, str | Issue]
    ) -> dict[str, tuple[Issue, ...]]:
        """Refuse in `first` new records whose key another record had; return the doubts about those that are another thing, by key."""
        former = existing_records.find_former_keys(self._connection, self._definition.slug, first)
        doubtful: dict[str, tuple[Issue, ...]] = {}
        for document in documents:
            if document.key in former and document.key in first:
                issue = existing_records.former_key_issue(
                    self._definition, former[document.key], document.values, number=document.number
                )
                if issue.severity == "blocks":
                    first[document.key] = issue
                else:
                    doubtful[document.key] = (issue,)
        self._retaken = list(doubtful)
        return doubtful

    def _existing_records(self, documents: Sequence[PreparedDocument]) -> dict[str, FetchedRow]:
        """Natural key → record, of the documents' present and former keys.

        Raises `ConcurrentWrite` where a record is no longer as the document was made for.
        """
        keys = {key for document in documents for key in (document.key, document.former_key)}
        rows = self._connection.execute(
            EXISTING_RECORDS.where(
                Record.register == self._definition.slug, Record.natural_key.in_(list(keys))
            )
        )
        existing = {row.natural_key: row for row in rows}
        for document in documents:
            if document.stated is None:
                continue
            row = existing.get(document.former_key)
            if (row.version if row else 0) != (document.amends.version if document.amends else 0):
                raise ConcurrentWrite
        return existing

    def _reserve_ids(self, new: Sequence[PreparedDocument]) -> dict[str, int]:
        """Natural key → id of the record to be."""
        if not new:
            return {}
        first = self._source.take(self._connection, RECORD_ID_COUNTER, len(new))
        return {document.key: first + index for index, document in enumerate(new)}

    def _states(
        self, documents: Sequence[PreparedDocument], existing: Mapping[str, FetchedRow]
    ) -> dict[int, RecordState]:
        """Record id → what is known of it before this publication."""
        pinned = find_pinned_by_link(self._connection, self._definition, existing.values())
        limited = {
            record.id
            for document in documents
            if (record := existing.get(document.former_key))
            and (move := self._definition.life_cycle.find_transition(record.status, document.status))
            and move.within_hours is not None
        }
        first_entries = fetch_first_entries(self._connection, limited)
        return {
            record.id: RecordState(record.status, record.id in pinned, first_entries.get(record.id))
            for record in existing.values()
        }

    def _read_documents_before(
        self, documents: Sequence[PreparedDocument], existing: Mapping[str, FetchedRow]
    ) -> None:
        """Read the present documents that the next ones are compared with, as far as their senders have not read them.

        Where the status is to change, what they state already is no new decision; where it stays, some amendments have a
        name of their own.
        """
        life_cycle = self._definition.life_cycle
        hashes = {
            record.document_hash
            for document in documents
            if (record := existing.get(document.former_key))
            and (
                document.status not in ("", record.status)
                or (document.amends is None and life_cycle.names_amendments(record.status))
            )
        }
        if hashes:
            rows = self._connection.execute(select(Item.hash, Item.document).where(Item.hash.in_(hashes)))
            self._values_before = {row.hash: json.loads(row.document) for row in rows}

    def _change(
        self,
        document: PreparedDocument,
        data: bytes,
        step: NextStatus,
        before: Mapping[str, Any] | None = None,
    ) -> Change:
        today = clock.day_of(self._moment)
        return Change(
            definition=self._definition,
            values=document.values,
            digest=canonical.document_hash(data),
            status=step.status,
            reason=step.reason,
            moment=self._moment,
            authority=self._authority,
            since=self._definition.life_cycle.decision_day(step.status, document.values, before, today),
            key=document.key,
            legal_basis=_stated_basis(document, step.status),
        )

    def _missing_grounds(
        self, document: PreparedDocument, needs: tuple[str, ...], stated: frozenset[str] | None
    ) -> tuple[Issue, ...]:
        """What a decision lacks, as standing warnings. One that the record states of an earlier decision is no ground."""
        return tuple(
            replace(issue, severity="warns", of_source=bool(document.values.get(issue.field)))
            for issue in missing_grounds(needs, document.values, stated, self._authority.legal_basis)
        )

    def _create(
        self, document: PreparedDocument, new: _NewRecord, doubts_of_key: tuple[Issue, ...]
    ) -> PublishOutcome:
        needs = self._definition.life_cycle.needs_of_state(new.status)
        doubts = self._missing_grounds(document, needs, document.stated)
        if doubts and not self._records_decisions:
            return PublishOutcome(document.row, REFUSED, replace(doubts[0], severity="blocks"))
        doubts += new.number.warnings + doubts_of_key
        warnings = document.warnings + doubts
        data = canonical.canonical_json(document.values)
        change = self._change(document, data, NextStatus(new.status, new.reason))
        self.batch.items[change.digest] = data.decode()
        self.batch.documents[new.id] = document.values
        self.batch.warnings[new.id] = warnings
        self.batch.new_records.append(
            {
                "id": new.id,
                "register": self._definition.slug,
                "number": new.number.number,
                "slug": record_columns.number_slug(new.number.number),
                "natural_key": document.key,
                "status": change.status,
                "status_since": change.since or change.day,
                "due_on": change.due_on,
                "version": 1,
                "document_hash": change.digest,
                "warnings": warnings_json(warnings),
                "page_version": 1,
                "index_version": 1,
                **record_columns.columns_of(self._definition, document.values),
            }
        )
        self.batch.entries.append(entry_row(new.id, new.number.number, 1, change))
        return PublishOutcome(
            document.row, CREATED, status=change.status, warnings=doubts, number=new.number.number
        )

    def _dated(self, document: PreparedDocument, existing: FetchedRow, step: NextStatus) -> PreparedDocument:
        """The document with the day of the change of state, where the life cycle keeps it and it is not stated."""
        move = self._definition.life_cycle.find_transition(existing.status, step.status)
        if move is None or move.name != step.reason or not move.date_field:
            return document
        stated = str(document.values.get(move.date_field) or "")
        if stated >= existing.status_since.isoformat():
            return document  # an earlier day is that of the last time
        today = clock.day_of(self._moment).isoformat()
        return replace(document, values={**document.values, move.date_field: today})

    def _rekeyed(self, document: PreparedDocument, existing: FetchedRow) -> PreparedDocument:
        """The document of a record that gets another key, with what it was looked up by before."""
        if document.key == existing.natural_key:
            return document
        self.former[existing.natural_key] = existing
        before = document.amends.values if document.amends else {}
        texts = existing_records.numbers_of_key(self._definition, existing.number, before)
        number = number_after(self._definition, existing, document.values, document.key)
        values = existing_records.with_former_numbers(self._definition, document.values, texts, number=number)
        return replace(document, values=values)

    def _named_amendment(self, document: PreparedDocument, existing: FetchedRow) -> str:
        """The transition onto the same status that a version is, such as a re-issue; "" for a mere amendment."""
        before = document.amends.values if document.amends else None
        if before is None:
            before = self._values_before.get(existing.document_hash)
        if before is None:
            return ""
        life_cycle = self._definition.life_cycle
        return life_cycle.named_amendment(existing.status, before, document.values, self._authority.role)

    def _update(self, document: PreparedDocument, existing: FetchedRow, state: RecordState) -> PublishOutcome:
        step = next_status(
            self._definition,
            document.values,
            document.status,
            state,
            role=self._authority.role,
            moment=self._moment,
        )
        if isinstance(step, Issue):
            return PublishOutcome(document.row, REFUSED, step)
        if step.reason != AMENDED and self._definition.life_cycle.names_transition(
            document.transition, existing.status, step.status, role=self._authority.role
        ):
            step = NextStatus(step.status, document.transition)
        amended = ""
        if step.reason == AMENDED:
            amended = document.amendment_reason or self._named_amendment(document, existing)
        document = self._rekeyed(self._dated(document, existing, step), existing)
        needs = self._definition.life_cycle.needs_of(step.reason, existing.status, step.status)
        if needs:
            doubts = self._missing_grounds(document, needs, document.stated)
            if doubts and not self._records_decisions:
                return PublishOutcome(document.row, REFUSED, replace(doubts[0], severity="blocks"))
        else:
            needs = self._definition.life_cycle.needs_of_state(step.status)
            doubts = self._missing_grounds(document, needs, None)
        data = canonical.canonical_json(document.values)
        change = self._change(
            document,
            data,
            NextStatus(step.status, amended or step.reason),
            self._values_before.get(existing.document_hash, {}),
        )
        if document.number and document.number != existing.number:
            doubts = (*doubts, numbering.number_differs(document.number, existing.number))
        decided = step.status != existing.status
        doubles = near_doubles.standing(self._definition, existing.warnings)
        warnings = without_repetition(
            (
                *(each for each in document.warnings if not (decided and each.code == DECISION_INCOMPLETE)),
                *doubts,
                *doubles,
            )
        )
        if change.digest == existing.document_hash and change.status == existing.status:
            if warnings_json(warnings) != existing.warnings:
                self.batch.warnings[existing.id] = warnings
                self.batch.updated_records.append(
                    {"record_id": existing.id, "warnings": warnings_json(warnings), "page_version": 1}
                )
            return PublishOutcome(document.row, UNCHANGED, status=change.status, warnings=doubts)
        self.batch.items[change.digest] = data.decode()
        self.batch.documents[existing.id] = document.values
        if change.reason == FACTS_CORRECTED and document.amends:
            self.batch.corrected[existing.id] = document.amends.values
        self.former_doubles |= {str(each.params["number"]) for each in doubles}
        add_version(self.batch, existing, change, warnings)
        return PublishOutcome(document.row, UPDATED, status=change.status, warnings=doubts)


def _stated_basis(document: PreparedDocument, status: str) -> str:
    """The legal basis that a document states. What was known before a decision is no basis of it."""
    decided = document.amends is not None and document.amends.status != status
    if decided and document.stated is not None and "legal_basis" not in document.stated:
        return ""
    return str(document.values.get("legal_basis") or "")
