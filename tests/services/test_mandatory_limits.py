"""Limits of the catalogue bind every declaration of their category, at every door, whether they are named or not."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Any

import pytest

from portal.app import create_app
from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.kit import indicator_comparison
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.filing import drafts
from registry.services.operations import integrity_check
from registry.services.people import tokens
from registry.services.publication import validation
from registry.services.records import reading
from registry.services.records.numbers import lookup
from registry.services.records.projections import record_json
from registry.store.unit_of_work import read_transaction
from tests.api.test_filing_api import DOCUMENT, RECORDS, Program, codes
from tests.services import samples
from tests.services.filers import INDICATORS, NOW, OWN_STANDARD, firm, issues_of, save_draft
from tests.services.filing_sheets import hand_in_and_run, results, to_cells
from tests.services.members import SLUG, sign_up_owner
from tests.services.people import PASSWORD

__all__ = ["firm"]
SHIPPED = Path(__file__).parents[2] / "registry/registers/standards/demonstration_data/standards_named.csv"
PANEL = {**OWN_STANDARD, "product_name_zh": "胶合板", "category": "0601"}
EMISSION, STRENGTH = INDICATORS
BELOW = ("below_mandatory", "indicators")


@pytest.fixture
def shipped(firm: Registry) -> Registry:
    """With the standards that come with the product, and their limits."""
    assert import_files(firm, REGISTRAR, "standards", [SHIPPED]).refused == 0
    return firm


def promising(value: str, unit: str = "mg/m³") -> dict[str, Any]:
    return {**PANEL, "indicators": [{**EMISSION, "value": value, "unit": unit}, STRENGTH]}


@pytest.mark.parametrize(
    ("value", "unit", "wanted"),
    [
        ("0.124", "mg/m³", set()),
        ("0.1241", "mg/m³", {BELOW}),
        ("124", "µg/m³", set()),
        ("200", "µg/m³", {BELOW}),
        ("1.5", "mg/L", {("limit_not_comparable", "indicators")}),
    ],
)
def test_form_sheet_and_program_hold_the_limit(
    shipped: Registry, value: str, unit: str, wanted: set[tuple[str, str]]
) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(shipped)
        typed = promising(value, unit)
        assert issues_of(shipped, mei, typed) == wanted
        job = hand_in_and_run(shipped, mei, [to_cells(typed)], dry_run=True)
        assert {(row["code"], "indicators") for row in results(shipped, mei, job) if row["code"]} == wanted
        key = tokens.create_token(shipped, mei.actor, PASSWORD, tokens.TokenRequest("ERP", "check", 30, SLUG))
        program = Program(create_app(registry=shipped), key)
        answer = program.post({**DOCUMENT, **typed, "models": ["A"]}, f"{RECORDS}?dry_run=1")
        assert codes(answer) == wanted if wanted else answer.status_code == 200


def test_the_registrar_keeps_what_is_below_as_a_doubt(shipped: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(NOW):
        row = {**promising("0.2"), "org_uscc": "91330100MAWY010175", "declared_on": "2026-04-01"}
        row |= {"models": "A", "std_kind": "enterprise", "status": "active"}
        sheet = samples.write_sheet(tmp_path / "d.csv", "declarations", [row])
        assert import_files(shipped, REGISTRAR, "declarations", [sheet]).created == 1
        pointer = reading.locate_record(shipped, ANONYMOUS, "declarations", "SD-2026-000001-S")
        doubts = {each["code"] for each in record_json(shipped, ANONYMOUS, pointer)["warnings"]}
        assert "below_mandatory" in doubts


def test_the_form_shows_the_limit_beside_what_is_promised(shipped: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(shipped)
        view = drafts.get_draft(shipped, mei.actor, SLUG, save_draft(shipped, mei, promising("0.2")))
        lines = indicator_comparison.limit_lines(catalogue()["declarations"], view.limits, "en")
        [line] = lines["indicators"]
        assert (line.row_number, line.relation) == (1, "below")
        assert line.words == "declared ≤ 0.2 mg/m³; GB 18580-2017, 4 (mandatory) ≤ 0.124 mg/m³: weaker"


@pytest.mark.parametrize(
    ("day", "category", "value", "wanted"),
    [
        ("2026-05-31", "0602", "0.124", set()),  # till then one limit for boards and for what is made of them
        ("2026-06-01", "0602", "0.124", {BELOW}),
        ("2026-06-01", "0602", "0.05", set()),
        ("2026-06-01", "0601", "0.124", set()),
        ("2026-06-01", "0601", "0.125", {BELOW}),
    ],
)
def test_a_promise_is_held_against_the_edition_of_its_day(
    shipped: Registry, day: str, category: str, value: str, wanted: set[tuple[str, str]]
) -> None:
    context_day = {"declared_on": day, "status": "active", "models": "A", "org_uscc": "91330100MAWY010175"}
    row = {**promising(value), **context_day, "category": category}
    definition = catalogue()["declarations"]
    today = dt.datetime(2026, 11, 29, 12, tzinfo=clock.SHANGHAI)
    with clock.frozen_at(today), read_transaction(shipped.engine) as connection:
        context = validation.rule_context(connection)
        checked = validation.validate_row(definition, 1, row, context, registrar=True)
    found = {(issue.code, issue.field) for issue in checked.warnings}  # type: ignore[union-attr]
    assert {issue for issue in found if issue == BELOW} == wanted


def test_a_category_without_limits_is_free(shipped: Registry) -> None:
    with clock.frozen_at(NOW):
        mei = sign_up_owner(shipped)
        assert issues_of(shipped, mei, {**promising("0.2"), "category": "0704"}) == set()


def test_shared_keys_are_no_numbers_that_can_be_typed(shipped: Registry) -> None:
    assert list(integrity_check.check_store(shipped)) == []
    with read_transaction(shipped.engine) as connection:
        for typed in ("0601", "#standards:0601", "standards:0601"):
            assert lookup.answer_numbers(connection, [typed])[0].records == ()
