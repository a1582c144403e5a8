"""Rules of grades on their last day and the day after: evidence, validity, the mark, weights and who grades."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.rules import Rule, RuleContext
from registry.registers.grades import rules
from tests.unit.registers.trial import Others

Values = dict[str, Any]
FURNITURE = "家具质量分级"
TODAY = dt.date(2026, 11, 29)


def found(rule: Rule, values: Values, status: str = "", records: Any = None) -> list[tuple[str, str]]:
    context = RuleContext(TODAY, records, status)
    return [(issue.code, issue.field) for issue in rule.check(values, context)]


def codes(rule: Rule, values: Values, status: str = "", records: Any = None) -> list[str]:
    return [code for code, _field in found(rule, values, status, records)]


@pytest.mark.parametrize(
    ("graded", "row", "expected"),
    [
        ("2026-03-15", {"date": "2025-03-15"}, []),  # twelve months before
        ("2026-03-15", {"date": "2025-03-14"}, ["evidence_too_old"]),
        ("2026-03-15", {"date": "2025-03"}, []),  # the month may mean its last day
        ("2026-03-15", {"date": "2025-02"}, ["evidence_too_old"]),
        ("2026-03", {"date": "2025-03-01"}, []),
        ("2026-03", {"date": "2025-02-28"}, ["evidence_too_old"]),
        ("2026-03-15", {"date": "2026-03-15"}, []),  # of the day itself
        ("2026-03-15", {"date": "2026-03-16"}, ["evidence_after_grading"]),
        ("2026-03", {"date": "2026-03-31"}, []),
        ("2026-03", {"date": "2026-04"}, ["evidence_after_grading"]),
        ("2026-03-15", {"valid_to": "2026-03-15"}, []),
        ("2026-03-15", {"valid_to": "2026-03-14"}, ["evidence_ended"]),
        ("2026-03-15", {"valid_to": "2026-03"}, []),
        ("2026-03-15", {"date": "2024", "valid_to": "2025"}, ["evidence_too_old", "evidence_ended"]),
        ("2026-03-15", {}, []),
        ("", {"date": "2024"}, []),
    ],
)
def test_evidence_is_there_and_fresh_on_the_day_of_grading(
    graded: str, row: Values, expected: list[str]
) -> None:
    values = {"scheme": FURNITURE, "graded_on": graded, "evidence": [row]}
    assert codes(rules.fresh_evidence, values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"graded_on": "2026-03-15", "valid_to": "2027-03-15"}, []),
        ({"graded_on": "2026-03-15", "valid_to": "2027-03-16"}, ["valid_too_long"]),
        ({"graded_on": "2026-03", "valid_to": "2027-03-31"}, []),
        ({"graded_on": "2026-03", "valid_to": "2027-04-01"}, ["valid_too_long"]),
        ({"graded_on": "2026-03-15", "valid_to": "2027"}, []),  # the year may mean a day before
        ({"valid_to": "2099"}, []),
        ({"graded_on": "2026-03-15"}, []),
        ({"valid_to": "2027-01-31", "evidence": [{"valid_to": "2027-01-31"}]}, []),
        ({"valid_to": "2027-02-01", "evidence": [{"valid_to": "2027-01-31"}]}, ["outlives_evidence"]),
        ({"valid_to": "2027-02-01", "evidence": [{"valid_to": "2028"}, {"valid_to": "2027-01"}]}, ["outlives_evidence"]),
        # A report: twelve months until the grading, and twelve from then.
        ({"valid_to": "2027-03-15", "evidence": [{"date": "2025-03-15"}]}, []),
        ({"valid_to": "2027-03-16", "evidence": [{"date": "2025-03-15"}]}, ["outlives_evidence"]),
        ({"valid_to": "2027-03-16", "evidence": [{"date": "2025-03-15", "valid_to": "2028"}]}, []),
        ({"valid_to": "2027-03-16", "evidence": [{}]}, []),
    ],
)  # fmt: skip
def test_a_grade_ends_with_its_scheme_and_its_evidence(values: Values, expected: list[str]) -> None:
    assert codes(rules.validity, {"scheme": FURNITURE, **values}) == expected


@pytest.mark.parametrize(
    ("issued", "first", "last", "outside"),
    [
        ("2026-03-15", "2026-03-15", "2027-03-15", False),
        ("2026-03-14", "2026-03-15", "2027-03-15", True),
        ("2027-03-15", "2026-03-15", "2027-03-15", False),
        ("2027-03-16", "2026-03-15", "2027-03-15", True),
        ("2026-03", "2026-03-15", "2027-03-15", False),
        ("2026-02", "2026-03-15", "2027-03-15", True),
        ("2027-03-31", "2026-03-15", "2027-03", False),
        ("2027-04-01", "2026-03-15", "2027-03", True),
        ("2027-04-01", "", "", False),
        ("2026-03-14", "2026-03-15", "", True),
        ("2027-04-01", "", "2027-03", True),
        ("", "2026-03-15", "2027-03-15", False),
    ],
)
def test_the_mark_is_handed_out_within_the_validity(
    issued: str, first: str, last: str, outside: bool
) -> None:
    values = {"mark_download": issued, "graded_on": first, "valid_to": last}
    assert codes(rules.mark_while_valid, values) == (["mark_outside_validity"] if outside else [])


@pytest.mark.parametrize(
    ("claimed", "expected"), [("AAA", []), ("AAAA", []), ("AAAAA", ["marked_higher"]), ("", []), ("Q", [])]
)
def test_no_product_is_marked_better_than_graded(claimed: str, expected: list[str]) -> None:
    values = {"scheme": FURNITURE, "grade": "AAAA", "grade_claimed": claimed}
    assert codes(rules.not_marked_higher, values) == expected


@pytest.mark.parametrize(
    ("before", "claimed", "expected"),
    [
        ("AAAA", "AAAA", []),
        ("AAAA", "AAAAA", ["marked_higher"]),
        ("A", "AAA", []),
        ("Q", "AAAA", ["marked_higher"]),
    ],
)
def test_what_was_claimed_before_a_grade_was_lowered_is_held_against_the_grade_before(
    before: str, claimed: str, expected: list[str]
) -> None:
    values = {"scheme": FURNITURE, "grade": "AAA", "grade_before": before, "grade_claimed": claimed}
    assert codes(rules.not_marked_higher, values) == expected


@pytest.mark.parametrize(
    ("status", "before", "expected"),
    [
        ("downgraded", "AAAAA", []),
        ("downgraded", "AAAA", ["not_lowered"]),  # the same
        ("downgraded", "AAA", ["not_lowered"]),
        ("valid", "AAA", []),
        ("downgraded", "", []),
        ("downgraded", "Q", []),
    ],
)
def test_a_lowered_grade_is_lower(status: str, before: str, expected: list[str]) -> None:
    values = {"scheme": FURNITURE, "grade": "AAAA", "grade_before": before}
    assert codes(rules.lowered_indeed, values, status) == expected


@pytest.mark.parametrize(
    ("status", "fields"),
    [
        ("downgraded", ["status_reason", "grade_before"]),
        ("suspended", ["status_reason"]),
        ("revoked", ["status_reason"]),
        ("publicity", ["objections_until"]),
        ("valid", []),
    ],
)
def test_a_state_that_needs_an_explanation(status: str, fields: list[str]) -> None:
    assert found(rules.status_explained, {}, status) == [("required", field) for field in fields]
    given = {"status_reason": "x", "grade_before": "A", "objections_until": "2026"}
    assert found(rules.status_explained, given, status) == []


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, [("required", "models")]),
        ({"subject_type": "product"}, [("required", "models")]),
        ({"subject_type": "product", "models": ["A"]}, []),
        ({"subject_type": "service"}, [("required", "service_site")]),
        ({"subject_type": "service", "service_site": "x"}, []),
        ({"subject_type": "institution"}, []),
    ],
)
def test_a_product_has_models_and_a_service_a_site(values: Values, expected: list[tuple[str, str]]) -> None:
    assert found(rules.models_of_product, values) == expected


def weighted(grade: str, *rows: tuple[str, Any]) -> Values:
    indicators = [
        {"name_zh": f"指标{number}", "level": level} | ({} if weight is None else {"weight": weight})
        for number, (level, weight) in enumerate(rows)
    ]
    return {"scheme": FURNITURE, "overall_rule": "weighted", "grade": grade, "indicators": indicators}


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        (weighted("AAAA", ("AAAA", 1)), []),
        (weighted("AAAAA", ("AAAA", 1)), ["weighted_below_grade"]),
        (weighted("AAAA", ("AAAAA", 1), ("AAAA", 1)), []),
        (weighted("AAAAA", ("AAAAA", 1), ("AAAA", 1)), ["weighted_below_grade"]),  # a half is the worse level
        (weighted("AAAAA", ("AAAAA", 1.1), ("AAAA", 1)), []),
        (weighted("AAAAA", ("AAAAA", None)), ["weight_missing"]),
        (weighted("AAAAA", ("AAAA", None)), ["weight_missing", "weighted_below_grade"]),
        (weighted("AAAA", ("AAAA", None), ("A", 1)), ["weight_missing"]),  # the best one reached counts then
        (weighted("AAAAA", ("AAAA", 0), ("AAA", 0)), ["weighted_below_grade"]),
        (weighted("AAAA", ("AAAA", 0), ("AAA", 0)), []),
        (weighted("AAAAA", ("AAAA", 1), ("Q", 1)), []),  # a level that is not known leaves the mean open
        (weighted("AAAAA"), []),
        (weighted("Q", ("A", 1)), []),
        ({**weighted("AAAAA", ("A", 1)), "overall_rule": "min"}, []),
    ],
)
def test_a_weighted_grade_is_no_better_than_its_mean(values: Values, expected: list[str]) -> None:
    assert codes(rules.weighted_mean_decides, values) == expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({**weighted("AAAA", ("AAAA", 1)), "overall_rule": "min"}, []),
        ({**weighted("AAAA", ("AAAAA", 1), ("AAA", 1)), "overall_rule": "min"}, ["indicator_below_grade"]),
        (weighted("AAAA", ("AAA", 1)), []),
        ({**weighted("Q", ("AAA", 1)), "overall_rule": "min"}, []),
    ],
)
def test_the_worst_indicator_decides_where_the_rule_says_so(values: Values, expected: list[str]) -> None:
    assert codes(rules.worst_indicator_decides, values) == expected


def bodies(**values: Any) -> Others:
    """A register of bodies with one of them."""
    return Others({("bodies", "B"): {"status": "valid", **values}})


GRADED = {"scheme": FURNITURE, "graded_on": "2026-03-15", "grader_approval_no": "B", "org_uscc": "F"}


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({}, []),
        ({"valid_to": "2026-03-15"}, []),
        ({"valid_to": "2026-03-14"}, ["body_not_approved_then"]),
        ({"valid_from": "2026-03-15"}, []),
        ({"valid_from": "2026-03-16"}, ["body_not_approved_then"]),
        ({"uscc": "F"}, ["graded_itself"]),
        ({"uscc": "G"}, []),
        ({"kind": "certification"}, []),
        ({"kind": "authority"}, ["grader_of_wrong_kind"]),
        ({"kind": "testing"}, ["grader_of_wrong_kind"]),  # a laboratory needs its own approval
        ({"kind": "testing", "cma_no": "1"}, []),
        ({"kind": "testing", "cnas_no": "1"}, []),
        ({"scope": "质量分级"}, []),
        ({"scope": f"{FURNITURE}检测"}, []),
        ({"scope": "Grading of products"}, []),
        ({"scope": "grading"}, []),
        ({"scope": "有机产品"}, ["grading_out_of_scope"]),
    ],
)
def test_who_may_grade(body: Values, expected: list[str]) -> None:
    assert codes(rules.grader_known, GRADED, records=bodies(**body)) == expected


def test_a_grader_that_is_not_known_or_not_looked_up() -> None:
    other = {**GRADED, "grader_approval_no": "C"}
    assert codes(rules.grader_known, other, records=bodies()) == ["body_not_known"]
    assert codes(rules.grader_known, other) == []
    assert codes(rules.grader_known, {**GRADED, "grader_approval_no": ""}, records=bodies()) == []
    undated = {**GRADED, "graded_on": ""}
    assert codes(rules.grader_known, undated, records=bodies(valid_to="2020")) == []


@pytest.mark.parametrize(
    ("grader", "enterprise", "expected"),
    [
        ("甲公司", "甲公司", ["graded_itself"]),
        ("甲公司 ", "甲 公司", ["graded_itself"]),
        ("甲", "乙", []),
        ("", "", []),
    ],
)
def test_no_enterprise_grades_its_own_product(grader: str, enterprise: str, expected: list[str]) -> None:
    assert codes(rules.grader_is_another, {"grader_name_zh": grader, "org_name_zh": enterprise}) == expected


@pytest.mark.parametrize(
    ("edition", "expected"),
    [
        ("GB/T 44211-2024", []),
        ("GB/T 44211-2031", []),  # a later edition of the standard of the scheme
        ("GB/T 45353-2025", ["standard_not_of_scheme"]),
        ("an old one", ["standard_not_of_scheme"]),
        ("", []),
    ],
)
def test_a_product_is_graded_by_a_standard_of_its_scheme(edition: str, expected: list[str]) -> None:
    assert codes(rules.standard_of_scheme, {"scheme": FURNITURE, "standard_edition": edition}) == expected
    assert codes(rules.standard_of_scheme, {"scheme": "unknown", "standard_edition": edition}) == []


def test_an_indicator_is_told_by_its_place_from_one() -> None:
    values = {
        "scheme": FURNITURE,
        "overall_rule": "weighted",
        "grade": "A",
        "indicators": [{"name_zh": "甲"}, {"name_zh": "乙", "weight": 1}],
    }
    issues = list(rules.weighted_mean_decides.check(values, RuleContext(TODAY)))
    assert [(issue.code, issue.params["row"]) for issue in issues] == [("weight_missing", 1)]
