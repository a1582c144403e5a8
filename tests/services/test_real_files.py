"""The faults of real files (listed in their SOURCES page), from the sheet to the page that a reader sees."""

from __future__ import annotations

import csv
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import ImportOptions, import_files
from registry.services.exchange.results import ImportResult
from registry.services.records import reading
from registry.services.records.views import RecordView
from tests.shared_data import SHARED

pytestmark = pytest.mark.shared


def import_real_file(registry: Registry, name: str, report: Path | None = None) -> ImportResult:
    """Import a real file through the mapping that is named like it, where there is one."""
    slug, stem = name.split("/")
    mapping = stem if (catalogue()[slug].folder / "mappings" / f"{stem}.toml").is_file() else None
    path = SHARED / "data" / slug / f"{stem}.csv"
    return import_files(
        registry, REGISTRAR, slug, [path], options=ImportOptions(mapping=mapping, report=report)
    )


def documents_of(registry: Registry, slug: str) -> dict[str, Mapping[str, Any]]:
    """Number → document of every record of a register."""
    return {number: values for number, _status, values in export.iterate_documents(registry, slug)}


def page(registry: Registry, slug: str, number: str, lang: str = "zh") -> RecordView:
    pointer = reading.locate_record(registry, ANONYMOUS, slug, number)
    return reading.get_record(registry, ANONYMOUS, pointer, lang)


def codes(view: RecordView) -> set[tuple[str, str]]:
    return {(issue.field, issue.code) for issue in view.warnings}


def test_a_brand_with_and_without_its_enterprise_is_two_records(registry: Registry) -> None:
    """Nothing says that they are one: each stands with its own holder, level and notice."""
    import_real_file(registry, "brands/laozihao_notices")
    brands = [
        (values.get("holder_name_zh"), values["scheme"], values["region_code"])
        for values in documents_of(registry, "brands").values()
        if values.get("brand_name_zh") == "安泰楼"
    ]
    assert sorted(brands, key=str) == [
        ("福州安泰楼酒家", "provincial:350000", "350100"),
        (None, "national", "350000"),
    ]


def test_a_notice_that_names_only_brand_or_enterprise_has_a_warning_for_the_other(registry: Registry) -> None:
    import_real_file(registry, "brands/laozihao_notices")
    for number, values in documents_of(registry, "brands").items():
        named = {name for name in ("brand_name_zh", "holder_name_zh") if values.get(name)}
        assert named
        warned = {field for field, _code in codes(page(registry, "brands", number))}
        assert {"brand_name_zh", "holder_name_zh"} - named <= warned


def test_names_of_brands_stay_as_the_notice_writes_them(registry: Registry) -> None:
    """Blanks that pad a column go; suffixes, brackets, Traditional and Latin letters are part of the name."""
    import_real_file(registry, "brands/laozihao_notices")
    brands = {values.get("brand_name_zh") for values in documents_of(registry, "brands").values()}
    assert {"石花", "黄鹤", "鼓浪屿牌", "青红牌、闽江牌", "青芝田(正记)", "TP", "儲氏鐵畫"} <= brands
    holders = {values.get("holder_name_zh") for values in documents_of(registry, "brands").values()}
    assert {
        "甘肃武酒酒业(集团)有限公司",
        "正大(海南)兴隆咖啡产业开发有限公司",
        "蕪湖市鳩江飯店有限責任公司",
    } <= holders


def test_a_holder_is_recognised_with_other_brackets(registry: Registry, tmp_path: Path) -> None:
    """A sheet that writes （集团） names the brand that the notice has with (集团)."""
    import_real_file(registry, "brands/laozihao_notices")
    number, values = next(
        each
        for each in documents_of(registry, "brands").items()
        if each[1].get("holder_name_zh") == "甘肃武酒酒业(集团)有限公司"
    )
    sheet = tmp_path / "again.csv"
    with sheet.open("w", encoding="utf-8", newline="") as file:
        names = ("scheme", "brand_name_zh", "holder_name_zh", "region_code", "founded_year")
        writer = csv.DictWriter(file, names)
        writer.writeheader()
        row = {name: values.get(name, "") for name in names}
        writer.writerow(row | {"holder_name_zh": "甘肃武酒酒业（集团）有限公司", "founded_year": 1951})
    result = import_files(registry, REGISTRAR, "brands", [sheet])
    assert (result.created, result.updated) == (0, 1)
    assert documents_of(registry, "brands")[number]["founded_year"] == 1951


def test_regions_are_recognised_in_every_form(registry: Registry) -> None:
    """湖北省 with 襄阳, 北京市 with 北京市, 上海市 with 上海市黄浦区, a province alone."""
    import_real_file(registry, "brands/laozihao_notices")
    regions = {values["region_code"] for values in documents_of(registry, "brands").values()}
    assert {"420600", "110000", "340200", "150000"} <= regions
    assert all(code.isdecimal() and len(code) == 6 for code in regions)
    source = SHARED / "data" / "brands" / "laozihao_notices.csv"
    with source.open(encoding="utf-8-sig", newline="") as file:
        assert {row["city"] for row in csv.DictReader(file) if not row["result"]} == {"上海市黄浦区"}


def test_founding_dates_without_a_year_stay_as_written(registry: Registry) -> None:
    import_real_file(registry, "brands/laozihao_notices")
    years = {
        values["founded_raw"]: values.get("founded_year")
        for values in documents_of(registry, "brands").values()
        if "founded_raw" in values
    }
    assert years["1851年"] == 1851
    assert (years["19世纪末"], years["清·嘉慶年間"]) == (None, None)


def test_rows_of_another_title_are_refused_with_its_name(registry: Registry, tmp_path: Path) -> None:
    """上海市著名商标 is no time-honoured brand: the report names the list of each of the twenty rows."""
    report = tmp_path / "report.csv"
    result = import_real_file(registry, "brands/laozihao_notices", report)
    assert result.summary() == "created 157, updated 0, unchanged 0, refused 20"
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 20
    assert {(row["field"], row["code"]) for row in rows} == {("result", "not_of_this_register")}
    assert all("上海市著名商标" in row["message"] for row in rows)


@pytest.mark.parametrize(
    ("word", "status"),
    [
        ("认定", "listed"),
        ("拟推荐", "publicity"),
        ("附条件通过", "rectifying"),
        ("不通过(移出名录)", "removed"),
    ],
)
def test_the_source_status_is_shown_beside_the_status(registry: Registry, word: str, status: str) -> None:
    import_real_file(registry, "brands/laozihao_notices")
    number = next(
        n for n, values in documents_of(registry, "brands").items() if values["source_status"] == word
    )
    view = page(registry, "brands", number)
    assert view.status.code == status
    assert view.source is not None
    assert view.source.status == word


def test_companies_have_their_names_as_the_stock_exchange_writes_them(registry: Registry) -> None:
    """Half-width brackets in Chinese names, English in capitals and cut: stored, and marked as the holder's own."""
    result = import_real_file(registry, "organisations/listed_companies")
    assert result.summary() == "created 485, updated 0, unchanged 0, refused 0"
    documents = documents_of(registry, "organisations")
    assert {len(number) for number in documents} == {18}
    assert any("(集团)" in values["name_zh"] for values in documents.values())
    vanke = page(registry, "organisations", "91440300192181490G", "en")
    assert (vanke.title.en, vanke.title.en_source) == ("VANKE-A", "enterprise")
    assert vanke.region is not None
    assert vanke.region.code == "440300"


@pytest.mark.parametrize(
    ("name", "number", "kind"),
    [
        ("standards_arch_gb", "GB 50016-2014(2018年版)", "national_mandatory"),
        ("standards_shanghai_local", "DG/TJ08-19-2018", "local"),
        ("standards_gmt_filenames", "GM/T 0055-2018", "sector"),
    ],
)
def test_standards_of_building_cities_and_sectors(
    registry: Registry, name: str, number: str, kind: str
) -> None:
    import_real_file(registry, f"standards/{name}")
    assert documents_of(registry, "standards")[number]["kind"] == kind


@pytest.mark.parametrize(
    ("name", "number", "special"),
    [
        ("standards_arch_gb", "GB 50016-2014(2018年版)", True),
        ("standards_arch_gb", "GB 55008-2021", False),
        ("standards_shanghai_local", "DG/TJ08-19-2018", True),
        ("standards_gmt_filenames", "GM/T 0055-2018", False),
    ],
)
def test_a_number_outside_the_general_patterns_is_stored_as_written_with_a_warning(
    registry: Registry, name: str, number: str, special: bool
) -> None:
    import_real_file(registry, f"standards/{name}")
    warned = codes(page(registry, "standards", number.replace("/", "-").replace(" ", "-")))
    assert (("number", "standard_number_special_form") in warned) == special


def test_records_of_a_list_without_status_have_a_warning(registry: Registry) -> None:
    result = import_real_file(registry, "standards/standards_shanghai_local")
    assert result.warning_groups["status", "status_assumed"].rows == 60


def test_refrigerators_have_models_dates_and_holder_as_in_the_source(registry: Registry) -> None:
    """Asterisks and slashes in models, American dates, a number of the programme, the holder by brand alone."""
    result = import_real_file(registry, "green-products/energystar_refrigerators")
    assert result.summary() == "created 2962, updated 0, unchanged 0, refused 0"
    documents = documents_of(registry, "green-products")
    assert any("*" in model and "/" in model for values in documents.values() for model in values["models"])
    number, values = next(iter(documents.items()))
    energy, less = values["indicators"][:2]
    assert energy["name_en"] == "Annual energy use"
    assert energy["value"] <= energy["limit"]
    assert less["unit"] == "%"
    view = page(registry, "green-products", number, "en")
    assert {("valid_to", "not_stated"), ("applicant_uscc", "not_stated")} <= codes(view)
    assert view.holder is not None
    assert (view.holder.name.en, view.holder.path) == (values["applicant_name_en"], "")
    assert view.title.en_source == "platform"


def test_rows_without_a_number_are_refused_row_by_row(registry: Registry, tmp_path: Path) -> None:
    """Every row of the report is the sheet's own, repeated rows and line breaks included, with what it lacks."""
    report = tmp_path / "report.csv"
    result = import_real_file(registry, "green-products/ecolabel_products", report)
    assert result.summary() == "created 0, updated 0, unchanged 0, refused 5172"
    given = SHARED / "data" / "green-products" / "ecolabel_products.csv"
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    with given.open(encoding="utf-8-sig", newline="") as file:
        sheet = list(csv.DictReader(file))
    assert [int(row["row"]) for row in rows] == list(range(2, 5174))
    assert {row["code"] for row in rows} == {"key_missing"}
    assert all("cert_no" in row["field"].split(" | ") for row in rows)
    plain = [{name: row[name].lstrip("'").split() for name in sheet[0]} for row in rows]
    assert plain == [{name: row[name].lstrip("'").split() for name in row} for row in sheet]
    assert Counter(tuple(row.items()) for row in sheet).most_common(1)[0][1] > 1
