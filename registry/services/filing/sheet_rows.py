"""What becomes of the rows of a sheet that an enterprise files: checked together, published together."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.policy import Actor
from registry.kit.issues import Issue
from registry.kit.job import ImportRow
from registry.ledger.canonical import canonical_json, document_hash
from registry.reference.identifiers import register_numbers
from registry.services.filing import amendment_reasons, submission
from registry.services.filing.amendment_reasons import AMENDMENT_NOTE, AMENDMENT_REASON
from registry.services.filing.sheet_columns import NUMBER, HeaderMatch
from registry.services.filing.submission import CheckedFiling, FilingValidator
from registry.services.publication.publishing import CREATED, REFUSED, UNCHANGED, UPDATED, PreparedDocument
from registry.services.publication.record_columns import number_slug
from registry.store.base import FetchedRow
from registry.tabular.rows import Row


@dataclass(frozen=True, slots=True)
class RowResult:
    """What became of a row: its result, the number of its record, its key and content, and what stands against it."""

    row: int
    result: str
    number: str = ""
    natural_key: str | None = None
    content: str = ""
    issues: tuple[Issue, ...] = ()

    def stored(self, job_id: int) -> dict[str, Any]:
        """As the table of rows keeps it."""
        issues = json.dumps([each.as_json() for each in self.issues], ensure_ascii=False, default=str)
        values = {"job_id": job_id, "row": self.row, "result": self.result, "number": self.number}
        values |= {"natural_key": self.natural_key, "content": self.content}
        return values | {"issues": issues if self.issues else ""}


@dataclass(frozen=True, slots=True)
class CheckedRow:
    """A row with what stands against it by itself, and the record that it is to amend."""

    row: int
    amends: FetchedRow | None
    checked: CheckedFiling


def file_rows(
    connection: Connection,
    job: FetchedRow,
    actor: Actor,
    organisation: FetchedRow,
    columns: HeaderMatch,
    rows: Sequence[Row],
) -> list[RowResult]:
    """Check rows and, unless the work is a dry run, publish those that nothing stands against."""
    desk = FilingValidator(connection, job.register, organisation)
    results, ready = _decide_results(connection, job, desk, _check_rows(connection, job, desk, columns, rows))
    if job.dry_run or not ready:
        return results
    filed = {
        each.outcome.row: each
        for each in submission.publish_filings(
            connection, actor, job.register, organisation, ready, job.signer
        )
    }
    return [_published_result(each, filed[each.row]) if each.row in filed else each for each in results]


def _check_rows(
    connection: Connection, job: FetchedRow, desk: FilingValidator, columns: HeaderMatch, rows: Sequence[Row]
) -> list[CheckedRow]:
    raws = [columns.raw(row) for row in rows]
    numbers = [str(raw.pop(NUMBER, None) or "").strip() for raw in raws]
    why = [
        amendment_reasons.read_amendment(
            desk.definition, raw.pop(AMENDMENT_REASON, ""), raw.pop(AMENDMENT_NOTE, "")
        )
        for raw in raws
    ]
    slugs = {
        number: number_slug(register_numbers.normalise(number) or number)[:120]
        for number in numbers
        if number
    }
    records = submission.find_record_documents(connection, job.register, set(slugs.values()))
    examined = []
    for row, raw, number, given in zip(rows, raws, numbers, why, strict=True):
        found = [
            Issue(code, columns.fields.get(column, column), params) for code, column, params in row.issues
        ]
        amends = records.get(slugs.get(number, ""))
        if number and (amends is None or amends.holder_id != job.organisation_id):
            amends = None
            found.append(Issue("number_not_yours", NUMBER, {"value": number[:60]}))
        found += (
            amendment_reasons.amendment_issues(desk.definition, given, required=False)
            if number
            else amendment_reasons.misplaced_amendment_issues(given)
        )
        checked = desk.check_alone(raw, amends=amends, row=row.number, prior_issues=found)
        if amends and checked.prepared:
            prepared = (
                amendment_reasons.apply_amendment(desk.definition, amends, checked.prepared, given)
                or checked.prepared
            )
            checked = replace(checked, prepared=prepared)
        examined.append(CheckedRow(row.number, amends, checked))
    return examined


def _decide_results(
    connection: Connection, job: FetchedRow, desk: FilingValidator, examined: Sequence[CheckedRow]
) -> tuple[list[RowResult], list[PreparedDocument]]:
    """Each row's result beside other rows of the sheet and other records; and the documents to be published."""
    keys = [each.checked.prepared.key for each in examined if each.checked.prepared]
    earlier = _earlier_rows(connection, job, keys)
    numbers = desk.numbers_of_keys(keys)
    filed_before = [number_slug(number) for key, number in numbers.items() if key not in earlier]
    records = {
        each.number: each
        for each in submission.find_record_documents(connection, job.register, filed_before).values()
    }
    results: list[RowResult] = []
    ready: list[PreparedDocument] = []
    for each in examined:
        prepared = each.checked.prepared
        if prepared is None:
            results.append(RowResult(each.row, REFUSED, issues=each.checked.issues))
            continue
        content = document_hash(canonical_json(prepared.values))
        first = earlier.get(prepared.key)
        if first is not None:
            results.append(_repeated_result(each.row, first, content))
            continue
        number = numbers.get(prepared.key, "")
        result = RowResult(each.row, CREATED, number, prepared.key, content)
        if each.amends is None and number in records and _is_unchanged(desk, records[number], prepared):
            result = replace(result, result=UNCHANGED)
        elif issues := desk.key_conflicts(prepared, number or None, each.amends):
            results.append(RowResult(each.row, REFUSED, issues=issues))
            continue
        else:
            if each.amends is not None:
                result = replace(
                    result, result=UNCHANGED if _is_unchanged(desk, each.amends, prepared) else UPDATED
                )
            ready.append(prepared)
        earlier[prepared.key] = result
        results.append(result)
    return results, ready


def _earlier_rows(connection: Connection, job: FetchedRow, keys: Sequence[str]) -> dict[str, Any]:
    """Earlier rows of this sheet, by key."""
    found = connection.execute(
        select(ImportRow.natural_key, ImportRow.row, ImportRow.number, ImportRow.content).where(
            ImportRow.job_id == job.id, ImportRow.natural_key.in_(keys)
        )
    )
    return {row.natural_key: row for row in found}


def _repeated_result(row: int, first: Any, content: str) -> RowResult:
    """A row whose key an earlier one of the sheet has already."""
    if first.content == content:
        return RowResult(row, UNCHANGED, first.number)
    return RowResult(row, REFUSED, issues=(Issue("duplicate_key", "", {"row": first.row}),))


def _is_unchanged(desk: FilingValidator, record: FetchedRow, prepared: PreparedDocument) -> bool:
    """Whether a record says already what is filed, apart from the day of filing and what came after it."""
    document = json.loads(record.document)
    return all(document.get(name) == prepared.values.get(name) for name in desk.filing.fields())


def _published_result(result: RowResult, filed: submission.FilingOutcome) -> RowResult:
    issue = filed.outcome.issue
    if issue is not None:
        return RowResult(result.row, REFUSED, issues=(issue,))
    return replace(result, result=filed.outcome.result, number=filed.number)
