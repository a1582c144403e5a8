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
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.job import DONE, FAILED, OPEN, RUNNING, ImportJob, ImportRow
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import sheet_rows, sheet_uploads, submission
from registry.services.filing.sheet_columns import Columns, understood
from registry.services.mail import email_links
from registry.services.people.memberships import ORGANISATIONS, acting, name_in
from registry.services.publication import publishing
from registry.services.publication.publishing import CREATED, REFUSED, UNCHANGED, UPDATED
from registry.services.publication.record_queries import TITLE
from registry.store.base import Fetched
from registry.store.locks import Lock, held
from registry.store.unit_of_work import reading, unit_of_work
from registry.tabular.rows import Row

CHUNK = 250  # rows a transaction: others who file wait that long at most
IDLE_SECONDS = 1.0
TROUBLE_SECONDS = 5.0
MOST_OPENED = 8  # sheets kept open between their turns
LOCK = Lock("sheets", 7_226_319)
log = logging.getLogger(__name__)


class _Ended(Exception):
    """The work on a sheet cannot go on, for what the issue says."""

    def __init__(self, issue: Issue) -> None:
        super().__init__(issue.code)
        self.issue = issue


class _Overtaken(Exception):
    """Somebody has cancelled the work, or another process is ahead."""


@dataclass(slots=True)
class _Opened:
    """A sheet that is being read."""

    columns: Columns
    rows: Iterator[Row]
    last_row: int


def run_once(registry: Registry, stop: threading.Event | None = None) -> int:
    """Work until no sheet waits; returns the number of chunks done. Raises `Conflict` as `locks.held`."""
    with held(LOCK, registry, stop):
        done, opened = 0, dict[int, _Opened]()
        while turn := _turn(registry):
            for job in turn:
                _step(registry, job, opened)
                done += 1
        return done


def run_forever(registry: Registry, stop: threading.Event) -> None:
    """Work until `stop` is set."""
    try:
        with held(LOCK, registry, stop):
            opened = dict[int, _Opened]()
            while not stop.is_set():
                pause = IDLE_SECONDS
                try:
                    for job in _turn(registry):
                        pause = 0.0
                        if not stop.is_set():
                            _step(registry, job, opened)
                except (DBAPIError, OSError) as problem:
                    log.warning("store not writable, will try again: %s", problem)
                    opened.clear()
                    pause = TROUBLE_SECONDS
                stop.wait(pause)
    except Conflict:
        if not stop.is_set():
            raise


def _turn(registry: Registry) -> list[Fetched]:
    """The oldest open sheet of each organisation: nobody waits for the sheets of others."""
    require(SYSTEM, Action.RELAY)
    with reading(registry.engine) as connection:
        waiting = connection.execute(
            select(*ImportJob.__table__.columns).where(ImportJob.state.in_(OPEN)).order_by(ImportJob.id)
        ).all()
    first: dict[int, Fetched] = {}
    for row in waiting:
        first.setdefault(row.organisation_id, row)
    return list(first.values())


def _step(registry: Registry, job: Fetched, opened: dict[int, _Opened]) -> None:
    """One chunk of a sheet, or its end."""
    try:
        at = opened.get(job.id)
        if at is None or at.last_row != job.last_row:
            at = opened[job.id] = _open(registry, job)
            for other in list(opened)[:-MOST_OPENED]:
                del opened[other]
        chunk = list(islice(at.rows, CHUNK))
        if chunk:
            _file(registry, job, at.columns, chunk)
            at.last_row = chunk[-1].number
        else:
            _end(registry, job, DONE)
            opened.pop(job.id, None)
    except _Overtaken:
        opened.pop(job.id, None)
    except _Ended as problem:
        _end(registry, job, FAILED, problem.issue)
        opened.pop(job.id, None)
    except (DBAPIError, OSError):
        raise
    except Exception:
        log.exception("sheet %s stopped after row %s", job.id, job.last_row)
        _end(registry, job, FAILED, Issue("job_stopped", "", {"row": job.last_row + 1}))
        opened.pop(job.id, None)


def _open(registry: Registry, job: Fetched) -> _Opened:
    """The sheet at the row where the work goes on; its rows are counted first."""
    try:
        source = sheet_uploads.examined(sheet_uploads.path_of(registry, job.file))
    except Invalid as problem:
        raise _Ended(problem.issues[0]) from problem
    if job.total is None:
        total = sum(1 for _row in source)
        if total > sheet_uploads.MOST_ROWS:
            raise _Ended(Issue("too_many_rows", "", {"rows": total, "at_most": sheet_uploads.MOST_ROWS}))
        with unit_of_work(registry.engine) as connection:
            known = update(ImportJob).where(ImportJob.id == job.id, ImportJob.state.in_(OPEN))
            connection.execute(known.values(total=total, state=RUNNING))
    rows = (row for row in source if row.number > job.last_row)
    return _Opened(understood(catalogue()[job.register], source.header), rows, job.last_row)


def _file(registry: Registry, job: Fetched, columns: Columns, chunk: Sequence[Row]) -> None:
    """File a chunk in one transaction, and keep what became of each row."""
    with unit_of_work(registry.engine) as connection:
        publishing.wait_for_others(connection)
        actor, organisation = _who(connection, job)
        rows = sheet_rows.file(connection, job, actor, organisation, columns, chunk)
        connection.execute(insert(ImportRow), [row.stored(job.id) for row in rows])
        counts = {
            result: getattr(ImportJob, result) + sum(row.result == result for row in rows)
            for result in (CREATED, UPDATED, UNCHANGED, REFUSED)
        }
        still = (ImportJob.id == job.id) & ImportJob.state.in_(OPEN) & (ImportJob.last_row == job.last_row)
        moved = update(ImportJob).where(still).values(**counts, last_row=chunk[-1].number)
        if connection.execute(moved).rowcount != 1:
            raise _Overtaken


def _who(connection: Connection, job: Fetched) -> tuple[Actor, Fetched]:
    """Who handed the sheet in, as long as he files for its organisation. Raises `_Ended`."""
    role = connection.execute(select(User.role).where(User.id == job.user_id)).scalar()
    slug = connection.execute(select(Record.slug).where(Record.id == job.organisation_id)).scalar_one()
    actor = Actor(str(role), job.user_id)
    try:
        acting(connection, actor, slug, "editor")
    except (NotFound, Forbidden) as problem:
        raise _Ended(Issue("not_acting")) from problem
    organisation = submission.document_of(connection, ORGANISATIONS, slug)
    assert organisation is not None
    return actor, organisation


def _end(registry: Registry, job: Fetched, state: str, problem: Issue | None = None) -> None:
    """The end of the work on a sheet, told to who handed it in."""
    with unit_of_work(registry.engine) as connection:
        written = json.dumps([problem.as_json()], ensure_ascii=False, default=str) if problem else ""
        still = (ImportJob.id == job.id) & ImportJob.state.in_(OPEN)
        ended = update(ImportJob).where(still).values(state=state, problem=written, ended_at=clock.now())
        if connection.execute(ended).rowcount != 1:
            return
        row = connection.execute(
            select(*ImportJob.__table__.columns, User.role, User.email, User.lang)
            .join(User, User.id == ImportJob.user_id)
            .where(ImportJob.id == job.id)
        ).one()
        holder = connection.execute(select(*TITLE).where(Record.id == job.organisation_id)).one()
        details = {"file": row.name, "organisation": name_in(holder, row.lang), "refused": str(row.refused)}
        details |= {
            "good": str(row.created + row.updated + row.unchanged),
            "sheet": f"{holder.slug}/sheets/{job.id}",
        }
        kind = "sheet_checked" if row.dry_run else "sheet_done"
        email_links.post(connection, kind, row.lang, row.email, **details)
        counts = (
            f"created {row.created}, updated {row.updated}, unchanged {row.unchanged}, refused {row.refused}"
        )
        audit_log.note(connection, row.role, f"sheet_{state}", job.user_id, str(job.id), counts)
