"""Cautions of brands: the holder is gone, the trademark is gone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from registry.i18n import _
from registry.kit.cautions import (
    Caution,
    CautionKind,
    CautionRule,
    Day,
    Subject,
    days_after,
    linked_in_state,
    overdue,
)
from registry.reference.text import sparse_dates
from registry.registers.brands.life_cycle import LIFE_CYCLE

HOLDER_DEREGISTERED = CautionKind(
    code="holder_deregistered",
    watch="party",
    zh="持有人已注销",
    en="Holder deregistered",
    sentence=_(
        "The holder, %(title)s, has been deregistered: until the title passes to a successor, no one may use the mark "
        "of the list for this brand."
    ),
    dated=_(
        "The holder, %(title)s, was deregistered on %(since)s: until the title passes to a successor, no one may use "
        "the mark of the list for this brand."
    ),
    not_plain=True,
)
TRADEMARK_ENDED = CautionKind(
    code="trademark_ended",
    zh="注册商标已失效",
    en="Registered trademark no longer in force",
    sentence=_(
        "Of the registered trademarks stated for this brand none is in force any more (last: %(number)s, %(day)s): the "
        "right to the name has to be shown again."
    ),
)
TRADEMARK_CANCELLED = CautionKind(
    code="trademark_cancelled",
    watch="trademark",
    zh="注册商标已被撤销",
    en="Registered trademark cancelled",
    sentence=_(
        "The registered trademark %(number)s was cancelled or declared invalid, and no other one of this brand is in "
        "force: the right to the name has to be shown again."
    ),
)


def check_trademarks(subject: Subject) -> Iterator[Caution]:
    """No registered trademark is left of those that are stated; none stated says nothing, a trade name may do."""
    marks = list(subject.values.get("trademarks") or ())
    if not marks or any(_is_in_force(mark, subject.today) for mark in marks):
        return
    cancelled = [mark for mark in marks if mark.get("state") in ("cancelled", "invalidated")]
    if cancelled:
        yield Caution(TRADEMARK_CANCELLED.code, {"number": cancelled[-1].get("number") or ""})
        return
    last = max(marks, key=lambda mark: str(mark.get("valid_to") or ""))
    yield Caution(
        TRADEMARK_ENDED.code,
        {"number": last.get("number") or "", "day": Day(str(last["valid_to"]))},
    )


def _is_in_force(mark: Mapping[str, Any], today: dt.date) -> bool:
    """A trademark that has run out may be renewed within six months (商标法, Art. 40); it is not in force meanwhile."""
    if mark.get("state") in ("cancelled", "invalidated"):
        return False
    ends = str(mark.get("valid_to") or "")
    return not ends or sparse_dates.last_day(ends) >= today


def trademark_days(values: Mapping[str, Any]) -> list[dt.date]:
    """The days after the last day of each trademark."""
    return days_after(*(mark.get("valid_to") for mark in values.get("trademarks") or ()))


CAUTIONS = (
    linked_in_state(HOLDER_DEREGISTERED, "held_by", ("deregistered",)),
    CautionRule(
        kinds=(TRADEMARK_CANCELLED, TRADEMARK_ENDED),
        check=check_trademarks,
        days=trademark_days,
    ),
    overdue(LIFE_CYCLE),
)
