"""Imports at the desk: handed in, their columns chosen, checked, run by a second person, ended.

A sheet is opened, checked and published in the background (`import_work`). Sheets that are refused count like others.
"""

from __future__ import annotations

import datetime as dt
import functools
import json
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, func, insert, select, update

from registry import clock
from registry.accounts import audit_log, rate_limits
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import Conflict, Forbidden, Invalid, NotFound
from registry.kit.desk_import import (
    AT_WORK,
    CANCELLED,
    CHECKED,
    CHECKING,
    COLUMNS,
    OPENING,
    RUNNING,
    UNFINISHED,
    DeskImport,
    DeskImportRow,
    SavedMapping,
)
from registry.kit.issues import Issue
from registry.reference.text import sparse_dates
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet.sheet_policy import refuse_early
from registry.services.filing.by_sheet.sheet_uploads import (
    SHEET_RETENTION,
    ByteStream,
    display_name,
    store_upload,
)
from registry.services.filing.by_sheet.sheet_views import stored_sheet_path
from registry.services.importing import columns, importers
from registry.services.importing.columns import MAX_HEADER_ROW, SOURCE, SOURCE_DATE
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

MAX_WAITING = 10  # imports of one account that have not ended
IMPORTS_A_DAY = RateLimit("imports", 100, dt.timedelta(days=1))  # of one account, refused ones among them
MAX_SOURCE_LENGTH, MAX_MAPPING_NAME, MAX_MAPPINGS = 200, 80, 50
NOTHING_COUNTED: Mapping[str, Any] = {
    "total": None,
    "last_row": 0,
    "created": 0,
    "updated": 0,
    "unchanged": 0,
    "refused": 0,
    "doubts": "",
    "problem": "",
}


@dataclass(frozen=True, slots=True)
class ImportUpload:
    """A sheet for a register. `source`: where its facts come from, for rows that name none; `source_date`: its day, or ""."""

    register: str
    name: str
    stream: ByteStream
    source: str
    source_date: str = ""


@dataclass(frozen=True, slots=True)
class Reading:
    """How a sheet is to be read. `columns`: header cell → field, "" for left out; none of them: as they are found.

    `mapping`: one that comes with the register, in place of columns. `save_as`: the name under which the columns are kept.
    """

    columns: Mapping[str, str]
    mapping: str = ""
    saved: str = ""
    header_row: str = ""
    clear_empty: bool = False
    save_as: str = ""


def hand_in_import(registry: Registry, actor: Actor, upload: ImportUpload) -> int:
    """Take a sheet, to be opened in the background; returns the id of its import. Nothing is published.

    Raises `NotFound` (register), `Forbidden`, `Invalid` (no sheet, no source, too many of them).
    """
    require(actor, Action.IMPORT)
    if upload.register not in catalogue():
        raise NotFound("register", upload.register[:60], code="register_unknown")
    source, day = _read_source(upload)
    with unit_of_work(registry.engine) as connection:
        person = importers.require_importer(connection, actor)
        _require_waiting_below_limit(connection, person)
        key = IMPORTS_A_DAY.key(registry.settings.secret_key, str(person))
        if rate_limits.count_attempt(connection, IMPORTS_A_DAY, key):
            issue = Issue("too_many_imports_today", "file", {"at_most": IMPORTS_A_DAY.max_attempts})
            raise Invalid((issue,))
    file = secrets.token_hex(16)
    path = stored_sheet_path(registry, file)
    try:
        digest = store_upload(upload.stream, path)
        refuse_early(path, functools.partial(columns.open_small, upload.register))
        with unit_of_work(registry.engine) as connection:
            _require_waiting_below_limit(connection, person)
            statement = insert(DeskImport).values(
                register=upload.register,
                file=file,
                name=display_name(upload.name),
                digest=digest,
                source=source,
                source_date=day,
                state=OPENING,
                made_by=person,
                made_at=clock.now(),
            )
            job_id = int(connection.execute(statement.returning(DeskImport.id)).scalar_one())
            _audit(connection, actor, "import_handed_in", job_id=job_id, register=upload.register)
            return job_id
    except BaseException:
        path.unlink(missing_ok=True)
        raise


def choose_reading(registry: Registry, actor: Actor, job_id: int, reading: Reading) -> None:
    """Say how a sheet is to be read, and look at it again. Only who prepared it does; a finished check counts no longer.

    Raises `NotFound`, `Forbidden`, `Conflict` (it has gone on), `Invalid`.
    """
    require(actor, Action.IMPORT)
    with unit_of_work(registry.engine) as connection:
        job = _own_job(connection, actor, job_id)
        values = _reading_values(connection, job, reading)
        _move(connection, job, (COLUMNS, CHECKED), state=OPENING, foreseen="", **values, **NOTHING_COUNTED)
        _audit(connection, actor, "import_columns_chosen", job_id=job_id, register=job.register)


def check_import(registry: Registry, actor: Actor, job_id: int, reading: Reading) -> None:
    """Check a sheet in the background, with the columns that are chosen: what it would change, row by row.

    Raises as `choose_reading`; `Invalid` also where no column tells the records apart, or two mean one field.
    """
    require(actor, Action.IMPORT)
    with unit_of_work(registry.engine) as connection:
        job = _own_job(connection, actor, job_id)
        values = _reading_values(connection, job, reading)
        chosen = json.loads(values["columns"] or "{}")
        looked_at = bool(values["columns"]) and not reading.saved  # else the columns are shown first
        if looked_at and not values["mapping"]:
            columns.require_readable(catalogue()[job.register], chosen)
        if looked_at and reading.save_as.strip():
            _save_mapping(connection, actor, job.register, name=reading.save_as.strip(), chosen=chosen)
        state = CHECKING if looked_at else OPENING
        _move(connection, job, (COLUMNS, CHECKED), state=state, foreseen="", **values, **NOTHING_COUNTED)
        _audit(connection, actor, "import_columns_chosen", job_id=job_id, register=job.register)


def run_import(registry: Registry, actor: Actor, job_id: int) -> None:
    """Publish the rows of a checked sheet in the background, each checked again. A second person does: four eyes.

    Raises `NotFound`, `Forbidden` (`import_is_own`), `Conflict` (it is not checked, or runs already).
    """
    require(actor, Action.IMPORT)
    with unit_of_work(registry.engine) as connection:
        person = importers.require_importer(connection, actor)
        job = load_import(connection, job_id)
        if job.made_by == person:
            raise Forbidden("import_is_own")
        importers.importer_of(connection, job.made_by)
        foreseen = {name: getattr(job, name) for name in ("created", "updated", "unchanged", "refused")}
        _move(
            connection,
            job,
            (CHECKED,),
            state=RUNNING,
            run_by=person,
            run_at=clock.now(),
            foreseen=json.dumps(foreseen),
            **{**NOTHING_COUNTED, "total": job.total},
        )
        _audit(connection, actor, "import_started", job_id=job_id, register=job.register)


def cancel_import(registry: Registry, actor: Actor, job_id: int) -> None:
    """End an import; rows that are published stay. Who prepared it may, and who runs it.

    Raises `NotFound`, `Forbidden`, `Conflict` (it has ended).
    """
    require(actor, Action.IMPORT)
    with unit_of_work(registry.engine) as connection:
        person = importers.require_importer(connection, actor)
        job = load_import(connection, job_id)
        if person not in (job.made_by, job.run_by):
            raise Forbidden("import_of_another")
        _move(connection, job, UNFINISHED, state=CANCELLED, ended_at=clock.now())
        _audit(connection, actor, "import_cancelled", job_id=job_id, register=job.register)


def delete_mapping(registry: Registry, actor: Actor, register: str, name: str) -> None:
    """Delete a saved mapping of a register; imports that were read by it stay as they are. Raises `NotFound`."""
    require(actor, Action.IMPORT)
    with unit_of_work(registry.engine) as connection:
        importers.require_importer(connection, actor)
        named = (SavedMapping.register == register) & (SavedMapping.name == name)
        if not connection.execute(delete(SavedMapping).where(named)).rowcount:
            raise NotFound("mapping", name[:MAX_MAPPING_NAME], code="mapping_unknown")
        audit_log.record(connection, actor, "mapping_deleted", subject=register, details=name)


def saved_mappings(connection: Connection, register: str) -> dict[str, dict[str, str]]:
    """Return the saved mappings of a register: name → header cell → field, by name."""
    rows = connection.execute(
        select(SavedMapping.name, SavedMapping.columns)
        .where(SavedMapping.register == register)
        .order_by(SavedMapping.name)
    )
    return {row.name: json.loads(row.columns) for row in rows}


def load_import(connection: Connection, job_id: int) -> FetchedRow:
    """Return an import. Raises `NotFound`."""
    row: FetchedRow | None = connection.execute(
        select(*DeskImport.__table__.columns).where(DeskImport.id == job_id)
    ).one_or_none()
    if row is None or row.register not in catalogue():
        raise NotFound("sheet", str(job_id))
    return row


def purge_old_imports(registry: Registry) -> int:
    """Delete imports that ended long ago, or were left for as long; returns how many. What they published stays."""
    require(SYSTEM, Action.RELAY)
    before = clock.now() - SHEET_RETENTION
    with unit_of_work(registry.engine) as connection:
        last = func.coalesce(DeskImport.ended_at, DeskImport.run_at, DeskImport.made_at)
        old = list(
            connection.execute(
                select(DeskImport.id).where(last < before, DeskImport.state.not_in(AT_WORK))
            ).scalars()
        )
        connection.execute(delete(DeskImportRow).where(DeskImportRow.job_id.in_(old)))
        connection.execute(delete(DeskImport).where(DeskImport.id.in_(old)))
    return len(old)


def _read_source(upload: ImportUpload) -> tuple[str, str]:
    """The source of a sheet and its day, as records keep them. Raises `Invalid`."""
    source = " ".join(upload.source.split())
    issues = []
    if not source:
        issues.append(Issue("source_wanted", SOURCE))
    if len(source) > MAX_SOURCE_LENGTH:
        issues.append(Issue("too_long", SOURCE, {"length": len(source), "at_most": MAX_SOURCE_LENGTH}))
    day = ""
    if written := upload.source_date.strip():
        try:
            day = sparse_dates.parse(written)
        except sparse_dates.DateError as problem:
            issues.append(Issue(problem.code, SOURCE_DATE, {"value": written[:40]}))
    if issues:
        raise Invalid(tuple(issues))
    return source, day


def _own_job(connection: Connection, actor: Actor, job_id: int) -> FetchedRow:
    """The import that the actor has prepared."""
    require(actor, Action.IMPORT)
    person = importers.require_importer(connection, actor)
    job = load_import(connection, job_id)
    if job.made_by != person:
        raise Forbidden("import_of_another")
    return job


def _reading_values(connection: Connection, job: FetchedRow, reading: Reading) -> dict[str, Any]:
    """The columns of the table of imports for a reading. Raises `Invalid`."""
    definition = catalogue()[job.register]
    known = {name for name, _label in columns.list_meanings(definition, "en")}
    header = columns.chosen_columns(job)
    issues = []
    row = None
    if written := reading.header_row.strip():
        fits = written.isascii() and written.isdecimal() and len(written) <= len(str(MAX_HEADER_ROW))
        row = int(written) if fits and 1 <= int(written) <= MAX_HEADER_ROW else None
        if row is None:
            issues.append(Issue("header_row_wrong", "header_row", {"at_most": MAX_HEADER_ROW}))
    chosen = {cell: reading.columns.get(cell, meaning) for cell, meaning in header.items()}
    issues += [
        Issue("meaning_unknown", cell, {"value": name[:60]})
        for cell, name in chosen.items()
        if name and name not in known
    ]
    if reading.mapping and reading.mapping not in definition.mappings():
        issues.append(Issue("mapping_gone", "mapping", {"name": reading.mapping[:MAX_MAPPING_NAME]}))
    if reading.saved:
        kept = saved_mappings(connection, job.register).get(reading.saved)
        if kept is None:
            issues.append(Issue("mapping_gone", "mapping", {"name": reading.saved[:MAX_MAPPING_NAME]}))
        chosen = {cell: (kept or {}).get(cell, "") for cell in header}
    if issues:
        raise Invalid(tuple(issues))
    found_again = reading.mapping != job.mapping or row != job.header_row
    return {
        "columns": "" if found_again and not reading.saved else json.dumps(chosen, ensure_ascii=False),
        "mapping": reading.mapping,
        "header_row": row,
        "clear_empty": reading.clear_empty,
    }


def _save_mapping(
    connection: Connection, actor: Actor, register: str, *, name: str, chosen: Mapping[str, str]
) -> None:
    """Keep columns under a name, in place of those that had it. Raises `Invalid`."""
    require(actor, Action.IMPORT)
    if len(name) > MAX_MAPPING_NAME:
        raise Invalid((Issue("mapping_name_too_long", "save_as", {"at_most": MAX_MAPPING_NAME}),))
    kept = saved_mappings(connection, register)
    if name not in kept and len(kept) >= MAX_MAPPINGS:
        raise Invalid((Issue("too_many_mappings", "save_as", {"at_most": MAX_MAPPINGS}),))
    connection.execute(
        delete(SavedMapping).where(SavedMapping.register == register, SavedMapping.name == name)
    )
    connection.execute(
        insert(SavedMapping).values(
            register=register,
            name=name,
            columns=json.dumps(chosen, ensure_ascii=False),
            made_by=actor.user_id,
            made_at=clock.now(),
        )
    )
    audit_log.record(connection, actor, "mapping_saved", subject=register, details=name)


def _move(connection: Connection, job: FetchedRow, states: tuple[str, ...], **values: Any) -> None:
    """Lead an import on from one of these states. Raises `Conflict` where another act was first."""
    here = (DeskImport.id == job.id) & DeskImport.state.in_(states) & (DeskImport.state == job.state)
    if not connection.execute(update(DeskImport).where(here).values(**values)).rowcount:
        raise Conflict("import_not_there", state=job.state)


def _require_waiting_below_limit(connection: Connection, person: int) -> None:
    waiting = (DeskImport.made_by == person) & DeskImport.state.in_(UNFINISHED)
    count = connection.execute(select(func.count()).select_from(DeskImport).where(waiting)).scalar_one()
    if count >= MAX_WAITING:
        raise Invalid((Issue("too_many_imports", "file", {"at_most": MAX_WAITING}),))


def _audit(connection: Connection, actor: Actor, action: str, *, job_id: int, register: str) -> None:
    require(actor, Action.IMPORT)
    audit_log.record(connection, actor, action, subject=register, details=str(job_id))
