"""Rules over several fields or against other records, with their legal source; run by the service for every door."""

from __future__ import annotations

import calendar
import datetime as dt
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

from registry.kit.issues import Issue

# What even the registrar's import refuses. Every other finding about a source stands as a
# warning; for enterprises and bodies who file, all of them block.
ALWAYS_BLOCKING = frozenset(
    {
        "wrong_type", "not_a_number", "date_shape", "date_does_not_exist", "unknown_field",
        "credit_code_length", "credit_code_characters", "credit_code_check_digit",
        "number_check_digit", "gtin_check_digit", "ends_before_start", "key_missing", "duplicate_key",
        "not_a_transition", "transition_not_allowed", "transition_too_late", "status_unknown", "cell_too_long",
        "too_many_cells", "row_truncated", "not_of_this_register", "not_an_object", "cell_without_value",
        "number_shape", "storage_full",
    }
)  # fmt: skip


class RecordLookup(Protocol):
    """What a rule may ask about other records."""

    def find_record(self, register: str, key: str) -> Mapping[str, Any] | None:
        """Status, title and dates of a record by natural key, or None when it is not in the register."""


@dataclass(frozen=True, slots=True)
class RuleContext:
    """`today` is a day in Shanghai; `others` looks up linked records; `status` is the state the record is to have."""

    today: dt.date
    records: RecordLookup | None = None
    status: str = ""
    unreadable_cells: frozenset[tuple[str, object, object]] = (
        frozenset()
    )  # cells (field, row from 1, column) that hold nonsense


Check = Callable[[Mapping[str, Any], RuleContext], Iterable[Issue]]


@dataclass(frozen=True, slots=True)
class Rule:
    name: str
    fields: tuple[str, ...]
    source: str  # law and article, standard, or "register" for our own
    check: Check


def rule(name: str, *, fields: Sequence[str], source: str) -> Callable[[Check], Rule]:
    """Make a rule of a function `(values, context) -> issues`. It runs when all its fields hold or are missing."""

    def made(check: Check) -> Rule:
        return Rule(name, tuple(fields), source, check)

    return made


def run(
    rules: Iterable[Rule],
    values: Mapping[str, Any],
    context: RuleContext,
    *,
    refused_fields: frozenset[str] = frozenset(),
    partial_tables: Mapping[str, Any] | None = None,
) -> list[Issue]:
    """Run the rules whose fields were not refused: one bad date must not hide the other findings.

    `partly`: tables of which some cells were refused; the rules see the others.
    """
    whole, read = refused_fields.difference(partial_tables or ()), {**values, **(partial_tables or {})}
    return [issue for each in rules if whole.isdisjoint(each.fields) for issue in each.check(read, context)]


def split_by_severity(issues: Iterable[Issue], *, registrar: bool) -> tuple[list[Issue], list[Issue]]:
    """Split into (blocking, standing warnings). For the registrar only `HARD` findings block."""
    blocking, warnings = [], []
    for issue in issues:
        if issue.severity == "blocks" and (issue.code in ALWAYS_BLOCKING or not registrar):
            blocking.append(issue)
        elif issue.code == "required":  # the registrar cannot give what the source does not state
            warnings.append(Issue("not_stated", issue.field, {}, "warns"))
        else:
            warnings.append(issue.as_warning())
    return blocking, warnings


def order_of_dates(start: str, end: str, *, source: str) -> Rule:
    """`end` may not lie before `start`; sparse dates are compared generously (a year contains its days)."""

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        del context
        first, last = values.get(start), values.get(end)
        if first and last and str(last)[: len(first)] < str(first)[: len(last)]:
            yield Issue("ends_before_start", end, {"start": first, "end": last})

    return Rule(f"{end}_not_before_{start}", (start, end), source, check)


def not_after_today(field: str, *, source: str) -> Rule:
    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        written = values.get(field)
        if written and str(written) > context.today.isoformat()[: len(str(written))]:
            yield Issue("after_today", field, {"value": written})

    return Rule(f"{field}_not_in_the_future", (field,), source, check)


def all_given(
    fields: Sequence[str], *, source: str, when: Callable[[Mapping[str, Any]], bool] | None = None
) -> Rule:
    """What whoever files must state; a source that does not keeps a standing warning for each of `fields`.

    `when` narrows it to the records that the duty concerns: Chinese rules bind no foreign body.
    """

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        del context
        if when is None or when(values):
            yield from (Issue("required", name) for name in fields if values.get(name) in (None, "", []))

    return Rule("stated_in_full", tuple(fields), source, check)


def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later (or earlier), else the last day of that month; within the calendar."""
    whole = day.year * 12 + day.month - 1 + months
    year, month = whole // 12, whole % 12 + 1
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.max if months > 0 else dt.date.min
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
