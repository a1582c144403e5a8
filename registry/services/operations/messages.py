"""The words of the codes about running the registry."""

from __future__ import annotations

from registry.i18n import _
from registry.messages import declare

MESSAGES = {
    "day_before_last_work": _(
        "The clock says %(today)s, but the register was last worked on on %(last)s. Nothing was changed. "
        "Set the clock, or confirm the day with “pinzheng expire --confirm”."
    ),
    "days_without_work": _(
        "The clock says %(today)s, and the daily work was last done %(days)s days ago, on %(last)s. Nothing was "
        "changed. Check the clock, then confirm the day with “pinzheng expire --confirm”."
    ),
    "too_many_endings": _(
        "On %(today)s %(count)s of %(records)s records would end at the same time. Nothing was changed. Check the "
        "clock and the last sheets, then confirm with “pinzheng expire --confirm”."
    ),
}

declare(__name__, MESSAGES)
