"""Indicators at their limits: a value that equals its limit keeps it, a range needs both ends in order."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit import indicators
from registry.kit.rules import RuleContext
from tests.unit.kit.issue_assertions import codes_of

TODAY = dt.date(2026, 3, 15)


@pytest.mark.parametrize(
    ("operator", "value", "limit", "meets"),
    [
        ("<=", 1, 1, True),
        ("<=", 1.01, 1, False),
        (">=", 1, 1, True),
        (">=", 0.99, 1, False),
        ("<", 1, 1, False),
        ("<", 0.99, 1, True),
        (">", 1, 1, False),
        (">", 1.01, 1, True),
        ("=", 1, 1, True),
        ("=", 1.01, 1, False),
        ("", 1, 1, None),
        ("<=", None, 1, None),
        ("<=", 1, None, None),
        ("in", 1, 1, None),
    ],
)
def test_a_value_that_equals_its_limit(operator: str, value: Any, limit: Any, meets: bool | None) -> None:
    assert indicators.meets_limit({"operator": operator, "value": value, "limit": limit}) is meets


@pytest.mark.parametrize(("value", "meets"), [(0.99, False), (1, True), (2, True), (3, True), (3.01, False)])
def test_both_ends_of_a_range_belong_to_it(value: float, meets: bool) -> None:
    assert indicators.meets_limit({"operator": "in", "value": value, "limit": 1, "limit_to": 3}) is meets


@pytest.mark.parametrize(
    ("row", "codes"),
    [
        ({"operator": "in", "value": 1}, ["range_open"]),
        ({"operator": "in", "value": 1, "value_to": 1}, []),
        ({"operator": "in", "limit": 2, "limit_to": 1}, ["range_backwards"]),
        ({"operator": "in", "value": 2, "value_to": 1}, ["range_backwards"]),
        ({"operator": "<=", "value": 1}, []),
    ],
)
def test_a_range_has_two_ends_in_order(row: dict[str, Any], codes: list[str]) -> None:
    rule = indicators.ranges_in_order("rows", source="register")
    values = {"rows": [{"name_zh": "甲醛", "name_en": "Formaldehyde", **row}]}
    assert codes_of(rule.check(values, RuleContext(TODAY))) == codes


def test_a_range_whose_end_could_not_be_read_is_not_open() -> None:
    rule = indicators.ranges_in_order("rows", source="register")
    context = RuleContext(TODAY, unreadable_cells=frozenset({("rows", 1, "value_to")}))
    assert list(rule.check({"rows": [{"operator": "in", "value": 1}]}, context)) == []
    assert codes_of(rule.check({"rows": [{}, {"operator": "in", "value": 1}]}, context)) == ["range_open"]


def test_a_value_needs_its_unit_even_where_it_could_not_be_read() -> None:
    rule = indicators.require_units("rows", source="register")
    context = RuleContext(TODAY, unreadable_cells=frozenset({("rows", 2, "value")}))
    values = {"rows": [{"value": 1, "unit": "1"}, {}, {"value": 0}, {"text": "E1"}]}
    issues = list(rule.check(values, context))
    assert codes_of(issues) == ["unit_missing", "unit_missing"]
    assert [issue.params["row"] for issue in issues] == [2, 3]


def test_a_value_beyond_its_limit_is_told_with_both() -> None:
    rule = indicators.within_limits("rows", source="register")
    row = {"name_zh": "甲醛", "name_en": "Formaldehyde", "operator": "<=", "value": 2, "limit": 1}
    [issue] = rule.check({"rows": [row]}, RuleContext(TODAY))
    assert issue.params == {"row": 1, "name": "甲醛", "name_en": "Formaldehyde", "value": 2, "limit": 1}
