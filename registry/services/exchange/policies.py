"""The registrar's policy for sheets: lenient. What the source does not state or states oddly comes in with a warning.

The strict policy, for enterprises that file, is in the filing room.
"""

from __future__ import annotations

import functools
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace

import orjson
from sqlalchemy import Connection

from registry import clock
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue
from registry.ledger.canonical import content_hash
from registry.services.exchange.duplicate_keys import DuplicateKeyStore, SeenRow
from registry.services.exchange.foreseen_doubles import ForeseenDoubles, ForeseenRow, Place, name_place
from registry.services.exchange.headers import (
    HeaderVocabulary,
    RowReader,
    alias_words,
    header_words,
    missing_key_fields,
)
from registry.services.exchange.pipeline import CheckedRow, PublishedRow
from registry.services.exchange.results import REPORT_COLUMNS
from registry.services.exchange.stated_cells import stated_cells
from registry.services.publication import publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.existing_records import (
    ExistingRecord,
    ExistingRecords,
    find_existing_records,
)
from registry.services.publication.foreseeing import foresee
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.transitions import RecordState, next_status
from registry.services.publication.validation import (
    RefusedRow,
    StatedRow,
    check_row,
    read_row,
    rule_context,
)
from registry.tabular.rows import Row

FORESEEN = -1  # version of a record as a dry run would have left it
REGISTER_COLUMN = "register"  # of JSON lines: the register that a line was exported from


def registrar_vocabulary(definition: RegisterDefinition, metadata: Sequence[str] = ()) -> HeaderVocabulary:
    """All fields of the register. `metadata`: columns of the file that say something about the row itself."""
    return HeaderVocabulary(
        header_words(definition),
        ignored=(*REPORT_COLUMNS, *metadata),
        aliases=alias_words(definition),
        missing=functools.partial(missing_key_fields, definition),
    )


@dataclass(frozen=True, slots=True)
class RegistrarPolicy:
    """Takes one sheet of the registrar. A row changes the facts that it states, and no others.

    `checks_register`: rows name their register, and another one's are refused. `clear_empty`: an empty cell empties its
    field. `seen`: keys of this sheet. `dry_run_state`: the records as the files before this one would have left them;
    None where the import counts. `foreseen_doubles`, `file`: in a dry run, the rows that may be one thing so far, and the
    name of the file of these.
    """

    definition: RegisterDefinition
    reader: RowReader
    authority: Authority
    seen: DuplicateKeyStore
    checks_register: bool = False
    clear_empty: bool = False
    dry_run_state: DuplicateKeyStore | None = None
    foreseen_doubles: ForeseenDoubles | None = None
    file: str = ""
    _places: dict[int, str | int] = field(default_factory=dict, repr=False)  # of the rows of this chunk

    def check(self, connection: Connection, rows: Sequence[Row]) -> list[CheckedRow]:
        self._places.clear()
        self._places.update((row.number, row.shown_number()) for row in rows)
        context = rule_context(connection)
        stated_rows = [self._read(row) for row in rows]
        existing = self._existing_records(connection, stated_rows)
        checked_rows = []
        for stated in stated_rows:
            record = existing.find(stated.number_key or stated.key, stated.number)
            if told := existing.why_not(stated.number, stated.number_key):
                checked_rows.append(CheckedRow(stated.row, None, (told,)))
                continue
            checked = check_row(self.definition, stated, context, registrar=True, existing=record)
            if isinstance(checked, RefusedRow):
                blocking = tuple(issue for issue in checked.issues if issue.severity == "blocks")
                checked_rows.append(CheckedRow(stated.row, None, blocking))
            else:
                number = record.number if record else ""
                checked_rows.append(CheckedRow(stated.row, checked, number=number))
        return checked_rows

    def content_of(self, document: PreparedDocument) -> str:
        return content_hash({"values": document.values, "status": document.status})

    def earlier_rows(self, connection: Connection, keys: Collection[str]) -> dict[str, SeenRow]:
        del connection
        return self.seen.find(keys)

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        self.seen.remember(rows)

    def publish(self, connection: Connection, documents: Sequence[PreparedDocument]) -> list[PublishedRow]:
        """Publish; a dry run asks the register only for what no file before this one would have changed there."""
        foreseen = [document for document in documents if _is_foreseen(document)]
        outcomes = [self._predict_outcome(document) for document in foreseen]
        rest = [document for document in documents if not _is_foreseen(document)]
        publish = publishing.publish if self.dry_run_state is None else foresee
        outcomes += publish(connection, self.definition, rest, self.authority)
        if self.dry_run_state:
            self._record_dry_run(self.dry_run_state, documents, outcomes)
        if self.foreseen_doubles:
            outcomes = self._with_doubles(self.foreseen_doubles, documents, outcomes)
        return [
            PublishedRow(
                each.row,
                each.result,
                "" if self.dry_run_state else each.number,
                each.issue,
                warnings=each.warnings,
                status=each.status,
            )
            for each in outcomes
        ]

    def _read(self, row: Row) -> StatedRow:
        raw = self.reader.read(row)
        named = row.cells.get(REGISTER_COLUMN) if self.checks_register else None
        if named and named != self.definition.slug:
            raw.issues.append(Issue("not_of_this_register", REGISTER_COLUMN, {"reason": str(named)[:60]}))
        cells = stated_cells(
            raw.values, clear_empty=self.clear_empty, columns=self.reader.fields_of_columns()
        )
        return read_row(
            self.definition, row.number, cells.values, cleared=cells.cleared, prior_issues=raw.issues
        )

    def _existing_records(self, connection: Connection, rows: Sequence[StatedRow]) -> ExistingRecords:
        """The records that rows are about: as a dry run foresees them, else as they are."""
        keys = {key for row in rows for key in (row.key, row.number_key) if key}
        numbers = {row.number for row in rows if row.number}
        found = find_existing_records(connection, self.definition, keys, numbers)
        if self.dry_run_state is None:
            return found
        wanted = {*keys, *(record.natural_key for record in found.by_number.values())}
        foreseen = {key: _foreseen_record(key, row) for key, row in self.dry_run_state.find(wanted).items()}
        by_number = {record.number: record for record in foreseen.values() if record.number}
        return replace(found, by_key={**found.by_key, **foreseen}, by_number={**found.by_number, **by_number})

    def _predict_outcome(self, document: PreparedDocument) -> publishing.PublishOutcome:
        """What publication would make of a document that a file before this one has already created or updated."""
        record = document.amends
        assert record is not None
        step = next_status(
            self.definition,
            document.values,
            document.status,
            RecordState(record.status),
            role=self.authority.role,
            moment=clock.now(),
        )
        if isinstance(step, Issue):
            return publishing.PublishOutcome(document.row, publishing.REFUSED, step)
        same = step.status == record.status and document.values == record.values
        result = publishing.UNCHANGED if same else publishing.UPDATED
        return publishing.PublishOutcome(document.row, result, status=step.status)

    def _record_dry_run(
        self,
        state: DuplicateKeyStore,
        documents: Sequence[PreparedDocument],
        outcomes: Sequence[publishing.PublishOutcome],
    ) -> None:
        by_row = {document.row: document for document in documents}
        changed = {}
        for outcome in outcomes:
            if outcome.result in (publishing.CREATED, publishing.UPDATED):
                document = by_row[outcome.row]
                number = document.amends.number if document.amends else ""
                content = orjson.dumps([number, outcome.status, document.values]).decode()
                for key in {document.key, document.former_key}:
                    changed[key] = SeenRow(document.row, content)
        state.remember(changed)

    def _with_doubles(
        self,
        foreseen: ForeseenDoubles,
        documents: Sequence[PreparedDocument],
        outcomes: Sequence[publishing.PublishOutcome],
    ) -> list[publishing.PublishOutcome]:
        """The outcomes with the doubts about rows of this run. A record that is only foreseen has no number to name."""
        by_row = {document.row: document for document in documents}
        places = {each.number: Place(self.file, self._places[each.row]) for each in outcomes if each.number}
        told = []
        for outcome in sorted(outcomes, key=lambda each: each.row):
            if outcome.result not in (publishing.CREATED, publishing.UPDATED):
                told.append(outcome)
                continue
            document = by_row[outcome.row]
            number = document.amends.number if document.amends else ""
            place = Place(self.file, self._places[outcome.row])
            row = ForeseenRow(place, document.key, number, outcome.status, document.values)
            warnings = [name_place(issue, places) for issue in outcome.warnings]
            known = {(issue.code, issue.field) for issue in warnings}
            warnings += [each for each in foreseen.tell(row) if (each.code, each.field) not in known]
            told.append(outcome._replace(warnings=tuple(warnings)))
        return told


def _foreseen_record(key: str, row: SeenRow) -> ExistingRecord:
    number, status, values = orjson.loads(row.content)
    return ExistingRecord(number, key, status, FORESEEN, values)


def _is_foreseen(document: PreparedDocument) -> bool:
    return document.amends is not None and document.amends.version == FORESEEN
