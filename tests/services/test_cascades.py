"""Cascades: what the end of one record brings upon those linked to it, once; no import undoes it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import import_files
from registry.services.operations import due_changes, undone_changes
from registry.services.records import reading
from tests.services import samples

FIRM = "91330100MAWY010175"
OLD = {"number": "GB/T 99901-2017", "title_zh": "演示标准", "status": "in_force"}
NEW = {"number": "GB/T 99901-2024", "title_zh": "演示标准", "in_force_on": "2026-06-01", "status": "upcoming"}
ORGANISATION = {"uscc": FIRM, "name_zh": "杭州青屿家具有限公司（演示）", "status": "active"}
DECLARATION = {
    "org_uscc": FIRM,
    "std_no": OLD["number"],
    "std_kind": "national_voluntary",
    "product_name_zh": "餐桌",
    "declared_on": "2026-01-05",
    "status": "active",
}
MORNING = dt.datetime(2026, 5, 2, 9, tzinfo=clock.SHANGHAI)


def bring(registry: Registry, folder: Path, slug: str, *rows: Mapping[str, Any]) -> str:
    path = samples.write_sheet(folder / f"{slug}.csv", slug, rows)
    return import_files(registry, REGISTRAR, slug, [path]).summary()


def statuses(registry: Registry, slug: str) -> list[str]:
    return [status for _number, status, _values in export.iterate_documents(registry, slug)]


def test_declarations_end_with_their_standard(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "standards", {**OLD, "replaced_by": NEW["number"]}, NEW)
        bring(registry, tmp_path, "declarations", DECLARATION)
        assert due_changes.apply_due_changes(registry) == 0
    with clock.frozen_at(dt.datetime(2026, 6, 1, 0, 1, tzinfo=clock.SHANGHAI)):
        assert due_changes.apply_due_changes(registry) == 3  # the new edition, the old one, the declaration
        assert due_changes.apply_due_changes(registry) == 0
        assert sorted(statuses(registry, "standards")) == ["in_force", "superseded"]
        assert statuses(registry, "declarations") == ["standard_ended"]
        again = bring(registry, tmp_path, "declarations", DECLARATION)
        assert again == "created 0, updated 0, unchanged 1, refused 0"
        number = samples.number_of(registry, "declarations")
        pointer = reading.locate_record(registry, ANONYMOUS, "declarations", number)
        newest = reading.get_history(registry, ANONYMOUS, pointer, "en").history[0]
    assert newest.status.code == "standard_ended"


def test_what_followed_from_a_wrong_day_is_undone_with_it(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "standards", {**OLD, "replaced_by": NEW["number"]}, NEW)
        bring(registry, tmp_path, "declarations", DECLARATION)
    with clock.frozen_at(dt.datetime(2026, 6, 1, 0, 1, tzinfo=clock.SHANGHAI)):
        assert due_changes.apply_due_changes(registry) == 3
    with clock.frozen_at(MORNING + dt.timedelta(days=1)):  # the clock had been a month ahead
        assert len(undone_changes.undo_wrong_changes(registry, REGISTRAR)) == 3
        assert sorted(statuses(registry, "standards")) == ["in_force", "upcoming"]
        assert statuses(registry, "declarations") == ["active"]
        assert due_changes.apply_due_changes(registry) == 0
        assert undone_changes.undo_wrong_changes(registry, REGISTRAR) == []
    with clock.frozen_at(dt.datetime(2026, 6, 1, 0, 1, tzinfo=clock.SHANGHAI)):
        assert due_changes.apply_due_changes(registry) == 3
        assert undone_changes.undo_wrong_changes(registry, REGISTRAR) == []


def test_an_import_may_restore_a_record_whose_cause_has_gone(registry: Registry, tmp_path: Path) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "standards", OLD)
        bring(registry, tmp_path, "declarations", DECLARATION)
        bring(registry, tmp_path, "standards", {**OLD, "status": "superseded"})
        assert due_changes.apply_due_changes(registry) == 1
        bring(registry, tmp_path, "standards", {**OLD, "status": "in_force"})
        assert bring(registry, tmp_path, "declarations", DECLARATION) == (
            "created 0, updated 1, unchanged 0, refused 0"
        )
        assert due_changes.apply_due_changes(registry) == 0
    assert statuses(registry, "declarations") == ["active"]


@pytest.mark.parametrize(
    ("successor", "ended"), [({}, "withdrawn"), ({"replaced_by": NEW["number"]}, "superseded")]
)
def test_a_standard_ends_on_the_day_it_states(
    registry: Registry, tmp_path: Path, successor: Mapping[str, str], ended: str
) -> None:
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "standards", {**OLD, **successor, "withdrawn_on": "2026-05-03"})
        assert due_changes.apply_due_changes(registry) == 0
    with clock.frozen_at(dt.datetime(2026, 5, 3, 0, 1, tzinfo=clock.SHANGHAI)):
        assert due_changes.apply_due_changes(registry) == 1
    assert statuses(registry, "standards") == [ended]


def test_declarations_end_with_their_enterprise(registry: Registry, tmp_path: Path) -> None:
    rows = [{**DECLARATION, "product_name_zh": f"餐桌{number}"} for number in range(120)]
    rows[0]["status"] = "under_check"
    rows[1]["status"] = "withdrawn"
    with clock.frozen_at(MORNING):
        bring(registry, tmp_path, "organisations", ORGANISATION)
        bring(registry, tmp_path, "declarations", *rows)
        assert due_changes.apply_due_changes(registry) == 0
        bring(registry, tmp_path, "organisations", {**ORGANISATION, "status": "deregistered"})
        assert due_changes.apply_due_changes(registry) == 119
    assert sorted(set(statuses(registry, "declarations"))) == ["ended", "withdrawn"]
