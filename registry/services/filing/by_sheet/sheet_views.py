"""What an organisation sees of the sheets it has handed in: how far they are, and what became of their rows."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, select

from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, require
from registry.errors import NotFound
from registry.i18n import _
from registry.kit.definition import RegisterDefinition
from registry.kit.display import StatusView
from registry.kit.issues import Issue
from registry.kit.sheet_job import CANCELLED, DONE, FAILED, RUNNING, UNFINISHED, WAITING, ImportJob
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.pipeline import FieldChange, RowResult
from registry.services.exchange.stored_results import (
    list_changed,
    list_refused,
    load_issues,
)
from registry.services.filing.withdrawals import STATUS
from registry.services.people.memberships import (
    FilerAddress,
    OrganisationView,
    organisation_view,
    require_filer,
    require_membership,
)
from registry.services.records.past import versions
from registry.services.records.views import ChangeView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction
from registry.tabular.reading import place_in_worksheets

MAX_LISTED, MAX_CHANGED = 50, 20  # rows on the page of a sheet
STATUS_LABEL = _("Status")
JOB_BADGES = {
    WAITING: StatusView(WAITING, "排队中", "Waiting", "pending", "open"),
    RUNNING: StatusView(RUNNING, "处理中", "In progress", "pending", "open"),
    DONE: StatusView(DONE, "已完成", "Done", "in_force", "live"),
    FAILED: StatusView(FAILED, "已中止", "Stopped", "ended", "stop"),
    CANCELLED: StatusView(CANCELLED, "已取消", "Cancelled", "ended", "past"),
}


@dataclass(frozen=True, slots=True)
class SheetJobView:
    """A sheet and how far it is. `total` None: not counted yet. `problem`: why the work has stopped."""

    id: int
    register: str
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
        """Rows that have a result."""
        return self.created + self.updated + self.unchanged + self.refused

    @property
    def open(self) -> bool:
        return self.state in UNFINISHED

    @property
    def percent_done(self) -> int:
        return 100 * self.done // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class SheetView:
    """One sheet with the first rows that were refused, and that changed a record."""

    organisation: OrganisationView
    job: SheetJobView
    refused: tuple[RowResult, ...]
    changed: tuple[RowResult, ...]  # the first ones
    left_out: tuple[str, ...]  # columns that mean nothing here
    notices: tuple[Issue, ...] = ()  # what was noticed while the file was read
    worksheets: tuple[tuple[str, int], ...] = ()  # of several: name, and what its row numbers are raised by

    def place_of(self, row: int) -> str | int:
        """The number of a row as its sender finds it."""
        return place_in_worksheets(self.worksheets, row)


@dataclass(frozen=True, slots=True)
class SheetListView:
    """The sheets of an organisation, newest first."""

    organisation: OrganisationView
    jobs: tuple[SheetJobView, ...]


def list_sheets(registry: Registry, actor: Actor, org: FilerAddress, register: str) -> SheetListView:
    """The latest sheets that an organisation has handed in for a register.

    Raises `NotFound` for an actor who does not act for it.
    """
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        organisation = require_filer(connection, actor, org, register)
        rows = connection.execute(
            _select_jobs()
            .where(ImportJob.organisation_id == organisation.id, ImportJob.register == register)
            .order_by(ImportJob.id.desc())
            .limit(MAX_LISTED)
        ).all()
    return SheetListView(organisation_view(organisation), tuple(map(_job_view, rows)))


def get_sheet(registry: Registry, actor: Actor, org: FilerAddress, job_id: int) -> SheetView:
    """How far a sheet is, and what was refused first. Raises `NotFound`."""
    require(actor, Action.ACT_FOR)
    with read_transaction(registry.engine) as connection:
        organisation = require_membership(connection, actor, org)
        job = find_job(connection, organisation.id, job_id)
        refused = list_refused(connection, job_id, MAX_LISTED)
        changed = list_changed(connection, job_id, MAX_CHANGED)
    notes = json.loads(job.left_out)
    left_out = tuple(note for note in notes if isinstance(note, str))
    noted = [note for note in notes if isinstance(note, dict)]
    notices = tuple(Issue(note["code"], "", note["params"], "warns") for note in noted if "code" in note)
    worksheets = tuple((name, offset) for note in noted for name, offset in note.get("worksheets", ()))
    return SheetView(
        organisation_view(organisation), _job_view(job), refused, changed, left_out, notices, worksheets
    )


def describe_row_changes(changes: Sequence[FieldChange], register: str, lang: str) -> tuple[ChangeView, ...]:
    """Return what a row has changed, in words: the status first, of tables only the rows that differ."""
    definition = catalogue()[register]
    before = {change.field: change.before for change in changes if change.before is not None}
    after = {change.field: change.after for change in changes if change.after is not None}
    moved = [
        ChangeView(STATUS_LABEL, *(_state_words(definition, state, lang) for state in states))
        for name, *states in changes
        if name == STATUS
    ]
    return (*moved, *versions.document_differences(definition, before, after, lang))


def _state_words(definition: RegisterDefinition, status: str, lang: str) -> str:
    view = definition.life_cycle.state(status).view()
    return view.zh if lang == "zh" else view.en


def stored_sheet_path(registry: Registry, file: str) -> Path:
    """Where the bytes of a sheet are stored."""
    return registry.settings.sheets_dir / file


def _select_jobs() -> Any:
    return select(*ImportJob.__table__.columns, name_or_address().label("sender")).join(
        User, User.id == ImportJob.user_id
    )


def find_job(connection: Connection, organisation_id: int, job_id: int) -> FetchedRow:
    """A job of this organisation, with the name of its user. Raises `NotFound`."""
    row: FetchedRow | None = connection.execute(
        _select_jobs().where(ImportJob.id == job_id, ImportJob.organisation_id == organisation_id)
    ).one_or_none()
    if row is None:
        raise NotFound("sheet", str(job_id))
    return row


def _job_view(row: FetchedRow) -> SheetJobView:
    return SheetJobView(
        id=row.id,
        register=row.register,
        name=row.name,
        state=row.state,
        badge=JOB_BADGES[row.state],
        dry_run=row.dry_run,
        total=row.total,
        created=row.created,
        updated=row.updated,
        unchanged=row.unchanged,
        refused=row.refused,
        problem=next(iter(load_issues(row.problem)), None),
        made_at=row.made_at,
        made_by=row.sender,
        ended_at=row.ended_at,
    )
