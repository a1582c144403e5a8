"""Rules of brands on the last day or year that they allow, and on the next one. Today is 24 November 2026."""

from __future__ import annotations

from typing import Any

import pytest

from registry.kit import rules
from registry.registers.brands import REGISTER
from tests.unit.registers.trial import TODAY, found

Values = dict[str, Any]
NATIONAL, SHANDONG = {"scheme": "national"}, {"scheme": "provincial:370000"}
CONDITIONAL = {"review": [{"year": 2025, "result": "conditional", "deadline": "2026"}]}
REMOVED = {**NATIONAL, "removed_reason": "closed", "decided_on": "2020-11-24"}
HELD = {"former_holders": [{"held_from": "1951", "held_to": "2001-05-02"}]}

# (code, field, common values, what is still allowed, what is not)
BOUNDARIES: list[tuple[str, str, Values, Values, Values]] = [
    ("too_young", "founded_year", {**NATIONAL, "recognised_on": "2023-11"}, {"founded_year": 1973}, {"founded_year": 1974}),
    (
        "business_too_young", "business_since", {**NATIONAL, "recognised_on": "2023"}, {"business_since": 1993},
        {"business_since": 1994},
    ),
    ("after_today", "founded_year", {}, {"founded_year": 2026}, {"founded_year": 2027}),
    ("era_differs", "founded_era", {"founded_era": "清乾隆年间"}, {"founded_year": 1736}, {"founded_year": 1735}),
    ("era_differs", "founded_era", {"founded_era": "清康熙八年"}, {"founded_year": 1670}, {"founded_year": 1671}),
    (
        "trademarks_expired", "trademarks", {}, {"trademarks": [{"valid_to": "2026-11-24"}, {"valid_to": "2020"}]},
        {"trademarks": [{"valid_to": "2026-11-23"}, {"valid_to": "2020"}]},
    ),
    ("holders_overlap", "former_holders", HELD, {"holder_from": "2001-05-02"}, {"holder_from": "2001-05-01"}),
    # An order after a breach: three months; after a review passed with conditions: six.
    (
        "rectification_too_long", "rectify_until", {**NATIONAL, "decided_on": "2026-01-31"},
        {"rectify_until": "2026-04-30"}, {"rectify_until": "2026-05-01"},
    ),
    (
        "rectification_too_long", "rectify_until", {**NATIONAL, **CONDITIONAL, "decided_on": "2026-01-31"},
        {"rectify_until": "2026-07-31"}, {"rectify_until": "2026-08-01"},
    ),
    (
        "rectification_too_long", "rectify_until", {**NATIONAL, "notice_date": "2026-01", "source_status": "附条件通过"},
        {"rectify_until": "2026-07-31"}, {"rectify_until": "2026-08-01"},
    ),
    (
        "rectification_too_long", "rectify_until", NATIONAL, {"rectify_until": "2027-02-24"},
        {"rectify_until": "2027-02-25"},
    ),
    ("after_today", "review", {}, {"review": [{"year": 2026}]}, {"review": [{"year": 2027}]}),
    (
        "rectification_too_long", "review", NATIONAL, {"review": [{"year": 2023, "deadline": "2024-06-30"}]},
        {"review": [{"year": 2023, "deadline": "2024-07-01"}]},
    ),
    (
        "holder_time_ended", "holder_to", {"status": "listed"}, {"holder_to": "2026-11-24"}, {"holder_to": "2026-11-23"},
    ),
    ("holder_time_ended", "holder_to", {"holder_to": "2026-11-23"}, {"status": "removed"}, {"status": "listed"}),
    (
        "title_ran_out", "recognised_on", {**SHANDONG, "status": "listed"}, {"recognised_on": "2021-11-24"},
        {"recognised_on": "2021-11-23"},
    ),
    (
        "publicity_too_short", "objections_until", {**NATIONAL, "notice_date": "2023-12-21"},
        {"objections_until": "2024-01-12"}, {"objections_until": "2024-01-11"},
    ),
    ("after_today", "annual_reports", {}, {"annual_reports": [2026]}, {"annual_reports": [2026, 2027]}),
    (
        "after_today", "former_name_years", {}, {"former_name_years": [{"from_year": 2026}]},
        {"former_name_years": [{"from_year": 2027}]},
    ),
    (
        "name_years_reversed", "former_name_years", {}, {"former_name_years": [{"from_year": 1950, "to_year": 1950}]},
        {"former_name_years": [{"from_year": 1950, "to_year": 1949}]},
    ),
    # A removed brand may come again after two periods of three years, by the day of the notice or of the new title.
    (
        "barred_after_removal", "removed_reason", {**REMOVED, "status": "publicity", "recognised_on": "2020"},
        {"notice_date": "2026-11-25"}, {"notice_date": "2026-11-24"},
    ),
    (
        "barred_after_removal", "removed_reason", {**REMOVED, "status": "listed", "notice_date": "2020"},
        {"recognised_on": "2026-11-25"}, {"recognised_on": "2026-11-24"},
    ),
    (
        "barred_after_removal", "removed_reason", {**NATIONAL, "removed_reason": "closed", "status": "publicity"},
        {"decided_on": "2020-11-23"}, {"decided_on": "2020-11-24"},
    ),
]  # fmt: skip


@pytest.mark.parametrize(("code", "name", "common", "allowed", "refused"), BOUNDARIES)
def test_the_last_that_is_allowed_and_the_next(
    code: str, name: str, common: Values, allowed: Values, refused: Values
) -> None:
    assert (code, name) not in found(REGISTER, common | allowed)
    assert (code, name) in found(REGISTER, common | refused)


def test_a_review_without_a_deadline_is_told_by_its_year() -> None:
    reviews = [{"year": 2024, "result": "conditional"}, {"result": "conditional"}]
    issues = rules.run(REGISTER.rules, {"review": reviews}, rules.RuleContext(TODAY))
    told = [issue.params for issue in issues if issue.code == "review_without_deadline"]
    assert told == [{"year": 2024}, {"year": ""}]
