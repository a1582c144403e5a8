"""Sheets as offices and firms make them, through the registrar's door and the enterprise's: small sheets of each kind."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterable
from pathlib import Path

import pytest
import xlsxwriter

from registry.errors import Invalid
from registry.reference.identifiers import credit_codes
from registry.services.bootstrap import Registry
from registry.services.filing.by_sheet import sheet_jobs, sheet_views
from tests.services.filers import firm
from tests.services.filing_sheets import hand_in, results, table_row
from tests.services.made_sheets import (
    FIRST,
    HEADER,
    RESIDENT,
    SECOND,
    THIRD,
    Bring,
    bring_into,
    workbook,
)
from tests.services.members import SLUG, sign_up_owner

pytestmark = pytest.mark.once  # of reading; what sheets write is tested on both databases

__all__ = ["firm"]


@pytest.fixture
def bring(registry: Registry) -> Bring:
    return bring_into(registry)


# --- Headers, worksheets, separators -----------------------------------------------------------------------------

ROW = (FIRST, "杭州试样甲有限公司", "浙江省杭州市", "2023-06-08")
OTHER = (SECOND, "杭州试样乙有限公司", "浙江省杭州市", "2023-06-08")


@pytest.mark.parametrize(
    "before",
    [
        [("2026年企业名录",), ("填报单位：某局", "", "", "单位：家"), HEADER],
        [("说明：请勿改动表头。",), ("",), ("名称", "", "", ""), HEADER],
        [("统一社会信用代码", "名称", "登记信息", ""), ("", "", "地区", "成立日期")],
        [
            ("企业", "", "所在", ""),
            ("统一社会信用代码*", "名称（必填）", "地区", "成立日期（格式：2023-06-08）"),
        ],
        [("1.信用代码", "2.企业名称", "3.所在地区", "4.成立时间")],
        [("List of firms",), ("Credit code *", "Company name (required)", "Province", "Date founded")],
    ],
)
def test_the_header_is_found(bring: Bring, tmp_path: Path, before: list[tuple[str, ...]]) -> None:
    text = "\n".join(",".join(row) for row in (*before, ROW, OTHER))
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    brought = bring(tmp_path / "sheet.csv")
    assert brought.result.summary() == "created 2, updated 0, unchanged 0, refused 0"
    assert (
        brought.documents[FIRST] | {"founded_on": "2023-06-08", "region_code": "330100"}
        == brought.documents[FIRST]
    )
    made = bring(workbook(tmp_path / "sheet.xlsx", {"名单": [*before, ROW, OTHER]}))
    assert made.result.unchanged == 2


def test_a_header_over_two_rows_with_merged_cells(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        for column, name in enumerate(HEADER[:2]):
            sheet.merge_range(0, column, 1, column, name)
        sheet.merge_range(0, 2, 0, 3, "联系")
        sheet.write_row(1, 2, ["电话", "邮箱"])
        sheet.write_row(2, 0, [*ROW[:2], "010", "a@example.org"])
    brought = bring(path)
    assert brought.result.summary() == "created 1, updated 0, unchanged 0, refused 0"


def test_the_header_again_on_each_page_is_no_row(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(
        "\n".join(",".join(r) for r in (HEADER, ROW, HEADER, OTHER)), encoding="utf-8"
    )
    assert bring(tmp_path / "sheet.csv").result.summary() == "created 2, updated 0, unchanged 0, refused 0"


@pytest.mark.parametrize("separator", [",", ";", "\t", "|", "，", "；"])
def test_any_usual_separator(bring: Bring, tmp_path: Path, separator: str) -> None:
    text = "\n".join(separator.join(row) for row in (("附件；一",), HEADER, ROW))
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    assert bring(tmp_path / "sheet.csv").documents[FIRST]["name_zh"] == ROW[1]


def test_a_line_that_names_the_separator_is_not_counted(bring: Bring, tmp_path: Path) -> None:
    rows = (HEADER, ROW, ("91330106MA0000002X", "坏码", "", ""))
    (tmp_path / "sheet.csv").write_text(
        "sep=|\n" + "\n".join("|".join(row) for row in rows), encoding="utf-8"
    )
    brought = bring(tmp_path / "sheet.csv")
    assert (brought.result.created, [row for row, *_ in brought.refused]) == (1, [3])


def test_a_sheet_without_the_columns_of_its_key_is_told_once(bring: Bring, tmp_path: Path) -> None:
    text = "\n".join(["企业名称,备忘", *(f"试样{number}有限公司,x" for number in range(30))])
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    brought = bring(tmp_path / "sheet.csv")
    assert (brought.result.refused, brought.refused) == (30, [])
    assert "统一社会信用代码" in str(brought.notices["key_columns_missing"]["missing"])


def test_all_worksheets_with_the_columns_are_read(bring: Bring, tmp_path: Path) -> None:
    sheets: dict[str, Iterable[Iterable[object]]] = {
        "填表说明": [("字段", "说明"), ("统一社会信用代码", "18位"), ("名称", "全称"), ("地区", "到县")],
        "第1批": [HEADER, ROW],
        "空": [],
        "第2批": [("附件二",), ("企业名称", "信用代码"), (OTHER[1], OTHER[0]), ("丙", THIRD + "9")],
        "草稿": [HEADER, (THIRD, "草稿有限公司", "", "")],
    }
    brought = bring(workbook(tmp_path / "sheet.xlsx", sheets, hidden=("草稿",)))
    assert brought.result.summary() == "created 2, updated 0, unchanged 0, refused 1"
    assert brought.documents[SECOND]["name_zh"] == OTHER[1]
    assert [row for row, *_ in brought.refused] == ["第2批!4"]
    assert brought.notices["worksheets_left_out"]["names"] == "填表说明"
    assert brought.notices["worksheets_hidden"]["names"] == "草稿"


def test_a_repeated_key_names_the_worksheet_of_the_first_row(bring: Bring, tmp_path: Path) -> None:
    sheets = {"甲": [HEADER, ROW], "乙": [HEADER, (FIRST, "另一有限公司", "", "")]}
    brought = bring(workbook(tmp_path / "sheet.xlsx", sheets))
    assert [(row, found) for row, _field, found in brought.refused] == [("乙!2", "duplicate_key")]
    assert "甲!2" in brought.result.first_issues[0].message


MAPPING = """
header_row = 3
worksheet = {worksheet}
[columns]
uscc = "代码"
name_zh = "名"
[fields.founded_on]
column = "年"
read = "date"
[[refuse]]
when = {{ column = "态", not = ["在册", "存续"] }}
code = "not_of_this_register"
column = "态"
"""


@pytest.mark.parametrize("worksheet", ['"数据"', "2", '["数据"]'])
def test_a_mapping_says_where_the_rows_are(bring: Bring, tmp_path: Path, worksheet: str) -> None:
    (tmp_path / "plan.toml").write_text(MAPPING.format(worksheet=worksheet), encoding="utf-8")
    rows = [
        ("代码", "名", "年", "态"),
        ("说明",),
        ("代码", "名", "年", "态"),
        (FIRST, "甲有限公司", "2020年", "在册"),
    ]
    sheets: dict[str, Iterable[Iterable[object]]] = {
        "其他": [("代码", "名", "年", "态")],
        "数据": [*rows, (SECOND, "乙有限公司", "2021", "注销")],
    }
    brought = bring(workbook(tmp_path / "sheet.xlsx", sheets), mapping=str(tmp_path / "plan.toml"))
    assert brought.result.summary() == "created 1, updated 0, unchanged 0, refused 1"
    assert brought.documents[FIRST]["founded_on"] == "2020"


# --- Cells -------------------------------------------------------------------------------------------------------


def test_cells_come_in_as_the_sheet_shows_them(bring: Bring, tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        sheet = book.add_worksheet()
        sheet.write_row(
            0, 0, ["scheme", "brand_name_zh", "holder_name_zh", "region_code", "plaque_no", "founded_year"]
        )
        for number, (shown, value, year) in enumerate(
            [
                ("00000", 815, 1903),
                ('"第"0"号"', 7, 1904),
                ("0.00", 12.5, 1905),
                ('yyyy"年"m"月"', dt.date(1956, 1, 2), 1956),
                ("General", True, 1957),
            ],
            start=1,
        ):
            sheet.write_row(number, 0, ["national", f"字号{number}", "杭州试样厂", "330100"])
            sheet.write(number, 4, value, book.add_format({"num_format": shown}))
            sheet.write(number, 5, year)
        sheet.write(5, 5, dt.date(1957, 3, 1), book.add_format({"num_format": "yyyy-mm-dd"}))
    brought = bring(path, "brands")
    plaques = {values["brand_name_zh"]: values["plaque_no"] for values in brought.documents.values()}
    assert plaques == {
        "字号1": "00815",
        "字号2": "第7号",
        "字号3": "12.50",
        "字号4": "1956年1月",
        "字号5": "TRUE",
    }
    years = {values["brand_name_zh"]: values["founded_year"] for values in brought.documents.values()}
    assert years["字号5"] == 1957
    assert brought.doubts >= {
        ("plaque_no", "date_in_text"),
        ("plaque_no", "boolean_in_text"),
        ("founded_year", "date_in_text"),
    }


@pytest.mark.parametrize("number", [9.14403001000252e17, 91330106000000.0 * 10, 1.1010519491231e17])
def test_numbers_of_more_than_fifteen_figures_are_no_codes(
    bring: Bring, tmp_path: Path, number: float
) -> None:
    brought = bring(workbook(tmp_path / "sheet.xlsx", {"s": [HEADER, (number, "试样有限公司")]}))
    [(_row, field, found)] = brought.refused
    assert (field, found) in {("uscc", "digits_lost"), ("uscc", "licence_number_given")}


@pytest.mark.parametrize(
    ("written", "iso"),
    [
        (45085, "2023-06-08"),
        (20230608, "2023-06-08"),
        (2023.6, "2023-06"),
        (2023.1, None),
        ("贰零贰叁年陆月捌日", "2023-06-08"),
        ("民国元年", "1912"),
        ("2023-06-07T23:30:00-05:00", "2023-06-08"),
        ("8th June 2023", "2023-06-08"),
        ("25/12/2023", "2023-12-25"),
        ("5/12/2023", None),
        ("无固定期限", None),
        ("2023年6月8日（星期四）", "2023-06-08"),
    ],
)
def test_dates_are_read_where_they_are_plain(
    bring: Bring, tmp_path: Path, written: object, iso: str | None
) -> None:
    brought = bring(workbook(tmp_path / "sheet.xlsx", {"s": [HEADER, (FIRST, "试样有限公司", "", written)]}))
    assert brought.result.created == 1
    assert brought.documents[FIRST].get("founded_on") == iso
    assert (("founded_on", "date_shape") in brought.doubts) is (iso is None)


def test_a_required_date_that_cannot_be_read_comes_back(bring: Bring, tmp_path: Path) -> None:
    text = "cert_no,body_approval_no,scheme,valid_to,issued_on\nDEMO-A-000001,CNCA-R-2099-101,energy_saving,长期,2026-01-01\n"
    (tmp_path / "sheet.csv").write_text(text, encoding="utf-8")
    assert bring(tmp_path / "sheet.csv", "green-products").refused == [(2, "valid_to", "date_shape")]


@pytest.mark.parametrize(
    ("written", "found"),
    [
        (f"信用代码:{FIRST}", ""),
        (f"‘{FIRST}", ""),
        (f"{FIRST}（副本）", ""),
        (f"{FIRST[:8]} {FIRST[8:]}", ""),
        (FIRST.replace("91", "９１"), ""),
        (f"{FIRST}、{SECOND}", "credit_code_several"),
        (FIRST.replace("0", "O", 1), "credit_code_characters"),
        ("913301060000000", "licence_number_given"),
        ("MA0000001", "organisation_code_given"),
        (RESIDENT, "personal_number"),
        (credit_codes.make_credit_code("91990106MA0000001"), "credit_code_region"),
        (credit_codes.make_credit_code("D1330106MA0000001"), "credit_code_department"),
    ],
)
def test_credit_codes_as_people_write_them(bring: Bring, tmp_path: Path, written: str, found: str) -> None:
    (tmp_path / "sheet.csv").write_text(f"uscc,name_zh\n{written},试样有限公司\n", encoding="utf-8")
    brought = bring(tmp_path / "sheet.csv", report=tmp_path / "report.csv")
    assert list(brought.documents) == ([] if found else [FIRST])
    assert [issue for _row, _field, issue in brought.refused] == ([found] if found else [])
    if found == "credit_code_characters":
        assert "has O" in brought.result.first_issues[0].message


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("台北市茶業股份有限公司,新北市", "big5"),
        ("トヨタ試験株式会社,東京都", "cp932"),
        ("杭州龍井茶葉有限公司,浙江省", "gb18030"),
        ("Société Générale d'Été,Zürich", "cp1252"),
        ("莫斯科工厂,Московский завод", "gb18030"),
        ("雅典橄榄油公司,Φέτα Ελλάς", "gb18030"),
        ("서울시험주식회사,서울특별시강남구", "cp949"),
    ],
)
def test_other_encodings_are_read_as_what_they_are(
    bring: Bring, tmp_path: Path, text: str, encoding: str
) -> None:
    (tmp_path / "sheet.csv").write_bytes(f"uscc,name_zh,address\n{FIRST},{text}\n".encode(encoding))
    name, address = text.split(",")
    brought = bring(tmp_path / "sheet.csv")
    assert {"name_zh": name, "address": address}.items() <= brought.documents[FIRST].items()
    assert "encoding_assumed" in brought.notices


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        ("Московский завод железобетонных изделий", "cp1251"),
        ("Ελληνική εταιρεία τροφίμων και ποτών", "cp1253"),
        ("Московский завод железобетонных изделий", "koi8_r"),
        ("パナソニック株式会社", "euc_jp"),
        ("トヨタ自動車", "euc_jp"),
        ("서울시험주식회사", "cp949"),  # too short to tell from Chinese
    ],
)
def test_what_is_a_text_in_no_known_encoding_is_refused_once(
    bring: Bring, tmp_path: Path, text: str, encoding: str
) -> None:
    (tmp_path / "sheet.csv").write_bytes(f"uscc,name_zh\n{FIRST},{text}\n".encode(encoding))
    with pytest.raises(Invalid) as refused:
        bring(tmp_path / "sheet.csv")
    [issue] = refused.value.issues
    assert issue.code in ("encoding", "encoding_unclear")


@pytest.mark.parametrize(
    ("name", "refused"),
    [
        ("杭州\ufffd样有限公司", True),
        ("烫烫烫屯屯屯", True),
        ("杭州???有限公司", True),
        ("FranÃ§ois GmbH", True),
        ("浙江绿色家具有限公司".encode().decode("gbk", "replace"), True),
        ("AT&amp;T（中国）&#26377;限公司", False),
        ("榮寶齋𠮷田有限公司", False),
    ],
)
def test_damaged_text_comes_back(bring: Bring, tmp_path: Path, name: str, refused: bool) -> None:
    (tmp_path / "sheet.csv").write_text(f"uscc,name_zh\n{FIRST},{name}\n", encoding="utf-8")
    brought = bring(tmp_path / "sheet.csv")
    assert [found for *_, found in brought.refused] == (["text_damaged"] if refused else [])
    if "&amp;" in name:
        assert brought.documents[FIRST]["name_zh"] == "AT&T（中国）有限公司"


def test_damage_in_an_optional_field_is_a_doubt(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(
        f"uscc,name_zh,address\n{FIRST},试样有限公司,文一路\ufffd号\n", encoding="utf-8"
    )
    assert bring(tmp_path / "sheet.csv").doubts == {("address", "text_damaged")}


@pytest.mark.parametrize(
    ("country", "code"),
    [
        ("德国", "DE"),
        ("Deutschland", ""),
        ("USSR", ""),
        ("苏联", ""),
        ("南斯拉夫", ""),
        ("火星", ""),
        ("ZZ", ""),
        ("DEU", "DE"),
        ("Burma", "MM"),
        ("澳门", "MO"),
        ("U.S.A.", "US"),
        ("捷克共和国", "CZ"),
    ],
)
def test_countries_as_people_write_them(bring: Bring, tmp_path: Path, country: str, code: str) -> None:
    (tmp_path / "sheet.csv").write_text(
        f"国家,境外注册号,名称\n{country},X-1,试样有限公司\n", encoding="utf-8"
    )
    brought = bring(tmp_path / "sheet.csv")
    assert (f"F-{code}-X-1" in brought.documents) is bool(code)
    assert brought.refused == ([] if code else [(2, "country", "country_unknown")])
    assert code or country in brought.result.first_issues[0].message


def test_a_number_that_no_record_has_is_told(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("编号,名称\nF-USSR-1,试样有限公司\n", encoding="utf-8")
    brought = bring(tmp_path / "sheet.csv")
    assert brought.refused == [(2, "number", "number_not_on_record")]
    assert "F-USSR-1" in brought.result.first_issues[0].message


def test_a_country_that_names_no_record_is_a_doubt(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(
        f"uscc,country,name_zh\n{FIRST},苏联,试样有限公司\n", encoding="utf-8"
    )
    assert ("country", "country_unknown") in bring(tmp_path / "sheet.csv").doubts


def test_an_organisation_of_the_mainland_is_named_by_its_credit_code(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text("国家,境外注册号,名称\n中国,110101,试样有限公司\n", encoding="utf-8")
    assert bring(tmp_path / "sheet.csv").refused == [(2, "uscc", "key_missing")]


@pytest.mark.parametrize(
    ("country", "first", "second", "number"),
    [
        ("GB", "00229269", "229269", "F-GB-00229269"),
        ("英国", "SC012345", "sc 12345", "F-GB-SC012345"),
        ("BE", "0403.170.701", "BE 403170701", "F-BE-0403170701"),
        ("荷兰", "09012345", "9012345", "F-NL-09012345"),
        ("DE", "HRB 12345 B", "HRB 012345 B", "F-DE-HRB 12345 B"),
        ("台湾", "03705903", "3705903", "F-TW-03705903"),
        ("英国", "A-1", "A-1", "F-GB-A-1"),
    ],
)
def test_a_number_abroad_with_and_without_zeros_is_one(
    bring: Bring, tmp_path: Path, *, country: str, first: str, second: str, number: str
) -> None:
    lines = ["国家,境外注册号,名称", f"{country},{first},试样有限公司"]
    (tmp_path / "a.csv").write_text("\n".join(lines), encoding="utf-8")
    (tmp_path / "b.csv").write_text(
        "\n".join([lines[0], f"{country},{second},试样有限公司"]), encoding="utf-8"
    )
    (tmp_path / "c.csv").write_text(f"编号,名称\nF-{country}-{second},试样有限公司\n", encoding="utf-8")
    assert list(bring(tmp_path / "a.csv").documents) == [number]
    assert [bring(tmp_path / name).result.unchanged for name in ("b.csv", "c.csv")] == [1, 1]


def test_zeros_before_a_number_of_another_country_are_a_doubt(bring: Bring, tmp_path: Path) -> None:
    (tmp_path / "sheet.csv").write_text(
        "国家,境外注册号,名称\n瑞典,5560125790,甲有限公司\n瑞典,05560125790,乙有限公司\n", encoding="utf-8"
    )
    brought = bring(tmp_path / "sheet.csv")
    assert brought.result.created == 2
    assert ("foreign_reg_no", "near_double") in brought.doubts


# --- The door of enterprises ---------------------------------------------------------------------------------------


def test_an_enterprise_hands_in_a_workbook_as_it_is(firm: Registry, tmp_path: Path) -> None:
    mei = sign_up_owner(firm)
    good, bad = table_row("甲"), {**table_row("乙"), "规格型号": RESIDENT}
    header = [f"*{name}" if index % 2 else f"{name}（必填）" for index, name in enumerate(good)]
    sheets: dict[str, Iterable[Iterable[object]]] = {
        "填表说明": [("一、请勿改动表头",)],
        "第1批": [("企业标准声明表",), header, list(good.values())],
        "第2批": [list(good), [bad.get(name, "") for name in good]],
        "字典": [("国标",)],
    }
    path = workbook(tmp_path / "a.xlsx", sheets, hidden=("字典",))
    job = hand_in(firm, mei, io.BytesIO(path.read_bytes()), name="a.xlsx")
    sheet_jobs.run_sheet_jobs_once(firm)
    view = sheet_views.get_sheet(firm, mei.actor, SLUG, job)
    assert (view.job.created, view.job.refused) == (1, 1), view.refused
    assert {notice.code for notice in view.notices} == {"worksheets_left_out", "worksheets_hidden"}
    assert [view.place_of(row.row) for row in view.refused] == ["第2批!2"]
    assert RESIDENT not in str(view)
    rows = results(firm, mei, job)
    assert [row["row"] for row in rows] == ["第1批!3", "第2批!2"]
    assert rows[1]["code"] == "personal_number"
    assert RESIDENT not in str(rows)
