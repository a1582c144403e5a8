"""The transitions of a certificate by sheet and by date: each named as what it is, what is none refused."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.registers.green_products.codes import REASONS_OF
from registry.services import deciding
from registry.services.bootstrap import Registry
from registry.services.exchange.importer import import_files
from registry.services.operations import due_changes
from registry.services.records import reading
from registry.services.records.views import RecordView
from tests.services import samples
from tests.services.deciders import staff

MORNING = dt.datetime(2026, 11, 29, 9, tzinfo=clock.SHANGHAI)
AFTER_THE_END = dt.datetime(2027, 6, 1, 9, tzinfo=clock.SHANGHAI)
CERTIFICATE: dict[str, Any] = {
    "cert_no": "DEMO-CGP-2025-000900",
    "scheme": "water_saving",
    "body_approval_no": "CNCA-R-2099-101",
    "applicant_uscc": "91330100MAWY010175",
    "product_name_zh": "节水水嘴",
    "models": "M-1|M-2",
    "standard_edition": "GB/T 99901-2017",
    "issued_on": "2025-03-01",
    "valid_to": "2027-05-31",
    "status": "valid",
}
GROUNDS = {"legal_basis": "演示〔2026〕1号", "decided_on": "2026-11-20"}
SUSPENDED = {
    "status": "suspended",
    "status_reason": "surveillance_overdue",
    "suspended_until": "2027-03-01",
    **GROUNDS,
}
REVOKED = {"status": "revoked", "status_reason": "surveillance_refused", **GROUNDS}
CANCELLED = {"status": "cancelled", "status_reason": "no_longer_made", **GROUNDS}


def bring(registry: Registry, folder: Path, **changed: Any) -> str:
    path = samples.write_sheet(folder / "sheet.csv", "green-products", [CERTIFICATE | changed])
    return import_files(registry, REGISTRAR, "green-products", [path]).summary()


def page(registry: Registry) -> RecordView:
    number = samples.number_of(registry, "green-products")
    pointer = reading.locate_record(registry, ANONYMOUS, "green-products", number)
    return reading.get_history(registry, ANONYMOUS, pointer, "en")


@pytest.mark.parametrize(
    ("steps", "reason", "status"),
    [
        ([SUSPENDED], "Suspended", "suspended"),
        ([SUSPENDED, {"status": "valid"}], "Restored", "valid"),
        ([REVOKED], "Revoked", "revoked"),
        ([SUSPENDED, REVOKED], "Revoked", "revoked"),
        ([CANCELLED], "Cancelled", "cancelled"),
        ([SUSPENDED, CANCELLED], "Cancelled", "cancelled"),
        ([{"reissued_on": "2026-11-01"}], "Changed and re-issued", "valid"),
        ([{"reissued_on": "2026-10-01"}, {"reissued_on": "2026-11-01"}], "Changed and re-issued", "valid"),
        (
            [{"models": "M-1", "models_ended": [{"model": "M-2", "ended_on": "2026-11-01"}]}],
            "Scope narrowed or extended",
            "valid",
        ),
        ([{"models": "M-1|M-2|M-3"}], "Scope narrowed or extended", "valid"),
        ([{"models": "M-1|M-2A"}], "Facts amended", "valid"),
        ([{"product_name_zh": "节水型水嘴"}], "Facts amended", "valid"),
        ([SUSPENDED, SUSPENDED | {"reissued_on": "2026-11-01"}], "Facts amended", "suspended"),
    ],
)
def test_by_sheet(
    registry: Registry, tmp_path: Path, steps: list[Mapping[str, Any]], reason: str, status: str
) -> None:
    with clock.frozen_at(MORNING):
        assert bring(registry, tmp_path) == "created 1, updated 0, unchanged 0, refused 0"
        for step in steps:
            assert bring(registry, tmp_path, **step) == "created 0, updated 1, unchanged 0, refused 0"
        assert bring(registry, tmp_path, **steps[-1]) == "created 0, updated 0, unchanged 1, refused 0"
        view = page(registry)
    assert (view.history[0].reason, view.status.code) == (reason, status)


@pytest.mark.parametrize(
    ("steps", "after"),
    [
        ([REVOKED], "valid"),
        ([REVOKED], "suspended"),
        ([CANCELLED], "valid"),
        ([CANCELLED], "revoked"),
        ([], "reported_draft"),
    ],
)
def test_what_is_no_transition_comes_back(
    registry: Registry, tmp_path: Path, steps: list[Mapping[str, Any]], after: str
) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path)
        for step in steps:
            bring(registry, tmp_path, **step)
        assert bring(registry, tmp_path, status=after) == "created 0, updated 0, unchanged 0, refused 1"


@pytest.mark.parametrize("before", [{}, SUSPENDED])
def test_it_expires_by_date_and_is_renewed_under_the_same_number(
    registry: Registry, tmp_path: Path, before: Mapping[str, Any]
) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path)
        bring(registry, tmp_path, **before)
    with clock.frozen_at(dt.datetime(2027, 5, 31, 23, tzinfo=clock.SHANGHAI)):
        assert due_changes.apply_due_changes(registry) == 0
    with clock.frozen_at(AFTER_THE_END):
        assert due_changes.apply_due_changes(registry) == 1
        assert page(registry).history[0].reason == "Expired"
        assert "updated 1" in bring(registry, tmp_path, reissued_on="2027-05-20", valid_to="2029-05-31")
        assert page(registry).history[0].reason == "Renewed under the same number"


def test_what_told_of_a_suspension_is_not_shown_when_it_is_over(registry: Registry, tmp_path: Path) -> None:
    def shown() -> set[str]:
        record = page(registry)
        lines = {line.name for section in record.sections for line in section.fields}
        return lines | {name for fact in record.plate.facts for name in fact.fields}

    with clock.frozen_at(MORNING):
        bring(registry, tmp_path)
        bring(registry, tmp_path, **SUSPENDED)
        assert {"status_reason", "suspended_until"} <= shown()
        bring(registry, tmp_path, status="valid")
        assert {"status_reason", "suspended_until"}.isdisjoint(shown())
        assert page(registry).document["status_reason"] == "surveillance_overdue"  # the fact stays


def test_models_that_have_ended_are_struck_through_with_their_day(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, models="M-1", models_ended=[{"model": "M-2", "ended_on": "2026-11-01"}])
        tables = [table for section in page(registry).sections for table in section.tables]
    (ended,) = (table for table in tables if table.name == "models_ended")
    model, day = ended.rows[0]
    assert (model.pieces[0].text, model.pieces[0].style) == ("M-2", "ended")
    assert day.pieces[0].text == "1 November 2026"


@pytest.mark.parametrize("state", REASONS_OF)
def test_a_decision_is_offered_the_reasons_of_the_state_it_leads_to(
    store: Registry, tmp_path: Path, state: str
) -> None:
    bring(store, tmp_path)
    number = samples.number_of(store, "green-products")
    form = deciding.get_decision_form(
        store, staff(store, "registrar"), "green-products", number, key=state, lang="en"
    )
    fitting = {field.name: field.fitting for field in form.fields}
    assert fitting.pop("status_reason") == REASONS_OF[state]
    assert set(fitting.values()) == {None}
