"""The sheet of an import as it goes back: each row with what became of it, or the refused rows alone.

Made as the results of enterprises' sheets are: by the process for sheets, and kept for a day.
"""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

from sqlalchemy import Connection, select

from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import NotFound
from registry.i18n import Lang
from registry.kit.desk_import import AT_WORK, DeskImportRow
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.pipeline import RowResult
from registry.services.exchange.results import (
    NUMBER,
    RESULTS_COLUMNS,
    NumberColumn,
    ResultsSheet,
    describe_changes,
)
from registry.services.exchange.stored_results import BATCH_SIZE, load_issues
from registry.services.filing.by_sheet.sheet_results import (
    ResultsRequest,
    make_wanted,
    read_or_make,
    write_results,
)
from registry.services.filing.by_sheet.sheet_views import stored_sheet_path
from registry.services.importing import columns, desk_imports, import_views
from registry.services.publication.publishing import REFUSED
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction
from registry.tabular.tables import table_chunks

WANTED = ".import-wanted"


def export_import_results(
    registry: Registry, actor: Actor, job_id: int, *, request: ResultsRequest
) -> Iterator[bytes]:
    """The sheet with what became of each row, or would; refused rows alone can be corrected and handed in again.

    Raises `NotFound` (also when it is older than 90 days), `Unavailable` (results_being_made) where it takes longer.
    """
    require(actor, Action.SEE_IMPORTS)
    with read_transaction(registry.engine) as connection:
        job = desk_imports.load_import(connection, job_id)
    if not stored_sheet_path(registry, job.file).exists():
        raise NotFound("sheet", str(job_id))
    path = _results_path(registry, job, request)
    return read_or_make(registry, path, WANTED, lambda: _chunks(registry, job, request))


def make_wanted_import_results(registry: Registry, stop: threading.Event | None = None) -> int:
    """Make the results that requests have asked for; returns how many. Once `stop` is set, the rest is left."""
    require(SYSTEM, Action.RELAY)
    return make_wanted(registry, WANTED, lambda path: _make_named(registry, path, stop))


def _results_path(registry: Registry, job: FetchedRow, request: ResultsRequest) -> Path:
    """Where results are kept; others where the work has advanced since."""
    rows = "refused" if request.refused_only else "all"
    progress = f"{job.last_row}" if job.state in AT_WORK else "end"
    of_run = "run" if job.run_at else "check"
    name = f"{job.file}.{job.id}.{of_run}-{progress}-{job.refused}.{request.lang}.{rows}.{request.format}"
    return registry.settings.sheets_dir / name


def _make_named(registry: Registry, path: Path, stop: threading.Event | None) -> None:
    """Make the results that a file name asks for; those of an import that is gone are not."""
    _file, job_id, _progress, lang, rows, file_format = path.name.split(".")
    try:
        with read_transaction(registry.engine) as connection:
            job = desk_imports.load_import(connection, int(job_id))
    except NotFound:
        return
    request = ResultsRequest("csv" if file_format == "csv" else "xlsx", lang, refused_only=rows == "refused")
    write_results(path, _chunks(registry, job, request), stop)


def _chunks(registry: Registry, job: FetchedRow, request: ResultsRequest) -> Iterator[bytes]:
    definition = catalogue()[job.register]
    opened = columns.open_import(definition, job, stored_sheet_path(registry, job.file))
    lang: Lang = "zh" if request.lang == "zh" else "en"
    numbered = next((cell for cell, name in opened.fields.items() if name == NUMBER), None)
    results = ResultsSheet(
        opened.sheet.header,
        RESULTS_COLUMNS,
        lambda issue: import_views.describe_row_issue(issue, definition, lang),
        describe_changes=lambda changes: describe_changes(definition, changes, lang),
        numbers=NumberColumn(numbered, registry.settings.base_url),
        definition=definition if lang == "zh" else None,
    )
    lines = _lines(registry, job, opened, results, refused_only=request.refused_only)
    return table_chunks(request.format, results.header, lines)


def _lines(
    registry: Registry,
    job: FetchedRow,
    opened: columns.OpenedImport,
    results_sheet: ResultsSheet,
    *,
    refused_only: bool,
) -> Iterator[list[object]]:
    """The rows of the sheet beside what became of them; both come in order, so that neither fills memory."""
    with read_transaction(registry.engine) as connection:
        results = _results(connection, job)
        result = next(results, None)
        for row in opened.sheet:
            if result is None:
                return
            if result.row != row.number:
                continue
            if result.result == REFUSED or not refused_only:
                yield results_sheet.line(row, result)
            result = next(results, None)


def _results(connection: Connection, job: FetchedRow) -> Iterator[RowResult]:
    rows = connection.execution_options(yield_per=BATCH_SIZE).execute(
        select(*DeskImportRow.__table__.columns)
        .where(DeskImportRow.job_id == job.id, DeskImportRow.dry_run.is_(job.run_at is None))
        .order_by(DeskImportRow.row)
    )
    for row in rows:
        yield RowResult(
            row.row,
            row.result,
            row.number,
            issues=load_issues(row.issues),
            warnings=load_issues(row.doubts),
            changes=import_views.told_changes(row.changes),
        )
