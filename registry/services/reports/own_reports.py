"""The page of a report for who handed it in: what became of it, and withdrawing it. Its link is all that is needed."""

from __future__ import annotations

from sqlalchemy import Connection, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import Action, Actor, require
from registry.attachments.model import Attachment
from registry.errors import Conflict, NotFound
from registry.kit.report import OPEN, WITHDRAWN, Report
from registry.services.bootstrap import Registry
from registry.services.mail import report_links
from registry.services.publication import link_resolution
from registry.services.reports import listing, retention, subjects
from registry.services.reports.terms import RETENTION
from registry.services.reports.views import OwnReportView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work


def get_own_report(registry: Registry, actor: Actor, number: str, token: str) -> OwnReportView:
    """Return a report for who has its link. Raises `NotFound` (`link_void`) for any other token, without telling why."""
    require(actor, Action.REPORT)
    with read_transaction(registry.engine) as connection:
        row = _find(registry, connection, number, token)
        record = subjects.fetch_subjects(connection, [row.record_id]).get(row.record_id or 0)
        name = select(Attachment.name).where(Attachment.id == row.attachment_id)
        file_name = connection.execute(name).scalar() if row.attachment_id else ""
    return OwnReportView(
        number=row.number,
        kind=row.kind,
        state=row.state,
        subject=row.subject,
        record=subjects.record_view(record) if record else None,
        received_at=row.received_at,
        due_on=row.due_on.isoformat(),
        days_left=listing.days_left(row.due_on),
        admitted_on=listing.day_of(row.admitted_at),
        is_taken_up=row.admitted_at is not None or row.claimed_at is not None,
        statement=row.statement,
        seen_at=row.seen_at,
        file_name=file_name or "",
        told_by_mail=bool(row.email),
        outcome=row.outcome,
        reply=row.reply,
        sent_to=row.sent_to,
        ended_at=row.ended_at,
        forgotten_at=row.forgotten_at,
        kept_days=RETENTION.days,
    )


def withdraw_report(registry: Registry, actor: Actor, number: str, token: str) -> None:
    """Withdraw a report for who has its link; what was written, the address and the file are deleted.

    Raises `NotFound`, and `Conflict` (`report_ended`) where it was answered meanwhile.
    """
    require(actor, Action.REPORT)
    with unit_of_work(registry.engine) as connection:
        row = _find(registry, connection, number, token, lock=True)
        if row.state != OPEN:
            raise Conflict("report_ended")
        ended = update(Report).where(Report.id == row.id)
        connection.execute(ended.values(state=WITHDRAWN, ended_at=clock.now()))
        retention.forget(connection, (row,))
        audit_log.record(connection, actor, "report_withdrawn", subject=row.number)
        if row.admitted_at is not None and row.record_id is not None:
            link_resolution.bump_page_versions(connection, touched={row.record_id}, retitled=set())


def _find(
    registry: Registry, connection: Connection, number: str, token: str, *, lock: bool = False
) -> FetchedRow:
    statement = select(*Report.__table__.columns).where(Report.number == number)
    row = connection.execute(statement.with_for_update() if lock else statement).one_or_none()
    if row is None or not report_links.is_genuine(registry, row.number, row.nonce, token):
        raise NotFound("report", code="link_void")
    return row
