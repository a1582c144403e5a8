"""What a report is about: a record by its number, or a number that names none; and where its form is."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Collection, Mapping
from typing import Any
from urllib.parse import quote

import orjson
from sqlalchemy import Connection, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.life_cycle import DECIDED_HERE, SOURCE
from registry.kit.record import Record
from registry.kit.report import KINDS, OBJECTION
from registry.ledger.model import Item
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import reading, titles
from registry.services.records.numbers import number_targets
from registry.services.reports.terms import ANSWER_WORKING_DAYS, RETENTION, due_on
from registry.services.reports.views import ReportedRecordView, ReportFormView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

MAX_SUBJECT_LENGTH = 200  # characters of a number, or of what was typed as one
SUBJECTS = select(*TITLE_COLUMNS, Record.status, Item.document).join(Item, Item.hash == Record.document_hash)


def form_path(kind: str, register: str = "", number: str = "") -> str:
    """Return the address of a form, without the language. `number`: of a record as in its address, or as it was typed.

    Every register whose life cycle has a state in publicity takes objections at `form_path("objection", register, number)`.
    """
    if kind not in KINDS:
        raise ValueError(kind)
    about = [f"register={quote(register)}"] if register else []
    about += [f"n={quote(number)}"] if number else []
    return f"/report/{kind}" + (f"?{'&'.join(about)}" if about else "")


def open_form(registry: Registry, actor: Actor, kind: str, *, register: str, number: str) -> ReportFormView:
    """Return what a form says of its subject. `register`: "" where the number may be of any.

    Raises `NotFound` for an unknown kind, and `Invalid` (field `n`) for an objection to what takes none.
    """
    require(actor, Action.REPORT)
    if kind not in KINDS:
        raise NotFound("report", kind)
    row = find_subject(registry, actor, register, number)
    until = require_objections_open(row) if kind == OBJECTION else None
    today = clock.today()
    return ReportFormView(
        kind=kind,
        subject=row.number if row else number[:MAX_SUBJECT_LENGTH],
        record=record_view(row) if row else None,
        due_on=due_on(kind, today).isoformat(),
        working_days=ANSWER_WORKING_DAYS[kind],
        kept_days=RETENTION.days,
        objections_until=until.isoformat() if until else "",
    )


def find_subject(registry: Registry, actor: Actor, register: str, number: str) -> FetchedRow | None:
    """Return the record that a number names, with its document; None where it names none, or several."""
    require(actor, Action.REPORT)
    slug, written = register, number[:MAX_SUBJECT_LENGTH].strip()
    if not written:
        return None
    try:
        if slug not in catalogue():
            path = number_targets.find_target(registry, actor, None, written)
            slug, _slash, written = path.removeprefix("/").partition("/")
        pointer = reading.locate_record(registry, actor, slug, written)
    except NotFound:
        return None
    with read_transaction(registry.engine) as connection:
        return fetch_subjects(connection, [pointer.record_id]).get(pointer.record_id)


def fetch_subjects(connection: Connection, ids: Collection[int | None]) -> dict[int, FetchedRow]:
    """Return records with their documents by id."""
    known = {each for each in ids if each is not None}
    if not known:
        return {}
    rows = connection.execute(SUBJECTS.where(Record.id.in_(known))).all()
    return {row.id: row for row in rows if row.register in catalogue()}


def record_view(row: FetchedRow) -> ReportedRecordView:
    """Return a record in words."""
    definition = catalogue()[row.register]
    return ReportedRecordView(
        row.id,
        titles.register_view(definition),
        row.number,
        titles.record_path(row.register, row.slug),
        titles.title_of(definition, row),
        definition.life_cycle.state(row.status).view(),
    )


def takes_objections(register: str, status: str, read_document: Callable[[], Mapping[str, Any]]) -> bool:
    """Return True if a record in this state is open for objections today. `read_document`: called only where its dates decide."""
    life_cycle = catalogue()[register].life_cycle
    if not life_cycle.state(status).takes_objections:
        return False
    values = read_document()
    until = life_cycle.objections_until(status, values)
    return _is_announced_here(values) if until is None else clock.today() <= until


def require_objections_open(row: FetchedRow | None) -> dt.date | None:
    """Return the last day for objections to a record, None where no end is known.

    Raises `Invalid` (`objection_without_record`, `objections_not_open`, `objections_over`, `objections_end_unknown`) where it
    takes none.
    """
    if row is None:
        raise Invalid((Issue("objection_without_record", "n"),))
    life_cycle = catalogue()[row.register].life_cycle
    if not life_cycle.state(row.status).takes_objections:
        raise Invalid((Issue("objections_not_open", "n", {"number": row.number}),))
    values = orjson.loads(row.document)
    until = life_cycle.objections_until(row.status, values)
    if until is None and not _is_announced_here(values):
        raise Invalid((Issue("objections_end_unknown", "n", {"number": row.number}),))
    if until is not None and clock.today() > until:
        told = {"number": row.number, "due": until.isoformat()}
        raise Invalid((Issue("objections_over", "n", told),))
    return until


def _is_announced_here(values: Mapping[str, Any]) -> bool:
    """True unless the notice was read in a source: until when another authority takes objections is not known here."""
    return values.get(SOURCE) in (None, "", DECIDED_HERE)
