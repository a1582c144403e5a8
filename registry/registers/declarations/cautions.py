"""Cautions of declarations: what a reader must know beside the status."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

from registry.i18n import _
from registry.kit.cautions import Caution, CautionKind, CautionRule, Day, Subject, overdue
from registry.kit.watch_lists import LinkedDueDate
from registry.reference.text import sparse_dates
from registry.registers.declarations.codes import ORDERED_STATES, UPDATE_PERIOD
from registry.registers.declarations.life_cycle import LIFE_CYCLE
from registry.registers.declarations.sentences import submission_day

CORRECTION_SUBMITTED = CautionKind(
    code="correction_submitted",
    zh="已提交改正",
    en="Correction submitted",
    sentence=_(
        "The enterprise answered the order on %(day)s; what it declares now has not been confirmed by the authority."
    ),
    badge="open",
)
UPDATE_OVERDUE = CautionKind(
    code="update_overdue",
    zh="逾期未更新",
    en="Not updated in time",
    sentence=_(
        "The standard %(number)s ended on %(ended)s. The enterprise was asked to amend or withdraw the declaration by %(due)s and has not."
    ),
)


def check_submission(subject: Subject) -> Iterator[Caution]:
    """An order to correct has been answered, and the authority has not looked at the answer yet."""
    day = submission_day(subject.values) if subject.status in ORDERED_STATES else ""
    if day:
        yield Caution(CORRECTION_SUBMITTED.code, {"day": Day(day)})


def check_update(subject: Subject) -> Iterator[Caution]:
    """The standard ended longer ago than the period in which a declaration follows it."""
    if subject.status != "standard_ended":
        return
    for standard in subject.linked_by("declares_to"):
        ended = str(standard.values.get("withdrawn_on") or "")
        due = _last_day_to_update(ended)
        if due is not None and due < subject.today:
            yield Caution(UPDATE_OVERDUE.code, {"number": standard.number, "ended": Day(ended), "due": due})


def _last_day_to_update(ended: str) -> dt.date | None:
    """The last day of the period after a standard's end (sparse ISO), None where that is unknown or beyond the calendar."""
    if not ended:
        return None
    last = sparse_dates.last_day(ended)
    return last + UPDATE_PERIOD if last < dt.date.max - UPDATE_PERIOD else None


LINKED_DUE_DATES = (
    LinkedDueDate(
        code=UPDATE_OVERDUE.code,
        watch="standard",
        states=("standard_ended",),
        zh=UPDATE_OVERDUE.zh,
        en=UPDATE_OVERDUE.en,
        relation="declares_to",
        when=("superseded", "withdrawn"),
        field="withdrawn_on",
        days=UPDATE_PERIOD.days,
        resolved_by=("check_opened",),
    ),
)

CAUTIONS = (
    overdue(LIFE_CYCLE),
    CautionRule(kinds=(CORRECTION_SUBMITTED,), check=check_submission),
    CautionRule(kinds=(UPDATE_OVERDUE,), check=check_update, relations=("declares_to",), reads_values=True),
)
