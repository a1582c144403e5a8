"""Records that may be one are told before they go in, and stand as doubtful on both pages until that is resolved."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry
from registry.services.exchange import export, importer
from registry.services.exchange.importer import ImportOptions, import_files
from registry.services.exchange.results import ImportResult
from registry.services.operations.integrity_check import check_store
from registry.services.records import projections, reading

BRAND = "number,scheme,brand_name_zh,holder_name_zh,region_code,plaque_no,status\n"
FIRST = ",national,同仁堂,杭州同仁堂有限公司,330106,DEMO-330-0001,listed\n"
Importer = Callable[..., ImportResult]


@pytest.fixture
def bring(registry: Registry, tmp_path: Path) -> Importer:
    """Import a text as a sheet of a register."""

    def run(text: str, slug: str = "brands", **options: Any) -> ImportResult:
        path = tmp_path / "sheet.csv"
        path.write_text(text, "utf-8")
        return import_files(registry, REGISTRAR, slug, [path], options=ImportOptions(**options))

    return run


def doubts(registry: Registry, slug: str = "brands") -> dict[str, set[tuple[str, str]]]:
    """Number → field and number of the other record, of the records that have such doubts."""
    found = {}
    for number, _status, _values in export.iterate_documents(registry, slug):
        pointer = reading.locate_record(registry, ANONYMOUS, slug, number)
        warnings = projections.record_json(registry, ANONYMOUS, pointer)["warnings"]
        near = {
            (each["field"], each["params"]["number"])
            for each in warnings
            if each["code"] in ("near_double", "plaque_twice")
        }
        if near:
            found[number] = near
    return found


@pytest.mark.parametrize(
    ("row", "field"),
    [
        (",national,同仁堂,乙药业有限公司,330106,,listed\n", "holder_name_zh"),
        (",national,同仁堂,杭州同仁堂有限公司,330100,,listed\n", "holder_name_zh"),
        (",national,同仁堂,,,,listed\n", "holder_name_zh"),
        (",national,同任堂,杭州同仁堂有限公司,330106,,listed\n", "brand_name_zh"),  # sounds alike
    ],
)
def test_a_near_double_is_told_before_it_goes_in(
    registry: Registry, bring: Importer, *, row: str, field: str
) -> None:
    bring(BRAND + FIRST)
    foreseen = bring(BRAND + row, dry_run=True)
    assert (field, "near_double") in foreseen.warning_groups
    assert doubts(registry) == {}
    result = bring(BRAND + row)
    assert result.created == 1
    assert (field, "near_double") in result.warning_groups
    first, second = (number for number, _status, _values in export.iterate_documents(registry, "brands"))
    assert doubts(registry) == {first: {(field, second)}, second: {(field, first)}}
    assert bring(BRAND + FIRST + row).unchanged == 2
    assert doubts(registry) == {first: {(field, second)}, second: {(field, first)}}


@pytest.mark.parametrize(
    "row",
    [
        ",provincial:330000,同仁堂,乙药业有限公司,330106,,listed\n",
        ",national,同仁斋,杭州同仁堂有限公司,330106,,listed\n",
        ",national,庆余堂,乙药业有限公司,330106,,listed\n",
    ],
)
def test_other_brands_are_no_near_doubles(registry: Registry, bring: Importer, row: str) -> None:
    bring(BRAND + FIRST + row)
    assert doubts(registry) == {}


def test_a_plaque_number_twice_is_noticed(registry: Registry, bring: Importer) -> None:
    bring(BRAND + FIRST + ",national,庆余堂,乙药业有限公司,330106,demo 330 0001,listed\n")
    assert [field for near in doubts(registry).values() for field, _number in near] == ["plaque_no"] * 2


def test_the_doubt_goes_when_one_of_them_is_another(registry: Registry, bring: Importer) -> None:
    bring(BRAND + FIRST + ",national,同仁堂,乙药业有限公司,330106,,listed\n")
    first, second = (number for number, _status, _values in export.iterate_documents(registry, "brands"))
    assert set(doubts(registry)) == {first, second}
    bring(f"number,brand_name_zh\n{second},庆余堂\n")
    assert doubts(registry) == {}
    assert list(check_store(registry)) == []


def test_a_certificate_of_two_bodies_and_a_number_misread(registry: Registry, bring: Importer) -> None:
    header = "cert_no,body_approval_no,product_name_zh,status\n"
    row = "DEMO-CGP-2026-200888,CNCA-R-2002-001,桌,valid\n"
    bring(header + row + row.replace("200888", "2OO888").replace("-001", "-002"), "green-products")
    assert len(doubts(registry, "green-products")) == 2


def test_a_dry_run_tells_of_doubles_in_earlier_chunks_and_files(
    registry: Registry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(importer, "CHUNK_SIZE", 2)
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    others = "".join(f",national,{name},{name}有限公司,330106,,listed\n" for name in ("甲试记", "乙糖铺"))
    one.write_text(BRAND + FIRST + others + ",national,同仁堂,丙有限公司,330106,,listed\n", "utf-8")
    two.write_text(BRAND + ",national,乙糖铺,丁有限公司,330100,,listed\n", "utf-8")
    for lang, words in (("en", "Row 2 of one.csv"), ("zh", "one.csv第2行")):
        result = import_files(
            registry, REGISTRAR, "brands", [one, two], options=ImportOptions(dry_run=True, lang=lang)
        )
        group = result.warning_groups["holder_name_zh", "near_double"]
        assert (group.rows, group.row) == (2, 5)
        assert words in group.message
    assert list(export.iterate_documents(registry, "brands")) == []
    done = import_files(registry, REGISTRAR, "brands", [one, two])
    assert done.warning_groups["holder_name_zh", "near_double"].rows == 2
    assert len(doubts(registry)) == 4


def test_a_dry_run_names_no_number_that_was_never_given(registry: Registry, bring: Importer) -> None:
    result = bring(BRAND + FIRST + ",national,同仁堂,丙有限公司,330106,,listed\n", dry_run=True)
    group = result.warning_groups["holder_name_zh", "near_double"]
    assert "TB-" not in group.message
    assert group.rows == 2
    bring(BRAND + FIRST)
    [(number, _status, _values)] = export.iterate_documents(registry, "brands")
    foreseen = bring(BRAND + ",national,同仁堂,丙有限公司,330106,,listed\n", dry_run=True)
    assert number in foreseen.warning_groups["holder_name_zh", "near_double"].message


def test_a_double_that_the_same_run_tells_apart_is_none(registry: Registry, tmp_path: Path) -> None:
    one, two = tmp_path / "one.csv", tmp_path / "two.csv"
    header = "country,foreign_reg_no,name_zh,status\n"
    one.write_text(header + "SE,5560125790,甲有限公司,active\n", "utf-8")
    two.write_text(header + "SE,5560125790,甲有限公司,active\nSE,05560125790,乙有限公司,active\n", "utf-8")
    run = import_files(registry, REGISTRAR, "organisations", [one, two], options=ImportOptions(dry_run=True))
    group = run.warning_groups["foreign_reg_no", "near_double"]
    assert (run.summary(), group.rows) == ("created 2, updated 0, unchanged 1, refused 0", 1)


def test_many_records_under_one_key_are_no_sign_of_a_double(registry: Registry, bring: Importer) -> None:
    bring(BRAND + "".join(f",national,同仁堂,{n}号有限公司,330106,,listed\n" for n in range(30)))
    assert doubts(registry) == {}


GRADES = (
    "result_no,scheme,org_uscc,product_name_zh,models,grade,grader_approval_no,graded_on,valid_to,status\n"
)
RESULT = "{},家具质量分级,91330100MAWY010175,实木餐桌,{},{},CNCA-R-2099-101,{},2027-01-27,{}\n"


def graded_twice(registry: Registry) -> int:
    """How many results are told to be graded twice on one day."""
    return sum(
        each["code"] == "graded_twice"
        for number, _status, _values in export.iterate_documents(registry, "grades")
        for each in projections.record_json(
            registry, ANONYMOUS, reading.locate_record(registry, ANONYMOUS, "grades", number)
        )["warnings"]
    )


@pytest.mark.parametrize(
    ("models", "day", "status", "doubtful"),
    [
        ("QY-350", "2026-01-28", "valid", True),
        ("qy-350", "2026-01-28", "valid", True),
        ("QY-1|QY-242A", "2026-01-28", "valid", True),
        ("QY-1", "2026-01-28", "valid", False),
        ("QY-350", "2026-01-29", "valid", False),
        ("QY-350", "2026-01-27", "valid", False),
        ("QY-350", "2026-01-28", "revoked", False),
    ],
)
def test_two_results_of_one_day_are_doubtful(
    registry: Registry, bring: Importer, *, models: str, day: str, status: str, doubtful: bool
) -> None:
    first = RESULT.format("DEMO-QG-1", "QY-350|QY-242A", "AAAA", "2026-01-28", "valid")
    second = RESULT.format("DEMO-QG-2", models, "AAA", day, status)
    bring(GRADES + first, "grades")
    foreseen = bring(GRADES + second, "grades", dry_run=True)
    assert (("graded_on", "graded_twice") in foreseen.warning_groups) is doubtful
    bring(GRADES + second, "grades")
    assert graded_twice(registry) == (2 if doubtful else 0)
    assert bring(GRADES + first + second, "grades").refused == 0
    bring(GRADES + RESULT.format("DEMO-QG-2", models, "AAA", "2026-02-03", status), "grades")
    assert graded_twice(registry) == 0
    assert list(check_store(registry)) == []
