"""Green certificates: rules with an example on each side, numbers and fields, the example sheet."""

from __future__ import annotations

from typing import Any

import pytest

from registry.kit.cautions import Subject, find_cautions
from registry.registers.green_products import REGISTER
from tests.shared_data import needs_shared, sheet
from tests.unit.registers.trial import TODAY, Others, found, load, unworded

Values = dict[str, Any]
STANDARD = ("standards", "GB/T 35607-2017")
BODY = ("bodies", "CNCA-R-2099-101")
FOUR = ["resource", "energy", "environment", "quality"]


def test_the_definition_does_not_contradict_itself() -> None:
    assert REGISTER.self_check() == []
    assert unworded(REGISTER) == set()


RULES: list[tuple[str, str, Values, Values]] = [
    # code, field, values that obey, values that do not
    (
        "ends_before_start",
        "valid_to",
        {"issued_on": "2025-02-22", "valid_to": "2025"},
        {"issued_on": "2025-02-22", "valid_to": "2024"},
    ),
    (
        "ends_before_start",
        "reissued_on",
        {"issued_on": "2025-02-22", "reissued_on": "2025-09-01"},
        {"issued_on": "2025-02-22", "reissued_on": "2025-02-21"},
    ),
    ("after_today", "issued_on", {"issued_on": "2026-11-24"}, {"issued_on": "2026-12-01"}),
    (
        "surveillance_too_seldom",
        "surveillance_months",
        {"scheme": "green_product", "surveillance_months": 12},
        {"scheme": "green_product", "surveillance_months": 13},
    ),
    (
        "surveillance_in_future",
        "surveillance",
        {"surveillance": [{"due_on": "2027-07-27"}, {"done_on": "2026-11-24", "result": "pass"}]},
        {"surveillance": [{"due_on": "2026-07-27", "done_on": "2026-11-25", "result": "pass"}]},
    ),
    (
        "surveillance_overdue_yet_valid",
        "surveillance",
        {"status": "valid", "surveillance": [{"due_on": "2026-11-24"}]},
        {"status": "valid", "surveillance": [{"due_on": "2026-11-23"}]},
    ),
    (
        "surveillance_failed_yet_valid",
        "surveillance",
        {"status": "suspended", "surveillance": [{"due_on": "2026-01-01", "result": "fail"}]},
        {"status": "valid", "surveillance": [{"due_on": "2026-01-01", "result": "fail"}]},
    ),
    (
        "item_without_limit",
        "indicators",
        {"indicators": [{"name_zh": "甲醛释放量", "limit": 0.05, "method": "GB/T 17657-2022"}]},
        {"indicators": [{"name_zh": "甲醛释放量", "method": "GB/T 17657-2022"}]},
    ),
    (
        "item_without_method",
        "indicators",
        {"body_approval_no": "F-US-EPA", "indicators": [{"name_zh": "年耗电量", "limit": 300}]},
        {"indicators": [{"name_zh": "甲醛释放量", "limit": 0.05}]},
    ),
    (
        "product_of_other_standard",
        "standard_edition",
        {"product_name_zh": "水性木器涂料", "standard_edition": "GB/T 35602-2017"},
        {"product_name_zh": "水性木器涂料", "standard_edition": "GB/T 35607-2024"},
    ),
    (
        "product_of_other_standard",
        "standard_edition",
        {"product_name_zh": "演示产品", "standard_edition": "GB/T 35602-2017"},
        {"product_name_zh": "实木餐桌", "standard_edition": "GB/T 35613-2024"},
    ),
    (
        "model_ended_yet_covered",
        "models",
        {"models": ["A-1"], "models_ended": [{"model": "A-1", "ended_on": "2026-11-25"}]},
        {"models": ["A-1"], "models_ended": [{"model": "A-1", "ended_on": "2026-11-24"}]},
    ),
    (
        "valid_too_long",
        "valid_to",
        {"scheme": "green_product", "issued_on": "2024-02-29", "valid_to": "2029-02-28"},
        {"scheme": "green_product", "issued_on": "2024-02-29", "valid_to": "2029-03-01"},
    ),
    (
        "valid_too_long",
        "valid_to",
        {"scheme": "energy_saving", "issued_on": "2025-01-01", "valid_to": "2027-01-01"},
        {"scheme": "organic", "issued_on": "2025-01-01", "valid_to": "2027-01-01"},
    ),
    (
        "level_not_of_scheme",
        "level",
        {"scheme": "green_building_material", "level": "three_star"},
        {"scheme": "green_product", "level": "three_star", "standard_edition": "GB/T 35607-2024"},
    ),
    (
        "level_not_of_scheme",
        "level",
        {"scheme": "green_product", "level": "benchmark", "standard_edition": "GB/T 35607-2024"},
        {"scheme": "green_product", "level": "benchmark", "standard_edition": "GB/T 35607-2017"},
    ),
    (
        "attributes_lacking",
        "attributes",
        {"scheme": "green_product", "attributes": [*FOUR, "carbon"]},
        {"scheme": "green_product", "attributes": ["energy"]},
    ),
    (
        "standard_not_of_catalogue",
        "standard_edition",
        {"scheme": "green_product", "standard_edition": "GB/T 35607-2024"},
        {"scheme": "green_product", "standard_edition": "GB 25502-2017"},
    ),
    (
        "suspended_too_long",
        "suspended_until",
        {"decided_on": "2026-01-31", "suspended_until": "2027-01-31"},
        {"decided_on": "2026-01-31", "suspended_until": "2027-02-01"},
    ),
    (
        "carbon_incomplete",
        "carbon_unit",
        {
            "carbon_kg": 0,
            "carbon_unit": "1 件",
            "carbon_boundary": "从摇篮到大门",
            "carbon_method": "GB/T 24067-2024",
            "carbon_verifier": "某机构",
        },
        {"carbon_kg": 36.2},
    ),
    (
        "route_not_of_scheme",
        "route",
        {"scheme": "green_building_material", "route": "1"},
        {"scheme": "water_saving", "route": "1"},
    ),
    (
        "route_not_of_scheme",
        "route",
        {"scheme": "organic", "route": "2"},
        {"scheme": "green_product", "route": "2"},
    ),
    (
        "number_not_of_scheme",
        "cert_no",
        {"scheme": "organic", "cert_no": "001OP1600123"},
        {"scheme": "organic", "cert_no": "CQC16701123456"},
    ),
    (
        "number_not_of_scheme",
        "cert_no",
        {"scheme": "energy_saving", "cert_no": "CQC16701123456"},
        {"scheme": "organic", "cert_no": "2016010901123456"},
    ),
    ("required", "status_reason", {"status": "valid"}, {"status": "suspended"}),
    ("required", "status_reason", {"status": "expired"}, {"status": "revoked"}),
    (
        "required",
        "suspended_until",
        {"status": "suspended", "suspended_until": "2027-01-01"},
        {"status": "suspended"},
    ),
    (
        "reason_of_other_state",
        "status_reason",
        {"status": "cancelled", "status_reason": "no_longer_made"},
        {"status": "cancelled", "status_reason": "obtained_by_deceit"},
    ),
    (
        "report_after_issue",
        "report_date",
        {"report_date": "2025-02-22", "issued_on": "2025-02"},
        {"report_date": "2025-03", "issued_on": "2025-02-22"},
    ),
    (
        "range_open",
        "indicators",
        {"indicators": [{"operator": "in", "limit": 6, "limit_to": 8, "value": 7, "unit": "1"}]},
        {"indicators": [{"operator": "in", "limit": 6, "value": 7, "unit": "1"}]},
    ),
    (
        "range_backwards",
        "indicators",
        {"indicators": [{"operator": "in", "limit": 6, "limit_to": 6}]},
        {"indicators": [{"operator": "in", "limit": 8, "limit_to": 6}]},
    ),
    (
        "limit_not_met",
        "indicators",
        {"indicators": [{"operator": "in", "limit": 6, "limit_to": 8, "value": 8, "unit": "1"}]},
        {"indicators": [{"operator": "in", "limit": 6, "limit_to": 8, "value": 8.1, "unit": "1"}]},
    ),
    ("required", "surveillance", {"body_approval_no": "F-US-EPA"}, {"body_approval_no": "CNCA-R-2099-101"}),
    ("required", "rule_no", {"body_approval_no": "F-US-EPA"}, {"body_approval_no": "CNCA-R-2099-101"}),
    (
        "unit_missing",
        "indicators",
        {"indicators": [{"name_zh": "甲醛", "value": 0.02, "unit": "mg/m³"}]},
        {"indicators": [{"name_zh": "甲醛", "value": 0.02}]},
    ),
    (
        "limit_not_met",
        "indicators",
        {"indicators": [{"operator": "<=", "limit": 0.05, "value": 0.05, "unit": "mg/m³"}]},
        {"indicators": [{"operator": "<=", "limit": 0.05, "value": 0.06, "unit": "mg/m³"}]},
    ),
]


@pytest.mark.parametrize(("code", "name", "good", "bad"), RULES)
def test_each_rule_holds_and_fails(code: str, name: str, good: Values, bad: Values) -> None:
    assert (code, name) not in found(REGISTER, good)
    assert (code, name) in found(REGISTER, bad)
    assert REGISTER.message_for(code) != code


LABORATORY = {"test_body_approval_no": "CNCA-R-2099-101", "report_date": "2024-12-31"}
LINKED: list[tuple[str, str, Values, Values, Others]] = [
    (
        "body_not_known",
        "test_body_approval_no",
        LABORATORY,
        {**LABORATORY, "test_body_approval_no": "CNCA-R-2099-999"},
        Others({BODY: {"cma_no": "990000000001"}}),
    ),
    (
        "body_no_longer_approved",
        "test_body_approval_no",
        LABORATORY,
        {**LABORATORY, "report_date": "2025-01-01"},
        Others({BODY: {"cnas_no": "CNAS L0001", "valid_from": "2019-01-01", "valid_to": "2024-12-31"}}),
    ),
    ("laboratory_unproved", "test_body_approval_no", {}, LABORATORY, Others({BODY: {"status": "valid"}})),
    (
        "standard_not_known",
        "standard_edition",
        {"standard_edition": "GB/T 35607-2017", "issued_on": "2020"},
        {"standard_edition": "GB/T 35607-2099", "issued_on": "2020"},
        Others({STANDARD: {"status": "superseded"}}),
    ),
    (
        "edition_not_in_force",
        "standard_edition",
        {"standard_edition": "GB/T 35607-2017", "issued_on": "2025-03-01"},
        {"standard_edition": "GB/T 35607-2017", "issued_on": "2025-08-01"},
        Others(
            {
                STANDARD: {
                    "in_force_on": "2018-07-01",
                    "withdrawn_on": "2025-01-01",
                    "transition_until": "2025-06-30",
                }
            }
        ),
    ),
    (
        "edition_not_in_force",
        "standard_edition",
        {"standard_edition": "GB/T 35607-2017", "issued_on": "2018"},
        {"standard_edition": "GB/T 35607-2017", "issued_on": "2018-06-30"},
        Others({STANDARD: {"in_force_on": "2018-07-01"}}),
    ),
    (
        "body_not_known",
        "body_approval_no",
        {"body_approval_no": "CNCA-R-2099-101"},
        {"body_approval_no": "CNCA-R-2099-999"},
        Others({BODY: {"status": "valid"}}),
    ),
    (
        "body_not_yet_approved",
        "body_approval_no",
        {"body_approval_no": "CNCA-R-2099-101", "issued_on": "2019"},
        {"body_approval_no": "CNCA-R-2099-101", "issued_on": "2018-12-31"},
        Others({BODY: {"valid_from": "2019-01-01"}}),
    ),
    (
        "body_no_longer_approved",
        "body_approval_no",
        {"body_approval_no": "CNCA-R-2099-101", "issued_on": "2024-12-31"},
        {"body_approval_no": "CNCA-R-2099-101", "issued_on": "2025-01-01"},
        Others({BODY: {"valid_from": "2019-01-01", "valid_to": "2024-12-31"}}),
    ),
    (
        "scheme_out_of_scope",
        "scheme",
        {"body_approval_no": "CNCA-R-2099-101", "scheme": "green_building_material"},
        {"body_approval_no": "CNCA-R-2099-101", "scheme": "organic"},
        Others({BODY: {"scope": "绿色产品、绿色建材"}}),
    ),
]


@pytest.mark.parametrize(("code", "name", "good", "bad", "others"), LINKED)
def test_rules_that_ask_other_records(
    code: str, name: str, good: Values, bad: Values, others: Others
) -> None:
    assert (code, name) not in found(REGISTER, good, others)
    assert (code, name) in found(REGISTER, bad, others)
    assert REGISTER.message_for(code) != code


@pytest.mark.parametrize(("route", "form"), [("1", "basic design"), ("2", "variant design"), ("3", None)])
def test_the_form_of_the_label_follows_from_the_route(route: str, form: str | None) -> None:
    words = REGISTER.derived[0].compute({"route": route}, "valid")
    assert (words.en if words else None) == form


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ({"cert_no": "##12"}, "certificate_no_form"),
        ({"cert_no": "AB-12"}, "certificate_no_form"),
        ({"body_approval_no": "CNCA-R-02-1"}, "approval_no_form"),
        ({"standard_edition": "GB/T 35607"}, "standard_number_without_year"),
        ({"rule_no": "CNCA-CGP-4"}, "rule_no_form"),
        ({"models": ["Q" * 101]}, "too_long"),
    ],
)
def test_values_that_a_field_doubts(raw: Values, code: str) -> None:
    _values, blocking, warnings = load(REGISTER, {"scheme": "绿色产品", **raw})
    assert blocking == []
    assert code in {issue.code for issue in warnings}


@pytest.mark.parametrize(
    ("written", "kept"),
    [
        ("cnca-cgp-04-2020", "CNCA-CGP-04-2020"),
        ("CNCA-CGP-13：2025", "CNCA-CGP-13:2025"),
        ("机构规则 1", "机构规则 1"),
    ],
)
def test_numbers_of_rules(written: str, kept: str) -> None:
    values, _blocking, warnings = load(REGISTER, {"rule_no": written})
    assert values["rule_no"] == kept
    assert "rule_no_form" not in {issue.code for issue in warnings}


def test_numbers_are_read_in_any_spelling_and_unique_per_body() -> None:
    raw = {"cert_no": "ｄｅｍｏ－cgp-2025-000123", "body_approval_no": "CNCA R 2099 101"}
    values, blocking, _warnings = load(REGISTER, raw)
    assert blocking == []
    assert values == {"cert_no": "DEMO-CGP-2025-000123", "body_approval_no": "CNCA-R-2099-101"}
    assert REGISTER.key.compute(values) != REGISTER.key.compute(
        {**values, "body_approval_no": "CNCA-R-2099-102"}
    )


@pytest.mark.parametrize(
    ("field", "written", "code", "blocks"),
    [
        ("cert_no", "##12", "certificate_no_form", False),
        ("body_approval_no", "CNCA-R-02-1", "approval_no_form", False),
        ("body_approval_no", "F-US-EPA", "", False),
        ("gtin", "6901234567891", "gtin_check_digit", True),
        ("gtin", "69012", "gtin_shape", False),
        ("gtin", "6901234567892", "", False),
        ("standard_edition", "GB/T 35607", "standard_number_without_year", False),
        ("scheme", "绿色食品", "unknown_word", False),
        ("scheme", "环保(环境标志)", "", False),
        ("level", "三星级", "", False),
    ],
)
def test_values_of_single_fields(field: str, written: str, code: str, *, blocks: bool) -> None:
    _values, blocking, warnings = load(REGISTER, {field: written})
    codes = {issue.code for issue in (blocking if blocks else warnings) if issue.field == field} - {
        "level_not_of_scheme"
    }
    assert codes == ({code} if code else set())
    if code:
        assert REGISTER.message_for(code) != code


def test_a_foreign_certificate_without_an_end_keeps_a_warning_only() -> None:
    raw = {
        "cert_no": "2352425",
        "scheme": "energy_saving",
        "body_approval_no": "F-US-EPA",
        "applicant_name_zh": "Hisense",
        "product_name_zh": "电冰箱 Hisense RS43",
        "models": "RS43",
        "issued_on": "2020-03-12",
        "indicators": [
            {"name_zh": "年耗电量", "operator": "≤", "limit": 653, "value": 590, "unit": "kWh/yr"},
        ],
    }
    values, blocking, warnings = load(REGISTER, raw)
    assert blocking == []
    assert values["indicators"][0]["operator"] == "<="
    assert {(each.code, each.field) for each in warnings} == {
        ("not_stated", "valid_to"),
        ("not_stated", "applicant_uscc"),
        ("not_stated", "standard_edition"),
    }


@pytest.mark.parametrize(
    ("scheme", "found"),
    [("ENERGY STAR", True), ("境外认证", True), ("节能", False), ("绿色产品", False)],
)
def test_a_certificate_of_a_programme_abroad_says_that_it_is_no_chinese_one(
    scheme: str, *, found: bool
) -> None:
    values = load(REGISTER, {"scheme": scheme})[0]
    for status in ("valid", "expired"):
        standing = REGISTER.life_cycle.state(status).standing
        subject = Subject(values, status, TODAY)
        cautions = find_cautions(REGISTER.cautions, subject, standing)
        codes = {caution.code for caution in cautions}
        assert ("foreign_certificate" in codes) is found
        if found:
            [caution] = [each for each in cautions if each.code == "foreign_certificate"]
            assert "no Chinese green-product certificate" in caution.message("en")
            assert "不是中国绿色产品认证证书" in caution.message("zh")


def test_ranks_put_three_stars_first() -> None:
    assert REGISTER.search.rank is not None
    ranks = [REGISTER.search.rank({"level": level}) for level in ("three_star", "two_star", "one_star")]
    assert ranks == [1, 2, 3]
    assert REGISTER.search.rank({}) == 0


@needs_shared
def test_every_example_row_loads_and_keys_differ() -> None:
    keys = set()
    rows = sheet("green-products")
    for row in rows:
        assert REGISTER.life_cycle.has_state(row.pop("status"))
        values, blocking, _warnings = load(REGISTER, row)
        assert blocking == []
        keys.add(REGISTER.key.compute(values))
    assert len(keys) == len(rows)
