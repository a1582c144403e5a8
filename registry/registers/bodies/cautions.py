"""Cautions of bodies: a sanction that runs beside the status, a suspension whose end has passed."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.approvals import APPROVED, SUSPENDED, approval_on
from registry.kit.cautions import Caution, CautionKind, CautionRule, Day, Subject, days_after
from registry.kit.life_cycle import DueDate
from registry.reference.text import sparse_dates

SANCTION_RUNS = CautionKind(
    code="sanction_runs",
    watch="contradiction",
    zh="处分期内",
    en="Under a sanction",
    sentence=_(
        "A sanction has run against this body since %(day)s, although the source states a valid approval."
    ),
    not_plain=True,
)
SUSPENSION_OVER = CautionKind(
    code="suspension_over",
    zh="暂停期已过",
    en="Suspension period over",
    sentence=_(
        "The suspension was to last until %(day)s. The register knows neither of a restoration nor of a revocation."
    ),
)


def sanction_runs(subject: Subject) -> Iterator[Caution]:
    approval = approval_on(subject.values, subject.status, subject.today.isoformat())
    if approval.state not in (APPROVED, "not_yet", "ended") and approval.since:
        yield Caution(SANCTION_RUNS.code, {"day": Day(approval.since)})


def suspension_over(subject: Subject) -> Iterator[Caution]:
    last = _last_day_of_suspension(subject.values)
    if subject.status == SUSPENDED and last and sparse_dates.last_day(last) < subject.today:
        yield Caution(SUSPENSION_OVER.code, {"day": Day(last)})


def _last_day_of_suspension(values: Mapping[str, Any]) -> str:
    return max(
        (
            str(row.get("to_on") or "")
            for row in values.get("sanctions") or ()
            if row.get("kind") == SUSPENDED
        ),
        default="",
    )


def sanction_days(values: Mapping[str, Any]) -> Iterator[dt.date]:
    """The days on which a sanction begins, and those after its last day."""
    for row in values.get("sanctions") or ():
        if row.get("from_on"):
            yield sparse_dates.first_day(str(row["from_on"]))
        yield from days_after(row.get("to_on"))


def suspension_end(values: Mapping[str, Any]) -> dt.date | None:
    """The last day of the newest suspension, None where it states none."""
    last = _last_day_of_suspension(values)
    return sparse_dates.last_day(last) if last else None


DUE_DATES = (
    DueDate(
        code=SUSPENSION_OVER.code,
        watch="suspension",
        states=(SUSPENDED,),
        zh=SUSPENSION_OVER.zh,
        en=SUSPENSION_OVER.en,
        last_day=suspension_end,
        resolved_by=("restored", "revoked"),
    ),
)

CAUTIONS = (
    CautionRule(
        kinds=(SANCTION_RUNS,),
        check=sanction_runs,
        standings=("in_force",),
        days=sanction_days,
    ),
    CautionRule(kinds=(SUSPENSION_OVER,), check=suspension_over, days=sanction_days),
)
