"""Forgetting: what was written in a report, who wrote it and the file are deleted a while after the answer."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import Connection, delete, select, update

from registry import clock
from registry.accounts.policy import SYSTEM, Action, require
from registry.attachments.model import Attachment
from registry.kit.party_acts import ReportStatement
from registry.kit.report import OPEN, Report
from registry.services.bootstrap import Registry
from registry.services.reports.terms import RETENTION
from registry.store.base import FetchedRow
from registry.store.batching import batches
from registry.store.unit_of_work import unit_of_work

BATCH_SIZE = 500


def forget_reports(registry: Registry) -> int:
    """Forget the reports that ended longer than `RETENTION` ago; return how many. Their files go with them."""
    require(SYSTEM, Action.RELAY)
    over = (Report.state != OPEN) & (Report.ended_at < clock.now() - RETENTION)
    with unit_of_work(registry.engine) as connection:
        rows = connection.execute(
            select(Report.id, Report.record_id, Report.attachment_id).where(
                over, Report.forgotten_at.is_(None)
            )
        ).all()
        forget(connection, rows)
    return len(rows)


def forget(connection: Connection, rows: Sequence[FetchedRow]) -> None:
    """Delete what the reporters of these rows wrote and gave, in the transaction of the caller.

    What was typed as a number stays only where it names a record; outcome and public answer stay.
    """
    for batch in batches(list(rows), BATCH_SIZE):
        ids = [row.id for row in batch]
        emptied = {
            "statement": "",
            "put_to_parties": "",
            "seen_at": "",
            "email": "",
            "reply": "",
            "attachment_id": None,
        }
        connection.execute(
            update(Report).where(Report.id.in_(ids)).values(**emptied, forgotten_at=clock.now())
        )
        connection.execute(update(ReportStatement).where(ReportStatement.report_id.in_(ids)).values(text=""))
        unnamed = [row.id for row in batch if row.record_id is None]
        connection.execute(update(Report).where(Report.id.in_(unnamed)).values(subject=""))
        files = [row.attachment_id for row in batch if row.attachment_id is not None]
        connection.execute(delete(Attachment).where(Attachment.id.in_(files)))
