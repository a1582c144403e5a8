"""What the desk shows of imports: the list, how a sheet is read, and what its rows change or have changed."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from registry.accounts.model import User, name_or_address
from registry.accounts.policy import Action, Actor, may, require
from registry.errors import Forbidden
from registry.i18n import Lang
from registry.kit.definition import RegisterDefinition
from registry.kit.desk_import import (
    AT_WORK,
    CANCELLED,
    CHECKED,
    CHECKING,
    COLUMNS,
    DONE,
    FAILED,
    OPENING,
    RUNNING,
    UNFINISHED,
    DeskImport,
    DeskImportRow,
)
from registry.kit.display import StatusView
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.deciding.desk_lists import MAX_ID, decode_id, encode_place
from registry.services.deciding.previews import HIDDEN_CHANGES
from registry.services.exchange.foreseen_doubles import describe_double
from registry.services.exchange.headers import RECORD_COLUMN_LABELS, field_label
from registry.services.exchange.pipeline import FieldChange
from registry.services.exchange.stored_results import load_changes, load_issues
from registry.services.filing.by_sheet.sheet_views import describe_row_changes
from registry.services.importing import columns, desk_imports
from registry.services.issue_messages import issue_message
from registry.services.publication.publishing import CREATED, REFUSED, UNCHANGED, UPDATED
from registry.services.publication.record_columns import number_slug
from registry.services.records import titles
from registry.services.records.views import ChangeView, RegisterView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction
from registry.tabular.reading import place_in_worksheets

PAGE_SIZE = 25  # imports on a page of their list
ROWS_A_PAGE = 20
MAX_DOUBTS_SHOWN = 30
RESULTS = (REFUSED, UPDATED, CREATED, UNCHANGED)  # in this order the first page shows what there is
BADGES = {
    OPENING: StatusView(OPENING, "正在打开", "Being opened", "pending", "open"),
    COLUMNS: StatusView(COLUMNS, "待确认各列", "Columns to confirm", "pending", "open"),
    CHECKING: StatusView(CHECKING, "正在核对", "Being checked", "pending", "open"),
    CHECKED: StatusView(CHECKED, "待第二人执行", "Waits for a second person", "pending", "open"),
    RUNNING: StatusView(RUNNING, "正在导入", "Being imported", "pending", "open"),
    DONE: StatusView(DONE, "已导入", "Imported", "in_force", "live"),
    FAILED: StatusView(FAILED, "已中止", "Stopped", "ended", "stop"),
    CANCELLED: StatusView(CANCELLED, "已取消", "Cancelled", "ended", "past"),
}


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """How many rows are new, changed, unchanged and refused."""

    created: int = 0
    updated: int = 0
    unchanged: int = 0
    refused: int = 0

    @property
    def done(self) -> int:
        """Rows that have a result."""
        return self.created + self.updated + self.unchanged + self.refused

    def of(self, result: str) -> int:
        """How many rows have this result."""
        return int(getattr(self, result))


@dataclass(frozen=True, slots=True)
class ImportLineView:
    """An import in a list. `own`: the reader has prepared it; `total` None: its rows are not counted yet."""

    id: int
    register: RegisterView
    name: str
    state: str
    badge: StatusView
    counts: ImportCounts
    total: int | None
    made_by: str
    made_at: dt.datetime
    own: bool

    @property
    def at_work(self) -> bool:
        """True while the process for sheets works on it."""
        return self.state in AT_WORK

    @property
    def percent_done(self) -> int:
        """How much of its rows have a result."""
        return 100 * self.counts.done // self.total if self.total else 0


@dataclass(frozen=True, slots=True)
class ImportListView:
    """A page of the imports of all registrars, newest first, and the registers that take one.

    `may_import`: the reader may; `following`: the token of the next page, None at the end.
    """

    imports: tuple[ImportLineView, ...]
    registers: tuple[RegisterView, ...]
    may_import: bool
    following: str | None = None


@dataclass(frozen=True, slots=True)
class ImportColumnView:
    """A column of a sheet. `meaning`: the field that it is read as, "" for none; `fills`: labels of fields that a mapping fills."""

    index: int
    name: str
    meaning: str
    samples: tuple[str, ...]
    fills: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ImportReadingView:
    """How a sheet is read. `meanings`: what a column may mean, as (field, label); `found`: the saved mapping that was found."""

    columns: tuple[ImportColumnView, ...]
    meanings: tuple[tuple[str, str], ...]
    mapping: str
    mappings: tuple[str, ...]
    saved: tuple[str, ...]
    found: str
    header_row: int | None
    clear_empty: bool

    @property
    def left_out(self) -> int:
        """How many columns mean nothing."""
        return sum(not column.meaning and not column.fills for column in self.columns)


@dataclass(frozen=True, slots=True)
class ImportRowView:
    """A row and what became of it. `problems`: each reason of a refusal in words; `entry`: the number of its entry, once sealed."""

    row: str | int
    result: str
    number: str
    path: str
    changes: tuple[ChangeView, ...]
    problems: tuple[str, ...]
    doubts: tuple[str, ...]
    version: int | None
    entry: int | None


@dataclass(frozen=True, slots=True)
class ImportRequest:
    """What is asked of an import. `show`: the result whose rows are listed, "" for the first there is; `page` from 1."""

    lang: Lang
    show: str = ""
    page: int = 1


@dataclass(frozen=True, slots=True)
class ImportView:
    """One import. `doubts`: (words, first row, rows); `same_file`: earlier imports of this very file, as (id, moment).

    `obstacle`: why the reader does not run it, None where they may; `ran`: it is the run that the rows are of.
    """

    line: ImportLineView
    source: str
    source_date: str
    reading: ImportReadingView | None
    notices: tuple[str, ...]
    problem: str
    foreseen: ImportCounts | None
    rows: tuple[ImportRowView, ...]
    show: str
    page: int
    pages: int
    doubts: tuple[tuple[str, str | int, int], ...]
    same_file: tuple[tuple[int, dt.datetime], ...]
    run_by: str
    run_at: dt.datetime | None
    ended_at: dt.datetime | None
    obstacle: Issue | None
    may_end: bool

    @property
    def ran(self) -> bool:
        """True once a second person has run it."""
        return self.run_at is not None

    @property
    def changed_nothing(self) -> bool:
        """True for a run that has published nothing, because everything was on record."""
        counts = self.line.counts
        return self.line.state == DONE and not counts.created + counts.updated and counts.unchanged > 0


def list_imports(
    registry: Registry, actor: Actor, token: str | None = None, *, limit: int = PAGE_SIZE
) -> ImportListView:
    """Return the latest imports, those that wait for a second person among them. `token`: of the page; None for the first.

    Raises `Forbidden`, and `Invalid` for a wrong token.
    """
    require(actor, Action.SEE_IMPORTS)
    behind = DeskImport.id < (MAX_ID if token is None else decode_id(token))
    with read_transaction(registry.engine) as connection:
        found = connection.execute(
            _jobs().where(behind).order_by(DeskImport.id.desc()).limit(limit + 1)
        ).all()
    rows = found[:limit]
    return ImportListView(
        tuple(_line(row, actor.user_id) for row in rows if row.register in catalogue()),
        tuple(titles.register_view(definition) for definition in catalogue().values()),
        may(actor, Action.IMPORT),
        encode_place(str(rows[-1].id)) if len(found) > limit else None,
    )


def count_imports_to_run(registry: Registry, actor: Actor) -> int:
    """Return how many checked imports of others wait for the actor; 0 for who does not import."""
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.IMPORT):
        return 0
    with read_transaction(registry.engine) as connection:
        waiting = (DeskImport.state == CHECKED) & (DeskImport.made_by != actor.user_id)
        return int(
            connection.execute(select(func.count()).select_from(DeskImport).where(waiting)).scalar_one()
        )


def get_import(registry: Registry, actor: Actor, job_id: int, wanted: ImportRequest) -> ImportView:
    """Return an import: how it is read while that is open, and a page of its rows. Raises `NotFound`, `Forbidden`."""
    require(actor, Action.SEE_IMPORTS)
    with read_transaction(registry.engine) as connection:
        desk_imports.load_import(connection, job_id)
        job = connection.execute(_jobs().where(DeskImport.id == job_id)).one()
        definition = catalogue()[job.register]
        line = _line(job, actor.user_id)
        preview = json.loads(job.preview) if job.preview else {}
        worksheets = _worksheets(preview)
        show = wanted.show if wanted.show in RESULTS else _first_result(line.counts)
        total = line.counts.of(show)
        pages = max(1, -(-total // ROWS_A_PAGE))
        page = min(max(1, wanted.page), pages)
        shown = replace(wanted, show=show, page=page)
        rows = _rows(connection, job, wanted=shown, worksheets=worksheets)
        reading = None
        if job.state in (COLUMNS, CHECKED) and preview:
            saved = tuple(desk_imports.saved_mappings(connection, job.register))
            reading = _reading(job, definition, preview, saved=saved, lang=wanted.lang)
        same = connection.execute(
            select(DeskImport.id, DeskImport.ended_at)
            .where(
                DeskImport.register == job.register,
                DeskImport.digest == job.digest,
                DeskImport.state == DONE,
                DeskImport.id != job.id,
                DeskImport.id < job.id,
            )
            .order_by(DeskImport.id.desc())
            .limit(3)
        ).all()
    problem = next(iter(load_issues(job.problem)), None)
    return ImportView(
        line=line,
        source=job.source,
        source_date=job.source_date,
        reading=reading,
        notices=tuple(
            issue_message(Issue(note["code"], "", note["params"]), wanted.lang)
            for note in preview.get("notes", ())
            if "code" in note
        ),
        problem=issue_message(problem, wanted.lang, definition) if problem else "",
        foreseen=ImportCounts(**json.loads(job.foreseen)) if job.foreseen else None,
        rows=rows,
        show=show,
        page=page,
        pages=pages,
        doubts=_doubts(job, definition, worksheets, wanted.lang),
        same_file=tuple((each.id, each.ended_at) for each in same),
        run_by=job.runner or "",
        run_at=job.run_at,
        ended_at=job.ended_at,
        obstacle=_obstacle(actor, job),
        may_end=actor.user_id in (job.made_by, job.run_by) and job.state in UNFINISHED,
    )


def describe_row_issue(issue: Issue, definition: RegisterDefinition, lang: Lang) -> str:
    """Return what stands against a row in words, with the label of its field."""
    words = describe_double(issue, lang) or issue_message(issue, lang, definition)
    known = issue.field in definition.schema.register_fields() or issue.field in RECORD_COLUMN_LABELS
    if not known:
        return words
    return f"{field_label(definition, issue.field, lang)}{'：' if lang == 'zh' else ': '}{words}"


def told_changes(stored: str) -> tuple[FieldChange, ...]:
    """Return what a row changes, as its results keep it, without the sources of single facts, which follow from the rest."""
    return tuple(change for change in load_changes(stored) if change.field not in HIDDEN_CHANGES)


def _jobs() -> Any:
    runner = User.__table__.alias("runner")
    shown = func.coalesce(func.nullif(runner.c.name, ""), runner.c.email)
    return (
        select(*DeskImport.__table__.columns, name_or_address().label("sender"), shown.label("runner"))
        .join(User, User.id == DeskImport.made_by)
        .outerjoin(runner, runner.c.id == DeskImport.run_by)
    )


def _line(row: FetchedRow, reader: int | None) -> ImportLineView:
    return ImportLineView(
        id=row.id,
        register=titles.register_view(catalogue()[row.register]),
        name=row.name,
        state=row.state,
        badge=BADGES[row.state],
        counts=ImportCounts(row.created, row.updated, row.unchanged, row.refused),
        total=row.total,
        made_by=row.sender or "",
        made_at=row.made_at,
        own=row.made_by == reader,
    )


def _obstacle(actor: Actor, job: FetchedRow) -> Issue | None:
    """Why the reader does not run an import, None where they may."""
    if not may(actor, Action.IMPORT):
        return Issue("desk_reads_only")
    if actor.user_id == job.made_by:
        return Issue(Forbidden("import_is_own").reason)
    return None


def _reading(
    job: FetchedRow,
    definition: RegisterDefinition,
    preview: Mapping[str, Any],
    *,
    saved: tuple[str, ...],
    lang: Lang,
) -> ImportReadingView:
    header: list[str] = preview["header"]
    chosen = columns.chosen_columns(job)
    fills: Mapping[str, tuple[str, ...]] = {}
    if job.mapping and job.mapping in definition.mappings():
        fills = columns.fields_of_mapping(definition, job.mapping)
    return ImportReadingView(
        columns=tuple(
            ImportColumnView(
                index,
                name,
                chosen.get(name, ""),
                tuple(sample for row in preview["rows"] if (sample := row[index])),
                tuple(field_label(definition, each, lang) for each in fills.get(name, ())),
            )
            for index, name in enumerate(header)
        ),
        meanings=columns.list_meanings(definition, lang),
        mapping=job.mapping,
        mappings=tuple(definition.mappings()),
        saved=saved,
        found=str(preview.get("saved") or ""),
        header_row=job.header_row,
        clear_empty=job.clear_empty,
    )


def _worksheets(preview: Mapping[str, Any]) -> tuple[tuple[str, int], ...]:
    return tuple(
        (name, offset) for note in preview.get("notes", ()) for name, offset in note.get("worksheets", ())
    )


def _first_result(counts: ImportCounts) -> str:
    return next((result for result in RESULTS if counts.of(result)), CREATED)


def _rows(
    connection: Connection,
    job: FetchedRow,
    *,
    wanted: ImportRequest,
    worksheets: tuple[tuple[str, int], ...],
) -> tuple[ImportRowView, ...]:
    """A page of the rows with one result, of the run once there is one."""
    definition = catalogue()[job.register]
    rows = connection.execute(
        select(*DeskImportRow.__table__.columns, Entry.index.label("entry"))
        .outerjoin(Record, (Record.register == job.register) & (Record.number == DeskImportRow.number))
        .outerjoin(Entry, (Entry.record_id == Record.id) & (Entry.version == DeskImportRow.version))
        .where(
            DeskImportRow.job_id == job.id,
            DeskImportRow.dry_run.is_(job.run_at is None),
            DeskImportRow.result == wanted.show,
        )
        .order_by(DeskImportRow.row)
        .limit(ROWS_A_PAGE)
        .offset((wanted.page - 1) * ROWS_A_PAGE)
    )
    return tuple(
        ImportRowView(
            row=place_in_worksheets(worksheets, row.row),
            result=row.result,
            number=row.number,
            path=f"/{job.register}/{number_slug(row.number)}" if row.number else "",
            changes=describe_row_changes(told_changes(row.changes), job.register, wanted.lang),
            problems=tuple(
                describe_row_issue(issue, definition, wanted.lang) for issue in load_issues(row.issues)
            ),
            doubts=tuple(
                describe_row_issue(issue, definition, wanted.lang) for issue in load_issues(row.doubts)
            ),
            version=row.version,
            entry=row.entry,
        )
        for row in rows
    )


def _doubts(
    job: FetchedRow,
    definition: RegisterDefinition,
    worksheets: tuple[tuple[str, int], ...],
    lang: Lang,
) -> tuple[tuple[str, str | int, int], ...]:
    """The warnings with which rows were taken: doubtful values before gaps, the most frequent first."""
    counted = [
        (Issue(issue["code"], issue["field"], issue["params"]), row, rows)
        for issue, row, rows in json.loads(job.doubts or "[]")
    ]
    counted.sort(key=lambda each: (not each[0].of_source, -each[2]))
    return tuple(
        (describe_row_issue(issue, definition, lang), place_in_worksheets(worksheets, row), rows)
        for issue, row, rows in counted[:MAX_DOUBTS_SHOWN]
    )
