"""Limits of standards: units converted exactly, indicators by their usual names, stricter and weaker at the boundary."""

from __future__ import annotations

from fractions import Fraction
from typing import Any

import pytest

from registry.kit.indicator_names import are_same
from registry.kit.limits import (
    Limit,
    compare_with_limits,
    limit_categories,
    limits_of_category,
    limits_of_standard,
)
from registry.kit.units import in_unit, spell

FORMALDEHYDE = {"name_zh": "甲醛释放量", "operator": "<=", "value": 0.124, "unit": "mg/m³"}
ACIDITY = {"name_zh": "pH值", "operator": "in", "value": 4.0, "value_to": 8.5, "unit": "1"}


@pytest.mark.parametrize(
    ("value", "unit", "wanted", "result"),
    [
        (124, "μg/m³", "mg/m³", Fraction(124, 1000)),
        (0.124, "毫克/立方米", "µg/m3", 124),
        (0.1, "%", "mg/kg", 1000),
        (90, "ppm", "mg/kg", 90),
        (0.3, "g/L", "mg/L", 300),
        (1, "N/mm²", "MPa", 1),
        (0.1, "mg·m⁻³", "mg/m^3", Fraction(1, 10)),
        (5, "次", "次", 5),
        (1.5, "mg/L", "mg/m³", None),  # dissolved and in air are measured in different ways
        (5, "次", "mg", None),
        (5, "dB(A)", "dB", None),
    ],
)
def test_units_are_converted_exactly(value: float, unit: str, wanted: str, result: Any) -> None:
    assert in_unit(value, unit, wanted) == result


def test_a_tenth_and_two_tenths_are_three_tenths() -> None:
    assert in_unit(0.3, "mg/m³", "μg/m³") == 300
    assert spell("㎎／㎥") == spell("毫克每立方米") == "mg/m3"


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("甲醛释放量", "甲醛释放限量", True),
        ("甲醛", "甲醛释放量", True),
        ("甲醛释放量（气候箱法）", "甲醛释放量", True),
        ("重金属（铅）", "总铅含量", True),
        ("VOC", "挥发性有机化合物含量", True),
        ("甲醛释放量", "甲醛含量", False),
        ("耐磨性", "耐久性", False),
        ("", "", False),
    ],
)
def test_usual_names_of_one_indicator(one: str, other: str, same: bool) -> None:
    assert are_same({"name_zh": one}, {"name_zh": other}) is same
    assert are_same({"name_en": "Formaldehyde  emission"}, {"name_zh": "甲醛释放量"})


@pytest.mark.parametrize(
    ("row", "limit", "relation", "obstacle"),
    [
        ({"operator": "<=", "value": 0.123, "unit": "mg/m³"}, FORMALDEHYDE, "above", ""),
        ({"operator": "<=", "value": 0.124, "unit": "mg/m³"}, FORMALDEHYDE, "equal", ""),
        ({"operator": "<=", "value": 0.1241, "unit": "mg/m³"}, FORMALDEHYDE, "below", ""),
        ({"operator": "<=", "value": 124, "unit": "µg/m³"}, FORMALDEHYDE, "equal", ""),
        ({"operator": "<=", "value": 125, "unit": "µg/m³"}, FORMALDEHYDE, "below", ""),
        ({"operator": "<", "value": 0.124, "unit": "mg/m³"}, FORMALDEHYDE, "equal", ""),
        (
            {"operator": "<=", "value": 0.124, "unit": "mg/m³"},
            {**FORMALDEHYDE, "operator": "<"},
            "below",
            "",
        ),
        ({"value": 0.2, "unit": "mg/m³"}, FORMALDEHYDE, "below", ""),
        ({"operator": "in", "value": 0.01, "value_to": 0.2, "unit": "mg/m³"}, FORMALDEHYDE, "below", ""),
        # Only a range has an upper end, and one without it is its lower end.
        ({"operator": "=", "value": 0.1, "value_to": 0.2, "unit": "mg/m³"}, FORMALDEHYDE, "above", ""),
        ({"operator": "in", "value": 0.1, "unit": "mg/m³"}, FORMALDEHYDE, "above", ""),
        ({"operator": ">=", "value": 0.01, "unit": "mg/m³"}, FORMALDEHYDE, "", "direction"),
        ({"operator": "<=", "value": 1.5, "unit": "mg/L"}, FORMALDEHYDE, "", "unit"),
        ({"text": "符合国家标准"}, FORMALDEHYDE, "", "figure"),
        ({"operator": "in", "value": 4, "value_to": 8.5, "unit": "1"}, ACIDITY, "equal", ""),
        ({"operator": "in", "value": 5, "value_to": 7, "unit": "1"}, ACIDITY, "above", ""),
        ({"operator": "in", "value": 3.9, "value_to": 7, "unit": "1"}, ACIDITY, "below", ""),
        ({"operator": "<=", "value": 8, "unit": "1"}, ACIDITY, "", "direction"),
        (
            {"operator": ">=", "value": 95, "unit": "%"},
            {"operator": ">=", "value": 90, "unit": "%"},
            "above",
            "",
        ),
        (
            {"operator": ">=", "value": 0.89, "unit": "1"},
            {"operator": ">=", "value": 90, "unit": "%"},
            "below",
            "",
        ),
    ],
)
def test_a_promise_is_held_against_a_limit(
    row: dict[str, Any], limit: dict[str, Any], relation: str, obstacle: str
) -> None:
    name = {"name_zh": limit.get("name_zh", "含量")}
    [found] = compare_with_limits([{**name, **row}], [Limit("GB 1-2020", {**name, **limit}, mandatory=True)])
    assert (found.relation, found.obstacle) == (relation, obstacle)


def test_one_comparable_row_is_enough() -> None:
    rows = [
        {"name_zh": "甲醛释放量", "operator": "<=", "value": 1.0, "unit": "mg/L"},
        {"name_zh": "甲醛释放量", "operator": "<=", "value": 0.1, "unit": "mg/m³"},
    ]
    [found] = compare_with_limits(rows, [Limit("GB 18580-2017", FORMALDEHYDE, mandatory=True)])
    assert (found.row_number, found.relation) == (2, "above")


def standard(**values: Any) -> dict[str, Any]:
    """A standard in force since 2020, with a limit for all that it covers and one for chairs alone."""
    rows = [{"value": 1, "force": "mandatory"}, {"value": 2, "category": "chairs", "force": "voluntary"}]
    return {
        "number": "GB 1-2020", "status": "in_force", "in_force_on": "2020-07-01", "product_categories": ["tables"],
        "indicators": rows, **values,
    }  # fmt: skip


class Standards:
    """The standards that a rule may ask for."""

    def __init__(self, *records: dict[str, Any]) -> None:
        self.records = records

    def find_record(self, register: str, key: str) -> dict[str, Any] | None:
        assert register == "standards"
        return next((each for each in self.records if each["number"] == key), None)

    def find_group(self, register: str, key: str) -> list[dict[str, Any]]:
        assert register == "standards"
        return [each for each in self.records if key in limit_categories(each)]


def values_of(limits: Any) -> list[tuple[int, bool]]:
    return [(limit.row["value"], limit.mandatory) for limit in limits]


@pytest.mark.parametrize(
    ("category", "of_category", "of_standard"),
    [
        ("tables", [(1, True)], [(1, True)]),
        ("chairs", [(2, False)], [(1, True), (2, False)]),
        ("beds", [], [(1, True)]),  # the standard was named: what it says of all holds
    ],
)
def test_the_limits_of_a_category(
    category: str, of_category: list[tuple[int, bool]], of_standard: list[tuple[int, bool]]
) -> None:
    standards = Standards(standard())
    assert values_of(limits_of_category(standards, category, "2026-01-01")) == of_category
    assert values_of(limits_of_standard(standards, "GB 1-2020", category, "2026-01-01")) == of_standard
    assert values_of(limits_of_standard(standards, "GB 2-2020", category, "2026-01-01")) == []
    named = {limit.standard for limit in limits_of_standard(standards, "GB 1-2020", category, "2026-01-01")}
    assert named == {"GB 1-2020"}


@pytest.mark.parametrize(
    ("values", "day", "holds"),
    [
        ({}, "2020-06-30", False),
        ({}, "2020-07-01", True),
        ({"in_force_on": ""}, "2020-06-30", True),
        ({"status": "withdrawn", "withdrawn_on": "2025-01-01"}, "2024-12-31", True),
        ({"status": "withdrawn", "withdrawn_on": "2025-01-01"}, "2025-01-01", False),
        ({"status": "withdrawn"}, "2024-12-31", False),
        ({"withdrawn_on": "2025-01-01"}, "2025-01-01", True),  # in force again
    ],
)
def test_limits_hold_while_their_standard_is_in_force(
    values: dict[str, Any], day: str, *, holds: bool
) -> None:
    assert bool(values_of(limits_of_category(Standards(standard(**values)), "tables", day))) is holds


def test_the_categories_that_a_standard_sets_limits_for() -> None:
    assert limit_categories(standard()) == {"tables", "chairs"}
    assert limit_categories(standard(product_categories=None)) == {"chairs"}
    assert limit_categories(standard(indicators=[])) == frozenset()


def test_a_limit_is_named_with_its_standard_and_clause() -> None:
    row = {"operator": "<=", "value": 0.1, "unit": "mg/m³"}
    assert Limit("GB 1-2020", row, mandatory=True).source() == "GB 1-2020"
    assert Limit("GB 1-2020", {**row, "clause": "4.2"}, mandatory=True).source() == "GB 1-2020, 4.2"
    assert Limit("GB 1-2020", row, mandatory=True).text() == "≤ 0.1 mg/m³"
    assert (
        Limit("GB 1-2020", {"operator": "in", "value": 4, "value_to": 8.5}, mandatory=True).text() == "4–8.5"
    )
    assert Limit("GB 1-2020", {"value": 5}, mandatory=True).text() == "5"
