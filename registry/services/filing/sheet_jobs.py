"""The work on sheets: filed row by row in the background, chunk by chunk, an organisation at a time in turn.

A chunk's records, entries, messages, receipts, results and the job's progress are one transaction: killed at any point,
the work goes on after the last whole chunk, and no row is filed twice.
"""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from sqlalchemy import Connection, insert, select, update
from sqlalchemy.exc import DBAPIError

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import ConcurrentWrite, Conflict, DatabaseUnavailable, Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.job import DONE, FAILED, RUNNING, UNFINISHED, ImportJob, ImportRow
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import sheet_rows, sheet_uploads, submission
from registry.services.filing.sheet_columns import HeaderMatch, match_header
from registry.services.mail import letters
from registry.services.people.memberships import ORGANISATIONS, organisation_name, require_membership
from registry.services.publication import publishing
from registry.services.publication.publishing import CREATED, REFUSED, UNCHANGED, UPDATED
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.store.base import FetchedRow
from registry.store.locks import Lock, hold_lock
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.rows import Row

CHUNK_SIZE = 250  # rows a transaction: others who file wait that long at most
IDLE_SECONDS = 1.0
RETRY_SECONDS = 5.0
MAX_OPEN_READERS = 8  # sheets kept open between their turns
SHEETS_LOCK = Lock("sheets", 7_226_319)
STORE_ERRORS = (
    DBAPIError,
    ConcurrentWrite,
    DatabaseUnavailable,
    OSError,
)  # the store may take the chunk later
log = logging.getLogger(__name__)


class _JobFailed(Exception):
    """The work on a sheet cannot go on, for what the issue says."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.code)
        self.issue = issue


class _JobSuperseded(Exception):
    """Somebody has cancelled the work, or another process is ahead."""


@dataclass(slots=True)
class _OpenSheet:
    """A sheet that is being read."""

    columns: HeaderMatch
    rows: Iterator[Row]
    last_row: int


def run_sheet_jobs_once(registry: Registry, stop: threading.Event | None = None) -> int:
    """Work until no sheet waits; returns the number of chunks done. Raises `Conflict` as `locks.hold_lock`."""
    with hold_lock(SHEETS_LOCK, registry.settings.data_dir, registry.engine, stop):
        done, opened = 0, dict[int, _OpenSheet]()
        while turn := _next_jobs(registry):
            for job in turn:
                _process_chunk(registry, job, opened)
                done += 1
        return done


def run_sheet_jobs_forever(registry: Registry, stop: threading.Event) -> None:
    """Work until `stop` is set."""
    try:
        with hold_lock(SHEETS_LOCK, registry.settings.data_dir, registry.engine, stop):
            opened = dict[int, _OpenSheet]()
            while not stop.is_set():
                pause = IDLE_SECONDS
                try:
                    for job in _next_jobs(registry):
                        pause = 0.0
                        if not stop.is_set():
                            _process_chunk(registry, job, opened)
                except STORE_ERRORS as problem:
                    log.warning("store not writable, will try again: %s", problem)
                    opened.clear()
                    pause = RETRY_SECONDS
                stop.wait(pause)
    except Conflict:
        if not stop.is_set():
            raise


def _next_jobs(registry: Registry) -> list[FetchedRow]:
    """The oldest open sheet of each organisation: nobody waits for the sheets of others."""
    require(SYSTEM, Action.RELAY)
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            select(*ImportJob.__table__.columns).where(ImportJob.state.in_(UNFINISHED)).order_by(ImportJob.id)
        ).all()
    first: dict[int, FetchedRow] = {}
    for row in waiting:
        first.setdefault(row.organisation_id, row)
    return list(first.values())


def _process_chunk(registry: Registry, job: FetchedRow, opened: dict[int, _OpenSheet]) -> None:
    """One chunk of a sheet, or its end."""
    try:
        at = opened.get(job.id)
        if at is None or at.last_row != job.last_row:
            at = opened[job.id] = _open(registry, job)
            for other in list(opened)[:-MAX_OPEN_READERS]:
                del opened[other]
        chunk = list(islice(at.rows, CHUNK_SIZE))
        if chunk:
            _file_chunk(registry, job, at.columns, chunk)
            at.last_row = chunk[-1].number
        else:
            _end_job(registry, job, DONE)
            opened.pop(job.id, None)
    except _JobSuperseded:
        opened.pop(job.id, None)
    except _JobFailed as problem:
        _end_job(registry, job, FAILED, problem.issue)
        opened.pop(job.id, None)
    except STORE_ERRORS:
        raise
    except Exception:
        log.exception("sheet %s stopped after row %s", job.id, job.last_row)
        _end_job(registry, job, FAILED, Issue("job_stopped", "", {"row": job.last_row + 1}))
        opened.pop(job.id, None)


def _open(registry: Registry, job: FetchedRow) -> _OpenSheet:
    """The sheet at the row where the work goes on; its rows are counted first."""
    try:
        source = sheet_uploads.open_filing_sheet(sheet_uploads.stored_sheet_path(registry, job.file))
    except Invalid as problem:
        raise _JobFailed(problem.issues[0]) from problem
    if job.total is None:
        total = sum(1 for _row in source)
        if total > sheet_uploads.MAX_SHEET_ROWS:
            raise _JobFailed(
                Issue("too_many_rows", "", {"rows": total, "at_most": sheet_uploads.MAX_SHEET_ROWS})
            )
        with unit_of_work(registry.engine) as connection:
            known = update(ImportJob).where(ImportJob.id == job.id, ImportJob.state.in_(UNFINISHED))
            connection.execute(known.values(total=total, state=RUNNING))
    rows = (row for row in source if row.number > job.last_row)
    return _OpenSheet(match_header(catalogue()[job.register], source.header), rows, job.last_row)


def _file_chunk(registry: Registry, job: FetchedRow, columns: HeaderMatch, chunk: Sequence[Row]) -> None:
    """File a chunk in one transaction, and keep what became of each row."""
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        actor, organisation = _require_filer(connection, job)
        rows = sheet_rows.file_rows(connection, job, actor, organisation, columns, chunk)
        connection.execute(insert(ImportRow), [row.stored(job.id) for row in rows])
        counts = {
            result: getattr(ImportJob, result) + sum(row.result == result for row in rows)
            for result in (CREATED, UPDATED, UNCHANGED, REFUSED)
        }
        still = (
            (ImportJob.id == job.id) & ImportJob.state.in_(UNFINISHED) & (ImportJob.last_row == job.last_row)
        )
        moved = update(ImportJob).where(still).values(**counts, last_row=chunk[-1].number)
        if connection.execute(moved).rowcount != 1:
            raise _JobSuperseded


def _require_filer(connection: Connection, job: FetchedRow) -> tuple[Actor, FetchedRow]:
    """Who handed the sheet in, as long as he files for its organisation. Raises `_Ended`."""
    role = connection.execute(select(User.role).where(User.id == job.user_id)).scalar()
    slug = connection.execute(select(Record.slug).where(Record.id == job.organisation_id)).scalar_one()
    actor = Actor(str(role), job.user_id)
    try:
        require_membership(connection, actor, slug, "editor")
    except (NotFound, Forbidden) as problem:
        raise _JobFailed(Issue("not_acting")) from problem
    organisation = submission.find_record_document(connection, ORGANISATIONS, slug)
    assert organisation is not None
    return actor, organisation


def _end_job(registry: Registry, job: FetchedRow, state: str, problem: Issue | None = None) -> None:
    """The end of the work on a sheet, told to who handed it in."""
    with unit_of_work(registry.engine) as connection:
        written = json.dumps([problem.as_json()], ensure_ascii=False, default=str) if problem else ""
        still = (ImportJob.id == job.id) & ImportJob.state.in_(UNFINISHED)
        ended = update(ImportJob).where(still).values(state=state, problem=written, ended_at=clock.now())
        if connection.execute(ended).rowcount != 1:
            return
        row = connection.execute(
            select(*ImportJob.__table__.columns, User.role, User.email, User.lang)
            .join(User, User.id == ImportJob.user_id)
            .where(ImportJob.id == job.id)
        ).one()
        holder = connection.execute(select(*TITLE_COLUMNS).where(Record.id == job.organisation_id)).one()
        details = {
            "file": row.name,
            "organisation": organisation_name(holder, row.lang),
            "refused": str(row.refused),
        }
        details |= {
            "good": str(row.created + row.updated + row.unchanged),
            "sheet": f"{holder.slug}/sheets/{job.id}",
        }
        kind = "sheet_checked" if row.dry_run else "sheet_done"
        letters.enqueue_mail(connection, kind, row.lang, row.email, **details)
        counts = (
            f"created {row.created}, updated {row.updated}, unchanged {row.unchanged}, refused {row.refused}"
        )
        audit_log.record(
            connection, row.role, f"sheet_{state}", job.user_id, subject=str(job.id), details=counts
        )
