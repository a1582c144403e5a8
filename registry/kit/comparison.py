"""Promised values beside those of other standards: which is stricter, and by how much, by arithmetic."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from registry.kit.indicators import OPERATORS, indicator_name

QUANTITY = re.compile(
    r"(?P<sign>[^\d.+-]*)(?P<figure>[+-]?\d+(?:\.\d+)?)(?P<unit>(?![\d.~–—至到-]).*)", re.DOTALL
)
RATIOS = {"": 1.0, "1": 1.0, "%": 0.01, "‰": 0.001}  # the units of a ratio
SIGNIFICANT_DIGITS = 12  # significant ones; beyond them 0.1 + 0.2 differs from 0.3

Relation = Literal["", "above", "equal", "below"]


@dataclass(frozen=True, slots=True)
class Comparison:
    """One row of a table of other standards' values, from 1, beside the indicator that it is about.

    `relation`: what the two numbers say, else what the row states, else "". `stricter`: by which share of the other
    value the promise is stricter, negative where it is weaker; None where that cannot be said. `hindrance`: why the
    numbers say nothing: indicator (none has this name), figure (no single number), unit (another one), direction (the
    promise has neither ≤ nor ≥, or the other value the opposite).
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
    """Each row of `others` with its indicator among `own`: for ≤ the lower value is the stricter one, for ≥ the higher."""
    by_name = {indicator_name(row): row for row in promised}
    for place, row in enumerate(others, start=1):
        own_row = by_name.get(indicator_name(row), {}) if indicator_name(row) else {}
        hindrance, mine, other = _comparable_values(own_row, str(row.get("other_value") or ""))
        if hindrance:
            stated = str(row.get("relation") or "")
            yield Comparison(place, row, own_row, stated, obstacle=hindrance)
            continue
        better = (mine - other) * (-1 if str(own_row["operator"]).startswith("<") else 1)
        relation: Relation = "above" if better > 0 else "below" if better < 0 else "equal"
        yield Comparison(place, row, own_row, relation, better / abs(other) if other else None)


def _comparable_values(promised: Mapping[str, Any], written: str) -> tuple[str, float, float]:
    """What keeps the two from being compared, or "" and both figures in one unit."""
    if not promised:
        return "indicator", 0, 0
    found = QUANTITY.fullmatch(_normalise(written))
    if found is None or not isinstance(promised.get("value"), int | float):
        return "figure", 0, 0
    sign = str(promised.get("operator") or "")[:1]
    if sign not in ("<", ">") or _comparison_sign(found["sign"]) not in ("", sign):
        return "direction", 0, 0
    unit, other_unit = _normalise(str(promised.get("unit") or "")), found["unit"]
    factor, other_factor = 1.0, 1.0
    if unit in RATIOS and other_unit in RATIOS:
        factor, other_factor = RATIOS[unit], RATIOS[other_unit or unit]
    elif other_unit not in ("", unit):
        return "unit", 0, 0
    return (
        "",
        _round_to_significant(promised["value"] * factor),
        _round_to_significant(float(found["figure"]) * other_factor),
    )


def _comparison_sign(sign: str) -> str:
    """`<` for at most, `>` for at least, "" for a bare value; anything else as it is written."""
    code = OPERATORS.find(sign) if sign else ""
    return sign if code is None else code[:1].replace("=", "")


def _normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def _round_to_significant(figure: float) -> float:
    return float(f"{figure:.{SIGNIFICANT_DIGITS}g}")
