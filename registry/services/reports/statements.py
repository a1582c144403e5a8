"""What the parties of a record answer to reports that challenge it: what is put to them, what they state, letters to them.

Who reported and what they wrote is never told to a party: staff put in their own words what is to be answered.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

from sqlalchemy import Connection, insert, select

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.errors import Conflict, Invalid, NotFound
from registry.kit.issues import Issue
from registry.kit.party_acts import ReportStatement
from registry.kit.record import Record
from registry.kit.report import OPEN, Report
from registry.registers import catalogue
from registry.services.people import memberships
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.services.reports.views import PutReportView, StatementView
from registry.store.base import FetchedRow

MAX_STATEMENT = 4_000  # characters
MAX_STATEMENTS = 20  # of one report, of one party


def list_put_reports(connection: Connection, record_id: int, party_id: int) -> tuple[PutReportView, ...]:
    """Return the open reports that challenge a record, as its party sees them, with what that party has stated."""
    rows = connection.execute(
        select(
            Report.id, Report.number, Report.kind, Report.admitted_at, Report.due_on, Report.put_to_parties
        )
        .where(Report.record_id == record_id, Report.state == OPEN, Report.admitted_at.is_not(None))
        .order_by(Report.id)
    ).all()
    stated = statements_on(connection, [row.id for row in rows])
    return tuple(
        PutReportView(
            id=row.id,
            number=row.number,
            kind=row.kind,
            since=row.admitted_at.astimezone(clock.SHANGHAI).date().isoformat(),
            due_on=row.due_on.isoformat(),
            put=row.put_to_parties,
            statements=tuple(each for each in stated.get(row.id, ()) if each.party_id == party_id),
        )
        for row in rows
    )


def count_put_reports(connection: Connection, record_ids: Collection[int]) -> set[int]:
    """Return which of these records are challenged by an open report."""
    challenging = (Report.state == OPEN) & Report.admitted_at.is_not(None)
    rows = connection.execute(
        select(Report.record_id).where(challenging, Report.record_id.in_(record_ids)).distinct()
    )
    return {row.record_id for row in rows}


def add_statement(
    connection: Connection, actor: Actor, *, report_id: int, record: FetchedRow, party_id: int, text: str
) -> None:
    """Keep what a party of the record states on a report, in the transaction of the caller, who knows that they are one.

    Raises `NotFound` (no report that challenges this record), `Conflict` (`report_ended`) and `Invalid`.
    """
    require(actor, Action.ACT_FOR)
    text = text.strip()
    if not text:
        raise Invalid((Issue("statement_wanted", "text"),))
    if len(text) > MAX_STATEMENT:
        raise Invalid((Issue("too_long", "text", {"length": len(text), "at_most": MAX_STATEMENT}),))
    row = connection.execute(
        select(Report.id, Report.number, Report.state)
        .where(Report.id == report_id, Report.record_id == record.id, Report.admitted_at.is_not(None))
        .with_for_update()
    ).one_or_none()
    if row is None:
        raise NotFound("report", str(report_id))
    if row.state != OPEN:
        raise Conflict("report_ended")
    own = (ReportStatement.report_id == row.id) & (ReportStatement.party_id == party_id)
    made = connection.execute(select(ReportStatement.id).where(own).limit(MAX_STATEMENTS)).all()
    if len(made) >= MAX_STATEMENTS:
        raise Conflict("statements_enough", at_most=MAX_STATEMENTS)
    values = {"report_id": row.id, "party_id": party_id, "text": text}
    connection.execute(insert(ReportStatement).values(**values, made_by=actor.user_id, made_at=clock.now()))
    audit_log.record(connection, actor, "challenge_answered", subject=record.number, details=row.number)


def statements_on(connection: Connection, report_ids: Sequence[int]) -> dict[int, tuple[StatementView, ...]]:
    """Return what parties have stated, by report, the oldest first."""
    if not report_ids:
        return {}
    rows = connection.execute(
        select(
            *TITLE_COLUMNS,
            ReportStatement.report_id,
            ReportStatement.text,
            ReportStatement.made_at,
        )
        .join(Record, Record.id == ReportStatement.party_id)
        .where(ReportStatement.report_id.in_(report_ids))
        .order_by(ReportStatement.id)
    ).all()
    found: dict[int, list[StatementView]] = {}
    for row in rows:
        party = titles.title_of(catalogue()[row.register], row)
        found.setdefault(row.report_id, []).append(StatementView(row.id, party, row.text, row.made_at))
    return {report_id: tuple(each) for report_id, each in found.items()}


def tell_parties(connection: Connection, record_id: int, kind: str) -> None:
    """Write to the editors and owners of holder and issuer of a record: that it is challenged, or that this has ended."""
    row = connection.execute(
        select(
            Record.id, Record.register, Record.slug, Record.number, Record.holder_id, Record.issuer_id
        ).where(Record.id == record_id)
    ).one()
    holder = row.id if catalogue()[row.register].representation else row.holder_id
    for party in dict.fromkeys(each for each in (holder, row.issuer_id) if each):
        memberships.notify_members(
            connection, party, kind, number=row.number, page=f"{row.register}/{row.slug}"
        )
