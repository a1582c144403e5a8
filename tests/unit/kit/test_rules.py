"""Rules that registers share, at their boundaries: equal dates, today, the last day of a month."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import pytest

from registry.kit import rules
from registry.kit.issues import Issue
from registry.kit.rules import RuleContext
from tests.unit.kit.issue_assertions import codes_of

CONTEXT = RuleContext(dt.date(2026, 3, 15))


def found(rule: rules.Rule, values: dict[str, Any]) -> list[str]:
    return codes_of(rule.check(values, CONTEXT))


@pytest.mark.parametrize(
    ("start", "end", "codes"),
    [
        ("2025-01-02", "2025-01-02", []),
        ("2025-01-02", "2025-01-01", ["ends_before_start"]),
        ("2025-01-02", "2025-01-03", []),
        ("2025-05", "2025", []),  # as far as both say, they are equal
        ("2025", "2025-01-01", []),
        ("2025-05", "2025-04-30", ["ends_before_start"]),
        ("2025-05", "2025-05-01", []),
        ("2026", "2025", ["ends_before_start"]),
        ("", "2025", []),
        ("2025", None, []),
    ],
)
def test_an_end_may_be_the_start_but_not_before_it(start: str, end: str, codes: list[str]) -> None:
    assert (
        found(rules.order_of_dates("start", "end", source="register"), {"start": start, "end": end}) == codes
    )


@pytest.mark.parametrize(
    ("day", "codes"),
    [
        ("2026-03-14", []),
        ("2026-03-15", []),
        ("2026-03-16", ["after_today"]),
        ("2026-03", []),
        ("2026-04", ["after_today"]),
        ("2026", []),
        ("2027", ["after_today"]),
        ("", []),
    ],
)
def test_today_is_not_in_the_future(day: str, codes: list[str]) -> None:
    assert found(rules.not_after_today("day", source="register"), {"day": day}) == codes


def test_a_duty_to_state_a_field_may_concern_some_records_only() -> None:
    rule = rules.all_given(("a", "b"), source="register", when=lambda values: values.get("c") == 1)
    assert found(rule, {"c": 1, "a": "", "b": 0}) == ["required"]  # 0 is a value
    assert found(rule, {"c": 2}) == []
    assert found(rules.all_given(("a",), source="register"), {"a": []}) == ["required"]


@pytest.mark.parametrize(
    ("day", "months", "later"),
    [
        (dt.date(2024, 1, 31), 1, dt.date(2024, 2, 29)),
        (dt.date(2023, 1, 31), 1, dt.date(2023, 2, 28)),
        (dt.date(2024, 2, 29), 12, dt.date(2025, 2, 28)),
        (dt.date(2024, 3, 31), -1, dt.date(2024, 2, 29)),
        (dt.date(2024, 11, 30), 1, dt.date(2024, 12, 30)),
        (dt.date(2024, 12, 31), 1, dt.date(2025, 1, 31)),
        (dt.date(2024, 5, 5), 0, dt.date(2024, 5, 5)),
        (dt.date(9999, 12, 31), 0, dt.date.max),
        (dt.date(9999, 12, 1), 1, dt.date.max),
        (dt.date(1, 1, 31), -1, dt.date.min),
        (dt.date(1, 2, 28), -1, dt.date(1, 1, 28)),
    ],
)
def test_months_are_added_within_the_calendar(day: dt.date, months: int, later: dt.date) -> None:
    assert rules.add_months(day, months) == later


def test_a_rule_runs_unless_one_of_its_fields_was_refused() -> None:
    rule = rules.all_given(("a", "b"), source="register")
    assert len(rules.run([rule], {}, CONTEXT)) == 2
    assert rules.run([rule], {}, CONTEXT, refused_fields=frozenset({"b"})) == []
    assert len(rules.run([rule], {}, CONTEXT, refused_fields=frozenset({"c"}))) == 2


def test_a_rule_sees_the_readable_part_of_a_table() -> None:
    rule = rules.all_given(("a", "b"), source="register")
    issues = rules.run(
        [rule], {}, CONTEXT, refused_fields=frozenset({"b"}), partial_tables={"b": [{"name": "x"}]}
    )
    assert [issue.field for issue in issues] == ["a"]


def test_what_blocks_depends_on_who_asks() -> None:
    issues = [
        Issue("required", "a"),
        Issue("date_shape", "b", {"value": "x"}),
        Issue("after_today", "c", {"value": "x"}),
        Issue("ends_before_start", "d", {}, "warns"),
    ]
    blocking, warnings = rules.split_by_severity(issues, registrar=True)
    assert [issue.code for issue in blocking] == ["date_shape"]
    assert [(issue.code, issue.severity) for issue in warnings] == [
        ("not_stated", "warns"),
        ("after_today", "warns"),
        ("ends_before_start", "warns"),
    ]
    blocking, warnings = rules.split_by_severity(issues, registrar=False)
    assert [issue.code for issue in blocking] == ["required", "date_shape", "after_today"]
    assert [issue.code for issue in warnings] == ["ends_before_start"]


def test_a_doubt_blocks_those_who_file_and_warns_the_registrar() -> None:
    doubt = Issue("text_damaged_maybe", "a", {"value": "x"}, "doubts")
    assert rules.split_by_severity([doubt], registrar=False) == ([replace(doubt, severity="blocks")], [])
    assert rules.split_by_severity([doubt], registrar=True) == ([], [doubt.as_warning()])
