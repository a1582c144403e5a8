"""The records that decisions are about, as they are now, found by id or by any spelling of a number."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import orjson
from sqlalchemy import Connection, bindparam, func, select

from registry.kit.decision import PREPARED, DecidedRecord, Decision
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.kit.report import OBJECTION, OPEN, Report
from registry.ledger.model import Entry, Item
from registry.reference.identifiers import register_numbers
from registry.services.publication import record_queries
from registry.services.publication.existing_records import ExistingRecord, find_merged_numbers, load_doubts
from registry.store.base import FetchedRow

CASES = select(
    *record_queries.TITLE_COLUMNS,
    Record.natural_key,
    Record.status,
    Record.status_since,
    Record.version,
    Record.warnings,
    Record.holder_id,
    Record.issuer_id,
    Record.valid_to,
    Record.due_on,
    Item.document,
).join(Item, Item.hash == Record.document_hash)
BY_ID = CASES.where(Record.id.in_(bindparam("record_ids", expanding=True))).order_by(Record.number)
BY_NUMBER = CASES.where(
    Record.register == bindparam("register"), Record.number.in_(bindparam("numbers", expanding=True))
)
BY_KEY = CASES.where(
    Record.register == bindparam("register"), Record.natural_key.in_(bindparam("keys", expanding=True))
)


@dataclass(frozen=True, slots=True)
class NamedCases:
    """What numbers name: the records in the order named, each once, and the numbers that name none.

    `merged`: of those the numbers of records that were merged, each with the number of the record that it names now.
    """

    records: tuple[FetchedRow, ...]
    unknown: tuple[str, ...]
    merged: Mapping[str, str] = field(default_factory=dict)

    def why_not(self, number: str, named: str = "") -> Issue:
        """What is said of a number that names no record of the register. `named`: the field of the form, "" for none."""
        if number in self.merged:
            return Issue("former_key", named, {"number": self.merged[number]})
        return Issue("number_unknown_here", named, {"value": number[:60]})


def fetch_cases(connection: Connection, record_ids: Collection[int]) -> Sequence[FetchedRow]:
    """Return records by their ids, ordered by number."""
    return connection.execute(BY_ID, {"record_ids": list(record_ids)}).all()


def find_cases(connection: Connection, definition: RegisterDefinition, written: Iterable[str]) -> NamedCases:
    """Return the records of a register that numbers as people write them name. Three statements at most."""
    texts = list(dict.fromkeys(text for text in map(str.strip, written) if text))
    named = find_named_cases(connection, definition, texts)
    records = {record.id: record for record in named.values()}
    unknown = {text: register_numbers.normalise(text) or text for text in texts if text not in named}
    merged = find_merged_numbers(connection, definition, list(unknown.values()))
    into = {text: merged[number] for text, number in unknown.items() if number in merged}
    return NamedCases(tuple(records.values()), tuple(unknown), into)


def find_named_cases(
    connection: Connection, definition: RegisterDefinition, texts: Sequence[str]
) -> dict[str, FetchedRow]:
    """Return the records that numbers as people write them name: number → record, in their order. Two statements at most."""
    numbers = {text: register_numbers.normalise(text) or text for text in texts}
    rows = connection.execute(
        BY_NUMBER, {"register": definition.slug, "numbers": list({*numbers.values(), *texts})}
    )
    by_number = {row.number: row for row in rows}
    missing = [text for text in texts if numbers[text] not in by_number and text not in by_number]
    by_key: dict[str, FetchedRow] = {}
    if missing and definition.numbering.derive:
        keys = {definition.key.parse(text): text for text in missing}
        rows = connection.execute(BY_KEY, {"register": definition.slug, "keys": list(keys)})
        by_key = {keys[row.natural_key]: row for row in rows}
    found = {text: by_number.get(numbers[text]) or by_number.get(text) or by_key.get(text) for text in texts}
    return {text: record for text, record in found.items() if record is not None}


def existing_record(record: FetchedRow) -> ExistingRecord:
    """Return a record as publication takes it, with its document."""
    return ExistingRecord(
        record.number,
        record.natural_key,
        record.status,
        record.version,
        orjson.loads(record.document),
        load_doubts(record.warnings),
    )


def open_decisions(connection: Connection, record_ids: Collection[int]) -> dict[int, int]:
    """Return which of these records a prepared decision waits for: record id → id of the decision."""
    rows = connection.execute(
        select(DecidedRecord.record_id, DecidedRecord.decision_id)
        .join(Decision, Decision.id == DecidedRecord.decision_id)
        .where(DecidedRecord.record_id.in_(record_ids), Decision.state == PREPARED)
    )
    return {row.record_id: row.decision_id for row in rows}


def open_objections(connection: Connection, record_ids: Collection[int]) -> dict[int, int]:
    """Return how many objections to these records are not answered yet: record id → number, where there is one."""
    rows = connection.execute(
        select(Report.record_id, func.count().label("objections"))
        .where(Report.record_id.in_(record_ids), Report.kind == OBJECTION, Report.state == OPEN)
        .group_by(Report.record_id)
    )
    return {row.record_id: row.objections for row in rows}


def first_entries(connection: Connection, record_ids: Collection[int]) -> dict[int, dt.datetime]:
    """Return when records were first entered: record id → moment."""
    rows = connection.execute(
        select(Entry.record_id, Entry.recorded_at).where(Entry.record_id.in_(record_ids), Entry.version == 1)
    )
    return {row.record_id: row.recorded_at for row in rows}
