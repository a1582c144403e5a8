"""Rules over several fields or against other records, each with its legal source; every door runs all of them."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, NamedTuple, Protocol

from registry.kit.issues import Issue

# What even the registrar's import refuses. Every other issue of a source becomes a standing warning; for enterprises
# and bodies who file, all of them block.
ALWAYS_BLOCKING = frozenset(
    {
        "wrong_type", "not_a_number", "date_shape", "date_does_not_exist", "unknown_field",
        "credit_code_length", "credit_code_characters", "credit_code_check_digit", "credit_code_region",
        "credit_code_department", "credit_code_several", "licence_number_given", "organisation_code_given",
        "digits_lost", "text_damaged", "personal_number",
        "number_check_digit", "gtin_check_digit", "ends_before_start", "key_missing", "duplicate_key",
        "not_a_transition", "transition_not_allowed", "transition_too_late", "status_unknown", "cell_too_long",
        "too_many_cells", "row_truncated", "not_of_this_register", "not_an_object", "cell_without_value",
        "number_shape", "number_names_another", "storage_full", "too_many_items",
    }
)  # fmt: skip


class RecordLookup(Protocol):
    """What a rule may ask about other records."""

    def find_record(self, register: str, key: str) -> Mapping[str, Any] | None:
        """Values of a record with its `status`, by natural key; None when the register does not have it."""

    def find_group(self, register: str, key: str) -> Sequence[Mapping[str, Any]]:
        """Values, with `status`, of the records that share a key of the register's `group_keys`, in a fixed order."""


class RuleContext(NamedTuple):
    """What a rule knows besides the values of the record.

    `today`: a day in Shanghai. `records` looks up linked records. `status`: the state that the record is to have.
    `unreadable_cells`: (field, row from 1, column) of cells in tables that hold something, but nothing readable.
    `may_stand`: codes of issues that are told, and refuse nothing.
    """

    today: dt.date
    records: RecordLookup | None = None
    status: str = ""
    unreadable_cells: frozenset[tuple[str, object, object]] = frozenset()
    may_stand: frozenset[str] = frozenset()


Check = Callable[[Mapping[str, Any], RuleContext], Iterable[Issue]]


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule. `source`: law and article, or a standard; "register" for a rule of our own."""

    name: str
    fields: tuple[str, ...]
    source: str
    check: Check


def rule(name: str, *, fields: Sequence[str], source: str) -> Callable[[Check], Rule]:
    """Decorate a function `(values, context) -> issues` as a rule, which runs unless one of its fields was refused."""

    def decorate(check: Check) -> Rule:
        return Rule(name, tuple(fields), source, check)

    return decorate


def run(
    rules: Iterable[Rule],
    values: Mapping[str, Any],
    context: RuleContext,
    *,
    refused_fields: frozenset[str] = frozenset(),
    partial_tables: Mapping[str, Any] | None = None,
) -> list[Issue]:
    """Run the rules whose fields were not refused: one bad date must not hide the other issues.

    `partial_tables`: refused tables with the cells that could be read; the rules see these.
    """
    unreadable = refused_fields.difference(partial_tables or ())
    readable = {**values, **(partial_tables or {})}
    return [
        issue.as_warning() if issue.code in context.may_stand else issue
        for rule in rules
        if not unreadable or unreadable.isdisjoint(rule.fields)
        for issue in rule.check(readable, context)
    ]


def split_by_severity(issues: Iterable[Issue], *, registrar: bool) -> tuple[list[Issue], list[Issue]]:
    """Split issues into (blocking, standing warnings). For the registrar only `ALWAYS_BLOCKING` codes block."""
    blocking, warnings = [], []
    for issue in issues:
        if issue.severity == "blocks" and (issue.code in ALWAYS_BLOCKING or not registrar):
            blocking.append(issue)
        elif issue.severity == "doubts" and not registrar:
            blocking.append(replace(issue, severity="blocks"))
        elif issue.code == "required":  # the registrar cannot give what the source does not state
            warnings.append(Issue("not_stated", issue.field, {}, "warns"))
        else:
            warnings.append(issue.as_warning())
    return blocking, warnings


def order_of_dates(start: str, end: str, *, source: str, not_in: Sequence[str] = ()) -> Rule:
    """`end` may not lie before `start`; sparse dates are compared as far as both say (a year contains its days).

    `not_in`: states in which `start` is the day of a later decision.
    """

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        if context.status in not_in:
            return
        first, last = values.get(start), values.get(end)
        if first and last and str(last)[: len(first)] < str(first)[: len(last)]:
            yield Issue("ends_before_start", end, {"start": first, "end": last})

    return Rule(f"{end}_not_before_{start}", (start, end), source, check)


def not_after_today(field: str, *, source: str) -> Rule:
    """A date may not lie in the future; a sparse one as far as it says: this year and this month are allowed."""

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        written = values.get(field)
        if written and str(written) > context.today.isoformat()[: len(str(written))]:
            yield Issue("after_today", field, {"value": written})

    return Rule(f"{field}_not_in_the_future", (field,), source, check)


def all_given(
    fields: Sequence[str], *, source: str, when: Callable[[Mapping[str, Any]], bool] | None = None
) -> Rule:
    """A filer must state all of `fields`; a record from a source that does not has a standing warning for each.

    `when` narrows the rule to the records that the duty concerns: Chinese rules bind no foreign body.
    """

    def check(values: Mapping[str, Any], context: RuleContext) -> Iterable[Issue]:
        del context
        if when is None or when(values):
            yield from (Issue("required", name) for name in fields if values.get(name) in (None, "", []))

    return Rule("stated_in_full", tuple(fields), source, check)


@functools.lru_cache(maxsize=8192)  # the records of a sheet are of few days
def add_months(day: dt.date, months: int) -> dt.date:
    """The same day so many months later (or earlier), or the last day of that month if it is shorter.

    Beyond the calendar: its first or last day.
    """
    month_count = day.year * 12 + day.month - 1 + months
    year, month = month_count // 12, month_count % 12 + 1
    if not dt.MINYEAR <= year <= dt.MAXYEAR:
        return dt.date.max if months > 0 else dt.date.min
    return day.replace(year=year, month=month, day=min(day.day, calendar.monthrange(year, month)[1]))
