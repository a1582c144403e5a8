"""The work on imports, in the process for sheets: opening, checking and publishing, chunk by chunk.

A chunk's records, entries, messages, results and the progress of its import are one transaction: killed at any point, a
run goes on after the last whole chunk. A check, which leaves nothing in the register, begins again.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from itertools import islice
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Forbidden, Invalid
from registry.kit.definition import RegisterDefinition
from registry.kit.desk_import import (
    AT_WORK,
    CHECKED,
    CHECKING,
    COLUMNS,
    DONE,
    FAILED,
    OPENING,
    DeskImport,
    DeskImportRow,
)
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.duplicate_keys import DuplicateKeyStore
from registry.services.exchange.foreseen_doubles import ForeseenDoubles
from registry.services.exchange.pipeline import RowResult, process_chunk
from registry.services.exchange.policies import RegistrarPolicy
from registry.services.exchange.results import Counts, with_place
from registry.services.exchange.stored_results import dump_issues, values_of_result
from registry.services.filing.by_sheet.sheet_jobs import until_stopped
from registry.services.filing.by_sheet.sheet_results import Stopped
from registry.services.filing.by_sheet.sheet_uploads import MAX_SHEET_ROWS
from registry.services.filing.by_sheet.sheet_views import stored_sheet_path
from registry.services.importing import columns, desk_imports, import_results, importers
from registry.services.importing.columns import OpenedImport
from registry.services.importing.desk_policy import DeskPolicy
from registry.services.issue_messages import issue_message
from registry.services.mail import letters
from registry.services.publication import publishing
from registry.services.publication.batch_writer import Authority
from registry.services.publication.publishing import CREATED, UPDATED
from registry.store.base import FetchedRow
from registry.store.unit_of_work import STORE_ERRORS, read_transaction, unit_of_work
from registry.tabular.rows import Row

CHUNK_SIZE = 250  # rows a transaction: other writers wait that long at most
MAX_OPEN = 4  # sheets kept open between their turns
MAX_DOUBTS = 200  # kinds of warnings that are counted: field and code
log = logging.getLogger(__name__)


class _Ended(Exception):
    """The work on an import ends here; `issue` says why, `state` how."""

    def __init__(self, issue: Issue, state: str = FAILED) -> None:
        super().__init__(issue.code)
        self.issue = issue
        self.state = state


class _Superseded(Exception):
    """The import was ended or led on by somebody else."""


@dataclass(slots=True)
class _OpenSheet:
    """A sheet on its way in. `doubles`, `foreseen`: what a check has foreseen so far, None in a run."""

    opened: OpenedImport
    rows: Iterator[Row]
    last_row: int
    state: str
    foreseen: DuplicateKeyStore | None
    doubles: ForeseenDoubles | None
    files: ExitStack = field(repr=False)


class ImportWork:
    """The turns of one process: each import at work advances by a chunk. `end` closes what is open."""

    def __init__(self, registry: Registry) -> None:
        """Take the registry to work on."""
        self._registry = registry
        self._open: dict[int, _OpenSheet] = {}

    def turn(self, stop: threading.Event | None = None) -> int:
        """Advance each import at work by one chunk; returns how many chunks were done. Raises what the store raises."""
        require(SYSTEM, Action.RELAY)
        jobs = _jobs_at_work(self._registry)
        for job_id in self._open.keys() - {job.id for job in jobs}:
            self._close(job_id)
        for job in jobs:
            if stop is not None and stop.is_set():
                break
            self._advance(job, stop)
        import_results.make_wanted_import_results(self._registry, stop)
        return len(jobs)

    def end(self) -> None:
        """Close every sheet; a check that was under way begins again next time."""
        for job_id in list(self._open):
            self._close(job_id)

    def _advance(self, job: FetchedRow, stop: threading.Event | None) -> None:
        try:
            if job.state == OPENING:
                _look_at(self._registry, job)
            else:
                self._process(job, stop)
        except (_Superseded, Stopped):
            self._close(job.id)
        except _Ended as problem:
            self._close(job.id)
            _end(self._registry, job, problem.state, problem.issue)
        except STORE_ERRORS:
            self._close(job.id)
            raise
        except Exception:
            log.exception("import %s stopped after row %s", job.id, job.last_row)
            self._close(job.id)
            _end(self._registry, job, FAILED, Issue("import_stopped", "", {"row": job.last_row + 1}))

    def _process(self, job: FetchedRow, stop: threading.Event | None) -> None:
        sheet = self._open.get(job.id)
        if sheet is None or (sheet.last_row, sheet.state) != (job.last_row, job.state):
            self._close(job.id)
            job, sheet = self._open_sheet(job, stop)
        chunk = list(islice(sheet.rows, CHUNK_SIZE))
        if not chunk:
            self._close(job.id)
            _end(self._registry, job, CHECKED if job.state == CHECKING else DONE)
            return
        _take_chunk(self._registry, job, sheet, chunk)
        sheet.last_row = chunk[-1].number

    def _open_sheet(self, job: FetchedRow, stop: threading.Event | None) -> tuple[FetchedRow, _OpenSheet]:
        """Open a sheet where the work goes on; a check begins at its first row."""
        definition = catalogue()[job.register]
        try:
            opened = columns.open_import(definition, job, stored_sheet_path(self._registry, job.file))
        except Invalid as problem:
            state = COLUMNS if job.state == CHECKING else FAILED
            raise _Ended(problem.issues[0], state) from problem
        job = _begin(self._registry, job, opened, stop)
        with ExitStack() as stack:
            foreseen = doubles = None
            if job.state == CHECKING:
                foreseen = stack.enter_context(DuplicateKeyStore())
                doubles = stack.enter_context(ForeseenDoubles(definition))
            rows = (row for row in until_stopped(opened.sheet, stop) if row.number > job.last_row)
            sheet = _OpenSheet(opened, rows, job.last_row, job.state, foreseen, doubles, stack.pop_all())
        self._open[job.id] = sheet
        for other in list(self._open)[:-MAX_OPEN]:
            self._close(other)
        return job, sheet

    def _close(self, job_id: int) -> None:
        if sheet := self._open.pop(job_id, None):
            sheet.files.close()


def _jobs_at_work(registry: Registry) -> Sequence[FetchedRow]:
    """The imports that wait for this process, the oldest first; at most so many as are kept open."""
    with read_transaction(registry.engine) as connection:
        return connection.execute(
            select(*DeskImport.__table__.columns)
            .where(DeskImport.state.in_(AT_WORK))
            .order_by(DeskImport.id)
            .limit(MAX_OPEN)
        ).all()


def _look_at(registry: Registry, job: FetchedRow) -> None:
    """Open a sheet and keep what its page shows, so that a person says how its columns are read."""
    definition = catalogue()[job.register]
    with read_transaction(registry.engine) as connection:
        saved = desk_imports.saved_mappings(connection, job.register)
    try:
        path = stored_sheet_path(registry, job.file)
        mapping, fields, preview = columns.make_preview(definition, job, path, saved)
    except Invalid as problem:
        raise _Ended(problem.issues[0], COLUMNS if job.preview else FAILED) from problem
    _write(
        registry,
        job,
        state=COLUMNS,
        mapping=mapping,
        columns=json.dumps(fields, ensure_ascii=False),
        preview=json.dumps(preview, ensure_ascii=False, default=str),
    )


def _begin(
    registry: Registry, job: FetchedRow, opened: OpenedImport, stop: threading.Event | None
) -> FetchedRow:
    """Count the rows of a sheet, and begin its check again. Returns the import as it stands."""
    total = job.total
    if total is None:
        total = sum(1 for _number in until_stopped(opened.sheet.numbers(), stop))
        if total > MAX_SHEET_ROWS:
            at_most = {"rows": total, "at_most": MAX_SHEET_ROWS}
            raise _Ended(Issue("too_many_rows", "", at_most))
        if not total:
            raise _Ended(Issue("no_rows", "", {"file": job.name}))
    with unit_of_work(registry.engine) as connection:
        values: dict[str, Any] = {"total": total}
        if job.state == CHECKING:
            of_check = (DeskImportRow.job_id == job.id) & DeskImportRow.dry_run.is_(True)
            connection.execute(delete(DeskImportRow).where(of_check))
            values |= {**desk_imports.NOTHING_COUNTED, "total": total}
        _update(connection, job, **values)
        return desk_imports.load_import(connection, job.id)


def _take_chunk(registry: Registry, job: FetchedRow, sheet: _OpenSheet, chunk: Sequence[Row]) -> None:
    """Check or publish a chunk, and keep what became of each row. Raises `_Ended`, `_Superseded`."""
    definition = catalogue()[job.register]
    dry_run = job.state == CHECKING
    if dry_run:
        with read_transaction(registry.engine) as connection:
            results = process_chunk(connection, chunk, _policy(connection, job, sheet, definition))
        with unit_of_work(registry.engine) as connection:
            _store(connection, job, sheet, results)
        return
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        policy = _policy(connection, job, sheet, definition)
        results = process_chunk(connection, chunk, policy)
        numbers = _store(connection, job, sheet, results)
        audit_log.record_all(connection, policy.accounts[-1], "record_imported", numbers, details=str(job.id))


def _policy(
    connection: Connection, job: FetchedRow, sheet: _OpenSheet, definition: RegisterDefinition
) -> DeskPolicy:
    """The policy for a chunk, of the accounts as they are now. Raises `_Ended` where one may import no longer."""
    try:
        ids = (job.made_by,) if sheet.state == CHECKING else (job.made_by, job.run_by)
        accounts = [importers.importer_of(connection, each) for each in ids]
    except Forbidden as problem:
        raise _Ended(Issue(problem.reason)) from problem
    registrar = RegistrarPolicy(
        definition,
        sheet.opened.reader,
        Authority(accounts[-1].role),
        DuplicateKeyStore(),  # not used: earlier rows are found by their stored results
        checks_register=sheet.opened.checks_register,
        clear_empty=job.clear_empty,
        dry_run_state=sheet.foreseen,
        foreseen_doubles=sheet.doubles,
        file=job.name,
    )
    return DeskPolicy(job, registrar, accounts, sheet.state == CHECKING)


def _store(
    connection: Connection, job: FetchedRow, sheet: _OpenSheet, results: Sequence[RowResult]
) -> list[str]:
    """Keep the results of a chunk and the progress of its import; returns the numbers of the records it has published."""
    published = [each.number for each in results if each.result in (CREATED, UPDATED) and each.number]
    dry_run = sheet.state == CHECKING
    versions = {} if dry_run else _versions(connection, job.register, published)
    place_of = sheet.opened.sheet.place_of
    connection.execute(
        insert(DeskImportRow),
        [
            {
                **values_of_result(job.id, result),
                "dry_run": dry_run,
                "version": versions.get(result.number) if result.result in (CREATED, UPDATED) else None,
                "doubts": dump_issues(result.doubts),
                "issues": dump_issues([with_place(issue, place_of) for issue in result.issues]),
            }
            for result in results
        ],
    )
    counts = Counts()
    counts.add(results)
    _update(
        connection,
        job,
        created=DeskImport.created + counts.created,
        updated=DeskImport.updated + counts.updated,
        unchanged=DeskImport.unchanged + counts.unchanged,
        refused=DeskImport.refused + counts.refused,
        last_row=results[-1].row,
        doubts=_counted_doubts(job.doubts, results),
    )
    return published


def _versions(connection: Connection, register: str, numbers: Sequence[str]) -> dict[str, int]:
    rows = connection.execute(
        select(Record.number, Record.version).where(Record.register == register, Record.number.in_(numbers))
    )
    return {row.number: row.version for row in rows}


def _counted_doubts(kept: str, results: Sequence[RowResult]) -> str:
    """The warnings of rows that were taken, counted by field and code: JSON of [issue, row of the first, rows]."""
    counted = {
        (issue["field"], issue["code"]): [issue, row, rows] for issue, row, rows in json.loads(kept or "[]")
    }
    for result in results:
        for issue in result.warnings if result.result in (CREATED, UPDATED) else ():
            key = (issue.field, issue.code)
            if key not in counted and len(counted) < MAX_DOUBTS:
                counted[key] = [issue.as_json(), result.row, 0]
            if key in counted:
                counted[key][2] += 1
    return json.dumps(list(counted.values()), ensure_ascii=False, default=str)


def _end(registry: Registry, job: FetchedRow, state: str, problem: Issue | None = None) -> None:
    """End the work on an import, or hand it back to a person, and tell by mail who prepared and who runs it."""
    with unit_of_work(registry.engine) as connection:
        ended = clock.now() if state in (DONE, FAILED) else None
        try:
            _update(
                connection,
                job,
                state=state,
                problem=dump_issues((problem,) if problem else ()),
                ended_at=ended,
            )
        except _Superseded:
            return
        row = desk_imports.load_import(connection, job.id)
        _tell(connection, row, problem)
        counts = Counts(row.created, row.updated, row.unchanged, row.refused)
        by = row.run_by or row.made_by
        role = connection.execute(select(User.role).where(User.id == by)).scalar_one()
        details = f"{row.id} {counts.summary()}"
        audit_log.record(
            connection, Actor(role, by), f"import_{state}", subject=row.register, details=details
        )


def _tell(connection: Connection, row: FetchedRow, problem: Issue | None) -> None:
    """Queue the letters about an import that waits for a person again, or has ended."""
    kind = "import_failed" if problem else "import_checked" if row.state == CHECKED else "import_done"
    people = connection.execute(
        select(User.email, User.lang).where(
            User.id.in_({row.made_by, row.run_by or row.made_by}), User.email != ""
        )
    )
    for person in people:
        details = {
            "file": row.name,
            "good": str(row.created + row.updated + row.unchanged),
            "refused": str(row.refused),
            "page": f"desk/imports/{row.id}",
        }
        if problem:
            details["problem"] = issue_message(problem, person.lang, catalogue()[row.register])
        letters.enqueue_letter(connection, kind, person.lang, person.email, **details)


def _write(registry: Registry, job: FetchedRow, **values: Any) -> None:
    with unit_of_work(registry.engine) as connection:
        _update(connection, job, **values)


def _update(connection: Connection, job: FetchedRow, **values: Any) -> None:
    """Change an import that stands where this process has seen it. Raises `_Superseded`."""
    here = (DeskImport.id == job.id) & (DeskImport.state == job.state) & (DeskImport.last_row == job.last_row)
    if not connection.execute(update(DeskImport).where(here).values(**values)).rowcount:
        raise _Superseded
