"""Compares promised values with those of other standards: which is stricter, and by how much."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from fractions import Fraction
from typing import Any, Literal

from registry.kit.indicators import OPERATORS, indicator_name
from registry.kit.units import exact, in_unit

QUANTITY = re.compile(
    r"(?P<sign>[^\d.+-]*)(?P<figure>[+-]?\d+(?:\.\d+)?)(?P<unit>(?![\d.~–—至到-]).*)", re.DOTALL
)

MAX_QUANTITY = 120  # characters; a longer text is no quantity

Relation = Literal["", "above", "equal", "below"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of a table of other standards' values, with the promised indicator of the same name (`own`).

    `row_number`: from 1. `relation`: what the two numbers say, else what the row states, else "". `margin`: by which
    share of the other value the promise is stricter, negative where it is weaker; None where that cannot be said.
    `obstacle`: why the numbers cannot be compared, or "": `indicator` (none has this name), `figure` (not a single
    number), `unit` (another one), `direction` (the promise has neither ≤ nor ≥, or the other value has the opposite).
    """

    row_number: int
    row: Mapping[str, Any]
    own: Mapping[str, Any] = field(default_factory=dict)
    relation: str = ""
    margin: float | None = None
    obstacle: str = ""


def compare(
    promised: Iterable[Mapping[str, Any]], others: Iterable[Mapping[str, Any]]
) -> Iterator[Comparison]:
    """Yield a comparison for each row of `others`: for ≤ the lower value is the stricter one, for ≥ the higher."""
    by_name = {indicator_name(row): row for row in promised}
    for number, row in enumerate(others, start=1):
        own = by_name.get(indicator_name(row), {}) if indicator_name(row) else {}
        obstacle, own_value, other_value = _comparable_values(own, str(row.get("other_value") or ""))
        if obstacle:
            yield Comparison(number, row, own, str(row.get("relation") or ""), obstacle=obstacle)
            continue
        difference = (own_value - other_value) * (-1 if str(own["operator"]).startswith("<") else 1)
        relation: Relation = "above" if difference > 0 else "below" if difference < 0 else "equal"
        margin = _share(difference, other_value)
        yield Comparison(number, row, own, relation, margin)


def _share(difference: Fraction, other: Fraction) -> float | None:
    """The difference as a share of the other value; None where there is no such number."""
    try:
        return float(difference / abs(other)) if other else None
    except OverflowError:
        return None


def _comparable_values(promised: Mapping[str, Any], written: str) -> tuple[str, Fraction, Fraction]:
    """The obstacle to a comparison, or "", and both values in the unit of the promise, exactly."""
    nothing = Fraction(0)
    if not promised:
        return "indicator", nothing, nothing
    quantity = QUANTITY.fullmatch(_normalise(written)) if len(written) <= MAX_QUANTITY else None
    if quantity is None or not isinstance(promised.get("value"), int | float):
        return "figure", nothing, nothing
    sign = str(promised.get("operator") or "")[:1]
    if sign not in ("<", ">") or _comparison_sign(quantity["sign"]) not in ("", sign):
        return "direction", nothing, nothing
    unit = str(promised.get("unit") or "1")
    other = in_unit(quantity["figure"], quantity["unit"] or unit, unit)
    if other is None:
        return "unit", nothing, nothing
    return "", exact(promised["value"]), other


def _comparison_sign(sign: str) -> str:
    """`<` for at most, `>` for at least, "" for a bare value; any other sign as it is written."""
    code = OPERATORS.find(sign) if sign else ""
    return sign if code is None else code[:1].replace("=", "")


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")
