"""Conflicts between registers: found for records of one holder, stored, and gone with their reason."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import select

from registry import clock
from registry.kit.record import Conflict
from registry.services.publication import conflicts
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.unit.publication.stored import DAY, NOON, add, versions

FIRM, OTHER_FIRM = "91330100MAWY010175", "91330482MAXD00594U"
BRAND = {"scheme": "national", "brand_name_zh": "试样堂", "holder_name_zh": "甲公司", "holder_uscc": FIRM}
REMOVED = {"removed_reason": "bankrupt", "legal_basis": "决定"}
NAMES_BRAND, NAMED_BY_CERTIFICATE = "brand_removed", "certificate_names_removed_brand"
OUTLIVED, OUTLIVES = "grade_outlives_certificate", "certificate_of_model_ended"


def certificate(number: str, product: str = "试样堂 实木桌", firm: str = FIRM, **more: Any) -> dict[str, Any]:
    return {
        "cert_no": number, "body_approval_no": "CNCA-R-2099-101", "applicant_uscc": firm, "product_name_zh": product, **more,
    }  # fmt: skip


def bring(registry: Any, slug: str, values: dict[str, Any], status: str) -> None:
    with unit_of_work(registry.engine) as connection:
        assert add(connection, slug, values, status=status, legal_basis="决定").result in (
            "created",
            "updated",
        )


def find(registry: Any, *, days: int = 1) -> int:
    with clock.frozen_at(NOON + days * DAY):
        return conflicts.find_conflicts(registry)


def stored(registry: Any) -> set[tuple[int, str, int]]:
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(select(Conflict.record_id, Conflict.code, Conflict.other_id))
        return {tuple(row) for row in rows}


def found_on(registry: Any) -> set[Any]:
    with read_transaction(registry.engine) as connection:
        return set(connection.execute(select(Conflict.found_on)).scalars())


@pytest.mark.parametrize("batch_size", [1, 500])
def test_conflicts_come_and_go(registry: Any, monkeypatch: pytest.MonkeyPatch, batch_size: int) -> None:
    monkeypatch.setattr(conflicts, "BATCH_SIZE", batch_size)
    for uscc in (FIRM, OTHER_FIRM):
        bring(registry, "organisations", {"uscc": uscc, "name_zh": f"{uscc}公司"}, "active")
    bring(registry, "brands", {**BRAND, **REMOVED}, "removed")  # 3
    bring(registry, "brands", {**BRAND, "brand_name_zh": "另号"}, "listed")
    bring(registry, "green-products", certificate("C-1"), "valid")  # 5
    bring(registry, "green-products", certificate("C-2"), "valid")
    bring(registry, "green-products", certificate("C-3", firm=OTHER_FIRM), "valid")
    bring(registry, "green-products", certificate("C-4", "实木椅"), "valid")
    bring(registry, "green-products", certificate("C-5"), "cancelled")
    bring(registry, "green-products", certificate("C-6", "另号 实木桌"), "valid")
    assert find(registry) == 4
    both = {(record, NAMES_BRAND, 3) for record in (5, 6)} | {(3, NAMED_BY_CERTIFICATE, record) for record in (5, 6)}  # fmt: skip
    assert stored(registry) == both
    with read_transaction(registry.engine) as connection:
        shown = versions(connection)
    assert find(registry, days=2) == 0
    assert found_on(registry) == {(NOON + DAY).date()}
    bring(registry, "green-products", certificate("C-1"), "cancelled")
    assert find(registry, days=3) == 2
    assert stored(registry) == {(6, NAMES_BRAND, 3), (3, NAMED_BY_CERTIFICATE, 6)}
    with read_transaction(registry.engine) as connection:
        now = versions(connection)
    assert {record for record in now if now[record] != shown[record]} >= {3, 5}
    assert now[6] == shown[6]
    assert now[3] == (shown[3][0] + 1, shown[3][1] + 1)
    # One goes and another comes on the same day.
    bring(registry, "green-products", certificate("C-2"), "cancelled")
    bring(registry, "green-products", certificate("C-7"), "valid")
    assert find(registry, days=4) == 4
    assert stored(registry) == {(11, NAMES_BRAND, 3), (3, NAMED_BY_CERTIFICATE, 11)}
    assert found_on(registry) == {(NOON + 4 * DAY).date()}


def test_a_record_may_contradict_several(registry: Any) -> None:
    bring(registry, "organisations", {"uscc": FIRM, "name_zh": "甲公司"}, "active")
    bring(registry, "brands", {**BRAND, **REMOVED}, "removed")
    bring(registry, "green-products", certificate("C-1", models=["M-1"]), "suspended")  # 3
    grade = {"scheme": "家具质量分级", "org_uscc": FIRM, "models": ["M 1"], "result_no": "N-1"}
    bring(registry, "grades", grade, "valid")
    assert find(registry) == 4
    assert {row[:2] for row in stored(registry)} == {
        (3, NAMES_BRAND), (2, NAMED_BY_CERTIFICATE), (3, OUTLIVED), (4, OUTLIVES),
    }  # fmt: skip
    bring(registry, "grades", grade, "withdrawn")
    assert find(registry) == 2
    assert {row[:2] for row in stored(registry)} == {(3, NAMES_BRAND), (2, NAMED_BY_CERTIFICATE)}


@pytest.mark.parametrize(
    ("register", "status", "codes"),
    [
        ("green-products", "valid", {NAMES_BRAND}),
        ("green-products", "suspended", {NAMES_BRAND, OUTLIVED}),
        ("green-products", "cancelled", set()),
        ("brands", "removed", {NAMED_BY_CERTIFICATE}),
        ("brands", "valid", set()),
        ("grades", "valid", {OUTLIVES}),
        ("bodies", "valid", set()),
    ],
)
def test_the_sides_on_which_a_record_may_be(register: str, status: str, codes: set[str]) -> None:
    assert {side.kind.code for side in conflicts.sides_of(register, status)} == codes


def test_both_sides_see_the_same_conflict() -> None:
    sides, paper = conflicts.conflict_sides(), certificate("C-1")
    here, there = sides[NAMES_BRAND], sides[NAMED_BY_CERTIFICATE]
    assert here.is_about_same(paper, BRAND)
    assert there.is_about_same(BRAND, paper)
    assert not there.is_about_same(paper, BRAND)
    assert (here.register, here.statuses) == (there.opposite_register, there.opposite_statuses)
    assert (there.register, there.statuses) == (here.opposite_register, here.opposite_statuses)
    assert conflicts.registers_with_conflicts() == {"green-products", "brands", "grades"}
