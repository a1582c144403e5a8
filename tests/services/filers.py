"""Filing enterprises, for tests: two firms, a small catalogue of standards, valid and invalid declarations."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import draft_differences, drafts
from registry.services.filing.amendment_reasons import Amendment
from registry.services.filing.drafts import DraftSubmission, NewDraft
from registry.services.filing.filed_records import FiledRecordAddress
from registry.services.people.sessions import UserSession
from registry.services.records import reading
from tests.services import samples
from tests.services.members import FIRM_NUMBER, SLUG

DECLARATIONS = "declarations"
NOW = dt.datetime(2026, 5, 4, 9, tzinfo=clock.SHANGHAI)
OTHER_FIRM_NUMBER = "91110000101461180X"
INDICATORS = [
    {
        "kind": "performance",
        "name_zh": "甲醛释放量",
        "name_en": "Formaldehyde emission",
        "operator": "<=",
        "value": "0.04",
        "unit": "mg/m³",
        "method": "GB/T 17657-2022",
    },
    {"name_zh": "抗弯强度", "operator": ">=", "value": "35", "unit": "MPa", "method": "GB/T 17657-2022"},
]
STRICTER_INDICATORS = [{**INDICATORS[0], "value": "0.03"}, INDICATORS[1]]
OWN_STANDARD = {
    "std_no": "Q/HZQY 0003-2026",
    "std_name_zh": "实木餐桌技术要求",
    "issued_on": "2026-01-31",
    "in_force_on": "2026-03-01",
    "product_name_zh": "实木餐桌",
    "product_name_en": "Solid wood dining table",
    "models": "QY-10\nQY-20",
    "category": "0701",
    "production_mode": "own",
    "indicators": INDICATORS,
    "effective_from": "2026-03-01",
    "commitment": "true_accurate_lawful",
    "signer_post": "总经理",
}
NATIONAL_STANDARD = {
    **{
        name: value
        for name, value in OWN_STANDARD.items()
        if name not in ("std_name_zh", "issued_on", "in_force_on")
    },
    "std_no": "gb/t35607-2024",
    "indicators": [],
}
ENDED_STANDARD, MANDATORY_STANDARD = "GB/T 35607-2017", "GB 18584-2024"
CATALOGUE = (
    {
        "number": "GB/T 35607-2024",
        "title_zh": "绿色产品评价 家具",
        "title_en": "Furniture",
        "status": "in_force",
    },
    {
        "number": ENDED_STANDARD,
        "title_zh": "绿色产品评价 家具",
        "status": "superseded",
        "withdrawn_on": "2025-01-01",
    },
    {"number": MANDATORY_STANDARD, "title_zh": "家具中有害物质限量", "status": "in_force"},
)
FIRMS = (
    {
        "uscc": FIRM_NUMBER,
        "name_zh": "杭州青屿家具有限公司（演示）",
        "name_en": "Hangzhou Qingyu",
        "region_code": "330100",
    },
    {"uscc": OTHER_FIRM_NUMBER, "name_zh": "中国北京同仁堂（集团）有限责任公司"},
)


def at(number: str, org: str = SLUG) -> FiledRecordAddress:
    """The address of a declaration."""
    return FiledRecordAddress(org, DECLARATIONS, number)


@pytest.fixture
def firm(registry: Registry, tmp_path: Path) -> Registry:
    """A registry with two enterprises and a small catalogue of standards."""
    for slug, rows in (("organisations", FIRMS), ("standards", CATALOGUE)):
        sheet = samples.write_sheet(tmp_path / f"{slug}.csv", slug, rows)
        import_files(registry, REGISTRAR, slug, [sheet])
    return registry


def save_draft(registry: Registry, user: UserSession, typed: dict[str, Any]) -> int:
    draft = drafts.open_draft(registry, user.actor, SLUG, NewDraft(DECLARATIONS))
    drafts.save_draft(registry, user.actor, SLUG, draft, revision=1, typed=typed)
    return draft


def file_declaration(registry: Registry, user: UserSession, typed: dict[str, Any]) -> str:
    draft = save_draft(registry, user, typed)
    return drafts.file_draft(registry, user.actor, SLUG, draft, submitted=DraftSubmission(2, "王强"))


def amend_declaration(
    registry: Registry,
    user: UserSession,
    number: str,
    typed: dict[str, Any],
    amendment: Amendment | None = None,
) -> str:
    """Amend a declaration, confirming the version that the comparison shows."""
    draft = drafts.open_draft(registry, user.actor, SLUG, NewDraft(DECLARATIONS, amend=number))
    revision = drafts.save_draft(registry, user.actor, SLUG, draft, revision=1, typed=typed)
    comparison = draft_differences.compare_draft_with_record(registry, user.actor, SLUG, draft, lang="en")
    assert comparison is not None
    confirmed = replace(amendment or Amendment("amended_indicators"), seen_version=comparison.version)
    return drafts.file_draft(
        registry, user.actor, SLUG, draft, submitted=DraftSubmission(revision, "王强", confirmed)
    )


def issues_of(registry: Registry, user: UserSession, typed: dict[str, Any]) -> set[tuple[str, str]]:
    draft = save_draft(registry, user, typed)
    issues = {
        (issue.code, issue.field) for issue in drafts.get_draft(registry, user.actor, SLUG, draft).issues
    }
    drafts.discard_draft(registry, user.actor, SLUG, draft)
    return issues


INVALID_DRAFTS: dict[str, tuple[dict[str, Any], tuple[str, str]]] = {
    "no standard": ({"std_no": ""}, ("required", "std_no")),
    "no product": ({"product_name_zh": ""}, ("required", "product_name_zh")),
    "no models": ({"models": " \n "}, ("required", "models")),
    "no category": ({"category": ""}, ("required", "category")),
    "no production mode": ({"production_mode": ""}, ("required", "production_mode")),
    "unknown production mode": ({"production_mode": "magic"}, ("unknown_word", "production_mode")),
    "no commitment": ({"commitment": ""}, ("required", "commitment")),
    "no post": ({"signer_post": ""}, ("required", "signer_post")),
    "no effective date": ({"effective_from": ""}, ("required", "effective_from")),
    "own without dates": ({"issued_on": ""}, ("required", "issued_on")),
    "own without day in force": ({"in_force_on": ""}, ("required", "in_force_on")),
    "own without title": ({"std_name_zh": ""}, ("required", "std_name_zh")),
    "own without indicators": ({"indicators": []}, ("indicators_missing", "indicators")),
    "a date that does not exist": ({"issued_on": "2026-02-31"}, ("date_does_not_exist", "issued_on")),
    "no date": ({"issued_on": "soon"}, ("date_shape", "issued_on")),
    "year differs from the number": ({"issued_on": "2025-12-31"}, ("year_differs", "std_no")),
    "in force before issue": ({"in_force_on": "2026-01-01"}, ("ends_before_start", "in_force_on")),
    "used before issue": ({"effective_from": "2026-01-01"}, ("used_before_issue", "effective_from")),
    "number without an enterprise code": (
        {"std_no": "Q/ 001-2020"},
        ("standard_number_unknown_form", "std_no"),
    ),
    "not in the catalogue": ({"std_no": "GB/T 99999-2020"}, ("standard_not_known", "std_no")),
    "ended standard": ({"std_no": ENDED_STANDARD}, ("standard_ended", "std_no")),
    "invalid barcode": ({"gtin": "6901234567890"}, ("gtin_check_digit", "gtin")),
    "invalid customs code": ({"hs_code": "94035"}, ("hs_code_form", "hs_code")),
    "commissioned without a principal": ({"production_mode": "commissioned"}, ("required", "principal")),
    "too long": ({"product_name_zh": "桌" * 201}, ("too_long", "product_name_zh")),
    "a lower value that is not stated": (
        {
            "benchmarks": [
                {
                    "name_zh": "甲醛释放量",
                    "standard": "GB/T 35607-2024",
                    "other_value": "0.03",
                    "relation": "below",
                }
            ]
        },
        ("below_not_stated", "below_voluntary"),
    ),
    "below a mandatory standard": (
        {
            "benchmarks": [
                {
                    "name_zh": "甲醛释放量",
                    "standard": MANDATORY_STANDARD,
                    "other_value": "0.03",
                    "relation": "below",
                }
            ]
        },
        ("below_mandatory", "benchmarks"),
    ),
    "a relation that contradicts the values": (
        {
            "benchmarks": [
                {
                    "name_zh": "甲醛释放量",
                    "standard": "GB/T 35607-2024",
                    "other_value": "0.05",
                    "relation": "equal",
                }
            ]
        },
        ("relation_differs", "benchmarks"),
    ),
    "lower value stated without a statement": ({"below_voluntary": "true"}, ("required", "below_statement")),
    "edition of another enterprise": ({"edition_of": "Q/OTHER 1-2020"}, ("no_earlier_edition", "edition_of")),
    "a value that is no number": (
        {"indicators": [{**INDICATORS[0], "value": "x1"}]},
        ("not_a_number", "indicators"),
    ),
    "no unit": ({"indicators": [{**INDICATORS[0], "unit": ""}]}, ("unit_missing", "indicators")),
    "no method": ({"indicators": [{**INDICATORS[0], "method": ""}]}, ("method_missing", "indicators")),
    "an open range": ({"indicators": [{**INDICATORS[0], "operator": "in"}]}, ("range_open", "indicators")),
    "a personal number": (
        {"commitment_more": "联系人 13800138000"},
        ("personal_masked", "commitment_more"),
    ),
}


# Reasons of an amendment that every door refuses: reason, note, (code, field) of the issue.
INVALID_AMENDMENTS = (
    ("declared", "", ("amended_because", "amended_because")),
    ("", "only a note", ("amended_because", "amended_because")),
    ("amended_otherwise", " ", ("amended_how", "amended_note")),
    ("amended_models", "长" * 301, ("too_long", "amended_note")),
    ("amended_models", "电话 13800138000", ("personal_masked", "amended_note")),
)


def decide(registry: Registry, tmp_path: Path, number: str, status: str, **facts: str) -> None:
    """The registrar's sheet with a decision about a declaration: its status, and what the decision says."""
    pointer = reading.locate_record(registry, REGISTRAR, DECLARATIONS, number)
    document = reading.get_record(registry, REGISTRAR, pointer, "en").document
    sheet = samples.write_sheet(
        tmp_path / "decision.csv", DECLARATIONS, [{**document, **facts, "status": status}]
    )
    report = import_files(registry, REGISTRAR, DECLARATIONS, [sheet])
    assert (report.updated, report.refused) == (1, 0), report.first_issues
