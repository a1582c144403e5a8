"""The law of the three doors: form, sheet and API find the same faults in the same wrong declaration."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from portal.app import create_app
from registry.accounts.policy import REGISTRAR
from registry.kit.kinds import Many
from registry.registers import catalogue
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange.importer import import_files
from registry.services.filing import drafts
from registry.services.filing.by_sheet import sheet_jobs, sheet_template, sheet_uploads, sheet_views
from registry.services.filing.by_sheet.sheet_uploads import SheetUpload
from registry.services.people import tokens
from registry.services.people.sessions import UserSession
from tests.api.test_filing_api import RECORDS, Program, codes
from tests.databases import Template
from tests.portal.people import Person
from tests.services import samples
from tests.services.filers import (
    CATALOGUE,
    ENDED_STANDARD,
    FIRMS,
    INDICATORS,
    INVALID_DRAFTS,
    MANDATORY_STANDARD,
    NATIONAL_STANDARD,
    OWN_STANDARD,
)
from tests.services.filing_sheets import sheet_of, to_cells
from tests.services.members import FIRM_NUMBER as OWN_NUMBER
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import PASSWORD

FIRST, SECOND = INDICATORS
BENCHMARK = {
    "name_zh": "甲醛释放量",
    "standard": "GB/T 35607-2024",
    "other_value": "0.05",
    "relation": "above",
}
MORE: dict[str, dict[str, Any]] = {
    "a title too long": {"std_name_zh": "标" * 301},
    "an English title too long": {"std_name_en": "a" * 401},
    "an English name too long": {"product_name_en": "a" * 201},
    "a name of blanks": {"product_name_zh": "\u3000 "},
    "a category that is none": {"category": "随便什么"},
    "a group of categories": {"category": "家具"},
    "a product without models": {"models": ""},
    "made jointly with itself": {"joint_with": OWN_NUMBER},
    "made jointly with a wrong code": {"joint_with": "91330100MAWY010176"},
    "a specification too long": {"spec": "a" * 201},
    "a common name too long": {"common_name": "a" * 121},
    "a model too long": {"models": "M" * 101},
    "a barcode of the wrong length": {"gtin": "690123"},
    "one good barcode and one bad": {"gtin": "6901234567892\n6901234567890"},
    "one good customs code and one bad": {"hs_code": "9403\n94"},
    "made by nobody": {"production_mode": "commissioned", "principal": "甲"},
    "ordered by nobody": {"production_mode": "commissioned", "contractor": "乙"},
    "a principal too long": {"production_mode": "commissioned", "principal": "甲" * 201, "contractor": "乙"},
    "neither yes nor no": {"below_voluntary": "perhaps"},
    "public or not": {"fulltext_public": "maybe"},
    "compared with nothing known": {"compared_std": "XX-1"},
    "compared without saying": {"below_voluntary": "true", "below_statement": "少于推荐性标准"},
    "a statement too long": {"below_statement": "低" * 1001},
    "a commitment of its own": {"commitment": "好"},
    "further commitments too long": {"commitment_more": "诺" * 1001},
    "a post too long": {"signer_post": "经" * 81},
    "a telephone in the statement": {"below_statement": "电话 13800138000"},
    "a telephone in the name": {"product_name_zh": "桌 13800138000"},
    "a month that is none": {"issued_on": "2026-13-01"},
    "a day that may be two": {"in_force_on": "02/01/2026"},
    "an edition that comes later": {"edition_of": "Q/HZQY 0003-2027"},
    "an edition that is no number": {"edition_of": "the old one"},
    "a standard without its year": {"std_no": "GB/T 35607"},
    "a kind of indicator that is none": {"indicators": [{**FIRST, "kind": "magic"}]},
    "an operator that is none": {"indicators": [{**FIRST, "operator": "~"}]},
    "a range backwards": {"indicators": [{**FIRST, "operator": "in", "value": "5", "value_to": "1"}]},
    "a value beyond numbers": {"indicators": [{**FIRST, "value": "1e999"}]},
    "an indicator too long": {"indicators": [{**FIRST, "name_zh": "量" * 121}]},
    "a unit too long": {"indicators": [{**FIRST, "unit": "m" * 41}]},
    "a method too long": {"indicators": [{**FIRST, "method": "GB " * 80}]},
    "the second indicator is wrong": {"indicators": [FIRST, {**SECOND, "value": "viel", "unit": ""}]},
    "a relation that is none": {"benchmarks": [{**BENCHMARK, "relation": "better"}]},
    "a benchmark that is no standard": {"benchmarks": [{**BENCHMARK, "standard": "XX-1"}]},
    "below what is mandatory and not said": {
        "benchmarks": [
            {**BENCHMARK, "standard": MANDATORY_STANDARD, "other_value": "0.01", "relation": "above"}
        ]
    },
    "adopted to no degree": {"adopts": [{"standard": "ISO 9001:2015", "degree": "half"}]},
    "adopted nothing known": {"adopts": [{"standard": "XX-1", "degree": "identical"}]},
    "a state standard that ended, without models": {
        **dict.fromkeys(OWN_STANDARD, ""),
        **NATIONAL_STANDARD,
        "std_no": ENDED_STANDARD,
        "models": "",
    },
    "nothing but a category": {**dict.fromkeys(OWN_STANDARD, ""), "category": "0701"},
    "much at once": {
        "std_no": "GB/T 99999-2020",
        "issued_on": "2026-02-31",
        "production_mode": "magic",
        "gtin": "1",
        "indicators": [{**FIRST, "value": "x"}, {**SECOND, "method": ""}],
        "commitment": "",
    },
}
# The form shows the title of the catalogue in the place of what was typed; the other doors say that it differs.
SHOWN_BY_THE_FORM = {("filled_in", "std_name_zh"), ("filled_in", "std_name_en")}
CASES = {name: change for name, (change, _wanted) in INVALID_DRAFTS.items()} | MORE


@pytest.fixture(scope="module")
def registry(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("doors")
    with template.copy(folder / "data") as settings:
        opened = open_registry(settings)
        for slug, rows in (("organisations", FIRMS), ("standards", CATALOGUE)):
            import_files(opened, REGISTRAR, slug, [samples.write_sheet(folder / f"{slug}.csv", slug, rows)])
        yield opened
        opened.search.close()


@pytest.fixture(scope="module")
def mei(registry: Registry) -> UserSession:
    return sign_up_owner(registry)


@pytest.fixture(scope="module")
def person(registry: Registry, mei: UserSession) -> Person:
    """Her browser, signed in."""
    browser = Person(create_app(registry=registry))
    assert browser.send("account/sign-in", email=mei.email, password=PASSWORD).status_code == 303
    return browser


@pytest.fixture(scope="module")
def program(registry: Registry, mei: UserSession) -> Program:
    key = tokens.create_token(registry, mei.actor, PASSWORD, tokens.TokenRequest("t", "check", 30, SLUG))
    return Program(create_app(registry=registry), key)


@pytest.fixture(scope="module")
def by_sheet(registry: Registry, mei: UserSession) -> dict[str, set[tuple[str, str]]]:
    """What a sheet with one wrong declaration a row says of each."""
    # A case that repeats another's key must not be taken for its twin: every row is checked alone.
    found = {}
    for case, change in CASES.items():
        rows = sheet_of([dict.fromkeys(HEADER, "") | to_cells({**OWN_STANDARD, **change})])
        job = sheet_uploads.hand_in_sheet(
            registry, mei.actor, SLUG, SheetUpload("declarations", "a.csv", rows, "", dry_run=True)
        )
        sheet_jobs.run_sheet_jobs_once(registry)
        view = sheet_views.get_sheet(registry, mei.actor, SLUG, job)
        found[case] = {(issue.code, issue.field) for row in view.refused for issue in row.issues}
    return found


HEADER = sheet_template.empty_sheet_header(catalogue()["declarations"], "zh")


@pytest.mark.once
def test_there_are_enough_of_them() -> None:
    assert len(CASES) >= 60
    assert len(CASES) == len(INVALID_DRAFTS) + len(MORE)


@pytest.mark.once
@pytest.mark.parametrize("case", CASES)
def test_the_same_is_wrong_at_every_door(
    *,
    registry: Registry,
    mei: UserSession,
    person: Person,
    program: Program,
    by_sheet: dict[str, set[tuple[str, str]]],
    case: str,
) -> None:
    typed = {**OWN_STANDARD, **CASES[case]}
    by_form, by_program = through_the_form(registry, mei, person, typed), through_the_api(program, typed)
    assert by_form
    assert (by_sheet[case] - SHOWN_BY_THE_FORM, by_program - SHOWN_BY_THE_FORM) == (by_form, by_form)


def through_the_form(
    registry: Registry, mei: UserSession, person: Person, typed: dict[str, Any]
) -> set[tuple[str, str]]:
    """Typed into the pages of questions as a browser sends them, and what the check then says."""
    base = f"workspace/organisations/{SLUG}"
    address = str(person.send(f"{base}/declarations/begin").location).split("/", 2)[2]
    draft = int(address.rsplit("/", maxsplit=1)[-1])
    for step in drafts.get_draft(registry, mei.actor, SLUG, draft).steps:
        sent: dict[str, Any] = {"revision": str(drafts.get_draft(registry, mei.actor, SLUG, draft).revision)}
        for name in step.fields:
            value = typed.get(name, "")
            if isinstance(value, list):
                for place, row in enumerate(value):
                    sent |= {f"{name}-{place}-{column}": cell for column, cell in row.items()}
            else:
                sent[name] = value
        assert person.send(f"{address}/{step.key}", go="list", **sent).status_code == 303
    found = {(issue.code, issue.field) for issue in drafts.get_draft(registry, mei.actor, SLUG, draft).issues}
    drafts.discard_draft(registry, mei.actor, SLUG, draft)
    return found


def through_the_api(program: Program, typed: dict[str, Any]) -> set[tuple[str, str]]:
    kept = catalogue()["declarations"].schema.register_fields()
    document = {
        name: value.split("\n") if isinstance(kept[name], Many) else value for name, value in typed.items()
    }
    return codes(program.post(document, f"{RECORDS}?dry_run=1"))
