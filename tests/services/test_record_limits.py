"""Limits and edges of publication and reading: numbers, keys, lists of links, versions, annual confirmation."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from registry import clock
from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import import_files
from registry.services.publication import numbering, validation
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.validation import RefusedRow
from registry.services.records import holdings, quality, reading
from registry.services.records.past import versions
from registry.store.unit_of_work import read_transaction, unit_of_work
from tests.services import samples

BODY = {"approval_no": "CNCA-R-2099-301", "name_zh": "甲", "status": "valid"}

DECLARATION = {
    "org_uscc": "91330100MAWY010175",
    "std_no": "GB/T 99902-2017",
    "std_kind": "national_voluntary",
    "product_name_zh": "餐桌",
    "declared_on": "2026-01-05",
    "status": "active",
}


def bring(registry: Registry, folder: Path, slug: str, *rows: dict[str, str]) -> str:
    sheet = samples.write_sheet(folder / f"{slug}.csv", slug, rows)
    return import_files(registry, REGISTRAR, slug, [sheet]).summary()


@pytest.mark.parametrize(("length", "refused"), [(120, False), (121, True)])
def test_a_number_taken_from_the_document_has_120_characters_at_most(
    registry: Registry, length: int, refused: bool
) -> None:
    definition = catalogue()["bodies"]
    with read_transaction(registry.engine) as connection:
        context = validation.rule_context(connection)
        row = {**BODY, "approval_no": "X" * length}
        checked = validation.validate_row(definition, 1, row, context, registrar=True)
    assert isinstance(checked, RefusedRow) == refused
    if isinstance(checked, RefusedRow):
        assert [issue.code for issue in checked.issues if issue.code == "number_shape"] == ["number_shape"]


def test_of_equal_warnings_the_first_stays(registry: Registry) -> None:
    definition = catalogue()["organisations"]
    with read_transaction(registry.engine) as connection:
        context = validation.rule_context(connection)
        checked = validation.validate_row(
            definition, 1, {"uscc": "91110000101461180X", "name_zh": "甲"}, context, registrar=True
        )
    assert isinstance(checked, PreparedDocument)
    kinds = [(issue.field, issue.code) for issue in checked.warnings]
    assert len(kinds) == len(set(kinds))
    assert ("status", "status_assumed") in kinds


def document(key: str, number: str = "", year: str = "2024") -> PreparedDocument:
    return PreparedDocument(1, key, {"recognised_on": f"{year}-06-01"}, "listed", number)


def test_a_free_number_of_the_sheet_is_taken_and_the_sequence_goes_on_after_it(registry: Registry) -> None:
    definition = catalogue()["brands"]
    with unit_of_work(registry.engine) as connection:
        first = numbering.assign_numbers(connection, definition, [document("a"), document("b", year="2025")])
        assert [first[key].number[:14] for key in "ab"] == ["TB-2024-00001-", "TB-2025-00001-"]
        stated = numbering.register_numbers.make_number("TB", 2024, 7, digits=5)
        again = numbering.assign_numbers(
            connection, definition, [document("c", stated), document("d", stated), document("e")]
        )
    assert again["c"].number == stated
    assert again["c"].warnings == ()
    assert [again[key].number[:14] for key in "de"] == ["TB-2024-00008-", "TB-2024-00009-"]
    assert [issue.code for issue in again["d"].warnings] == ["number_not_kept"]


@pytest.mark.parametrize("count", [20, 21])
def test_a_list_of_links_shows_twenty_and_the_rest_by_a_link(
    registry: Registry, tmp_path: Path, count: int
) -> None:
    bring(registry, tmp_path, "standards", {"number": "GB/T 99902-2017", "title_zh": "演示标准"})
    declared = [{**DECLARATION, "product_name_zh": f"餐桌{number}"} for number in range(count)]
    bring(registry, tmp_path, "declarations", *declared)
    pointer = reading.locate_record(registry, ANONYMOUS, "standards", "GB/T 99902-2017")
    [group] = reading.get_record(registry, ANONYMOUS, pointer, "en").links
    assert holdings.MAX_LISTED == 20
    assert (group.total, len(group.items)) == (count, 20)
    assert bool(group.more_path) == (count == 21)


def test_a_page_shows_five_versions_and_the_history_all(registry: Registry, tmp_path: Path) -> None:
    shown = {}
    for number in range(1, 8):
        bring(registry, tmp_path, "bodies", {**BODY, "name_zh": f"甲{number}"})
        pointer = reading.locate_record(registry, ANONYMOUS, "bodies", BODY["approval_no"])
        page = reading.get_record(registry, ANONYMOUS, pointer, "en").history
        history = reading.get_history(registry, ANONYMOUS, pointer, "en").history
        assert [version.version for version in history] == list(range(number, 0, -1))
        assert page == history[: versions.MAX_VERSIONS_ON_PAGE]
        shown[number] = len(page)
        assert all(version.changes for version in page if version.version > 1)
        assert not history[-1].changes
    assert shown == {1: 1, 2: 2, 3: 3, 4: 4, 5: 5, 6: 5, 7: 5}


def test_a_past_day_ends_at_midnight_in_shanghai(registry: Registry, tmp_path: Path) -> None:
    last = dt.datetime(2026, 3, 1, 23, 59, 59, 999_999, tzinfo=clock.SHANGHAI)
    for moment, name in ((last, "甲"), (last + dt.timedelta(microseconds=1), "乙")):
        with clock.frozen_at(moment):
            bring(registry, tmp_path, "bodies", {**BODY, "name_zh": name})
    pointer = reading.locate_record(registry, ANONYMOUS, "bodies", BODY["approval_no"])
    titles = [
        reading.get_record(registry, ANONYMOUS, pointer, "zh", at=dt.date(2026, 3, day)).title.zh
        for day in (1, 2)
    ]
    assert titles == ["甲", "乙"]


def test_shares_of_quality_gaps_are_of_the_registers_own_records(registry: Registry, tmp_path: Path) -> None:
    bring(registry, tmp_path, "bodies", BODY, {**BODY, "approval_no": "CNCA-R-2099-302", "kind": "testing"})
    bring(registry, tmp_path, "standards", {"number": "GB/T 99901-2017", "title_zh": "演示标准"})
    gaps = quality.list_quality_gaps(registry, ANONYMOUS, "en")
    of_bodies = {(gap.code, gap.field_label): gap for gap in gaps if gap.register.slug == "bodies"}
    assert {gap.count / 2 for gap in of_bodies.values()} == {gap.share for gap in of_bodies.values()}
    assert all(gap.share == gap.count for gap in gaps if gap.register.slug == "standards")
    counts = [gap.count for gap in of_bodies.values()]
    assert counts == sorted(counts, reverse=True)
