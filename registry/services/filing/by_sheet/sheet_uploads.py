"""Sheets that enterprises upload: taken, listed and followed.

A sheet is opened, and its rows are filed, in the background (`sheet_jobs`). Sheets that are refused count like others.
"""

from __future__ import annotations

import datetime as dt
import functools
import hashlib
import os
import secrets
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log, rate_limits
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import Conflict, Invalid
from registry.kit.decision import DecisionSheet
from registry.kit.desk_import import DeskImport
from registry.kit.issues import Issue
from registry.kit.sheet_job import CANCELLED, DONE, UNFINISHED, WAITING, ImportJob, ImportRow
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing import submission
from registry.services.filing.by_sheet.sheet_policy import open_filing_sheet, refuse_early
from registry.services.filing.by_sheet.sheet_views import find_job, stored_sheet_path
from registry.services.people.memberships import FilerAddress, require_filer, require_membership
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MEGABYTE = 1_000_000
MAX_SHEET_BYTES = 60 * MEGABYTE  # bytes of a sheet: 50,000 rows of 1,200 characters
MAX_SHEET_ROWS = 50_000
MAX_WAITING_SHEETS = 5  # sheets of one organisation that wait
SHEETS_A_DAY = RateLimit("sheets", 100, dt.timedelta(days=1))  # of one organisation, refused ones among them
SHEET_RETENTION = dt.timedelta(days=90)  # after its end: the sheet and what became of its rows
READ_SIZE = 1 << 16


class ByteStream(Protocol):
    """Bytes as an upload gives them: `read` returns b"" at the end."""

    def read(self, size: int, /) -> bytes: ...


@dataclass(frozen=True, slots=True)
class SheetUpload:
    """A sheet to be filed to a register. `name`: what the sender's machine calls it. `signer`: who commits to its rows."""

    register: str
    name: str
    stream: ByteStream
    signer: str
    dry_run: bool


def hand_in_sheet(registry: Registry, actor: Actor, org: FilerAddress, upload: SheetUpload) -> int:
    """Take a sheet, to be checked or filed in the background; returns the id of its job.

    Raises `Invalid` (no sheet, a header that means nothing, no signer, too many sheets wait), `NotFound`,
    `Forbidden` (viewers; a register in which the authority decides first).
    """
    require(actor, Action.ACT_FOR)
    if issues := () if upload.dry_run else submission.signer_issues(upload.signer):
        raise Invalid(issues)
    with unit_of_work(registry.engine) as connection:
        organisation = require_filer(connection, actor, org, upload.register, minimum_role="editor")
        submission.require_published_when_filed(catalogue()[upload.register])
        _require_waiting_below_limit(connection, organisation.id)
        _spend_sheet(registry, connection, organisation.id)
    file = secrets.token_hex(16)
    path = stored_sheet_path(registry, file)
    try:
        store_upload(upload.stream, path)
        refuse_early(path, functools.partial(open_filing_sheet, catalogue()[upload.register]))
        job = _NewJob(
            register=upload.register,
            file=file,
            name=display_name(upload.name),
            left_out="[]",
            signer=_fold_signer(upload.signer)[: submission.MAX_SIGNER_LENGTH],
            dry_run=upload.dry_run,
        )
        with unit_of_work(registry.engine) as connection:
            organisation = require_filer(connection, actor, org, upload.register, minimum_role="editor")
            return _add_job(connection, organisation, actor, job)
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def publish_checked_sheet(
    registry: Registry, actor: Actor, org: FilerAddress, job_id: int, *, signer: str
) -> int:
    """Hand the sheet of a dry run in again, to be published; returns the id of the new job.

    A second call returns the same one. Raises `Conflict` for a sheet that was not checked to its end, and as
    `hand_in_sheet`.
    """
    require(actor, Action.ACT_FOR)
    if issues := submission.signer_issues(signer):
        raise Invalid(issues)
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, org, "editor")
        checked = find_job(connection, organisation.id, job_id)
        require_filer(connection, actor, org, checked.register, minimum_role="editor")
        if not checked.dry_run or checked.state != DONE:
            raise Conflict("sheet_not_checked")
        same_file = (ImportJob.file == checked.file) & ImportJob.dry_run.is_(False)
        published = connection.execute(select(ImportJob.id).where(same_file).limit(1)).scalar()
        if published is not None:
            return int(published)
        job = _NewJob(
            register=checked.register,
            file=checked.file,
            name=checked.name,
            left_out=checked.left_out,
            signer=_fold_signer(signer),
            dry_run=False,
        )
        return _add_job(connection, organisation, actor, job)


def cancel_sheet(registry: Registry, actor: Actor, org: FilerAddress, job_id: int) -> None:
    """Stop the work on a sheet; rows that are filed stay. Raises `NotFound`, `Forbidden`, `Conflict` (it has ended)."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, org, "editor")
        job = find_job(connection, organisation.id, job_id)
        unfinished = (ImportJob.id == job.id) & ImportJob.state.in_(UNFINISHED)
        ended = update(ImportJob).where(unfinished).values(state=CANCELLED, ended_at=clock.now())
        if connection.execute(ended).rowcount != 1:
            raise Conflict("sheet_work_ended")
        audit_log.record(
            connection,
            actor,
            "sheet_cancelled",
            subject=organisation.number,
            details=str(job.id),
        )


def purge_old_sheets(registry: Registry) -> int:
    """Delete sheets that ended long ago, and files that no job names; returns how many. What they filed stays."""
    require(SYSTEM, Action.RELAY)
    before = clock.now() - SHEET_RETENTION
    with unit_of_work(registry.engine) as connection:
        old = list(connection.execute(select(ImportJob.id).where(ImportJob.ended_at < before)).scalars())
        connection.execute(delete(ImportRow).where(ImportRow.job_id.in_(old)))
        connection.execute(delete(ImportJob).where(ImportJob.id.in_(old)))
        files = select(ImportJob.file).union(select(DeskImport.file), select(DecisionSheet.file))
        named = set(connection.execute(files).scalars())
    deleted = 0
    yesterday = (clock.now() - dt.timedelta(days=1)).timestamp()
    if registry.settings.sheets_dir.is_dir():
        for path in registry.settings.sheets_dir.iterdir():
            if path.name not in named and path.stat().st_mtime < yesterday:
                path.unlink(missing_ok=True)
                deleted += 1
    return deleted + len(old)


def store_upload(stream: ByteStream, path: Path) -> str:
    """Write an upload to disk, durably; returns the SHA-256 of its bytes, in hex. Raises `Invalid` as soon as it is too large."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    size, digest = 0, hashlib.sha256()
    with path.open("xb") as file:
        while chunk := stream.read(READ_SIZE):
            size += len(chunk)
            if size > MAX_SHEET_BYTES:
                raise Invalid((Issue("sheet_too_large", "file", {"at_most": MAX_SHEET_BYTES // MEGABYTE}),))
            digest.update(chunk)
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    return digest.hexdigest()


@dataclass(frozen=True, slots=True)
class _NewJob:
    """Columns of a job. `file`: what the sheet is called in the data directory; `left_out`: JSON."""

    register: str
    file: str
    name: str
    left_out: str
    signer: str
    dry_run: bool


def _add_job(connection: Connection, organisation: FetchedRow, actor: Actor, job: _NewJob) -> int:
    _require_waiting_below_limit(connection, organisation.id)
    statement = insert(ImportJob).values(
        register=job.register,
        organisation_id=organisation.id,
        user_id=actor.user_id,
        signer=job.signer,
        file=job.file,
        name=job.name,
        left_out=job.left_out,
        dry_run=job.dry_run,
        state=WAITING,
        made_at=clock.now(),
    )
    job_id = int(connection.execute(statement.returning(ImportJob.id)).scalar_one())
    audit_log.record(
        connection,
        actor,
        "sheet_handed_in",
        subject=organisation.number,
        details=str(job_id),
    )
    return job_id


def _require_waiting_below_limit(connection: Connection, organisation_id: int) -> None:
    """Raise `Invalid` where as many sheets of an organisation wait as may."""
    waiting = (ImportJob.organisation_id == organisation_id) & ImportJob.state.in_(UNFINISHED)
    count = connection.execute(select(func.count()).select_from(ImportJob).where(waiting)).scalar_one()
    if count >= MAX_WAITING_SHEETS:
        raise Invalid((Issue("too_many_jobs", "file", {"at_most": MAX_WAITING_SHEETS}),))


def _spend_sheet(registry: Registry, connection: Connection, organisation_id: int) -> None:
    """Count one more sheet of an organisation, before anything is done with it. Raises `Invalid` beyond the limit."""
    key = SHEETS_A_DAY.key(registry.settings.secret_key, str(organisation_id))
    if rate_limits.count_attempt(connection, SHEETS_A_DAY, key):
        raise Invalid((Issue("too_many_sheets", "file", {"at_most": SHEETS_A_DAY.max_attempts}),))


def _fold_signer(signer: str) -> str:
    return " ".join(signer.split())


def display_name(name: str) -> str:
    """The last part of what the sender's machine calls the file, without characters that cannot be seen."""
    printable = "".join(sign for sign in name.replace("\\", "/").rpartition("/")[2] if sign.isprintable())
    return printable[-200:] or "—"
