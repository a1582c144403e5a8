"""What a declaration's page says first, in a sentence that follows from its facts.

A declaration is the word of its enterprise: the sentence never reads as an approval (Standardization Law, Art. 27).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from registry.i18n import _
from registry.kit.life_cycle import Explain, Sentence
from registry.reference.text import sparse_dates

Values = Mapping[str, Any]

DECLARED = _("Declared by the enterprise on %(declared)s. Not withdrawn. Not checked or approved by anyone.")
DECLARED_WITHOUT_DAY = _(
    "Declared by the enterprise; the source does not say when. Not withdrawn. Not checked or approved by anyone."
)
CHECKED = _(
    "Declared by the enterprise on %(declared)s. Not withdrawn. The authority has checked it and found no problem (%(checked)s); it has not been approved by anyone."
)
CORRECTED = _(
    "Declared by the enterprise on %(declared)s and corrected on the order of the authority. Not withdrawn. Not approved by anyone."
)
SCHEDULED = _(
    "Declared by the enterprise on %(declared)s, to be used from %(effective)s. Not checked or approved by anyone."
)
NOT_YET_IN_USE = _(
    "Declared by the enterprise, but not in use yet today (%(today)s). Not checked or approved by anyone."
)
CORRECTION_ORDERED = _(
    "The authority has ordered the enterprise to correct this declaration by %(deadline)s. No correction has been submitted."
)
CORRECTION_ORDERED_WITHOUT_DATES = _(
    "The authority has ordered the enterprise to correct this declaration. No correction has been submitted."
)
CORRECTION_OVERDUE = _(
    "The authority ordered the enterprise to correct this declaration by %(deadline)s. That day has passed, and no correction has been submitted."
)
CORRECTION_SUBMITTED = _(
    "The authority has ordered the enterprise to correct this declaration. The enterprise submitted a correction on %(submitted)s; the authority has not confirmed it yet."
)
NOT_CORRECTED_IN_TIME = _(
    "The enterprise did not correct this declaration in time. Published since %(since)s."
)
CORRECTED_LATE = _(
    "The enterprise did not correct this declaration in time. Published since %(since)s. It submitted a correction on %(submitted)s; the authority has not confirmed it yet."
)
WITHDRAWN_BY_ENTERPRISE = _(
    "The enterprise no longer works to this standard. Products sold before stay covered by the version "
    "of their day of production. Shown since %(since)s."
)
WITHDRAWN = _(
    "Withdrawn by the enterprise on %(withdrawn)s. Products sold before stay covered by the version of their day of production."
)
WITHDRAWN_UNUSED = _(
    "Withdrawn by the enterprise on %(withdrawn)s, before it was to come into use on %(effective)s. It was never in use."
)


def active_sentence(values: Values, today: dt.date) -> Sentence | None:
    """When it was declared, and whether the authority has looked at it since."""
    del today
    declared, checked = str(values.get("declared_on") or ""), str(values.get("checked_on") or "")
    if not declared:
        return None
    if values.get("correct_until"):
        return Sentence(CORRECTED, {"declared": declared})
    if checked:
        return Sentence(CHECKED, {"declared": declared, "checked": checked})
    return Sentence(DECLARED, {"declared": declared})


def scheduled_sentence(values: Values, today: dt.date) -> Sentence | None:
    del today
    days = {"declared": values.get("declared_on"), "effective": values.get("effective_from")}
    return Sentence(SCHEDULED, {name: str(day) for name, day in days.items()}) if all(days.values()) else None


def correction_sentence(values: Values, today: dt.date) -> Sentence | None:
    """Until when it is to be corrected, and whether the enterprise has answered."""
    submitted, deadline = submission_day(values), str(values.get("correct_until") or "")
    if submitted:
        return Sentence(CORRECTION_SUBMITTED, {"submitted": submitted})
    if not deadline:
        return None
    overdue = deadline < today.isoformat()[: len(deadline)]
    return Sentence(CORRECTION_OVERDUE if overdue else CORRECTION_ORDERED, {"deadline": deadline})


def publicised_sentence(values: Values, today: dt.date) -> Sentence | None:
    del today
    submitted = submission_day(values)
    return Sentence(CORRECTED_LATE, {"submitted": submitted}) if submitted else None


def withdrawn_sentence(values: Values, today: dt.date) -> Sentence | None:
    """Whether it ended before it began."""
    del today
    withdrawn, effective = str(values.get("withdrawn_on") or ""), str(values.get("effective_from") or "")
    if not withdrawn:
        return None
    if effective and withdrawn < effective[: len(withdrawn)]:
        return Sentence(WITHDRAWN_UNUSED, {"withdrawn": withdrawn, "effective": effective})
    return Sentence(WITHDRAWN, {"withdrawn": withdrawn})


def decision_sentence(message: str) -> Explain:
    """The sentence of a state that a decision brought, with the day of the decision where it is known."""

    def explain(values: Values, today: dt.date) -> Sentence | None:
        del today
        decided = values.get("decided_on")
        return Sentence(message, {"decided": str(decided)}) if decided else None

    return explain


def submission_day(values: Values) -> str:
    """The day on which the enterprise answered the order that stands, "" where it has not: an earlier answer was to another."""
    submitted, decided = (str(values.get(name) or "") for name in ("correction_submitted_on", "decided_on"))
    return submitted if submitted >= decided else ""


def correction_due(values: Values) -> dt.date | None:
    """The last day to answer the order that stands; None where it is answered, or sets no day."""
    deadline = str(values.get("correct_until") or "")
    return sparse_dates.last_day(deadline) if deadline and not submission_day(values) else None
