"""Rules of green certificates on their last day and the day after: validity, suspension, edition, re-issue, conflicts."""

from __future__ import annotations

from typing import Any

import pytest

from registry.kit.rules import Rule, RuleContext
from registry.registers.green_products import cautions, conflicts, life_cycle, rules
from tests.unit.registers.test_grade_boundaries import TODAY
from tests.unit.registers.trial import Others

Values = dict[str, Any]


def standards(**records: Values) -> Others:
    """A register of standards with those that are given."""
    return Others({("standards", number): record for number, record in records.items()})


def codes(rule: Rule, values: Values, records: Any = None) -> list[str]:
    return [issue.code for issue in rule.check(values, RuleContext(TODAY, records))]


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"issued_on": "2021-03-15", "valid_to": "2026-03-15"}, []),  # five years
        ({"issued_on": "2021-03-15", "valid_to": "2026-03-16"}, ["valid_too_long"]),
        ({"issued_on": "2020-02-29", "valid_to": "2025-02-28"}, []),
        ({"issued_on": "2020-02-29", "valid_to": "2025-03-01"}, ["valid_too_long"]),
        ({"issued_on": "2021-03-15", "reissued_on": "2021-03-16", "valid_to": "2026-03-16"}, []),
        ({"issued_on": "2021-03", "valid_to": "2026-03-01"}, []),
        ({"issued_on": "2021-03", "valid_to": "2026-03-02"}, ["valid_too_long"]),
        ({"issued_on": "2021-03-15", "valid_to": "2026"}, []),
        ({"scheme": "organic", "issued_on": "2021-03-15", "valid_to": "2022-03-15"}, []),
        ({"scheme": "organic", "issued_on": "2021-03-15", "valid_to": "2022-03-16"}, ["valid_too_long"]),
        ({"valid_to": "2099"}, []),
        ({"issued_on": "2021"}, []),
    ],
)
def test_a_certificate_holds_as_long_as_its_scheme_allows(values: Values, expected: list[str]) -> None:
    assert codes(rules.validity, values) == expected


@pytest.mark.parametrize(
    ("decided", "until", "expected"),
    [
        ("2025-03-15", "2026-03-15", []),
        ("2025-03-15", "2026-03-16", ["suspended_too_long"]),
        ("2025-03", "2026-03-31", []),
        ("2025-03", "2026-04-01", ["suspended_too_long"]),
        ("2025-03-15", "2026", []),
        ("", "2099", []),
        ("2025-03-15", "", []),
    ],
)
def test_a_suspension_ends_within_a_year(decided: str, until: str, expected: list[str]) -> None:
    assert codes(rules.suspended_in_time, {"decided_on": decided, "suspended_until": until}) == expected


@pytest.mark.parametrize(
    ("standard", "issued", "ended"),
    [
        ({"withdrawn_on": "2025-03-15"}, "2025-03-14", ""),
        ({"withdrawn_on": "2025-03-15"}, "2025-03-15", "2025-03-15"),  # no longer in force on that day
        ({"withdrawn_on": "2025-03"}, "2025-03-30", ""),
        ({"withdrawn_on": "2025-03"}, "2025-03-31", "2025-03"),
        ({"withdrawn_on": "2025-03-15", "transition_until": "2025-09-15"}, "2025-09-15", ""),  # the last day counts
        ({"withdrawn_on": "2025-03-15", "transition_until": "2025-09-15"}, "2025-09-16", "2025-09-15"),
        ({"withdrawn_on": "2025-03-15"}, "2025", ""),  # the year may mean a day before
        ({"withdrawn_on": "2025-03-15"}, "", ""),
        ({}, "2025-03-15", ""),
    ],
)  # fmt: skip
def test_the_end_of_an_edition(standard: Values, issued: str, ended: str) -> None:
    assert cautions.end_of_edition(standard, issued) == ended


OLD, NEW, PART = "GB/T 35607-2017", "GB/T 35607-2024", "GB/T 35608-2024"


@pytest.mark.parametrize(
    ("old", "new", "issued", "expected"),
    [
        ({"in_force_on": "2018-07-01"}, {}, "2018-07-01", []),
        ({"in_force_on": "2018-07-01"}, {}, "2018-06-30", ["edition_not_in_force"]),
        ({"in_force_on": "2018-07-01"}, {}, "2018-07", []),
        ({"in_force_on": "2018-07-01"}, {}, "2018-06", ["edition_not_in_force"]),
        # The edition that has taken its place says from when.
        ({"replaced_by": [NEW]}, {"in_force_on": "2025-03-01"}, "2025-02-28", []),
        ({"replaced_by": [NEW]}, {"in_force_on": "2025-03-01"}, "2025-03-01", ["edition_not_in_force"]),
        ({"replaced_by": [NEW]}, {}, "2025-03-01", []),
        ({"replaced_by": ["GB/T 1-2020"]}, {"in_force_on": "2025-03-01"}, "2025-03-01", []),
        ({"replaced_by": [NEW, "GB/T 1-2020"]}, {"in_force_on": "2025-03-01"}, "2025-03-01", []),
        # Of two editions that take its place together the later one.
        ({"replaced_by": [NEW, PART]}, {"in_force_on": "2025-03-01"}, "2025-06-30", []),
        ({"replaced_by": [NEW, PART]}, {"in_force_on": "2025-03-01"}, "2025-07-01", ["edition_not_in_force"]),
        # What the standard itself states comes first.
        ({"replaced_by": [NEW], "withdrawn_on": "2025-09-01"}, {"in_force_on": "2025-03-01"}, "2025-08-31", []),
        ({"replaced_by": [NEW], "transition_until": "2025-09-01"}, {"in_force_on": "2025-03-01"}, "2025-09-01", []),
    ],
)  # fmt: skip
def test_an_edition_is_in_force_on_the_day_of_issue(
    old: Values, new: Values, issued: str, expected: list[str]
) -> None:
    records = standards(**{OLD: old, NEW: new, PART: {"in_force_on": "2025-07-01"}})
    values = {"standard_edition": OLD, "issued_on": issued}
    assert codes(rules.edition_in_force, values, records) == expected
    assert codes(rules.edition_in_force, values) == []
    assert codes(rules.edition_in_force, values, standards()) == ["standard_not_known"]


@pytest.mark.parametrize(
    ("scheme", "scope", "covered"),
    [
        ("green_product", "绿色产品、节能", True),
        ("green_product", "节能", False),
        ("green_product", "Green product certification", True),
        ("green_product", "", True),
        ("energy_star", "节能", True),  # a programme abroad asks no scope here
        ("other", "节能", True),
        ("", "节能", True),
    ],
)
def test_a_scope_names_the_scheme(scheme: str, scope: str, covered: bool) -> None:
    assert cautions.covers({"scheme": scheme}, scope) is covered


@pytest.mark.parametrize(
    ("kind", "certifies"),
    [("certification", True), ("authority", True), ("testing", False), (None, True), ("something", True)],
)
def test_a_laboratory_does_not_certify(kind: str | None, certifies: bool) -> None:
    assert cautions.may_certify({}, {"kind": kind}) is certifies


@pytest.mark.parametrize(
    ("before", "after", "is_reissue"),
    [("", "2026-01-01", True), ("2026-01-01", "2026-01-02", True), ("2026-01-01", "2026-01-01", False),
     ("2026-01-02", "2026-01-01", False), ("2026-01-01", "", False)],
)  # fmt: skip
def test_a_later_day_makes_a_reissue(before: str, after: str, is_reissue: bool) -> None:
    assert life_cycle.is_reissue({"reissued_on": before}, {"reissued_on": after}) is is_reissue


@pytest.mark.parametrize(
    ("before", "after", "changed"),
    [
        ({"models": ["A"]}, {"models": ["A", "B"]}, True),
        ({"models": ["A"]}, {"models": ["A"]}, False),
        ({"models": ["A"]}, {"models": ["B"]}, False),  # written otherwise
        ({"models": ["A", "B"]}, {"models": ["A"]}, False),
        ({}, {"models": ["A"]}, True),
        ({}, {"models_ended": [{"model": "A"}]}, True),
        ({"models_ended": [{"model": "A"}]}, {"models_ended": [{"model": "A"}]}, False),
        ({"models_ended": [{"model": "A"}]}, {"models_ended": [{"model": "A"}, {"model": "B"}]}, True),
        ({"models_ended": [{"model": "A"}]}, {}, False),
    ],
)
def test_what_changes_the_scope_of_a_certificate(before: Values, after: Values, changed: bool) -> None:
    assert life_cycle.is_change_of_scope(before, after) is changed


@pytest.mark.parametrize(
    ("product", "brand", "carries"),
    [
        ({"product_name_zh": "稻香村月饼"}, {"brand_name_zh": "稻香村"}, True),
        ({"product_name_zh": "稻香村"}, {"brand_name_zh": "稻香村月饼"}, False),
        ({"product_name_zh": "六神花露水"}, {"brand_name_zh": "六"}, False),  # of one character
        ({"product_name_zh": "六神花露水"}, {"brand_name_zh": "六神"}, True),
        ({"product_name_en": "Seagull watch"}, {"brand_name_en": "SEAGULL"}, True),
        ({"product_name_zh": "稻香村"}, {"brand_name_zh": ""}, False),
        ({}, {"brand_name_zh": "稻香村"}, False),
    ],
)
def test_a_product_that_carries_a_brand(product: Values, brand: Values, carries: bool) -> None:
    assert conflicts.carries_brand(product, brand) is carries


@pytest.mark.parametrize(
    ("first", "second", "shared"),
    [(["A-1", "B"], ["a1"], True), (["A-1"], ["A-2"], False), ([], [], False), ([""], [""], False), (None, ["A"], False)],
)  # fmt: skip
def test_records_that_share_a_model(first: Any, second: Any, shared: bool) -> None:
    assert conflicts.shares_model({"models": first}, {"models": second}) is shared


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"standard_edition": "GB/T 35602-2017"}, []),
        ({"standard_edition": "GB/T 35602-2030"}, []),  # another edition of the same standard
        ({"standard_edition": "GB/T 1-2020"}, ["standard_not_of_catalogue"]),
        ({"standard_edition": "GB/T 1-2020", "route": "1"}, ["standard_not_of_catalogue"]),
        ({"standard_edition": "GB/T 1-2020", "route": "2"}, []),
        ({"standard_edition": "GB/T 1-2020", "route": "3"}, []),
        ({"standard_edition": "the usual one"}, ["standard_not_of_catalogue"]),
        ({}, []),
        ({"scheme": "organic", "standard_edition": "GB/T 1-2020"}, []),
    ],
)
def test_route_one_assesses_by_the_catalogue(values: Values, expected: list[str]) -> None:
    assert codes(rules.standard_of_catalogue, {"scheme": "green_product", **values}) == expected


def bodies(**values: Any) -> Others:
    return Others({("bodies", "B"): values})


@pytest.mark.parametrize(
    ("body", "expected"),
    [
        ({"kind": "certification", "valid_to": "2026-03-15"}, []),
        ({"kind": "certification", "valid_to": "2026-03-14"}, ["body_no_longer_approved"]),
        # Everything that is wrong with the body is told, not only what comes first.
        ({"kind": "testing", "valid_to": "2026-03-14"}, ["body_no_longer_approved", "body_does_not_certify"]),
        (
            {"kind": "testing", "valid_to": "2026-03-14", "scope": "有机"},
            ["body_no_longer_approved", "body_does_not_certify", "scheme_out_of_scope"],
        ),
    ],
)
def test_the_body_is_approved_on_the_day_of_issue(body: Values, expected: list[str]) -> None:
    values = {
        "body_approval_no": "B",
        "scheme": "green_product",
        "issued_on": "2026-03-15",
        "reissued_on": "2026-03-15",
    }
    assert codes(rules.body_known, values, bodies(**body)) == expected


@pytest.mark.parametrize(
    ("body", "day", "expected"),
    [
        ({"cma_no": "1"}, "2026-03-15", []),
        ({"cnas_no": "L1"}, "2026-03-15", []),
        ({}, "2026-03-15", ["laboratory_unproved"]),
        ({"cma_no": "1", "valid_from": "2026-03-15"}, "2026-03-15", []),
        ({"cma_no": "1", "valid_from": "2026-03-16"}, "2026-03-15", ["body_no_longer_approved"]),
        ({"cma_no": "1", "valid_from": "2026-03-16"}, "2026-03", []),
        ({"cma_no": "1", "valid_to": "2026-03-15"}, "2026-03-15", []),
        ({"cma_no": "1", "valid_to": "2026-03-14"}, "2026-03-15", ["body_no_longer_approved"]),
        ({"cma_no": "1", "valid_to": "2026-03-14"}, "", []),
    ],
)
def test_a_laboratory_is_approved_on_the_day_of_its_report(
    body: Values, day: str, expected: list[str]
) -> None:
    values = {"test_body_approval_no": "B", "report_date": day}
    assert codes(rules.laboratory_approved, values, bodies(**body)) == expected


@pytest.mark.parametrize(
    ("values", "shown"),
    [
        ({"scheme": "energy_star", "source_date": "2026-03"}, life_cycle.LISTED_ABROAD),
        ({"scheme": "energy_star"}, life_cycle.CERTIFIED_ABROAD),
        ({"scheme": "organic", "source_date": "2026-03"}, None),
        ({}, None),
    ],
)
def test_a_certificate_from_abroad_says_so(values: Values, shown: str | None) -> None:
    sentence = life_cycle.certified_abroad(values, TODAY)
    assert (sentence.message if sentence else None) == shown
