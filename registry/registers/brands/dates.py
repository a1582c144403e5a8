"""Days that follow from a title's rules: the end of objections, reviews that fall due, the end of a title."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any, NamedTuple

from registry.kit.rules import add_months
from registry.reference import working_days
from registry.reference.text import sparse_dates
from registry.registers.brands import schemes
from registry.registers.brands.schemes import BrandScheme

Values = Mapping[str, Any]
DECEMBER, LAST_DAY = 12, 31


class ObjectionsEnd(NamedTuple):
    """The last day for objections. `worked_out`: by the title's working days, because the notice's end is not stated.

    `estimated`: the count reaches a year whose holidays are not announced yet.
    """

    day: dt.date
    worked_out: bool = False
    estimated: bool = False


def year_of(written: object) -> int | None:
    """The year of a sparse date, None where there is none."""
    text = str(written or "")[:4]
    return int(text) if text.isdecimal() else None


def rules_of(values: Values) -> BrandScheme:
    return schemes.rules_of(str(values.get("scheme") or ""))


def objections_end(values: Values) -> ObjectionsEnd | None:
    """Until when objections to a proposed brand are taken; None where neither notice nor title tell."""
    if stated := values.get("objections_until"):
        return ObjectionsEnd(sparse_dates.last_day(str(stated)))
    notice, days = str(values.get("notice_date") or ""), rules_of(values).objection_working_days
    if not notice or not days:
        return None
    end = working_days.add_working_days(sparse_dates.last_day(notice), days)
    return ObjectionsEnd(end, worked_out=True, estimated=not working_days.is_known(end))


def objections_last_day(values: Values) -> dt.date | None:
    end = objections_end(values)
    return end.day if end else None


def last_review(values: Values) -> Mapping[str, Any] | None:
    """The newest review that states its year, of two of one year the later row; None where there is none."""
    reviews = [row for row in values.get("review") or () if row.get("year")]
    return max(reversed(reviews), key=lambda row: int(row["year"]), default=None)


def condition_due(values: Values) -> dt.date | None:
    """The deadline of the last review where it was passed with conditions."""
    review = last_review(values)
    if review is None or review.get("result") != "conditional" or not review.get("deadline"):
        return None
    return sparse_dates.last_day(str(review["deadline"]))


def rectification_due(values: Values) -> dt.date | None:
    """Until when the holder has to put things right: as ordered, else as the last review says."""
    stated = values.get("rectify_until")
    return sparse_dates.last_day(str(stated)) if stated else condition_due(values)


def review_due(values: Values) -> dt.date | None:
    """The last day of the year in which the next review falls due, None for a title without reviews."""
    rules, review = rules_of(values), last_review(values)
    known = [
        year_of(values.get("recognised_on")),
        int(review["year"]) if review else None,
        rules.reviews_since,
    ]
    years = [year for year in known if year]
    if not rules.review_years or not years:
        return None
    return _end_of_year(max(years) + rules.review_years)


def validity_end(values: Values) -> dt.date | None:
    """The last day of a title that holds for some years, counted from recognition or the last review it passed."""
    years = rules_of(values).validity_years
    if not years:
        return None
    ends = [
        _end_of_year(int(row["year"]) + years)
        for row in values.get("review") or ()
        if row.get("year") and row.get("result") == "pass"
    ]
    if recognised := values.get("recognised_on"):
        ends.append(add_months(sparse_dates.last_day(str(recognised)), 12 * years))
    return max(ends, default=None)


def trademarks_end(values: Values) -> dt.date | None:
    """The day on which the last registered trademark runs out; None where one states no end or none is needed."""
    marks = values.get("trademarks") or ()
    ends = [str(mark.get("valid_to") or "") for mark in marks]
    if values.get("right_basis") == "trade_name" or not ends or not all(ends):
        return None
    return max(sparse_dates.last_day(end) for end in ends)


def barred_until(values: Values) -> dt.date | None:
    """Until when a removed brand may not be proposed again; None where the day or the rule is not known."""
    rules, decided = rules_of(values), values.get("decided_on")
    if not (decided and rules.barred_periods and rules.period_years):
        return None
    return add_months(sparse_dates.last_day(str(decided)), 12 * rules.barred_periods * rules.period_years)


def _end_of_year(year: int) -> dt.date:
    return dt.date(min(year, dt.MAXYEAR), DECEMBER, LAST_DAY)
