"""The work on sheets: rows are filed in the background, chunk by chunk; organisations take turns.

A chunk's records, entries, messages, receipts, results and the job's progress are one transaction: killed at any point,
the work goes on after the last whole chunk, and no row is filed twice.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import TypeVar

from sqlalchemy import Connection, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.kit.sheet_job import DONE, FAILED, RUNNING, UNFINISHED, ImportJob
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.headers import HeaderMatch
from registry.services.exchange.pipeline import CheckedRow, process_chunk
from registry.services.exchange.results import Counts
from registry.services.exchange.stored_results import dump_issues, store_results
from registry.services.filing import submission
from registry.services.filing.by_sheet import sheet_uploads
from registry.services.filing.by_sheet.sheet_policy import FilerPolicy, open_filing_sheet
from registry.services.filing.by_sheet.sheet_results import SHEETS_LOCK, Stopped, make_wanted_results
from registry.services.filing.by_sheet.sheet_views import stored_sheet_path
from registry.services.filing.questions import describe_issue
from registry.services.mail import letters
from registry.services.people.memberships import Represented, organisation_name, require_filer
from registry.services.publication import publishing
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.store.base import FetchedRow
from registry.store.heartbeat import Heartbeat
from registry.store.leases import Lease
from registry.store.locks import hold_lock, work_in_turn
from registry.store.unit_of_work import STORE_ERRORS, read_transaction, unit_of_work
from registry.tabular.rows import Row

CHUNK_SIZE = 500  # rows a transaction: other filers wait that long at most
IDLE_SECONDS = 1.0
RETRY_SECONDS = 5.0
MAX_OPEN_READERS = 8  # sheets kept open between their turns
# One turn of other work of the same process: given the event that stops it, returns how many chunks were done.
Turn = Callable[[threading.Event | None], int]
Each = TypeVar("Each")
log = logging.getLogger(__name__)


class _JobFailed(Exception):
    """The work on a sheet cannot go on; `issue` says why."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.code)
        self.issue = issue


class _JobSuperseded(Exception):
    """The work was cancelled, or another process is ahead."""


@dataclass(slots=True)
class _SheetReader:
    """A sheet that is being read. `last_row`: number of the last row that was filed."""

    header: HeaderMatch
    rows: Iterator[Row]
    last_row: int


def run_sheet_jobs_once(
    registry: Registry, stop: threading.Event | None = None, *, besides: Turn | None = None
) -> int:
    """Work until no sheet waits; returns the number of chunks processed. `besides`: other work, which takes turns with it.

    Raises `Conflict` as `hold_lock`.
    """
    with hold_lock(SHEETS_LOCK, registry.settings.data_dir, registry.engine, stop):
        chunks, readers = 0, dict[int, _SheetReader]()
        while True:
            jobs = _next_jobs(registry)
            for job in jobs:
                _advance(registry, job, readers)
            others = besides(stop) if besides else 0
            if not jobs and not others:
                make_wanted_results(registry)
                return chunks
            chunks += len(jobs) + others


def run_sheet_jobs_forever(registry: Registry, stop: threading.Event, *, besides: Turn | None = None) -> None:
    """Work until `stop` is set; waits for its turn while another process is at work. `besides`: as above."""
    work_in_turn(
        SHEETS_LOCK,
        registry.settings.data_dir,
        registry.engine,
        stop,
        work=lambda lease: _workuntil_stopped(registry, lease, stop, besides),
    )


def _workuntil_stopped(registry: Registry, lease: Lease, stop: threading.Event, besides: Turn | None) -> None:
    readers = dict[int, _SheetReader]()
    heartbeat = Heartbeat(registry.engine, "sheets")
    while not stop.is_set() and not lease.is_lost:
        pause = IDLE_SECONDS
        try:
            heartbeat.beat()
            for job in _next_jobs(registry):
                pause = 0.0
                if not stop.is_set() and not lease.is_lost:
                    _advance(registry, job, readers, stop)
                    make_wanted_results(registry, stop)
            if besides and not stop.is_set() and not lease.is_lost and besides(stop):
                pause = 0.0
            make_wanted_results(registry, stop)
        except STORE_ERRORS as problem:
            log.warning("store not writable, will try again: %s", problem)
            readers.clear()
            pause = RETRY_SECONDS
        stop.wait(pause)


def _next_jobs(registry: Registry) -> list[FetchedRow]:
    """The oldest open sheet of each organisation: none waits for the sheets of others."""
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            select(*ImportJob.__table__.columns).where(ImportJob.state.in_(UNFINISHED)).order_by(ImportJob.id)
        ).all()
    oldest: dict[int, FetchedRow] = {}
    for job in waiting:
        oldest.setdefault(job.organisation_id, job)
    return list(oldest.values())


def _advance(
    registry: Registry,
    job: FetchedRow,
    readers: dict[int, _SheetReader],
    stop: threading.Event | None = None,
) -> None:
    """File the next chunk of a sheet, or end its job; nothing once `stop` is set."""
    try:
        reader = readers.get(job.id)
        if reader is None or reader.last_row != job.last_row:
            reader = readers[job.id] = _open_reader(registry, job, stop)
            for other in list(readers)[:-MAX_OPEN_READERS]:
                del readers[other]
        chunk = list(islice(reader.rows, CHUNK_SIZE))
        if chunk:
            _file_chunk(registry, job, reader.header, chunk)
            reader.last_row = chunk[-1].number
        else:
            _end_job(registry, job, DONE)
            readers.pop(job.id, None)
    except (_JobSuperseded, Stopped):
        readers.pop(job.id, None)
    except _JobFailed as problem:
        _end_job(registry, job, FAILED, problem.issue)
        readers.pop(job.id, None)
    except STORE_ERRORS:
        raise
    except Exception:
        log.exception("sheet %s stopped after row %s", job.id, job.last_row)
        _end_job(registry, job, FAILED, Issue("job_stopped", "", {"row": job.last_row + 1}))
        readers.pop(job.id, None)


def _open_reader(registry: Registry, job: FetchedRow, stop: threading.Event | None) -> _SheetReader:
    """The sheet at the row where the work goes on; the first time its rows are counted. Raises `_JobFailed`, `Stopped`."""
    path = stored_sheet_path(registry, job.file)
    try:
        opened = open_filing_sheet(catalogue()[job.register], path)
    except Invalid as problem:
        raise _JobFailed(problem.issues[0]) from problem
    if job.total is None:
        total = sum(1 for _number in until_stopped(opened.sheet.numbers(), stop))
        if total > sheet_uploads.MAX_SHEET_ROWS:
            raise _JobFailed(
                Issue("too_many_rows", "", {"rows": total, "at_most": sheet_uploads.MAX_SHEET_ROWS})
            )
        with unit_of_work(registry.engine) as connection:
            unfinished = update(ImportJob).where(ImportJob.id == job.id, ImportJob.state.in_(UNFINISHED))
            notes = json.dumps(opened.notes(), ensure_ascii=False)
            connection.execute(unfinished.values(total=total, state=RUNNING, left_out=notes))
    rows = (row for row in until_stopped(opened.sheet, stop) if row.number > job.last_row)
    return _SheetReader(opened.header, rows, job.last_row)


def until_stopped(rows: Iterable[Each], stop: threading.Event | None) -> Iterator[Each]:
    """The rows, or their numbers. Raises `Stopped` once `stop` is set: nothing is lost with what was read."""
    for row in rows:
        if stop is not None and stop.is_set():
            raise Stopped
        yield row


def _file_chunk(registry: Registry, job: FetchedRow, header: HeaderMatch, chunk: Sequence[Row]) -> None:
    """File a chunk in one transaction, and keep what became of each row. Raises `_JobFailed`, `_JobSuperseded`.

    Its rows are checked before that, by reading; again only if others have published meanwhile.
    """
    with read_transaction(registry.engine) as connection:
        policy = FilerPolicy(job, *_require_filer(connection, job), header)
        checked_rows: Sequence[CheckedRow] | None = policy.check(connection, chunk)
        state = publishing.published_state(connection)
    with unit_of_work(registry.engine) as connection:
        if not job.dry_run:
            publishing.acquire_publish_lock(connection)
            policy = FilerPolicy(job, *_require_filer(connection, job), header)
            if publishing.published_state(connection) != state:
                checked_rows = None
        results = process_chunk(connection, chunk, policy, checked_rows=checked_rows)
        store_results(connection, job.id, results)
        counts = Counts()
        counts.add(results)
        unchanged_job = (
            (ImportJob.id == job.id) & ImportJob.state.in_(UNFINISHED) & (ImportJob.last_row == job.last_row)
        )
        progress = (
            update(ImportJob)
            .where(unchanged_job)
            .values(
                created=ImportJob.created + counts.created,
                updated=ImportJob.updated + counts.updated,
                unchanged=ImportJob.unchanged + counts.unchanged,
                refused=ImportJob.refused + counts.refused,
                last_row=chunk[-1].number,
            )
        )
        if connection.execute(progress).rowcount != 1:
            raise _JobSuperseded


def _require_filer(connection: Connection, job: FetchedRow) -> tuple[Actor, FetchedRow]:
    """The user who handed the sheet in, and the record of the organisation or body that files it, with its document.

    Raises `_JobFailed` when they may not file for it any more.
    """
    role = connection.execute(select(User.role).where(User.id == job.user_id)).scalar()
    where = connection.execute(
        select(Record.register, Record.slug).where(Record.id == job.organisation_id)
    ).one()
    actor = Actor(str(role), job.user_id)
    try:
        filer = Represented(where.register, where.slug)
        require_filer(connection, actor, filer, job.register, minimum_role="editor")
    except (NotFound, Forbidden) as problem:
        raise _JobFailed(Issue("not_acting")) from problem
    organisation = submission.find_record_document(connection, where.register, where.slug)
    assert organisation is not None
    return actor, organisation


def _end_job(registry: Registry, job: FetchedRow, state: str, problem: Issue | None = None) -> None:
    """End the work on a sheet, and tell the user who handed it in by mail."""
    with unit_of_work(registry.engine) as connection:
        unfinished = (ImportJob.id == job.id) & ImportJob.state.in_(UNFINISHED)
        issues = dump_issues((problem,) if problem else ())
        ended = update(ImportJob).where(unfinished).values(state=state, problem=issues, ended_at=clock.now())
        if connection.execute(ended).rowcount != 1:
            return
        row = connection.execute(
            select(*ImportJob.__table__.columns, User.role, User.email, User.lang)
            .join(User, User.id == ImportJob.user_id)
            .where(ImportJob.id == job.id)
        ).one()
        filer = connection.execute(select(*TITLE_COLUMNS).where(Record.id == job.organisation_id)).one()
        details = {
            "file": row.name,
            "organisation": organisation_name(filer, row.lang),
            "refused": str(row.refused),
            "good": str(row.created + row.updated + row.unchanged),
            "sheet": f"{filer.register}/{filer.slug}/sheets/{job.id}",
        }
        kind = "sheet_failed" if problem else "sheet_checked" if row.dry_run else "sheet_done"
        if problem:
            details["problem"] = describe_issue(problem, row.register, row.lang)
        letters.enqueue_letter(connection, kind, row.lang, row.email, **details)
        counts = Counts(row.created, row.updated, row.unchanged, row.refused)
        audit_log.record(
            connection,
            Actor(row.role, job.user_id),
            f"sheet_{state}",
            subject=str(job.id),
            details=counts.summary(),
        )
