"""The deadlines of a brand's title: what is due by a day, and what resolves it."""

from __future__ import annotations

from registry.i18n import _
from registry.kit.life_cycle import Deadline
from registry.registers.brands import dates

DEADLINES = (
    Deadline(
        code="objections_over",
        watch="publicity",
        resolved_by=(
            "listed",
            "rejected",
        ),
        states=("publicity",),
        last_day=dates.objections_last_day,
        zh="公示期已满",
        en="Time for objections over",
        meaning=_(
            "The time for objections ended on %(due)s. What was decided is not known here: ask the authority that "
            "gives the title."
        ),
    ),
    Deadline(
        code="rectification_overdue",
        watch="correction",
        resolved_by=(
            "rectified",
            "condition_met",
            "suspended",
            "removed",
        ),
        states=("rectifying",),
        last_day=dates.rectification_due,
        zh="整改逾期",
        en="Rectification overdue",
        meaning=_(
            "Things had to be put right by %(due)s. Whether the title was kept, suspended or taken away is not "
            "known here."
        ),
    ),
    Deadline(
        code="condition_overdue",
        watch="correction",
        resolved_by=(
            "review_passed",
            "review_failed",
        ),
        states=("listed",),
        last_day=dates.condition_due,
        zh="附条件通过逾期",
        en="Condition of the review overdue",
        meaning=_(
            "The last review was passed on a condition to be met by %(due)s. Whether it was met is not known here."
        ),
        not_plain=True,
    ),
    Deadline(
        code="review_overdue",
        watch="review",
        resolved_by=(
            "review_passed",
            "review_conditional",
            "review_failed",
        ),
        states=("listed",),
        last_day=dates.review_due,
        zh="应复核",
        en="Review overdue",
        meaning=_(
            "A review was due by %(due)s, and no result is held here. The title stands until a decision is published."
        ),
    ),
    Deadline(
        code="title_validity_over",
        watch="ends",
        resolved_by=(
            "review_passed",
            "removed",
        ),
        states=("listed", "rectifying", "suspended"),
        last_day=dates.validity_end,
        zh="称号有效期已满",
        en="Validity of the title over",
        meaning=_(
            "This title holds for some years only; they ended on %(due)s. Whether it was renewed is not known here."
        ),
        not_plain=True,
    ),
    Deadline(
        code="holder_time_over",
        watch="party",
        resolved_by=("transferred",),
        states=("listed", "rectifying", "suspended"),
        field="holder_to",
        zh="持有期已满",
        en="Holder no longer in possession",
        meaning=_("The holder named here held the brand until %(due)s. Who holds it now is not known here."),
        not_plain=True,
    ),
    Deadline(
        code="trademarks_over",
        watch="trademark",
        resolved_by=("suspended",),
        states=("listed", "rectifying", "suspended"),
        last_day=dates.trademarks_end,
        zh="商标已到期",
        en="Trademarks run out",
        meaning=_(
            "The last of the registered trademarks ran out on %(due)s. Without a right to the trademark or the trade "
            "name a title may be taken away; whether they were renewed is not known here."
        ),
    ),
)
