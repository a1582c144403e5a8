"""Sheets that enterprises hand in: taken, listed, followed, their results carried away.

A sheet is looked at when it comes; its rows are filed in the background (`filing_jobs`).
"""

from __future__ import annotations

import datetime as dt
import json
import os
import secrets
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.display import StatusView
from registry.kit.issues import Issue
from registry.kit.job import CANCELLED, DONE, FAILED, RUNNING, UNFINISHED, WAITING, ImportJob, ImportRow
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import submission
from registry.services.filing.questions import describe_issue
from registry.services.filing.sheet_columns import RESULT_COLUMNS, header_problems, match_header
from registry.services.people.memberships import (
    DECLARATIONS,
    OrganisationView,
    organisation_view,
    require_membership,
)
from registry.services.publication.record_columns import number_slug
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.errors import SheetError
from registry.tabular.reading import Sheet, open_sheet
from registry.tabular.writing import csv_chunks, xlsx_chunks

MEGABYTE = 1_000_000
MAX_SHEET_BYTES = 60 * MEGABYTE  # bytes of a sheet: 50,000 rows of 1,200 characters
MAX_SHEET_ROWS = 50_000
MAX_WAITING_SHEETS = 5  # sheets of one organisation that wait
MAX_LISTED = 50
SHEET_RETENTION = dt.timedelta(days=90)  # after its end: the sheet and what became of its rows
READ_SIZE = 1 << 16
JOB_BADGES = {
    WAITING: StatusView(WAITING, "排队中", "Waiting", "pending", "open"),
    RUNNING: StatusView(RUNNING, "处理中", "At work", "pending", "open"),
    DONE: StatusView(DONE, "已完成", "Done", "in_force", "soon"),
    FAILED: StatusView(FAILED, "已中止", "Stopped", "ended", "stop"),
    CANCELLED: StatusView(CANCELLED, "已取消", "Cancelled", "ended", "past"),
}

ResultsFormat = Literal["csv", "xlsx"]


class ByteStream(Protocol):
    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SheetJobView:
    """A sheet and how far it is. `total` None: not counted yet."""

    id: int
    name: str
    state: str
    badge: StatusView
    dry_run: bool
    total: int | None
    created: int
    updated: int
    unchanged: int
    refused: int
    problem: Issue | None
    made_at: dt.datetime
    made_by: str
    ended_at: dt.datetime | None

    @property
    def done(self) -> int:
        return self.created + self.updated + self.unchanged + self.refused

    @property
    def open(self) -> bool:
        return self.state in UNFINISHED

    @property
    def share(self) -> int:
        """Per cent."""
        return 100 * self.done // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class RefusedRow:
    """A refused row: its number and each issue as (field, code, words)."""

    row: int
    issues: tuple[Issue, ...]


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet with the first rows that were refused."""

    organisation: OrganisationView
    job: SheetJobView
    refused: tuple[RefusedRow, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SheetListView:
    organisation: OrganisationView
    jobs: tuple[SheetJobView, ...]


def list_sheets(registry: Registry, actor: Actor, org: str) -> SheetListView:
    """The sheets of an organisation, newest first. Raises `NotFound` for who does not act for it."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        rows = connection.execute(
            _select_jobs()
            .where(ImportJob.organisation_id == mine.id, ImportJob.register == DECLARATIONS)
            .order_by(ImportJob.id.desc())
            .limit(MAX_LISTED)
        ).all()
    return SheetListView(organisation_view(mine), tuple(map(_job_view, rows)))


def hand_in_sheet(
    registry: Registry, actor: Actor, org: str, name: str, stream: ByteStream, signer: str, *, dry_run: bool
) -> int:
    """Take a sheet; returns the number of the work on it. `name`: as the person's machine calls it.

    Raises `Invalid` (no sheet, a header that names nothing, no signer), `Conflict` (too many wait), `NotFound`,
    `Forbidden` (viewers).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        require_membership(connection, actor, org, "editor")
    if issues := () if dry_run else submission.signer_issues(signer):
        raise Invalid(issues)
    stored = secrets.token_hex(16)
    path = stored_sheet_path(registry, stored)
    try:
        _store_upload(stream, path)
        left_out = match_header(catalogue()[DECLARATIONS], open_filing_sheet(path).header).left_out
        about = {
            "file": stored,
            "name": _display_name(name),
            "left_out": json.dumps(left_out, ensure_ascii=False),
        }
        with unit_of_work(registry.engine) as connection:
            mine = require_membership(connection, actor, org, "editor")
            signed = " ".join(signer.split())[: submission.MAX_SIGNER_LENGTH]
            return _add_job(connection, mine, actor, {**about, "signer": signed, "dry_run": dry_run})
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def publish_checked_sheet(registry: Registry, actor: Actor, org: str, job_id: int, signer: str) -> int:
    """Hand the sheet of a dry run in again, to be published. Raises as `hand_in`."""
    require(actor, Action.ACT_FOR)
    if issues := submission.signer_issues(signer):
        raise Invalid(issues)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = _find_job(connection, mine.id, job_id)
        if not row.dry_run or row.state != DONE:
            raise Conflict("sheet_not_checked")
        signed = " ".join(signer.split())
        again = (ImportJob.file == row.file) & ImportJob.dry_run.is_(False)
        there = connection.execute(select(ImportJob.id).where(again).limit(1)).scalar()
        if there is not None:  # pressed twice
            return int(there)
        about = {"file": row.file, "name": row.name, "left_out": row.left_out}
        return _add_job(connection, mine, actor, {**about, "signer": signed, "dry_run": False})


def get_sheet(registry: Registry, actor: Actor, org: str, job_id: int) -> SheetView:
    """How far a sheet is, and what was refused first. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = _find_job(connection, mine.id, job_id)
        refused = connection.execute(
            select(ImportRow.row, ImportRow.issues)
            .where(ImportRow.job_id == job_id, ImportRow.result == "refused")
            .order_by(ImportRow.row)
            .limit(MAX_LISTED)
        ).all()
    left_out = tuple(json.loads(row.left_out))
    rows = tuple(RefusedRow(each.row, _load_issues(each.issues)) for each in refused)
    return SheetView(organisation_view(mine), _job_view(row), rows, left_out)


def cancel_sheet(registry: Registry, actor: Actor, org: str, job_id: int) -> None:
    """Stop the work on a sheet; rows that are filed stay. Raises `NotFound`, `Forbidden`, `Conflict` (it has ended)."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = require_membership(connection, actor, org, "editor")
        row = _find_job(connection, mine.id, job_id)
        still = (ImportJob.id == row.id) & ImportJob.state.in_(UNFINISHED)
        ended = update(ImportJob).where(still).values(state=CANCELLED, ended_at=clock.now())
        if connection.execute(ended).rowcount != 1:
            raise Conflict("sheet_work_ended")
        audit_log.record(
            connection, actor.role, "sheet_cancelled", actor.user_id, subject=mine.number, details=str(row.id)
        )


def export_sheet_results(
    registry: Registry,
    actor: Actor,
    org: str,
    job_id: int,
    written: ResultsFormat,
    lang: str,
    *,
    refused_only: bool,
) -> Iterator[bytes]:
    """The sheet with what became of each row; refused rows alone can be mended and handed in again.

    Raises `NotFound` (also when it is older than 90 days).
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        mine = require_membership(connection, actor, org)
        row = _find_job(connection, mine.id, job_id)
    path = stored_sheet_path(registry, row.file)
    if not path.exists():
        raise NotFound("sheet", str(job_id))
    source = open_sheet(path)
    own = [name for name in source.header if name not in RESULT_COLUMNS]
    columns = match_header(catalogue()[DECLARATIONS], source.header).fields
    number = next((cell for cell, name in columns.items() if name == "number"), None)
    header = [*([] if number else ["number"]), *own, *RESULT_COLUMNS]
    lines = _result_lines(registry, job_id, source, own, number, lang, refused_only=refused_only)
    return csv_chunks(header, lines) if written == "csv" else xlsx_chunks(header, lines)


def open_filing_sheet(path: Path) -> Sheet:
    """A sheet whose header is understood. Raises `Invalid`."""
    try:
        opened = open_sheet(path)
    except SheetError as problem:
        raise Invalid((Issue(problem.code, "file", problem.params),)) from problem
    if found := tuple(header_problems(match_header(catalogue()[DECLARATIONS], opened.header))):
        raise Invalid(found)
    return opened


def stored_sheet_path(registry: Registry, stored: str) -> Path:
    """Where the bytes of a sheet lie."""
    return registry.settings.sheets_dir / stored


def purge_old_sheets(registry: Registry) -> int:
    """Forget sheets that ended long ago, and files that no row names. What they filed stays. Returns how many went."""
    require(SYSTEM, Action.RELAY)
    before = clock.now() - SHEET_RETENTION
    with unit_of_work(registry.engine) as connection:
        old = list(connection.execute(select(ImportJob.id).where(ImportJob.ended_at < before)).scalars())
        connection.execute(delete(ImportRow).where(ImportRow.job_id.in_(old)))
        connection.execute(delete(ImportJob).where(ImportJob.id.in_(old)))
        named = set(connection.execute(select(ImportJob.file)).scalars())
    gone = 0
    yesterday = (clock.now() - dt.timedelta(days=1)).timestamp()
    if registry.settings.sheets_dir.is_dir():
        for path in registry.settings.sheets_dir.iterdir():
            if path.name not in named and path.stat().st_mtime < yesterday:
                path.unlink(missing_ok=True)
                gone += 1
    return gone + len(old)


def _store_upload(stream: ByteStream, path: Path) -> None:
    """Write the stream down for good. Raises `Invalid` as soon as it is too long."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size = 0
    with path.open("xb") as file:
        while piece := stream.read(READ_SIZE):
            size += len(piece)
            if size > MAX_SHEET_BYTES:
                raise Invalid((Issue("sheet_too_large", "file", {"at_most": MAX_SHEET_BYTES // MEGABYTE}),))
            file.write(piece)
        file.flush()
        os.fsync(file.fileno())


def _add_job(connection: Connection, mine: FetchedRow, actor: Actor, about: Mapping[str, Any]) -> int:
    waiting = (ImportJob.organisation_id == mine.id) & ImportJob.state.in_(UNFINISHED)
    count = connection.execute(select(func.count()).select_from(ImportJob).where(waiting)).scalar_one()
    if count >= MAX_WAITING_SHEETS:
        raise Invalid((Issue("too_many_jobs", "file", {"at_most": MAX_WAITING_SHEETS}),))
    values = {
        "register": DECLARATIONS,
        "organisation_id": mine.id,
        "user_id": actor.user_id,
        "state": WAITING,
    }
    made = insert(ImportJob).values(**values, **about, made_at=clock.now()).returning(ImportJob.id)
    job_id = int(connection.execute(made).scalar_one())
    audit_log.record(
        connection, actor.role, "sheet_handed_in", actor.user_id, subject=mine.number, details=str(job_id)
    )
    return job_id


def _result_lines(
    registry: Registry,
    job_id: int,
    source: Sheet,
    own: list[str],
    number: str | None,
    lang: str,
    *,
    refused_only: bool,
) -> Iterator[list[object]]:
    """The rows of the sheet beside what became of them; both come in order, so that neither fills memory."""
    with read_transaction(registry.engine) as connection:
        ended = connection.execution_options(yield_per=1000).execute(
            select(ImportRow.row, ImportRow.result, ImportRow.number, ImportRow.issues)
            .where(ImportRow.job_id == job_id)
            .order_by(ImportRow.row)
        )
        found = next(ended, None)
        for row in source:
            if found is None:
                return
            if found.row != row.number:
                continue
            if found.result == "refused" or not refused_only:
                cells = {name: row.cells.get(name, "") for name in own}
                given = found.number or (cells.get(number, "") if number else "")
                if number:
                    cells[number] = given
                issues = _load_issues(found.issues)
                link = f"{registry.settings.base_url}/r/{number_slug(found.number)}" if found.number else ""
                yield [
                    *([] if number else [given]),
                    *cells.values(),
                    row.number,
                    found.result,
                    link,
                    _join_distinct(issue.field for issue in issues),
                    _join_distinct(issue.code for issue in issues),
                    _join_distinct(describe_issue(issue, DECLARATIONS, lang) for issue in issues),
                ]
            found = next(ended, None)


def _join_distinct(parts: Iterable[str]) -> str:
    return " | ".join(dict.fromkeys(parts))


def _load_issues(written: str) -> tuple[Issue, ...]:
    return tuple(Issue(each["code"], each["field"], each["params"]) for each in json.loads(written or "[]"))


def _select_jobs() -> Any:
    return select(*ImportJob.__table__.columns, User.name.label("made_by")).join(
        User, User.id == ImportJob.user_id
    )


def _find_job(connection: Connection, organisation_id: int, job_id: int) -> FetchedRow:
    row: FetchedRow | None = connection.execute(
        _select_jobs().where(ImportJob.id == job_id, ImportJob.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound("sheet", str(job_id))
    return row


def _job_view(row: FetchedRow) -> SheetJobView:
    problem = next(iter(_load_issues(row.problem)), None)
    counts = (row.created, row.updated, row.unchanged, row.refused)
    return SheetJobView(
        row.id, row.name, row.state, JOB_BADGES[row.state], row.dry_run, row.total, *counts, problem, row.made_at,
        row.made_by, row.ended_at,
    )  # fmt: skip


def _display_name(name: str) -> str:
    """The last part of what the person's machine calls the file, without signs that nobody sees."""
    plain = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return plain[-200:] or "—"
