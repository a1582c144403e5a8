"""What a brand's page says first, in a sentence that is true on the day: a notice of years ago announces nothing today."""

from __future__ import annotations

import datetime as dt

from registry.i18n import _
from registry.kit.life_cycle import SOURCE_DATE, Sentence
from registry.reference import working_days
from registry.registers.brands import dates
from registry.registers.brands.dates import Values

TAKEN = _("Proposed in the notice of %(notice)s. Objections are taken until %(end)s. Not recognised so far.")
TAKEN_WITHOUT_NOTICE = _(
    "Proposed for this title. Objections are taken until %(end)s. Not recognised so far."
)
TAKEN_ABOUT = _(
    "Proposed in the notice of %(notice)s. Counted in working days, objections are taken until about %(end)s; the "
    "holidays after %(known)s are not announced yet. Not recognised so far."
)
TAKEN_BY_RULE = _(
    "Proposed in the notice of %(notice)s. Counted in working days, objections are taken until %(end)s. Not recognised so "
    "far."
)
OVER = _(
    "Proposed in the notice of %(notice)s; the time for objections ended on %(end)s. No later source is held here: "
    "whether the brand was recognised is not known."
)
OVER_WITHOUT_NOTICE = _(
    "Proposed for this title; the time for objections ended on %(end)s. No later source is held here: whether the brand "
    "was recognised is not known."
)
OVER_BY_RULE = _(
    "Proposed in the notice of %(notice)s; the time for objections ended on %(end)s, counted in working days because the "
    "notice's own end is not held here. No later source is held here: whether the brand was recognised is not known."
)
PROPOSED = _(
    "Proposed in the notice of %(notice)s; until when objections were taken is not held here. No later source is held "
    "here: whether the brand was recognised is not known."
)
RECTIFYING = _("On the list, but its holder has to put things right by %(day)s.")
RECTIFICATION_OVER = _(
    "On the list; its holder had to put things right by %(day)s. No result is held here: whether the brand is still on "
    "the list is not known."
)


def proposed(values: Values, today: dt.date) -> Sentence | None:
    """Until when objections are or were taken; None where neither an end nor a notice is stated."""
    notice = str(values.get("notice_date") or values.get(SOURCE_DATE) or "")
    end = dates.objections_end(values)
    if end is None:
        return Sentence(PROPOSED, {"notice": notice}) if notice else None
    days = {"notice": notice, "end": end.day.isoformat()}
    if today > end.day:
        message = OVER_BY_RULE if end.worked_out else OVER if notice else OVER_WITHOUT_NOTICE
        return Sentence(message, days)
    if end.estimated:
        return Sentence(TAKEN_ABOUT, days | {"known": str(working_days.LAST_KNOWN_YEAR)})
    message = TAKEN_BY_RULE if end.worked_out else TAKEN if notice else TAKEN_WITHOUT_NOTICE
    return Sentence(message, days)


def rectifying(values: Values, today: dt.date) -> Sentence | None:
    """Until when things must be or had to be put right; None where no deadline is stated."""
    due = dates.rectification_due(values)
    if due is None:
        return None
    return Sentence(RECTIFYING if today <= due else RECTIFICATION_OVER, {"day": due.isoformat()})
