"""Declarations: rules with an example on each side, the table of the life cycle, own standards, the example sheet."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.indicators import RELATIONS
from registry.registers.declarations import REGISTER
from tests.shared_data import needs_shared, sheet
from tests.unit.registers.trial import Others, found, load, unworded

Values = dict[str, Any]
STANDARD = ("standards", "GB/T 35607-2024")
OWN = {"std_kind": "enterprise", "std_no": "Q/QYJJ 0001-2025"}
PROMISED = {"name_zh": "甲醛释放量", "operator": "<=", "value": 0.03, "unit": "mg/m³", "method": "GB/T 17657"}


def benchmark(other: str, relation: str) -> Values:
    return {
        "below_voluntary": True,
        "indicators": [PROMISED],
        "benchmarks": [{"name_zh": "甲醛释放量", "other_value": other, "relation": relation}],
    }


def against(standard: str, values: Values) -> Values:
    return {**values, "benchmarks": [{**row, "standard": standard} for row in values["benchmarks"]]}


def test_the_definition_does_not_contradict_itself() -> None:
    assert REGISTER.self_check() == []
    assert unworded(REGISTER) == set()


RULES: list[tuple[str, str, Values, Values]] = [
    # code, field, values that obey, values that do not
    (
        "kind_differs",
        "std_kind",
        {"std_kind": "national_voluntary", "std_no": "GB/T 35607-2024"},
        {"std_kind": "national_mandatory", "std_no": "GB/T 35607-2024"},
    ),
    ("indicators_missing", "indicators", {**OWN, "indicators": [PROMISED]}, OWN),
    ("indicators_missing", "indicators", {"std_kind": "national_voluntary"}, OWN),
    (
        "method_missing",
        "indicators",
        {"indicators": [PROMISED]},
        {"indicators": [{**PROMISED, "method": ""}]},
    ),
    ("unit_missing", "indicators", {"indicators": [PROMISED]}, {"indicators": [{**PROMISED, "unit": ""}]}),
    ("year_differs", "std_no", {**OWN, "issued_on": "2025-09-01"}, {**OWN, "issued_on": "2024-09-01"}),
    ("required", "compared_std", {"below_voluntary": False}, {"below_voluntary": True}),
    (
        "required",
        "below_statement",
        {"below_voluntary": True, "below_statement": "不含碳足迹指标。"},
        {"below_voluntary": True},
    ),
    (
        "below_not_stated",
        "below_voluntary",
        benchmark("≤ 0.02", "below"),
        {**benchmark("≤ 0.02", "below"), "below_voluntary": False},
    ),
    (  # the numbers say so, whatever is stated
        "below_not_stated",
        "below_voluntary",
        {**benchmark("≤ 0.02", ""), "below_voluntary": True},
        {**benchmark("≤ 0.02", ""), "below_voluntary": False},
    ),
    (
        "below_mandatory",
        "benchmarks",
        against("GB/T 18580-2017", benchmark("≤ 0.02", "below")),
        against("GB 18580-2017", benchmark("≤ 0.02", "below")),
    ),
    (
        "below_mandatory",
        "benchmarks",
        against("GB 18580-2017", benchmark("≤ 0.124", "above")),
        against("GB 18580-2017", {**benchmark("见标准", "below"), "indicators": []}),
    ),
    (
        "no_earlier_edition",
        "edition_of",
        {**OWN, "edition_of": "Q/QYJJ 0001-2020"},
        {**OWN, "edition_of": "Q/QYJJ 0002-2020"},
    ),
    (
        "no_earlier_edition",
        "edition_of",
        {**OWN, "edition_of": "Q/QYJJ 0001-2024"},
        {**OWN, "edition_of": "Q/QYJJ 0001-2025"},
    ),
    ("required", "issued_on", {"std_kind": "sector"}, OWN),
    ("required", "in_force_on", {**OWN, "in_force_on": "2025-11-01"}, OWN),
    ("required", "category", {"category": "0704"}, {}),
    ("required", "commitment", {"commitment": "承诺。"}, {}),
    (
        "required",
        "channel_snapshot",
        {"channel": "register"},
        {"channel": "other", "channel_url": "https://demo.example/"},
    ),
    (
        "required",
        "principal",
        {"production_mode": "commissioned", "principal": "演示公司"},
        {"production_mode": "commissioned"},
    ),
    (
        "required",
        "correct_until",
        {"status": "correction_ordered", "correct_until": "2026-12-31"},
        {"status": "correction_ordered"},
    ),
    ("required", "status_reason", {"status": "superseded"}, {"status": "withdrawn"}),
    (
        "required",
        "decided_on",
        {"status": "number_revoked", "decided_on": "2026"},
        {"status": "number_revoked"},
    ),
    (
        "own_standards_only",
        "std_kind",
        {"status": "abolished", "std_kind": "enterprise"},
        {"status": "abolished", "std_kind": "sector"},
    ),
    (
        "range_backwards",
        "indicators",
        {"indicators": [{"operator": "in", "value": 6, "value_to": 8}]},
        {"indicators": [{"operator": "in", "value": 9, "value_to": 8}]},
    ),
    (
        "used_before_issue",
        "effective_from",
        {**OWN, "issued_on": "2025-09-30", "effective_from": "2025-09-30"},
        {**OWN, "issued_on": "2025-09-30", "effective_from": "2025-09-29"},
    ),
    ("relation_differs", "benchmarks", benchmark("≤ 0.124 mg/m³", "above"), benchmark("≤ 0.124", "below")),
    ("relation_differs", "benchmarks", benchmark("≤ 0.03", "equal"), benchmark("≤ 0.03", "above")),
    (
        "relation_differs",
        "benchmarks",
        {**benchmark("≥ 0.01", "above"), "indicators": [{**PROMISED, "operator": ">="}]},
        {**benchmark("≥ 0.05", "above"), "indicators": [{**PROMISED, "operator": ">="}]},
    ),
    (
        "channel_address",
        "channel_url",
        {"channel": "other", "channel_url": "https://demo.example/"},
        {"channel": "other", "channel_url": "http://demo.example/"},
    ),
    (
        "required",
        "contractor",
        {"production_mode": "commissioned", "contractor": "演示工厂"},
        {"production_mode": "commissioned"},
    ),
    ("after_today", "declared_on", {"declared_on": "2026-11-24"}, {"declared_on": "2026-11-25"}),
    ("required", "models", {"category": "8101"}, {"category": "0701"}),
    (
        "joint_with_itself",
        "joint_with",
        {"joint_with": ["B"], "org_uscc": "A"},
        {"joint_with": ["A"], "org_uscc": "A"},
    ),
    (
        "joint_own_standards_only",
        "joint_with",
        {**OWN, "joint_with": ["B"]},
        {"std_kind": "sector", "joint_with": ["B"]},
    ),
    (
        "corrected_without_version",
        "correction_submitted_on",
        {
            "status": "active",
            "correct_until": "2026-06-01",
            "decided_on": "2026-05-01",
            "correction_submitted_on": "2026-05-01",
        },
        {
            "status": "active",
            "correct_until": "2026-06-01",
            "decided_on": "2026-05-01",
            "correction_submitted_on": "2026-04-30",
        },
    ),
    (
        "ends_before_start",
        "withdrawn_on",
        {"declared_on": "2025-10-07", "withdrawn_on": "2025-10-07"},
        {"declared_on": "2025-10-07", "withdrawn_on": "2025-10-06"},
    ),
]


@pytest.mark.parametrize(("code", "name", "good", "bad"), RULES)
def test_each_rule_holds_and_fails(code: str, name: str, good: Values, bad: Values) -> None:
    assert (code, name) not in found(REGISTER, good)
    assert (code, name) in found(REGISTER, bad)
    assert REGISTER.message_for(code) != code


@pytest.mark.parametrize("other", ["", "无", "见标准"])
def test_a_benchmark_without_a_number_is_not_judged(other: str) -> None:
    assert ("relation_differs", "benchmarks") not in found(REGISTER, benchmark(other, "equal"))


LIMITS = {
    "number": "GB 18580-2017",
    "status": "in_force",
    "in_force_on": "2018-05-01",
    "product_categories": ["0601"],
    "indicators": [
        {
            "name_zh": "甲醛释放量",
            "operator": "<=",
            "value": 0.124,
            "unit": "mg/m³",
            "force": "mandatory",
            "clause": "4",
        }
    ],
}
VOLUNTARY = {
    **LIMITS,
    "number": "GB/T 35601-2024",
    "indicators": [{**LIMITS["indicators"][0], "value": 0.05, "force": "voluntary"}],
}
PANEL = {**OWN, "category": "0601", "indicators": [PROMISED], "below_voluntary": False}


def limited(*standards: Values) -> Others:
    return Others({("standards", str(each["number"])): each for each in standards})


def promising(value: float, unit: str = "mg/m³", **more: Any) -> Values:
    return {**PANEL, "indicators": [{**PROMISED, "value": value, "unit": unit}], **more}


@pytest.mark.parametrize(
    ("code", "name", "values", "good", "bad"),
    [
        ("below_mandatory", "indicators", promising(0.2), limited(VOLUNTARY), limited(LIMITS)),
        ("below_mandatory", "indicators", promising(125, "µg/m³"), Others(), limited(LIMITS)),
        (
            "below_mandatory",
            "indicators",
            promising(0.2),
            limited({**LIMITS, "status": "superseded"}),
            limited(LIMITS),
        ),
        (
            "below_mandatory",
            "indicators",
            promising(0.2, declared_on="2018-04-30"),
            limited(LIMITS),
            limited({**LIMITS, "in_force_on": "2018-04-30"}),
        ),
        (
            "below_mandatory",
            "indicators",
            promising(0.2),
            limited({**LIMITS, "product_categories": ["0701"]}),
            limited({**LIMITS, "product_categories": ["0701", "0601"]}),
        ),
        (  # named by the declaration itself, whatever its category
            "below_mandatory",
            "indicators",
            promising(0.2, std_kind="national_mandatory", std_no="GB 18580-2017", category="1199"),
            limited({**LIMITS, "status": "superseded"}),
            limited(LIMITS),
        ),
        ("limit_not_comparable", "indicators", promising(1.0, "mg/L"), Others(), limited(LIMITS)),
        ("below_not_stated", "below_voluntary", promising(0.06), limited(LIMITS), limited(VOLUNTARY)),
        (
            "fewer_not_stated",
            "below_voluntary",
            {
                **PANEL,
                "compared_std": "GB/T 35601-2024",
                "indicators": [{**PROMISED, "name_zh": "静曲强度", "unit": "MPa"}],
            },
            limited(LIMITS),
            limited(VOLUNTARY),
        ),
        (
            "benchmark_differs",
            "benchmarks",
            {
                **PANEL,
                "benchmarks": [
                    {"name_zh": "甲醛释放量", "standard": "GB 18580-2017", "other_value": "≤ 0.5 mg/m³"}
                ],
            },
            limited({**LIMITS, "indicators": [{**LIMITS["indicators"][0], "value": 500, "unit": "μg/m³"}]}),
            limited(LIMITS),
        ),
    ],
)
def test_limits_of_the_category_hold_whether_they_are_named_or_not(
    code: str, name: str, values: Values, good: Others, bad: Others
) -> None:
    assert (code, name) not in found(REGISTER, values, good)
    assert (code, name) in found(REGISTER, values, bad)
    assert REGISTER.message_for(code) != code


def test_what_is_stated_plainly_may_be_lower_than_a_voluntary_standard() -> None:
    found_codes = {
        code for code, _name in found(REGISTER, promising(0.06, below_voluntary=True), limited(VOLUNTARY))
    }
    assert "below_not_stated" not in found_codes
    assert "below_mandatory" not in found_codes


DECLARED = {"std_kind": "national_voluntary", "std_no": "GB/T 35607-2024", "declared_on": "2025-10-07"}
LINKED: list[tuple[str, str, Values, Others, Others]] = [
    # code, field, values, catalogue in which they obey, catalogue in which they do not
    ("standard_not_known", "std_no", DECLARED, Others({STANDARD: {"status": "in_force"}}), Others()),
    (
        "standard_ended",
        "std_no",
        DECLARED,
        Others({STANDARD: {"status": "withdrawn", "withdrawn_on": "2025-10-08"}}),
        Others({STANDARD: {"status": "withdrawn", "withdrawn_on": "2025-10-07"}}),
    ),
    (
        "name_differs",
        "std_name_zh",
        {**DECLARED, "std_name_zh": "绿色产品评价家具"},
        Others({STANDARD: {"status": "in_force", "title_zh": "绿色产品评价 家具"}}),
        Others({STANDARD: {"status": "in_force", "title_zh": "绿色产品评价 涂料"}}),
    ),
    (
        "used_before_issue",
        "effective_from",
        {**DECLARED, "effective_from": "2024-08-15"},
        Others({STANDARD: {"status": "in_force", "issued_on": "2024-08-15"}}),
        Others({STANDARD: {"status": "in_force", "issued_on": "2024-08-16"}}),
    ),
]


@pytest.mark.parametrize(("code", "name", "values", "good", "bad"), LINKED)
def test_rules_that_ask_the_catalogue(
    code: str, name: str, values: Values, good: Others, bad: Others
) -> None:
    assert (code, name) not in found(REGISTER, values, good)
    assert (code, name) in found(REGISTER, values, bad)
    assert REGISTER.message_for(code) != code


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", "draft"),
        ("draft", "active"),
        ("draft", "scheduled"),
        ("scheduled", "active"),
        ("active", "active"),
        ("active", "superseded"),
        ("active", "withdrawn"),
        ("active", "standard_ended"),
        ("standard_ended", "active"),
        ("active", "under_check"),
        ("under_check", "active"),
        ("under_check", "correction_ordered"),
        ("correction_ordered", "active"),
        ("correction_ordered", "publicised"),
        ("correction_ordered", "number_revoked"),
        ("correction_ordered", "abolished"),
        ("active", "ended"),
        ("active", "misfiled"),
    ],
)
def test_the_table_of_the_life_cycle(before: str, after: str) -> None:
    assert REGISTER.life_cycle.find_transition(before, after) is not None


def test_nobody_but_the_enterprise_declares_and_nobody_deletes() -> None:
    cycle = REGISTER.life_cycle
    declared = cycle.find_transition("draft", "active")
    assert declared is not None
    assert declared.roles == ("enterprise",)
    assert not [state for state in cycle.states if state.code == "deleted"]


@pytest.mark.parametrize(
    "ended", ["superseded", "withdrawn", "number_revoked", "abolished", "ended", "misfiled"]
)
def test_what_has_ended_stays_so(ended: str) -> None:
    assert not [move for move in REGISTER.life_cycle.transitions if move.before == ended]
    assert REGISTER.life_cycle.state(ended).standing == "ended"


def test_a_scheduled_declaration_comes_into_use_on_its_day() -> None:
    cycle, values = REGISTER.life_cycle, {"effective_from": "2026-12-01"}
    assert cycle.status_on("scheduled", values, dt.date(2026, 11, 30)) == "scheduled"
    assert cycle.status_on("scheduled", values, dt.date(2026, 12, 1)) == "active"


@pytest.mark.parametrize(
    ("written", "kept"),
    [("Q/ABC 0001S-2021", "Q/ABC 0001S-2021"), ("q/qyjj 0001-2025", "Q/QYJJ 0001-2025")],
)
def test_numbers_of_own_standards(written: str, kept: str) -> None:
    values, blocking, _warnings = load(REGISTER, {"std_no": written})
    assert (values["std_no"], blocking) == (kept, [])


def test_the_same_own_number_of_two_enterprises_is_two_declarations() -> None:
    of = REGISTER.key.compute
    first = {"org_uscc": "91330100MAWY010175", "std_no": "Q/ABC 1-2025", "product_name_zh": "餐桌"}
    assert of(first) != of({**first, "org_uscc": "91110000101461180X"})
    assert of(first) == of({**first, "models": ["QY-1"]})


@pytest.mark.parametrize(
    ("barcode", "refused", "warned"),
    [("6901234567892", False, False), ("6901234567893", True, False), ("12345", False, True)],
)
def test_barcodes(barcode: str, *, refused: bool, warned: bool) -> None:
    _values, blocking, warnings = load(REGISTER, {"gtin": barcode})
    assert ("gtin_check_digit" in {each.code for each in blocking}) is refused
    assert ("gtin_shape" in {each.code for each in warnings}) is warned


@needs_shared
def test_every_example_row_loads_and_keys_differ() -> None:
    rows = sheet("declarations")
    keys = set()
    for row in rows:
        assert REGISTER.life_cycle.has_state(row.pop("status"))
        values, blocking, _warnings = load(REGISTER, row)
        assert blocking == []
        keys.add(REGISTER.key.compute(values))
    assert len(keys) == len(rows)


def test_a_relation_is_worded_by_what_is_asked_not_by_the_number() -> None:
    """Of an upper limit the lower number is the stricter one: “above” would say the opposite."""
    words = {code.code: (code.zh, code.en) for code in RELATIONS}
    assert words == {
        "above": ("严于", "stricter than"),
        "equal": ("等于", "equal to"),
        "below": ("宽于", "less strict than"),
    }
    for written, code in (("高于", "above"), ("严于", "above"), ("低于", "below"), ("weaker", "below")):
        assert RELATIONS.find(written) == code
