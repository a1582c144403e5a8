"""Rows of sheets as the database keeps them: what became of each. Their cells are read from the sheet again."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Sequence
from typing import Any

from sqlalchemy import Connection, select

from registry.kit.issues import Issue
from registry.kit.sheet_job import ImportRow
from registry.services.exchange.duplicate_keys import SeenRow
from registry.services.exchange.pipeline import FieldChange, RowResult
from registry.services.publication.publishing import REFUSED, UPDATED
from registry.store.insertion import insert_rows

BATCH_SIZE = 1000  # rows fetched together


def store_results(connection: Connection, job_id: int, results: Sequence[RowResult]) -> None:
    """Keep what became of rows."""
    insert_rows(connection, ImportRow, [values_of_result(job_id, result) for result in results])


def values_of_result(job_id: int, result: RowResult) -> dict[str, Any]:
    """The columns of a row of results."""
    return {
        "job_id": job_id,
        "row": result.row,
        "result": result.result,
        "number": result.number,
        "natural_key": result.natural_key,
        "content": result.content,
        "issues": dump_issues(result.issues),
        "changes": json.dumps(result.changes, ensure_ascii=False) if result.changes else "",
    }


def find_earlier_rows(connection: Connection, job_id: int, keys: Collection[str]) -> dict[str, SeenRow]:
    """Rows of a sheet that have one of these natural keys and were not refused."""
    rows = connection.execute(
        select(ImportRow.natural_key, ImportRow.row, ImportRow.content, ImportRow.number).where(
            ImportRow.job_id == job_id, ImportRow.natural_key.in_(keys)
        )
    )
    return {str(row.natural_key): SeenRow(row.row, row.content, row.number) for row in rows}


def iterate_results(connection: Connection, job_id: int) -> Iterator[RowResult]:
    """What became of the rows of a sheet, in their order, fetched in batches: memory stays flat."""
    rows = connection.execution_options(yield_per=BATCH_SIZE).execute(
        select(ImportRow.row, ImportRow.result, ImportRow.number, ImportRow.issues, ImportRow.changes)
        .where(ImportRow.job_id == job_id)
        .order_by(ImportRow.row)
    )
    for row in rows:
        yield RowResult(
            row.row,
            row.result,
            row.number,
            issues=load_issues(row.issues),
            changes=load_changes(row.changes),
        )


def list_refused(connection: Connection, job_id: int, limit: int) -> tuple[RowResult, ...]:
    """The first rows that were refused."""
    rows = connection.execute(
        select(ImportRow.row, ImportRow.issues)
        .where(ImportRow.job_id == job_id, ImportRow.result == REFUSED)
        .order_by(ImportRow.row)
        .limit(limit)
    )
    return tuple(RowResult(row.row, REFUSED, issues=load_issues(row.issues)) for row in rows)


def list_changed(connection: Connection, job_id: int, limit: int) -> tuple[RowResult, ...]:
    """The first rows that have changed a record, or would change it."""
    rows = connection.execute(
        select(ImportRow.row, ImportRow.result, ImportRow.number, ImportRow.changes)
        .where(ImportRow.job_id == job_id, ImportRow.result == UPDATED)
        .order_by(ImportRow.row)
        .limit(limit)
    )
    return tuple(
        RowResult(row.row, row.result, row.number, changes=load_changes(row.changes)) for row in rows
    )


def load_changes(text: str) -> tuple[FieldChange, ...]:
    """The changes behind the column of that name."""
    return tuple(FieldChange(*each) for each in json.loads(text or "[]"))


def dump_issues(issues: Sequence[Issue]) -> str:
    """Issues as a column keeps them: JSON, "" for none."""
    return (
        json.dumps([issue.as_json() for issue in issues], ensure_ascii=False, default=str) if issues else ""
    )


def load_issues(text: str) -> tuple[Issue, ...]:
    """The issues behind `dump_issues`."""
    return tuple(Issue(each["code"], each["field"], each["params"]) for each in json.loads(text or "[]"))
