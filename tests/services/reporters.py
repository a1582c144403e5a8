"""Reports and objections as people hand them in, for tests."""

from __future__ import annotations

import datetime as dt
import itertools

from sqlalchemy import select

from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.kit.record import Record
from registry.kit.report import Report
from registry.services import reports
from registry.services.bootstrap import Registry
from registry.services.reports import ReportDraft, SentFile, form_stamps
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

STATEMENT = "证书上的型号与检测报告不符，报告编号 DEMO-2026-7，第3页。"
NO_FILE = SentFile()
NETWORKS = itertools.count()


def stamp_of(registry: Registry, *, seconds: float = 60) -> str:
    """The stamp of a form that was opened so many seconds ago."""
    with clock.frozen_at(clock.now() - dt.timedelta(seconds=seconds)):
        return form_stamps.make_stamp(registry)


def typed(registry: Registry, kind: str, subject: str = "", **changed: object) -> ReportDraft:
    """What somebody types who reports something; `changed`: what is different this time."""
    values: dict[str, object] = {
        "kind": kind,
        "register": "",
        "subject": subject,
        "statement": STATEMENT,
        "seen_at": "",
        "email": "",
        "lang": "en",
        "network": f"network {next(NETWORKS)}",
        "stamp": stamp_of(registry),
        "trap": "",
        "file": NO_FILE,
    }
    return ReportDraft(**{**values, **changed})  # type: ignore[arg-type]


def hand_in(registry: Registry, kind: str, subject: str = "", **changed: object) -> FetchedRow:
    """Hand a report in; returns its row."""
    path = reports.hand_in_report(registry, ANONYMOUS, typed(registry, kind, subject, **changed))
    return row_of(registry, path.split("/")[3])


def row_of(registry: Registry, number: str) -> FetchedRow:
    with read_transaction(registry.engine) as connection:
        found = select(*Report.__table__.columns).where(Report.number == number)
        row: FetchedRow = connection.execute(found).one()
        return row


def record_id(registry: Registry, slug: str, number: str) -> int:
    with read_transaction(registry.engine) as connection:
        found = select(Record.id).where(Record.register == slug, Record.number == number)
        return int(connection.execute(found).scalar_one())


def page_version(registry: Registry, record: int) -> int:
    with read_transaction(registry.engine) as connection:
        return int(connection.execute(select(Record.page_version).where(Record.id == record)).scalar_one())
