"""Reports at the desk: what waits for a person, most overdue first, and one report with what is known about it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, false, func, or_, select, true

from registry import clock
from registry.accounts.bounds import BOUND_OF, Bound
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, may, require
from registry.attachments.model import Attachment
from registry.errors import NotFound
from registry.kit.display import Words
from registry.kit.record import Record
from registry.kit.report import ANSWERED, KINDS, OBJECTION, OPEN, WITHDRAWN, Report
from registry.reference import working_days
from registry.reference.identifiers import personal
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.people import deciding_rights
from registry.services.reports import answering_rights, statements, subjects
from registry.services.reports.views import ReportLineView, ReportListView, ReportView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

PAGE_SIZE = 25
MAX_OTHERS = 20  # further reports about the same record that a page lists
STATES = (OPEN, ANSWERED, WITHDRAWN)


@dataclass(frozen=True, slots=True)
class ReportsRequest:
    """What is asked of the list. `kind`: "" for all; `state`: one of `STATES`; `page` from 1."""

    kind: str = ""
    state: str = OPEN
    page: int = 1


def list_reports(registry: Registry, actor: Actor, wanted: ReportsRequest) -> ReportListView:
    """Return the reports within the bounds of the actor: open ones most overdue first, ended ones newest first.

    Auditors see all of them. Reports that name no record wait for who acts on all records.
    """
    require(actor, Action.SEE_REPORTS)
    kind = wanted.kind if wanted.kind in KINDS else ""
    state = wanted.state if wanted.state in STATES else OPEN
    page = max(1, wanted.page)
    with read_transaction(registry.engine) as connection:
        mine = _in_bounds(connection, actor)
        counted = connection.execute(
            _reports(func.count().label("number"), Report.kind)
            .where(mine, Report.state == state)
            .group_by(Report.kind)
        ).all()
        counts = dict.fromkeys(KINDS, 0) | {row.kind: row.number for row in counted}
        total = counts[kind] if kind else sum(counts.values())
        order = (Report.due_on, Report.id) if state == OPEN else (Report.ended_at.desc(), Report.id.desc())
        rows = connection.execute(
            _reports(*Report.__table__.columns)
            .where(mine, Report.state == state, Report.kind == kind if kind else true())
            .order_by(*order)
            .offset((page - 1) * PAGE_SIZE)
            .limit(PAGE_SIZE)
        ).all()
        lines = _lines(connection, rows)
    return ReportListView(
        lines=lines,
        counts=counts,
        total=total,
        page=page,
        pages=max(1, -(-total // PAGE_SIZE)),
        reads_only=not may(actor, Action.ANSWER_REPORTS),
    )


def list_reports_of_record(registry: Registry, actor: Actor, record_id: int) -> tuple[ReportLineView, ...]:
    """Return the open reports about a record, most overdue first; none for who does not see reports."""
    require(actor, Action.SEE_DESK)
    if not may(actor, Action.SEE_REPORTS):
        return ()
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            _reports(*Report.__table__.columns)
            .where(Report.record_id == record_id, Report.state == OPEN, _in_bounds(connection, actor))
            .order_by(Report.due_on, Report.id)
            .limit(MAX_OTHERS)
        ).all()
        return _lines(connection, rows)


def get_report(registry: Registry, actor: Actor, report_id: int) -> ReportView:
    """Return a report for the desk. Raises `NotFound` for one beyond the bounds of who answers, too."""
    require(actor, Action.SEE_REPORTS)
    with read_transaction(registry.engine) as connection:
        row = load_report(connection, actor, report_id)
        [line] = _lines(connection, [row])
        hindrance = answering_rights.find_obstacle(connection, actor, row)
        name = select(Attachment.name).where(Attachment.id == row.attachment_id)
        file_name = connection.execute(name).scalar() if row.attachment_id else ""
        names = _names(connection, [row.ended_by])
        same = (
            Report.record_id == row.record_id
            if row.record_id is not None
            else Report.record_id.is_(None) & (Report.subject == row.subject) & (Report.subject != "")
        )
        others = connection.execute(
            _reports(*Report.__table__.columns)
            .where(same, Report.id != row.id, _in_bounds(connection, actor))
            .order_by(Report.id.desc())
            .limit(MAX_OTHERS)
        ).all()
        other_lines = _lines(connection, others)
        stated = statements.statements_on(connection, [row.id]).get(row.id, ())
    definition = catalogue().get(row.register)
    had_status = definition is not None and definition.life_cycle.has_state(row.status)
    return ReportView(
        line=line,
        statement=row.statement,
        seen_at=row.seen_at,
        file_name=file_name or "",
        lang=row.lang,
        told_by_mail=bool(row.email),
        address="" if row.kind == OBJECTION else personal.mask_email(row.email),
        status_then=definition.life_cycle.state(row.status).view() if definition and had_status else None,
        reply=row.reply,
        public=Words(row.public_zh, row.public_en, "platform" if row.public_en else "missing"),
        sent_to=row.sent_to,
        ended_at=row.ended_at,
        ended_by=names.get(row.ended_by, ""),
        forgotten=row.forgotten_at is not None,
        claimed_by_reader=row.claimed_by is not None and row.claimed_by == actor.user_id,
        obstacle=hindrance.reason if hindrance else "",
        obstacle_params=dict(hindrance.params) if hindrance else {},
        others=other_lines,
        needs_public_answer=row.record_id is not None,
        put_to_parties=row.put_to_parties,
        statements=stated,
    )


def load_report(connection: Connection, actor: Actor, report_id: int, *, lock: bool = False) -> FetchedRow:
    """Return a report that the actor may see. `lock`: until the end of the transaction. Raises `NotFound`."""
    require(actor, Action.SEE_REPORTS)
    statement = select(*Report.__table__.columns).where(Report.id == report_id)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    seen = _reports(Report.id).where(Report.id == report_id, _in_bounds(connection, actor))
    if row is None or connection.execute(seen).one_or_none() is None:
        raise NotFound("report", str(report_id))
    return row


def days_left(due: dt.date) -> int:
    """Return the working days up to a day, negative after it."""
    today = clock.today()
    if due >= today:
        return working_days.count_working_days(today, due)
    return -working_days.count_working_days(due, today)


def day_of(moment: dt.datetime | None) -> str:
    """Return the day of a moment in Shanghai as ISO, "" for none."""
    return moment.astimezone(clock.SHANGHAI).date().isoformat() if moment else ""


def _reports(*columns: Any) -> Select[Any]:
    """Select from reports, joined with the records that they name, which `_in_bounds` asks about."""
    return select(*columns).select_from(Report).outerjoin(Record, Record.id == Report.record_id)


def _in_bounds(connection: Connection, actor: Actor) -> ColumnElement[bool]:
    """The condition for the reports that the actor sees."""
    require(actor, Action.SEE_REPORTS)
    if not may(actor, Action.ANSWER_REPORTS):
        return true()
    bounds = deciding_rights.bounds_of(connection, actor)
    unnamed = Report.record_id.is_(None) if BOUND_OF[actor.role] is Bound.ALL else false()
    return or_(unnamed, Report.record_id.is_not(None) & deciding_rights.within_bounds(bounds))


def _lines(connection: Connection, rows: Sequence[FetchedRow]) -> tuple[ReportLineView, ...]:
    records = subjects.fetch_subjects(connection, [row.record_id for row in rows])
    names = _names(connection, [row.claimed_by for row in rows])
    return tuple(
        ReportLineView(
            id=row.id,
            number=row.number,
            kind=row.kind,
            state=row.state,
            subject=row.subject,
            record=subjects.record_view(records[row.record_id]) if row.record_id in records else None,
            received_on=day_of(row.received_at),
            due_on=row.due_on.isoformat(),
            days_left=days_left(row.due_on),
            admitted_on=day_of(row.admitted_at),
            outcome=row.outcome,
            claimed_by=names.get(row.claimed_by, "") if answering_rights.is_claimed(row) else "",
        )
        for row in rows
    )


def _names(connection: Connection, user_ids: Sequence[int | None]) -> dict[int | None, str]:
    """The names of accounts as their colleagues know them."""
    known = {each for each in user_ids if each is not None}
    if not known:
        return {}
    rows = connection.execute(select(User.id, User.name, User.email).where(User.id.in_(known)))
    return {row.id: row.name or row.email for row in rows}
