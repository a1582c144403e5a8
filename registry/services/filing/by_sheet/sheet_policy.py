"""The policy for sheets of enterprises that file: strict. What would be a warning for the registrar is refused here.

A row without a number files anew, a row with one amends that record, which must be the organisation's own: it changes
the facts that it states, and `-` in a cell empties one.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from sqlalchemy import Connection

from registry.accounts.policy import Actor
from registry.errors import Invalid
from registry.kit import english_sources
from registry.kit.definition import RegisterDefinition
from registry.kit.issues import Issue, first_issues
from registry.kit.kinds import Rows
from registry.ledger.canonical import content_hash
from registry.reference.identifiers import register_numbers
from registry.services.exchange import stored_results
from registry.services.exchange.duplicate_keys import SeenRow
from registry.services.exchange.headers import (
    HeaderMatch,
    HeaderVocabulary,
    RawRow,
    alias_words,
    header_words,
    label_words,
    missing_key_fields,
    table_words,
)
from registry.services.exchange.pipeline import CheckedRow, FieldChange, PublishedRow, changed_facts
from registry.services.exchange.results import CHINESE_COLUMNS, NUMBER, RESULTS_COLUMNS
from registry.services.exchange.stated_cells import merge_table, stated_cells
from registry.services.filing import amendment_reasons, submission
from registry.services.filing.amendment_reasons import (
    AMENDMENT_LABELS,
    AMENDMENT_NOTE,
    AMENDMENT_REASON,
)
from registry.services.filing.submission import CheckedFiling, Filer, FilingValidator, filing_of
from registry.services.filing.withdrawals import STATUS, Withdrawing, check_withdrawal, read_withdrawal
from registry.services.publication.publishing import CREATED, UNCHANGED, UPDATED, PreparedDocument
from registry.services.publication.record_columns import number_slug
from registry.services.publication.record_queries import filer_id
from registry.store.base import FetchedRow
from registry.tabular.archive import checked_entries
from registry.tabular.encodings import encoding_name
from registry.tabular.errors import SheetError
from registry.tabular.reading import Sheet, find_kind, open_sheet
from registry.tabular.rows import Row
from registry.tabular.workbook import WorkbookLimits

# Fifty thousand rows of sixty columns, which is more than any register has.
LIMITS = WorkbookLimits(cells=3_000_000, inflated=200_000_000)
MAX_EARLY_SIZE = 65_536  # bytes of a file that is opened while its sender waits
MAX_SLUG_LENGTH = 120
ISSUES_OF_ROW = 10  # kept of a row that is refused
MAX_REFUSED_IN_FULL = 2000  # rows of a sheet; of further ones a single issue is kept
UTF8_ENCODINGS = ("utf-8", "utf-8-sig", "utf-16")  # what says its encoding itself


@dataclass(frozen=True, slots=True)
class FilingSheet:
    """A sheet whose header is understood."""

    sheet: Sheet
    header: HeaderMatch

    def notes(self) -> list[object]:
        """What its job keeps of reading it, for JSON: columns left out, notices, and the worksheets of several."""
        return [*self.header.left_out, *notes_of_sheet(self.sheet)]


def notes_of_sheet(sheet: Sheet) -> list[dict[str, object]]:
    """Return what was noticed while a file was opened, for JSON: codes with parameters, and the worksheets of several."""
    notices: list[dict[str, object]] = [{"code": code, "params": params} for code, params in sheet.notices]
    if sheet.encoding not in UTF8_ENCODINGS:
        notices.append({"code": "encoding_read", "params": {"encoding": encoding_name(sheet.encoding)}})
    if len(sheet.worksheets) > 1:
        notices.append({"worksheets": sheet.worksheets})
    return notices


def open_filing_sheet(definition: RegisterDefinition, path: Path) -> FilingSheet:
    """Open a sheet that is to be filed.

    Raises `Invalid` with issues of the field `file`: no sheet, no known column, or two columns that mean the same.
    """
    vocabulary = filer_vocabulary(definition)
    try:
        sheet = open_sheet(path, vocabulary, limits=LIMITS)
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "file", problem.params),)) from problem
    header = vocabulary.match(sheet.header)
    issues = [] if header else [Issue("no_header", "file")]
    issues += [Issue("duplicate_header", "file", {"column": name}) for name in header.repeated()]
    if not issues and (missing := vocabulary.missing_columns(header)):
        issues.append(Issue("key_columns_missing", "file", {"missing": missing}))
    if issues:
        raise Invalid(tuple(issues))
    return FilingSheet(sheet, header)


def refuse_early(path: Path, open_small: Callable[[Path], object]) -> None:
    """Raise `Invalid` where it costs next to nothing to see that a file cannot be taken. `open_small`: opens one of a few rows.

    A workbook, and a long file, is opened in the background: how much work that is, its sender decides.
    """
    try:
        if find_kind(path) == "xlsx":
            checked_entries(path)
        elif path.stat().st_size <= MAX_EARLY_SIZE:
            open_small(path)
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "file", problem.params),)) from problem


def filer_vocabulary(definition: RegisterDefinition) -> HeaderVocabulary:
    """The fields of the register, the number of a record to amend, and why it is amended."""
    filer = (definition.filer.key,) if definition.filer else ()
    filing = filing_of(definition)
    # A column of what is not filed is told, not left out.
    known = {*definition.schema.register_fields(), NUMBER, STATUS}
    fields = {word: name for word, name in header_words(definition).items() if name in known}
    if filing.amendments:
        fields |= label_words(AMENDMENT_LABELS)
    aliases = {word: name for word, name in alias_words(definition).items() if name in known}

    def missing(columns: Collection[str]) -> tuple[str, ...]:
        return missing_key_fields(definition, {*columns, *filer})

    return HeaderVocabulary(
        fields,
        table_words(table_fields(definition)),
        (*RESULTS_COLUMNS, *(CHINESE_COLUMNS[name] for name in RESULTS_COLUMNS)),
        aliases=aliases,
        missing=missing,
    )


def table_fields(definition: RegisterDefinition) -> dict[str, Rows]:
    """The tables among the questions, by name."""
    fields = definition.schema.register_fields()
    questions = ((name, fields[name]) for name in filing_of(definition).fields())
    return {name: field for name, field in questions if isinstance(field, Rows)}


@dataclass(frozen=True, slots=True)
class _RowFiling:
    """What a row says by itself: the filing, and the record that it is to amend."""

    row: int
    checked: CheckedFiling
    amends: FetchedRow | None
    withdraws: bool = False


@dataclass(frozen=True, slots=True)
class FilerPolicy:
    """Takes one sheet of an organisation. `job`: its row in the table of jobs; `organisation`: its record."""

    job: FetchedRow
    actor: Actor
    organisation: FetchedRow
    header: HeaderMatch

    def check(self, connection: Connection, rows: Sequence[Row]) -> list[CheckedRow]:
        at_most = ISSUES_OF_ROW if self.job.refused < MAX_REFUSED_IN_FULL else 1
        return [
            row._replace(issues=first_issues(row.issues, at_most)) if len(row.issues) > at_most else row
            for row in self._check(connection, rows)
        ]

    def _check(self, connection: Connection, rows: Sequence[Row]) -> list[CheckedRow]:
        validator = submission.open_validator(connection, self.actor, self.job.register, self.organisation)
        filings = self._check_alone(connection, validator, rows)
        keys = [each.checked.prepared.key for each in filings if each.checked.prepared]
        numbers = validator.numbers_of_keys(keys)
        former_numbers = validator.former_numbers_of_keys([key for key in keys if key not in numbers])
        slugs = [number_slug(number) for number in numbers.values()]
        found = submission.find_record_documents(connection, self.job.register, slugs)
        records = {record.number: record for record in found.values()}
        checked_rows = []
        for each in filings:
            prepared = each.checked.prepared
            if prepared is None:
                checked_rows.append(CheckedRow(each.row, None, each.checked.issues))
                continue
            number = numbers.get(prepared.key, "")
            of_key = records.get(number)
            if each.withdraws and each.amends:
                checked_rows.append(_checked_withdrawal(each.row, prepared, each.amends))
                continue
            if each.amends is None and of_key is not None and _is_unchanged(validator, of_key, prepared):
                row = CheckedRow(
                    each.row, prepared, expected=UNCHANGED, number=number, needs_publishing=False
                )
            else:
                taken_by = number or (None if each.amends else former_numbers.get(prepared.key))
                conflicts = validator.key_conflicts(prepared, taken_by, each.amends)
                expected = _expected_result(validator, each.amends, prepared)
                changes = _changes(each.amends, prepared) if each.amends and expected == UPDATED else ()
                row = CheckedRow(
                    each.row,
                    prepared,
                    conflicts=conflicts,
                    expected=expected,
                    number=number,
                    changes=changes,
                )
            checked_rows.append(row)
        return checked_rows

    def content_of(self, document: PreparedDocument) -> str:
        return content_hash(document.values)

    def earlier_rows(self, connection: Connection, keys: Collection[str]) -> dict[str, SeenRow]:
        return stored_results.find_earlier_rows(connection, self.job.id, keys)

    def remember(self, rows: Mapping[str, SeenRow]) -> None:
        """The results of the rows are stored, and found by `earlier_rows`."""

    def publish(self, connection: Connection, documents: Sequence[PreparedDocument]) -> list[PublishedRow]:
        """Publish with receipts. A dry run publishes nothing: the expected results stand."""
        if self.job.dry_run or not documents:
            return []
        filer = Filer(self.actor, self.organisation, self.job.signer)
        filed = submission.publish_filings(connection, self.job.register, documents, filer)
        return [
            PublishedRow(each.outcome.row, each.outcome.result, each.number, each.outcome.issue)
            for each in filed
        ]

    def _check_alone(
        self, connection: Connection, validator: FilingValidator, rows: Sequence[Row]
    ) -> list[_RowFiling]:
        """What stands against each row by itself. Issues name the field where a column means one."""
        definition = validator.definition
        raws = [self.header.read(row) for row in rows]
        numbers = [str(raw.values.pop(NUMBER, None) or "").strip() for raw in raws]
        slugs = {number: _slug_of(number) for number in numbers if number}
        records = submission.find_record_documents(connection, self.job.register, set(slugs.values()))
        filings = []
        fields = validator.filing.fields()
        for row, raw, number in zip(rows, raws, numbers, strict=True):
            issues = [
                replace(issue, field=self.header.fields.get(issue.field, issue.field)) for issue in raw.issues
            ]
            amendment = amendment_reasons.read_amendment(
                definition, raw.values.pop(AMENDMENT_REASON, ""), raw.values.pop(AMENDMENT_NOTE, "")
            )
            amends = records.get(slugs.get(number, ""))
            if number and (amends is None or filer_id(definition, amends) != self.job.organisation_id):
                amends = None
                issues.append(Issue("number_not_yours", NUMBER, {"value": number[:60]}))
            withdrawing, status_issues = read_withdrawal(definition, raw.values, amends)
            issues += status_issues
            if withdrawing:
                issues += amendment_reasons.misplaced_amendment_issues(amendment)
                issues += [] if number else [Issue("withdraws_nothing", STATUS)]
                checked = _check_withdrawal(
                    connection, validator, row.number, raw, amends=amends, withdrawing=withdrawing
                )
                if issues:
                    checked = CheckedFiling(checked.values, (*issues, *checked.issues), None)
                filings.append(_RowFiling(row.number, checked, amends, withdraws=True))
                continue
            if amends:
                issues += amendment_reasons.amendment_issues(definition, amends, amendment, required=False)
            elif not number:
                issues += amendment_reasons.misplaced_amendment_issues(amendment)
            typed = _stated_values(fields, raw, amends)
            checked = validator.check_alone(typed, amends=amends, row=row.number, prior_issues=issues)
            if amends and checked.prepared:
                amended = amendment_reasons.apply_amendment(definition, amends, checked.prepared, amendment)
                checked = replace(checked, prepared=amended or checked.prepared)
                unanswered = (
                    () if amended else tuple(amendment_reasons.unanswered_order_issues(definition, amends))
                )
                if unanswered:
                    checked = CheckedFiling(checked.values, unanswered, None)
            filings.append(_RowFiling(row.number, checked, amends))
        return filings


def _check_withdrawal(
    connection: Connection,
    validator: FilingValidator,
    row: int,
    raw: RawRow,
    *,
    amends: FetchedRow | None,
    withdrawing: Withdrawing,
) -> CheckedFiling:
    """What stands against a row that withdraws a record (`amends`); the facts in its other columns must be those of the record."""
    record = amends
    if record is None:
        return CheckedFiling({}, (), None)
    stated = dict(stated_cells(raw.values).values)
    document = json.loads(record.document)
    for table, rows in raw.table_rows.items():
        stated[table] = merge_table(document.get(table) or (), rows)
    return check_withdrawal(
        connection,
        record,
        withdrawing,
        typed=stated,
        context=validator.context,
        row=row,
    )


def _checked_withdrawal(row: int, prepared: PreparedDocument, record: FetchedRow) -> CheckedRow:
    """A withdrawal that nothing stands against; one that the record has already changes nothing."""
    done = record.status == prepared.status
    return CheckedRow(
        row,
        prepared,
        expected=UNCHANGED if done else UPDATED,
        number=record.number,
        needs_publishing=not done,
        changes=_changes(record, prepared),
    )


def _changes(record: FetchedRow, prepared: PreparedDocument) -> tuple[FieldChange, ...]:
    """What a row changes in its record; where the English of a value comes from follows from the value."""
    moved = prepared.status != record.status
    status = (FieldChange(STATUS, record.status, prepared.status),) if moved else ()
    facts = changed_facts(json.loads(record.document), prepared.values)
    return (*status, *(change for change in facts if change.field != english_sources.FIELD))


def _stated_values(fields: Sequence[str], raw: RawRow, amends: FetchedRow | None) -> dict[str, Any]:
    """What a row files: a new record whole, or the record that it amends with the facts that the row states changed."""
    stated = stated_cells(raw.values)
    kept: dict[str, Any] = {}
    if amends:
        record = json.loads(amends.document)
        kept = {name: record[name] for name in fields if name in record and name not in stated.cleared}
    tables = {table: merge_table(kept.get(table, ()), rows) for table, rows in raw.table_rows.items()}
    return {**kept, **stated.values, **tables}


def _slug_of(number: str) -> str:
    """The slug of a record by its number as somebody typed it."""
    return number_slug(register_numbers.normalise(number) or number)[:MAX_SLUG_LENGTH]


def _expected_result(
    validator: FilingValidator, amends: FetchedRow | None, prepared: PreparedDocument
) -> str:
    if amends is None:
        return CREATED
    return UNCHANGED if _is_unchanged(validator, amends, prepared) else UPDATED


def _is_unchanged(validator: FilingValidator, record: FetchedRow, prepared: PreparedDocument) -> bool:
    """Return True if a record says what is filed already, apart from the day of filing and what came after it."""
    document = json.loads(record.document)
    return all(document.get(name) == prepared.values.get(name) for name in validator.filing.fields())
