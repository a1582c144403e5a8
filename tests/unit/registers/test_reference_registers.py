"""Organisations, standards and bodies: numbers and keys, rules, life cycles, the example sheets."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.definition import KeyMissing, RegisterDefinition
from registry.kit.standard_kinds import Adoption
from registry.registers import bodies, organisations, standards
from tests.shared_data import needs_shared, sheet
from tests.unit.registers.trial import found, load, unworded

Values = dict[str, Any]
ORGANISATIONS, STANDARDS, BODIES = organisations.REGISTER, standards.REGISTER, bodies.REGISTER
ALL = pytest.mark.parametrize("register", [ORGANISATIONS, STANDARDS, BODIES], ids=lambda each: each.slug)


@ALL
def test_the_definition_does_not_contradict_itself(register: RegisterDefinition) -> None:
    assert register.self_check() == []
    assert unworded(register) == set()


@pytest.mark.parametrize(
    ("values", "number"),
    [
        ({"uscc": "91110000101461180X", "country": "CN"}, "91110000101461180X"),
        ({"country": "KR", "foreign_reg_no": "110111-0085450"}, "F-KR-110111-0085450"),
    ],
)
def test_the_number_of_an_organisation(values: Values, number: str) -> None:
    assert ORGANISATIONS.numbering.derive is not None
    assert ORGANISATIONS.numbering.derive(values) == number


@pytest.mark.parametrize(
    ("values", "missing"),
    [({}, ("uscc",)), ({"country": "KR"}, ("foreign_reg_no",)), ({"foreign_reg_no": "1"}, ("country",))],
)
def test_what_an_organisation_without_a_key_lacks(values: Values, missing: tuple[str, ...]) -> None:
    with pytest.raises(KeyMissing) as problem:
        ORGANISATIONS.key.compute(values)
    assert problem.value.fields == missing


@pytest.mark.parametrize(
    ("written", "zh", "en"),
    [
        ("IDT ISO 9001:2015", "IDT ISO 9001:2015 等同采用", "IDT ISO 9001:2015 identical"),
        ("ISIC Rev.4, neq", "NEQ ISIC Rev.4 非等效", "NEQ ISIC Rev.4 not equivalent"),
        ("ISO 668:1995", "ISO 668:1995", "ISO 668:1995"),
    ],
)
def test_an_adoption_says_its_degree_in_words(written: str, zh: str, en: str) -> None:
    words = Adoption.words(written)
    assert (words.zh, words.en) == (zh, en)


@pytest.mark.parametrize(
    ("written", "kept", "warned"),
    [("Y80", "Y80", False), ("Z 04", "Z04", False), ("a00/09", "A00/09", False), ("Y8", "Y8", True)],
)
def test_classes_of_the_chinese_classification(written: str, kept: str, *, warned: bool) -> None:
    values, blocking, warnings = load(STANDARDS, {"ccs": written})
    assert (values["ccs"], blocking) == ([kept], [])
    assert ("pattern" in {each.code for each in warnings}) is warned


@pytest.mark.parametrize("register", [STANDARDS, BODIES], ids=lambda each: each.slug)
def test_a_row_without_its_number_has_no_key(register: RegisterDefinition) -> None:
    with pytest.raises(KeyMissing):
        register.key.compute({"name_zh": "演示"})


@pytest.mark.parametrize(
    "written", ["GB/T 35607-2024", "gb/t35607—2024", "GB／T　35607－2024", "GBT 35607-2024"]
)
def test_spellings_of_a_standard_are_one_key(written: str) -> None:
    values, blocking, _warnings = load(STANDARDS, {"number": written})
    assert blocking == []
    assert STANDARDS.key.compute(values) == STANDARDS.key.parse("GB/T 35607-2024")


def test_editions_are_records_of_their_own() -> None:
    assert STANDARDS.key.compute({"number": "GB/T 35607-2017"}) != STANDARDS.key.compute(
        {"number": "GB/T 35607-2024"}
    )


RULES: list[tuple[RegisterDefinition, str, str, Values, Values]] = [
    (
        STANDARDS,
        "kind_differs",
        "kind",
        {"number": "GB 18580-2017", "kind": "national_mandatory"},
        {"number": "GB 18580-2017", "kind": "national_voluntary"},
    ),
    (
        STANDARDS,
        "enterprise_standard",
        "number",
        {"number": "T/ZLFJ 001-2025"},
        {"number": "Q/QYJJ 0001-2025"},
    ),
    (
        STANDARDS,
        "ends_before_start",
        "in_force_on",
        {"issued_on": "2024-08-15", "in_force_on": "2024-11-28"},
        {"issued_on": "2024-11-28", "in_force_on": "2024-08-15"},
    ),
    (
        ORGANISATIONS,
        "two_identities",
        "foreign_reg_no",
        {"uscc": "91110000101461180X", "country": "CN"},
        {"uscc": "91110000101461180X", "country": "CN", "foreign_reg_no": "1"},
    ),
    (ORGANISATIONS, "after_today", "founded_on", {"founded_on": "1669"}, {"founded_on": "2027"}),
    (
        BODIES,
        "ends_before_start",
        "valid_to",
        {"valid_from": "2019-01-01", "valid_to": "2024-12-31"},
        {"valid_from": "2019-01-01", "valid_to": "2018-12-31"},
    ),
]


@pytest.mark.parametrize(("register", "code", "name", "good", "bad"), RULES)
def test_each_rule_holds_and_fails(
    register: RegisterDefinition, code: str, name: str, good: Values, bad: Values
) -> None:
    assert (code, name) not in found(register, good)
    assert (code, name) in found(register, bad)
    assert register.message_for(code) != code


@pytest.mark.parametrize(
    ("register", "raw", "code"),
    [
        (ORGANISATIONS, {"uscc": "911100001014611801"}, "credit_code_check_digit"),
        (ORGANISATIONS, {"uscc": "91110000101461"}, "credit_code_length"),
        (BODIES, {"valid_from": "2024-02-29", "valid_to": "2023"}, "ends_before_start"),
    ],
)
def test_what_even_the_registrar_cannot_enter(register: RegisterDefinition, raw: Values, code: str) -> None:
    _values, blocking, _warnings = load(register, raw)
    assert code in {each.code for each in blocking}


@pytest.mark.parametrize(
    ("approval", "warned"), [("CNCA-R-2002-001", False), ("F-US-EPA", False), ("第12号", True)]
)
def test_approval_numbers_of_another_form_are_kept_with_a_warning(approval: str, *, warned: bool) -> None:
    values, blocking, warnings = load(BODIES, {"approval_no": approval})
    assert (values, blocking) == ({"approval_no": approval}, [])
    assert ("approval_no_form" in {each.code for each in warnings}) is warned


def test_an_edition_comes_into_force_on_its_day() -> None:
    cycle, values = STANDARDS.life_cycle, {"in_force_on": "2026-12-01"}
    assert cycle.status_on("upcoming", values, dt.date(2026, 11, 30)) == "upcoming"
    assert cycle.status_on("upcoming", values, dt.date(2026, 12, 1)) == "in_force"


def test_an_approval_ends_after_its_last_day_and_may_be_renewed() -> None:
    cycle, values = BODIES.life_cycle, {"valid_to": "2026-11-24"}
    assert cycle.status_on("valid", values, dt.date(2026, 11, 24)) == "valid"
    assert cycle.status_on("valid", values, dt.date(2026, 11, 25)) == "expired"
    assert cycle.status_on("revoked", values, dt.date(2026, 11, 25)) == "revoked"
    assert cycle.find_transition("expired", "valid") is not None


@needs_shared
@ALL
def test_every_example_row_loads_and_keys_differ(register: RegisterDefinition) -> None:
    rows = sheet(register.slug)
    keys = set()
    for row in rows:
        assert register.life_cycle.has_state(row.pop("status", "") or register.life_cycle.default_status)
        values, blocking, _warnings = load(register, row)
        assert blocking == []
        keys.add(register.key.compute(values))
    assert len(keys) == len(rows)


def test_a_deregistered_organisation_says_since_when_it_is_known() -> None:
    state = ORGANISATIONS.life_cycle.state("deregistered")
    assert state.explain is not None
    today = dt.date(2026, 11, 24)
    sentence = state.explain({"deregistered_on": "2024-05"}, today)
    assert sentence is not None
    assert sentence.days == {"day": "2024-05"}
    assert state.explain({"deregistered_on": ""}, today) is None


@pytest.mark.parametrize(
    ("number", "year"), [("GB 8978-1996", "1996"), ("GB 3100-93", "1993"), ("GB 8978", ""), ("no number", "")]
)
def test_the_year_of_a_standard_without_a_date_is_that_in_its_number(number: str, year: str) -> None:
    assert STANDARDS.search.year is not None
    assert STANDARDS.search.year({"number": number}) == year
    assert STANDARDS.search.year({}) == ""


@pytest.mark.parametrize(
    ("number", "text", "asks"),
    [
        ("ISO 9001:2015", "Chinese version of ISO 9001", True),
        ("ISO 9001:2015", "等同采用 ISO 9001 的国标", True),
        ("ISO 9001:2015", "the GB of ISO 9001", True),
        ("ISO 9001:2015", "GB/T 99998-2020/ISO 9001:2015", False),  # the name of the system, in a number
        ("ISO 9001:2015", "gb t 99998-2020/iso 9001:2015", False),
        ("ISO 9001:2015", "GB 18401-2010 ISO 9001:2015", False),
        ("ISO 9001:2015", "who is certified to ISO 9001", False),
        ("GB/T 19001-2016", "national standard GB/T 19001", False),
    ],
)
def test_what_adopts_an_international_standard_is_asked_for(number: str, text: str, *, asks: bool) -> None:
    assert STANDARDS.search.asks_for_adoption is not None
    assert STANDARDS.search.asks_for_adoption(number, text) is asks
