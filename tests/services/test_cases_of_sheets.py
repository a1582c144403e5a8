"""The sheets of the developers' material, with what is right of each; they run where the material lies."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from registry.errors import Invalid
from registry.services.bootstrap import Registry
from tests.services.made_sheets import Bring, bring_into
from tests.shared_data import SHARED, needs_shared


@pytest.fixture
def bring(registry: Registry) -> Bring:
    return bring_into(registry)


# File → register, created, refused codes, doubts (field, code), notices.
CASES: dict[str, tuple[str, int, list[str], set[tuple[str, str]], set[str]]] = {
    "a01_utf16_unicode_text.txt": ("organisations", 2, [], set(), {"encoding_assumed"}),
    "a02_gbk.csv": ("organisations", 2, [], set(), {"encoding_assumed"}),
    "a03_sep_line.csv": ("organisations", 2, [], set(), set()),
    "a04_title_row.xlsx": ("organisations", 2, [], set(), set()),
    "a04b_title_and_unit_rows.xlsx": ("organisations", 2, [], set(), set()),
    "a05_two_row_header.xlsx": ("organisations", 2, [], set(), set()),
    "a06_instructions_first.xlsx": ("organisations", 2, [], set(), {"worksheets_left_out"}),
    "a06b_hidden_first.xlsx": ("organisations", 2, [], set(), {"worksheets_hidden"}),
    "a06c_two_data_sheets.xlsx": ("organisations", 4, [], set(), set()),
    "a07_trailing_blank.csv": ("organisations", 2, [], set(), set()),
    "a07b_trailing_blank_rows.xlsx": ("organisations", 2, [], set(), set()),
    "a08_date1904.xlsx": ("organisations", 2, [], set(), set()),
    "a08b_date1900.xlsx": ("organisations", 2, [], set(), set()),
    "a09_number_cells.xlsx": ("organisations", 0, ["digits_lost"], set(), set()),
    "a09b_scientific.csv": ("organisations", 0, ["digits_lost"], set(), set()),
    "a09c_number_cell_rounds_to_valid_code.xlsx": ("organisations", 0, ["digits_lost"], set(), set()),
    "a13_serial_date.xlsx": ("organisations", 7, [], {("founded_on", "date_shape")}, set()),
    "a14_dates.csv": (
        "organisations",
        30,
        [],
        {
            ("founded_on", "date_shape"),
            ("founded_on", "date_does_not_exist"),
            ("founded_on", "after_today"),
        },
        set(),
    ),
    "a15_credit_codes.csv": (
        "organisations",
        14,
        [
            "credit_code_characters",
            "credit_code_characters",
            "licence_number_given",
            "organisation_code_given",
            "organisation_code_given",
            "credit_code_length",
            "credit_code_several",
        ],
        set(),
        set(),
    ),
    "a17_id_card_as_credit_code.csv": ("organisations", 0, ["personal_number"], set(), set()),
    "a20_formulas.xlsx": ("organisations", 3, ["cell_without_value"], set(), set()),
    "a21_vertical_merge.xlsx": ("brands", 2, [], set(), set()),
    "a23_headers.csv": ("organisations", 1, [], set(), set()),
    "a23b_headers_usual.csv": ("organisations", 1, [], set(), set()),
    "a23c_headers_case.csv": ("organisations", 1, [], set(), set()),
    "a27_header_only.csv": ("organisations", 0, [], set(), {"no_rows"}),
    "a28_pipe.csv": ("organisations", 1, [], set(), set()),
    "a28b_fullwidth_comma.csv": ("organisations", 1, [], set(), set()),
    "a29_strict_ooxml.xlsx": ("organisations", 2, [], set(), set()),
    "a30_cr_only.csv": ("organisations", 1, [], set(), set()),
    "b03_same_name.csv": ("organisations", 2, [], set(), set()),
    "b04_rare.csv": ("organisations", 16, [], set(), set()),
    "b05_utc.csv": ("organisations", 2, [], set(), set()),
    "b06_other_scripts.csv": ("organisations", 11, [], set(), set()),
    "c01_big5.csv": ("organisations", 1, [], set(), {"encoding_assumed"}),
    "c02_cp1252.csv": ("organisations", 1, [], set(), {"encoding_assumed"}),
    "c02b_sjis.csv": ("organisations", 1, [], set(), {"encoding_assumed"}),
    "c03_broken_text.csv": (
        "organisations",
        2,
        ["text_damaged"] * 4,
        {("name_zh", "text_private_use")},
        set(),
    ),
    "c04_gb18030_new_chars.csv": ("organisations", 1, [], set(), {"encoding_assumed"}),
    "c05_foreign.csv": ("organisations", 12, [], set(), set()),  # one of them twice, with and without zeros
    "c06_number_formats.xlsx": (
        "brands",
        3,
        [],
        {("plaque_no", "date_in_text"), ("products", "date_in_text")},
        {"hidden_rows_read"},
    ),
    "c07_x000d.xlsx": ("organisations", 2, [], set(), set()),
    "c08_date_in_text_field.xlsx": (
        "green-products",
        3,
        [],
        {
            ("models", "date_in_text"),
            ("models", "number_in_text"),
            ("models", "boolean_in_text"),
            ("report_no", "digits_lost"),
            ("gtin", "gtin_shape"),
        },
        set(),
    ),
}
# File → values that stand in one of its records.
VALUES: dict[str, list[dict[str, object]]] = {
    "a13_serial_date.xlsx": [{"name_zh": "北京序日有限公司", "founded_on": "2023-06-08"}],
    "a21_vertical_merge.xlsx": [
        {"brand_name_zh": "乙试记", "holder_name_zh": "北京试样食品厂", "region_code": "110000"}
    ],
    "a23_headers.csv": [{"name_zh": "北京表头有限公司", "founded_on": "2020-01-01"}],
    "a23b_headers_usual.csv": [{"name_zh": "北京表头二有限公司", "founded_on": "2020-01-01"}],
    "b05_utc.csv": [{"name_zh": "杭州零时试样有限公司", "founded_on": "2023-06-08"}],
    "c01_big5.csv": [{"name_zh": "杭州試樣臺灣茶業有限公司"}],
    "c02_cp1252.csv": [{"name_en": "Müller Käse GmbH"}],
    "c02b_sjis.csv": [{"name_zh": "東京試験株式会社"}],
    "c03_broken_text.csv": [{"name_zh": "C&A试 样有限公司"}],
    "c04_gb18030_new_chars.csv": [{"name_zh": "杭州\u9fb4试样有限公司"}],
    "c06_number_formats.xlsx": [
        {"brand_name_zh": "零试记", "plaque_no": "0012"},
        {"brand_name_zh": "日试记", "founded_year": 1903, "plaque_no": "3-2"},
    ],
    "c08_date_in_text_field.xlsx": [
        {
            "product_name_zh": "试样灯",
            "models": ["3月2日"],
            "gtin": ["06999900008886"],
            "report_no": "20260001",
        },
        {"product_name_zh": "试样灯三", "report_no": "95%"},
    ],
}


@needs_shared
@pytest.mark.parametrize("name", CASES)
def test_a_case_from_the_field(bring: Bring, name: str) -> None:
    slug, created, refused, doubts, notices = CASES[name]
    brought = bring(SHARED / "cases" / name, slug)
    assert [found for _row, _field, found in brought.refused] == refused
    assert (brought.result.created, brought.result.refused) == (created, len(refused))
    assert brought.doubts == doubts
    assert set(brought.notices) == notices
    for expected in VALUES.get(name, ()):
        assert any(expected.items() <= values.items() for values in brought.documents.values()), expected


@needs_shared
@pytest.mark.parametrize(
    ("name", "code"),
    [("a22_html_table.xls", "not_a_spreadsheet"), ("a24_duplicate_header.csv", "duplicate_header")],
)
def test_a_case_that_is_refused_once(bring: Bring, name: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        bring(SHARED / "cases" / name)
    assert [issue.code for issue in refused.value.issues] == [code]


@needs_shared
def test_countries_have_one_code_whichever_way_they_are_written(bring: Bring) -> None:
    numbers = set(bring(SHARED / "cases" / "c05_foreign.csv").documents)
    assert {number.split("-")[1] for number in numbers} == {"KY", "HK", "TW", "DE", "GB"}
    assert "F-GB-00229269" in numbers


@needs_shared
def test_days_that_do_not_exist_are_told_with_row_and_value(bring: Bring, tmp_path: Path) -> None:
    report = tmp_path / "report.csv"
    brought = bring(SHARED / "cases" / "a14_dates.csv", report=report)
    group = brought.result.warning_groups["founded_on", "date_does_not_exist"]
    assert (group.rows, group.row) == (2, 24)
    assert "2023-13-01" in group.message
    with report.open(encoding="utf-8-sig", newline="") as file:
        told = {row["row"]: row for row in csv.DictReader(file)}
    assert {row: (told[row]["field"], told[row]["code"]) for row in ("24", "25")} == {
        "24": ("founded_on", "date_does_not_exist"),
        "25": ("founded_on", "date_does_not_exist"),
    }
    assert "2023-02-29" in told["25"]["message"]


@needs_shared
def test_two_firms_of_one_name_are_two_records(bring: Bring) -> None:
    brought = bring(SHARED / "cases" / "b03_same_name.csv")
    assert {number: values["region_code"] for number, values in brought.documents.items()} == {
        "91330106MA20000277": "330100",
        "91330106MA20000352": "320500",
    }
    assert brought.doubts == set()
    assert bring(SHARED / "cases" / "b03_same_name.csv").result.unchanged == 2
