"""Comparison by arithmetic: either direction, either way of writing, and what cannot be compared."""

from __future__ import annotations

from typing import Any

import pytest

from registry.kit import indicator_comparison
from registry.kit.comparison import Comparison, compare
from registry.kit.limits import Limit, compare_with_limits
from registry.registers import catalogue

OWN = {"name_zh": "甲醛释放量", "operator": "<=", "value": 0.03, "unit": "mg/m³"}
STRENGTH = {"name_zh": "静曲强度", "operator": ">=", "value": 35, "unit": "MPa"}
SHARE = {"name_zh": "回收率", "operator": ">=", "value": 0.9, "unit": "1"}


def compared(own: dict[str, Any], other: str, relation: str = "") -> Comparison:
    row = {"name_zh": own["name_zh"], "standard": "GB/T 1-2020", "other_value": other}
    [comparison] = compare([own], [row | ({"relation": relation} if relation else {})])
    return comparison


@pytest.mark.parametrize(
    ("own", "other", "relation", "margin"),
    [
        (OWN, "≤ 0.05 mg/m³", "above", 0.4),
        (OWN, "0.05mg/m3", "above", 0.4),
        (OWN, "不大于 0.05", "above", 0.4),
        (OWN, "at most 0.03 mg/m³", "equal", 0.0),
        (OWN, "＜0.02", "below", -0.5),
        (STRENGTH, "≥ 40 MPa", "below", -0.125),
        (STRENGTH, "28", "above", 0.25),
        (SHARE, "75 %", "above", 0.2),
        (SHARE, "0.9", "equal", 0.0),
        ({**SHARE, "unit": "%", "value": 90}, "900‰", "equal", 0.0),
        ({**SHARE, "unit": "%", "value": 90}, "75", "above", 0.2),
        ({**OWN, "value": 0}, "0", "equal", None),
        ({**OWN, "value": 0.1}, "0 mg/m³", "below", None),
        (OWN, "50 µg/m³", "above", 0.4),
        ({**OWN, "value": 0.3}, str(0.1 + 0.2), "equal", 0.0),
    ],
)
def test_two_values_say_which_is_stricter(
    own: dict[str, Any], other: str, relation: str, margin: float | None
) -> None:
    comparison = compared(
        own, other, "equal" if relation != "equal" else "above"
    )  # what is stated counts for nothing
    assert (comparison.relation, comparison.obstacle) == (relation, "")
    assert comparison.margin == (None if margin is None else pytest.approx(margin))


@pytest.mark.parametrize(
    ("own", "other", "obstacle"),
    [
        (OWN, "50 µg/L", "unit"),
        (OWN, "≥ 0.05 mg/m³", "direction"),
        ({**OWN, "operator": "="}, "0.05 mg/m³", "direction"),
        ({**OWN, "operator": "in", "value_to": 0.05}, "0.05", "direction"),
        (OWN, "about 0.05", "direction"),
        (OWN, "E1", "direction"),
        (OWN, "不得检出", "figure"),
        (OWN, "0.02～0.05 mg/m³", "figure"),
        (OWN, "", "figure"),
        ({**OWN, "value": None}, "0.05", "figure"),
    ],
)
def test_what_cannot_be_compared_stands_as_it_is_stated(
    own: dict[str, Any], other: str, obstacle: str
) -> None:
    comparison = compared(own, other, "above")
    assert (comparison.relation, comparison.margin, comparison.obstacle) == ("above", None, obstacle)


def test_a_row_about_no_indicator_is_compared_with_none() -> None:
    [comparison] = compare([OWN], [{"name_zh": "苯", "other_value": "0.1"}])
    assert (comparison.row_number, comparison.own, comparison.obstacle) == (1, {}, "indicator")
    [nameless] = compare([{"operator": "<=", "value": 1}], [{"other_value": "0.1"}])
    assert nameless.obstacle == "indicator"


def test_the_arithmetic_is_said_in_both_languages() -> None:
    stricter = compared(OWN, "≤ 0.05 mg/m³")
    said = "declared ≤ 0.03 mg/m³, compared ≤ 0.05 mg/m³: 40 % stricter"
    assert indicator_comparison.comparison_message(stricter, "en") == said
    assert (
        indicator_comparison.comparison_message(stricter, "zh")
        == "声明值 ≤ 0.03 mg/m³，对比值 ≤ 0.05 mg/m³：严 40 %"
    )
    assert indicator_comparison.comparison_message(compared(STRENGTH, "40"), "en").endswith("12.5 % weaker")
    assert indicator_comparison.comparison_message(compared({**OWN, "value": 0}, "0"), "en").endswith(
        "the same"
    )
    assert indicator_comparison.comparison_message(compared({**OWN, "value": 1}, "0"), "en").endswith(
        "weaker"
    )
    assert indicator_comparison.comparison_message(compared({**STRENGTH, "value": 1}, "0"), "en").endswith(
        ": stricter"
    )
    assert "another unit" in indicator_comparison.comparison_message(compared(OWN, "1 g"), "en").lower()


DECLARATIONS, ORGANISATIONS = catalogue()["declarations"], catalogue()["organisations"]


def test_comparisons_stand_with_their_table() -> None:
    made = [compared(OWN, "≤ 0.05 mg/m³"), compared(OWN, "")]
    tables = DECLARATIONS.layout.comparison
    assert tables is not None
    lines = indicator_comparison.comparison_lines(DECLARATIONS, made, "en")
    assert list(lines) == [tables.benchmarks]
    assert [line.relation for line in lines[tables.benchmarks]] == ["above"]  # a row without a value has none
    assert indicator_comparison.comparison_lines(DECLARATIONS, made[1:], "en") == {}
    assert indicator_comparison.comparison_lines(ORGANISATIONS, made, "en") == {}


def test_limits_stand_with_the_table_of_promises() -> None:
    limit = Limit("GB 1-2020", {**OWN, "value": 0.05}, mandatory=True)
    [made] = compare_with_limits([OWN], [limit])
    [wordless] = compare_with_limits([{**OWN, "value": None}], [limit])
    tables = DECLARATIONS.layout.comparison
    assert tables is not None
    lines = indicator_comparison.limit_lines(DECLARATIONS, [made, wordless], "en")
    assert [(line.row_number, line.relation) for line in lines[tables.own]] == [(1, "above")]
    assert indicator_comparison.limit_lines(DECLARATIONS, [wordless], "en") == {}
    assert indicator_comparison.limit_lines(ORGANISATIONS, [made], "en") == {}
