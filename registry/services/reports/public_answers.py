"""What the public is told of reports: that a record is challenged, what came of it, and figures. Never who reported."""

from __future__ import annotations

import datetime as dt
import statistics
from collections import Counter
from collections.abc import Mapping
from typing import Any

import orjson
from sqlalchemy import bindparam, func, select

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.kit.display import Words
from registry.kit.record import Record
from registry.kit.report import ANSWERED, KINDS, OPEN, OUTCOMES, Report
from registry.ledger.model import Item
from registry.reference import working_days
from registry.services.bootstrap import Registry
from registry.services.records import RecordView
from registry.services.reports import listing, subjects
from registry.services.reports.views import ChallengeView, PublicAnswerView, ReportFiguresView
from registry.store.prepared import PreparedConnection, PreparedSelect, read_only_transaction
from registry.store.unit_of_work import read_transaction

MAX_ANSWERS = 10  # that the page of a record tells, the newest ones
MAX_REPORTS = 200  # of one record that are looked at, open ones first
FIGURES_OF = dt.timedelta(days=365)
OF_RECORD = PreparedSelect(  # one row without a report where there is none
    select(Record.register, Record.status, Report.kind, Report.state, Report.outcome)
    .add_columns(Report.admitted_at, Report.ended_at, Report.public_zh, Report.public_en, Report.sent_to)
    .outerjoin(
        Report,
        (Report.record_id == Record.id)
        & (
            ((Report.state == OPEN) & Report.admitted_at.is_not(None))
            | ((Report.state == ANSWERED) & (Report.public_zh != ""))
        ),
    )
    .where(Record.id == bindparam("record_id"))
    .order_by(Report.state.desc(), Report.id.desc())
    .limit(MAX_REPORTS)
)

DOCUMENT_OF = PreparedSelect(
    select(Item.document)
    .join(Record, Record.document_hash == Item.hash)
    .where(Record.id == bindparam("record_id"))
)
UNCHALLENGED = ChallengeView(since="", kinds=(), answers=(), takes_objections=False)
UNCHALLENGED_OPEN = ChallengeView(since="", kinds=(), answers=(), takes_objections=True)


def get_challenge(
    registry: Registry, actor: Actor, record_id: int, *, page: RecordView | None = None
) -> ChallengeView:
    """Return what the page of a record says of reports: the open ones that were found admissible, and public answers.

    `page`: the record as it was read for its page as of today; most then cost no query.
    """
    require(actor, Action.READ)
    if page is not None:
        takes_objections = subjects.takes_objections(
            page.register.slug, page.stored_status, lambda: page.document
        )
        if not page.has_reports:
            return UNCHALLENGED_OPEN if takes_objections else UNCHALLENGED
    with read_only_transaction(registry.engine) as connection:
        rows = OF_RECORD.all(connection, record_id=record_id)
        if page is None:
            takes_objections = subjects.takes_objections(
                rows[0].register, rows[0].status, lambda: _document_of(connection, record_id)
            )
    admitted = [row for row in rows if row.state == OPEN]
    answered = [row for row in rows if row.state == ANSWERED]
    return ChallengeView(
        since=listing.day_of(min(row.admitted_at for row in admitted)) if admitted else "",
        kinds=tuple(kind for kind in KINDS if any(row.kind == kind for row in admitted)),
        answers=tuple(
            PublicAnswerView(
                row.kind,
                row.outcome,
                listing.day_of(row.ended_at),
                Words(row.public_zh, row.public_en, "platform" if row.public_en else "missing"),
                row.sent_to,
            )
            for row in sorted(answered, key=lambda row: row.ended_at, reverse=True)[:MAX_ANSWERS]
        ),
        takes_objections=takes_objections,
    )


def _document_of(connection: PreparedConnection, record_id: int) -> Mapping[str, Any]:
    values: Mapping[str, Any] = orjson.loads(DOCUMENT_OF.all(connection, record_id=record_id)[0].document)
    return values


def list_report_figures(registry: Registry, actor: Actor) -> tuple[ReportFiguresView, ...]:
    """Return how many reports of each kind are open and overdue, and what came of those answered within a year."""
    require(actor, Action.READ)
    today, since = clock.today(), clock.now() - FIGURES_OF
    with read_transaction(registry.engine) as connection:
        waiting = connection.execute(
            select(
                Report.kind,
                func.count().label("open"),
                func.count(Report.id).filter(Report.due_on < today).label("overdue"),
                func.count(Report.record_id.distinct())
                .filter(Report.admitted_at.is_not(None))
                .label("challenging"),
            )
            .where(Report.state == OPEN)
            .group_by(Report.kind)
        ).all()
        answered = connection.execute(
            select(Report.kind, Report.outcome, Report.received_at, Report.ended_at).where(
                Report.state == ANSWERED, Report.ended_at >= since
            )
        ).all()
    found = []
    for kind in KINDS:
        line = next((row for row in waiting if row.kind == kind), None)
        own = [row for row in answered if row.kind == kind]
        took = [working_days.count_working_days(_day(row.received_at), _day(row.ended_at)) for row in own]
        counted = Counter(row.outcome for row in own)
        found.append(
            ReportFiguresView(
                kind=kind,
                open=line.open if line else 0,
                overdue=line.overdue if line else 0,
                challenging=line.challenging if line else 0,
                answered=len(own),
                median_days=int(statistics.median_high(took)) if took else None,
                outcomes={outcome: counted[outcome] for outcome in OUTCOMES if counted[outcome]},
            )
        )
    return tuple(found)


def _day(moment: dt.datetime) -> dt.date:
    return moment.astimezone(clock.SHANGHAI).date()
