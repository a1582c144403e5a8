"""Import by the registrar: rows taken and refused, reports, dry runs; the same sheet twice changes nothing."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import select

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import ConcurrentWrite, Conflict, Forbidden, Invalid, NotFound
from registry.reference.identifiers import register_numbers
from registry.services.bootstrap import Registry
from registry.services.exchange import export, importer
from registry.services.exchange.importer import CHUNK_SIZE, MAX_ATTEMPTS, ImportOptions, import_files
from registry.services.exchange.pipeline import RowResult
from registry.services.exchange.results import ImportResult
from registry.services.publication import publishing
from registry.services.records import reading
from registry.services.records.numbers import lookup
from registry.store import counters
from registry.store.counters import Counter
from registry.store.unit_of_work import read_transaction, unit_of_work
from registry.tabular.writing import write_xlsx
from tests.shared_data import SHARED, needs_shared

SHEETS = ("organisations", "standards", "bodies", "brands", "green-products", "grades", "declarations")
MAPPED = (
    ("brands", "brands/laozihao_notices.csv", "laozihao_notices", 25),
    ("organisations", "organisations/listed_companies.csv", "listed_companies", 0),
    ("standards", "standards/standards_arch_gb.csv", "standards_arch_gb", 0),
    ("standards", "standards/standards_shanghai_local.csv", "standards_shanghai_local", 0),
    ("standards", "standards/standards_gmt_filenames.csv", "standards_gmt_filenames", 0),
    ("green-products", "green-products/energystar_refrigerators.csv", "energystar_refrigerators", 0),
)
BRANDS = "scheme,brand_name_zh,holder_name_zh,region_code,plaque_no,status\n"
BODY = "approval_no,name_zh,kind,valid_from,valid_to,status\n"
Importer = Callable[..., ImportResult]


@pytest.fixture
def bring(registry: Registry, tmp_path: Path) -> Importer:
    """Import a text as a sheet of a register."""

    def run(slug: str, text: str | bytes, **options: object) -> ImportResult:
        path = tmp_path / "sheet.csv"
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
        return import_files(registry, REGISTRAR, slug, [path], options=ImportOptions(**options))  # type: ignore[arg-type]

    return run


def statuses(registry: Registry, slug: str) -> dict[str, str]:
    return {number: status for number, status, _values in export.iterate_documents(registry, slug)}


@needs_shared
@pytest.mark.parametrize("slug", SHEETS)
def test_every_row_of_the_example_sheets_imports(registry: Registry, slug: str) -> None:
    path = SHARED / "queries" / f"{slug}.csv"
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = sum(1 for _row in csv.DictReader(file))
    first = import_files(registry, REGISTRAR, slug, [path])
    assert first.summary() == f"created {rows}, updated 0, unchanged 0, refused 0"
    assert import_files(registry, REGISTRAR, slug, [path]).summary() == (
        f"created 0, updated 0, unchanged {rows}, refused 0"
    )


@needs_shared
@pytest.mark.parametrize(("slug", "name", "mapping", "refused"), MAPPED)
def test_a_real_file_twice_changes_nothing(
    registry: Registry, *, slug: str, name: str, mapping: str, refused: int
) -> None:
    paths = [SHARED / "data" / name]
    first = import_files(registry, REGISTRAR, slug, paths, options=ImportOptions(mapping=mapping))
    again = import_files(registry, REGISTRAR, slug, paths, options=ImportOptions(mapping=mapping))
    assert (again.created, again.updated) == (0, 0)
    assert again.refused == first.refused
    assert first.refused <= refused
    assert first.created > 50


@needs_shared
def test_energy_star_keeps_what_was_measured(registry: Registry) -> None:
    path = SHARED / "data" / "green-products" / "energystar_refrigerators.csv"
    result = import_files(
        registry,
        REGISTRAR,
        "green-products",
        [path],
        options=ImportOptions(mapping="energystar_refrigerators"),
    )
    assert result.created + result.refused == 2962
    number, _status, values = next(export.iterate_documents(registry, "green-products"))
    energy, less, *_rest = values["indicators"]
    assert energy["name_en"] == "Annual energy use"
    assert energy["value"] <= energy["limit"]
    assert less["unit"] == "%"
    pointer = reading.locate_record(registry, ANONYMOUS, "green-products", number)
    view = reading.get_record(registry, ANONYMOUS, pointer, "en")
    assert "valid_to" in {issue.field for issue in view.warnings}
    assert view.plate.status.en == "Certified under ENERGY STAR (United States)"
    assert view.plate.status.badge != "live"
    assert next(each.qualifies for each in view.cautions if each.code == "foreign_certificate")


@needs_shared
def test_a_file_without_keys_is_refused_row_by_row(registry: Registry, tmp_path: Path) -> None:
    path = SHARED / "data" / "green-products" / "ecolabel_products.csv"
    report = tmp_path / "report.csv"
    result = import_files(registry, REGISTRAR, "green-products", [path], options=ImportOptions(report=report))
    assert result.summary() == "created 0, updated 0, unchanged 0, refused 5172"
    with report.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.DictReader(file))
    assert len(rows) == 5172
    assert {row["code"] for row in rows} == {"key_missing"}
    assert rows[0]["field"] == "cert_no | body_approval_no"


def test_an_optional_date_that_cannot_be_read_is_a_doubt(bring: Importer, registry: Registry) -> None:
    result = bring("bodies", BODY + "CNCA-R-2099-001,甲,认证,soon,,valid\n")
    assert result.summary() == "created 1, updated 0, unchanged 0, refused 0"
    assert ("valid_from", "date_shape") in result.warning_groups
    assert "valid_from" not in next(export.iterate_documents(registry, "bodies"))[2]


def test_labels_of_both_languages_are_headers(bring: Importer, registry: Registry) -> None:
    assert (
        bring("bodies", "机构批准号,名称,Kind of body,状态\nCNCA-R-2099-001,甲,认证机构,有效\n").created == 1
    )
    assert list(statuses(registry, "bodies").values()) == ["valid"]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030"])
def test_encodings(bring: Importer, registry: Registry, encoding: str) -> None:
    assert bring("bodies", (BODY + "CNCA-R-2099-001,鑫磊检测,检测,,,有效\n").encode(encoding)).created == 1
    assert next(export.iterate_documents(registry, "bodies"))[2]["name_zh"] == "鑫磊检测"


def test_a_workbook(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    write_xlsx(path, ["approval_no", "name_zh", "status"], [["CNCA-R-2099-001", "=1+1", "valid"]])
    assert import_files(registry, REGISTRAR, "bodies", [path]).created == 1
    assert next(export.iterate_documents(registry, "bodies"))[2]["name_zh"] == "=1+1"


@pytest.mark.parametrize(
    ("row", "code"),
    [
        (",甲,认证,,,valid", "key_missing"),
        ("CNCA-R-2099-001,甲,认证,2023-05-01,2022-01-01,valid", "ends_before_start"),
        ("CNCA-R-2099-001,甲,认证,,,sleeping", "status_unknown"),
        (f"CNCA-R-2099-001,{'长' * 200_000},认证,,,valid", "cell_too_long"),
        ("CNCA-R-2099-001,甲,认证,,,valid,more,and more", "too_many_cells"),
        ('CNCA-R-2099-001,甲,认证,,,"valid', "row_truncated"),
    ],
)
def test_refused_rows_have_field_and_code(bring: Importer, registry: Registry, row: str, code: str) -> None:
    result = bring(
        "bodies", BODY + row + ("" if code == "row_truncated" else "\nCNCA-R-2099-002,乙,认证,,,valid\n")
    )
    assert result.refused == 1
    assert code in result.first_issues[0][2]
    [report] = result.report_paths
    assert report.is_file()
    assert len(statuses(registry, "bodies")) == result.created


def test_a_wrong_check_digit_is_refused(bring: Importer) -> None:
    result = bring(
        "organisations", "uscc,name_zh,region_code,status\n914403001922038217,华为,440300,active\n"
    )
    assert [issue[1:3] for issue in result.first_issues] == [("uscc", "credit_code_check_digit")]


def test_gaps_are_standing_warnings(bring: Importer, registry: Registry) -> None:
    assert bring("brands", "brand_name_zh,scheme\n老铺,national\n").refused == 0
    number = next(iter(statuses(registry, "brands")))
    view = reading.get_record(
        registry, ANONYMOUS, reading.locate_record(registry, ANONYMOUS, "brands", number), "zh"
    )
    codes = {(issue.field, issue.code) for issue in view.warnings}
    assert ("holder_uscc", "not_stated") in codes
    assert ("status", "status_assumed") in codes


def test_the_same_key_twice_in_a_file(bring: Importer) -> None:
    same = "CNCA-R-2099-001,甲,认证,,,valid\n"
    result = bring("bodies", BODY + same + same + same.replace("甲", "丙"))
    assert result.summary() == "created 1, updated 0, unchanged 1, refused 1"
    assert result.first_issues[0][0] == 4
    assert result.first_issues[0][2] == "duplicate_key"
    assert "row 2" in result.first_issues[0][3]


def test_status_changes_only_by_transition(bring: Importer, registry: Registry) -> None:
    row = BODY + "CNCA-R-2099-001,甲,认证,,,{}\n"
    assert bring("bodies", row.format("valid")).created == 1
    assert bring("bodies", row.format("revoked")).updated == 1
    refused = bring("bodies", row.format("suspended"))
    assert [issue[2] for issue in refused.first_issues] == ["not_a_transition"]
    assert list(statuses(registry, "bodies").values()) == ["revoked"]


def test_dry_run_changes_nothing(bring: Importer, registry: Registry) -> None:
    assert bring("bodies", BODY + "CNCA-R-2099-001,甲,认证,,,valid\n", dry_run=True).created == 1
    assert statuses(registry, "bodies") == {}


def test_a_dry_run_goes_on_while_another_process_writes(bring: Importer, registry: Registry) -> None:
    row = "national,{},{}有限公司,330106,{},listed\n"
    assert bring("brands", BRANDS + row.format("同仁", "甲", "P-1")).created == 1
    sheet = BRANDS + row.format("同仁", "甲", "P-2") + row.format("丙", "丙", "P-3")
    with unit_of_work(registry.engine) as connection:
        publishing.acquire_publish_lock(connection)
        for counter in connection.execute(select(Counter.name)).scalars().all():
            counters.take(connection, counter)
        foreseen = bring("brands", sheet, dry_run=True)
        assert foreseen.summary() == "created 1, updated 1, unchanged 0, refused 0"
    with read_transaction(registry.engine) as connection:
        before = connection.execute(select(Counter.name, Counter.value)).all()
    bring("brands", sheet, dry_run=True)
    with read_transaction(registry.engine) as connection:
        assert connection.execute(select(Counter.name, Counter.value)).all() == before  # no number was spent


def test_a_number_is_kept_when_it_is_free_and_else_names_its_record(
    bring: Importer, registry: Registry
) -> None:
    sheet = "number,result_no,scheme,org_uscc,product_name_zh,grade,graded_on,status\n"
    row = "{},{},家具质量分级,91110000101461180X,桌,AAA,2026-01-02,valid\n"
    assert bring("grades", sheet + row.format("", "DEMO-1")).created == 1
    first = next(iter(statuses(registry, "grades")))
    assert bring("grades", sheet + row.format(first, "DEMO-2")).summary() == (
        "created 0, updated 1, unchanged 0, refused 0"
    )
    assert set(statuses(registry, "grades")) == {first}
    free = register_numbers.make_number("QG", int(first[3:7]), 77, digits=6)
    assert bring("grades", sheet + row.format(free, "DEMO-1")).created == 1
    assert set(statuses(registry, "grades")) == {first, free}
    taken = bring("grades", sheet + row.format(first, "DEMO-1"))
    assert [(issue.code, issue.field) for issue in taken.first_issues] == [("number_names_another", "number")]
    wrong = first[:-1] + ("0" if first[-1] != "0" else "1")
    refused = bring("grades", sheet + row.format(wrong, "DEMO-3"))
    assert [issue[1:3] for issue in refused.first_issues] == [("number", "number_check_digit")]
    foreign = register_numbers.make_number("TB", 2026, 1, digits=5)
    doubted = bring("grades", sheet + row.format(foreign, "DEMO-4"))
    assert ("number", "number_of_other_register") in doubted.warning_groups


def test_a_corrected_report_can_be_imported(bring: Importer, registry: Registry, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    bring("bodies", BODY + "CNCA-R-2099-001,甲,认证,2023-02-28,2022,valid\n", report=report)
    report.write_text(report.read_text("utf-8-sig").replace(",2022,", ",2026,"), "utf-8-sig")
    result = import_files(registry, REGISTRAR, "bodies", [report])
    assert (result.created, result.notices) == (1, [])


def test_the_default_status_is_told_where_it_was_taken(bring: Importer, registry: Registry) -> None:
    sheet = "approval_no,name_zh\nCNCA-R-2099-001,甲\n"
    assert bring("bodies", sheet).warning_groups["status", "status_assumed"].rows == 1
    more = sheet.replace("甲\n", "甲检测\n") + "CNCA-R-2099-002,乙\n"
    group = bring("bodies", more).warning_groups["status", "status_assumed"]
    assert (group.rows, group.row) == (1, 3)
    assert ("status", "status_assumed") not in bring("bodies", more).warning_groups
    bring("bodies", "approval_no,status\nCNCA-R-2099-001,suspended\n")
    found = bring("bodies", more)
    assert (found.unchanged, ("status", "status_assumed") in found.warning_groups) == (2, False)
    assert list(statuses(registry, "bodies").values()) == ["suspended", "valid"]


def test_columns_that_are_no_field_are_a_notice(bring: Importer) -> None:
    result = bring("bodies", "approval_no,name_zh,colour,status\nCNCA-R-2099-001,甲,red,valid\n")
    assert result.created == 1
    assert [(notice.code, notice.params["names"]) for notice in result.notices] == [
        ("columns_left_out", "colour")
    ]


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b"", "empty_file"),
        (b"PK\x03\x04 this is no workbook", "not_a_spreadsheet"),
        ("a,b\n甲\n".encode() + b"\xff\xfe\xfa\n", "encoding"),
        (b"name_zh,name_zh\nx,y\n", "duplicate_header"),
    ],
)
def test_files_that_are_no_sheets(bring: Importer, content: bytes, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        bring("bodies", content)
    assert refused.value.issues[0].code == code


def test_unknown_register_mapping_and_actor(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "s.csv"
    path.write_text(BODY)
    with pytest.raises(NotFound, match="nothing"):
        import_files(registry, REGISTRAR, "nothing", [path])
    with pytest.raises(NotFound):
        import_files(registry, REGISTRAR, "bodies", [path], options=ImportOptions(mapping="nothing"))
    with pytest.raises(Forbidden):
        import_files(registry, ANONYMOUS, "bodies", [path])


def test_imported_numbers_answer_a_check(bring: Importer, registry: Registry) -> None:
    bring("bodies", BODY + "CNCA-R-2099-001,甲,认证,,,revoked\n")
    answers = lookup.check_numbers(
        registry, ANONYMOUS, ["cnca-r-2099-001", "CNCA-R-2099-009", "914403001922038217"]
    )
    assert [answer.answer for answer in answers] == ["ended", "not_covered", "check_digit"]


def test_regions_and_years_are_read_as_people_write_them(registry: Registry, tmp_path: Path) -> None:
    """`北京市` is 110000 and `1903年` a year; what is no region stays as written, and its warning is counted."""
    sheet = tmp_path / "brands.csv"
    sheet.write_text(
        "字号,地区,称号,创立年份,状态\n甲字号,北京市,national,1903年,在册\n乙字号,火星市,national,1950,在册\n",
        "utf-8",
    )
    result = import_files(registry, REGISTRAR, "brands", [sheet])
    assert result.summary() == "created 2, updated 0, unchanged 0, refused 0"
    documents = [values for _number, _status, values in export.iterate_documents(registry, "brands")]
    assert [(each["region_code"], each["founded_year"]) for each in documents] == [
        ("110000", 1903),
        ("火星市", 1950),
    ]
    group = result.warning_groups["region_code", "region_unknown"]
    assert (group.rows, group.row) == (1, 3)
    assert "火星市" in group.message


@pytest.mark.parametrize("refused", [9, 10, 11])
def test_the_first_ten_issues_are_for_the_screen_and_all_are_counted(bring: Importer, refused: int) -> None:
    result = bring("bodies", BODY + ",甲,认证,,,valid\n" * refused)
    assert (result.refused, result.issues) == (refused, refused)
    assert [issue.row for issue in result.first_issues] == list(range(2, 2 + min(refused, 10)))


@pytest.mark.parametrize("rows", [CHUNK_SIZE - 1, CHUNK_SIZE, CHUNK_SIZE + 1])
def test_a_key_of_an_earlier_chunk_is_remembered(bring: Importer, rows: int) -> None:
    keys = [*range(rows), 0]
    text = "".join(f"CNCA-R-2099-{key:05d},机构{key},认证,,,valid\n" for key in keys)
    assert bring("bodies", BODY + text).summary() == f"created {rows}, updated 0, unchanged 1, refused 0"


def test_a_dry_run_counts_as_the_import_would(bring: Importer, registry: Registry) -> None:
    row = "CNCA-R-2099-001,甲,认证,,,{}\n"
    assert bring("bodies", BODY + row.format("valid")).created == 1
    sheet = BODY + row.format("revoked") + row.format("revoked") + row.format("suspended")
    foreseen = bring("bodies", sheet, dry_run=True).summary()
    assert statuses(registry, "bodies") == {"CNCA-R-2099-001": "valid"}
    assert bring("bodies", sheet).summary() == foreseen == "created 0, updated 1, unchanged 1, refused 1"


def test_a_sheet_with_a_header_alone_is_a_notice(bring: Importer) -> None:
    result = bring("bodies", BODY)
    assert [notice.code for notice in result.notices] == ["no_rows"]
    assert result.summary() == "created 0, updated 0, unchanged 0, refused 0"


def test_another_encoding_than_utf8_is_a_notice(bring: Importer) -> None:
    result = bring("bodies", (BODY + "CNCA-R-2099-001,鑫磊检测,检测,,,有效\n").encode("gb18030"))
    assert [(notice.code, notice.params) for notice in result.notices] == [
        ("encoding_assumed", {"file": "sheet.csv", "encoding": "GB18030"})
    ]


@pytest.mark.parametrize(
    ("failures", "summary", "codes"),
    [
        (MAX_ATTEMPTS - 1, "created 1, updated 0, unchanged 0, refused 0", []),
        (MAX_ATTEMPTS, "created 0, updated 0, unchanged 0, refused 1", ["storage_full"]),
    ],
)
def test_a_chunk_is_tried_again_where_another_importer_was_first(
    bring: Importer, monkeypatch: pytest.MonkeyPatch, *, failures: int, summary: str, codes: list[str]
) -> None:
    attempts = iter(range(failures))
    process = importer.process_chunk

    def overtaken(*given: Any) -> list[RowResult]:
        results = process(*given)
        if next(attempts, None) is not None:
            raise ConcurrentWrite
        return results

    monkeypatch.setattr(importer, "process_chunk", overtaken)
    result = bring("bodies", BODY + "CNCA-R-2099-001,甲,认证,,,valid\n")
    assert (result.summary(), [issue.code for issue in result.first_issues]) == (summary, codes)


def test_each_of_several_files_has_a_report_of_its_own(registry: Registry, tmp_path: Path) -> None:
    paths = [tmp_path / "a" / "x.csv", tmp_path / "b" / "x.csv", tmp_path / "y.csv"]
    for path in paths:
        path.parent.mkdir(exist_ok=True)
        path.write_text(BODY + ",甲,认证,,,valid\n", "utf-8")
    options = ImportOptions(report=tmp_path / "report.csv")
    result = import_files(registry, REGISTRAR, "bodies", paths, options=options)
    assert [path.name for path in result.report_paths] == [
        "report-x-1.csv",
        "report-x-2.csv",
        "report-y.csv",
    ]
    assert [(issue.file, issue.row) for issue in result.first_issues] == [
        ("x.csv", 2),
        ("x.csv", 2),
        ("y.csv", 2),
    ]


def test_a_report_never_replaces_a_sheet(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "x.csv"
    path.write_text(BODY, "utf-8")
    with pytest.raises(Conflict) as refused:
        import_files(registry, REGISTRAR, "bodies", [path], options=ImportOptions(report=path))
    assert refused.value.reason == "report_replaces_sheet"
    assert path.read_text("utf-8") == BODY


def test_rows_that_name_another_register_are_refused(registry: Registry, tmp_path: Path) -> None:
    path = tmp_path / "x.jsonl"
    lines = [
        {"register": register, "approval_no": f"CNCA-R-2099-00{index}", "name_zh": "甲", "status": "valid"}
        for index, register in enumerate(["bodies", "brands", ""])
    ]
    path.write_text("\n".join(map(json.dumps, lines)) + "\n", "utf-8")
    result = import_files(registry, REGISTRAR, "bodies", [path])
    assert result.summary() == "created 2, updated 0, unchanged 0, refused 1"
    assert [(issue.row, issue.field, issue.code) for issue in result.first_issues] == [
        (2, "register", "not_of_this_register")
    ]
