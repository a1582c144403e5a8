"""Limits that standards set for categories of products, and promised values held against them.

Standardization Law (2017), Art. 21: nothing below a mandatory standard; SAMR Order No. 83, Art. 14: what is lower than a
voluntary one is stated plainly.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from registry.kit.codes import Code, CodeList
from registry.kit.indicator_names import IndicatorIndex
from registry.kit.rules import RecordLookup
from registry.kit.units import in_unit

FORCES = CodeList(
    Code("mandatory", "强制", "mandatory", ("强制性",)),
    Code("voluntary", "推荐", "voluntary", ("推荐性", "自愿")),
)
LIMITS_REGISTER, LIMITS_TABLE, CATEGORIES_FIELD = "standards", "indicators", "product_categories"
UPPER, LOWER = ("<=", "<"), (">=", ">")
SIGNS = {"<=": "≤", ">=": "≥"}


@dataclass(frozen=True, slots=True)
class Limit:
    """One limit of a standard. `row`: of the standard's table; `mandatory`: no product may fall short of it."""

    standard: str
    row: Mapping[str, Any]
    mandatory: bool

    def text(self) -> str:
        """`≤ 0.124 mg/m³`, `4–8.5` for a range."""
        return quantity_text(self.row)

    def source(self) -> str:
        """The standard, with the clause where it is known."""
        clause = self.row.get("clause")
        return f"{self.standard}, {clause}" if clause else self.standard


@dataclass(frozen=True, slots=True)
class LimitComparison:
    """A promised row held against a limit.

    `row_number`: from 1. `relation`: above (stricter), equal, below, "" where the numbers cannot be compared; then
    `obstacle` says why: `figure` (no number), `unit`, `direction` (the promise is open at the end that is limited).
    """

    row_number: int
    row: Mapping[str, Any]
    limit: Limit
    relation: str = ""
    obstacle: str = ""


def quantity_text(row: Mapping[str, Any]) -> str:
    """The value of a row with sign and unit, the same in every language."""
    figure = str(row.get("value", ""))
    operator = str(row.get("operator") or "")
    if operator == "in":
        figure = f"{figure}–{row.get('value_to', '')}"
    else:
        figure = f"{SIGNS.get(operator, operator)} {figure}".strip()
    unit = str(row.get("unit") or "1")
    return figure if unit == "1" else f"{figure} {unit}"


def limits_of_category(records: RecordLookup, category: str, day: str) -> Iterator[Limit]:
    """The limits of the standards that cover a category and were in force on a day. `day`: ISO, of the declaration."""
    for standard in records.find_group(LIMITS_REGISTER, category):
        for limit in _limits_of(standard, day):
            named = limit.row.get("category")
            if named == category or (named is None and category in _covered(standard)):
                yield limit


def limits_of_standard(records: RecordLookup, number: str, category: str, day: str) -> Iterator[Limit]:
    """The limits of a standard that is named and was in force on the day, but for those of other categories."""
    standard = records.find_record(LIMITS_REGISTER, number)
    for limit in _limits_of(standard, day) if standard else ():
        if limit.row.get("category") in (None, category):
            yield limit


def _limits_of(standard: Mapping[str, Any], day: str) -> Iterator[Limit]:
    """The limits of a standard that was in force on a day, though another edition may have taken its place since."""
    begun = str(standard.get("in_force_on") or "") <= day
    ended = str(standard.get("withdrawn_on") or "")
    if begun and (standard.get("status") == "in_force" or day < ended):
        for row in standard.get(LIMITS_TABLE) or ():
            yield Limit(str(standard.get("number") or ""), row, row.get("force") == "mandatory")


def limit_categories(values: Mapping[str, Any]) -> frozenset[str]:
    """The categories that a standard sets limits for: those of the whole standard, and of single rows."""
    rows = values.get(LIMITS_TABLE) or ()
    if not rows:
        return frozenset()
    return _covered(values) | {str(row["category"]) for row in rows if row.get("category")}


def _covered(standard: Mapping[str, Any]) -> frozenset[str]:
    return frozenset(str(code) for code in standard.get(CATEGORIES_FIELD) or ())


def compare_with_limits(
    promised: Iterable[Mapping[str, Any]], limits: Iterable[Limit]
) -> Iterator[LimitComparison]:
    """Hold every promised row against the limits of the same indicator.

    A limit that one row keeps in its own unit asks nothing of another row of the same indicator in another unit.
    """
    rows = list(promised)
    of_indicator = IndicatorIndex(rows)
    for limit in limits:
        found = [_compare(place + 1, rows[place], limit) for place in of_indicator.places(limit.row)]
        comparable = any(each.relation for each in found)
        yield from (each for each in found if each.relation or not comparable)


def _compare(number: int, row: Mapping[str, Any], limit: Limit) -> LimitComparison:
    unit, wanted = str(row.get("unit") or "1"), str(limit.row.get("unit") or "1")
    if not isinstance(row.get("value"), int | float) or not isinstance(limit.row.get("value"), int | float):
        return LimitComparison(number, row, limit, obstacle="figure")
    low, high = _interval(row, unit, wanted)
    if low is None and high is None:
        return LimitComparison(number, row, limit, obstacle="unit")
    least, most = _interval(limit.row, wanted, wanted)
    relations = []
    for own, bound, side in ((low, least, 1), (high, most, -1)):
        if bound is None:
            continue
        if own is None:
            return LimitComparison(number, row, limit, obstacle="direction")
        distance = (own.value - bound.value) * side
        looser_at_bound = distance == 0 and bound.strict and not own.strict
        relations.append("below" if distance < 0 or looser_at_bound else "above" if distance else "equal")
    relation = next((each for each in ("below", "equal", "above") if each in relations), "")
    return LimitComparison(number, row, limit, relation)


@dataclass(frozen=True, slots=True)
class _End:
    """One end of what a row allows. `strict`: the value itself is excluded."""

    value: Fraction
    strict: bool = False


def _interval(row: Mapping[str, Any], unit: str, wanted: str) -> tuple[_End | None, _End | None]:
    """The least and the greatest value that a row allows, in the wanted unit; both None where it cannot be converted."""
    value = in_unit(row["value"], unit, wanted)
    if value is None:
        return None, None
    operator = str(row.get("operator") or "=")
    if operator in UPPER:
        return None, _End(value, operator == "<")
    if operator in LOWER:
        return _End(value, operator == ">"), None
    upper = row.get("value_to")
    if operator == "in" and isinstance(upper, int | float):
        top = in_unit(upper, unit, wanted)
        return _End(value), _End(top) if top is not None else None
    return _End(value), _End(value)
