"""What the columns of a sheet mean, for the registrar and for those who file."""

from __future__ import annotations

import pytest

from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue
from registry.services.exchange.headers import MAX_TABLE_ROWS, HeaderMatch, fold_header
from registry.services.exchange.policies import registrar_vocabulary
from registry.services.filing.by_sheet.sheet_policy import filer_vocabulary
from registry.tabular.rows import Row

DECLARATIONS = catalogue()["declarations"]


def match(*header: str, definition: RegisterDefinition = DECLARATIONS) -> HeaderMatch:
    return filer_vocabulary(definition).match(header)


@pytest.mark.parametrize("word", ["std_no", "STD NO", "Ｓｔｄ＿ｎｏ", "标准", "Standard"])
def test_a_field_is_known_by_its_name_and_its_labels(word: str) -> None:
    assert list(match(word).fields.values()) == ["std_no"]
    assert list(registrar_vocabulary(DECLARATIONS).match([word]).fields.values()) == ["std_no"]


def test_status_and_number_are_columns_of_every_register() -> None:
    for definition in catalogue().values():
        known = registrar_vocabulary(definition).match(["状态", "number"])
        assert list(known.fields.values()) == ["status", "number"], definition.slug


@pytest.mark.parametrize(
    ("header", "index"),
    [
        ("indicators[1].value", 1),
        (f"indicators[{MAX_TABLE_ROWS}].value", MAX_TABLE_ROWS),
        ("Indicators 2: Value", 2),
        ("指标 2：数值", 2),
    ],
)
def test_a_row_of_a_table_may_stand_in_columns(header: str, index: int) -> None:
    [column] = match(header).table_columns.values()
    assert (column.table, column.index, column.column) == ("indicators", index, "value")
    assert str(column) == f"indicators[{index}].value"
    assert registrar_vocabulary(DECLARATIONS).match([header]).left_out == (header,)


@pytest.mark.parametrize(
    "header",
    [
        "indicators[0].value",
        f"indicators[{MAX_TABLE_ROWS + 1}].value",
        "indicators[1].colour",
        "colours[1].value",
        "indicators[1]",
    ],
)
def test_other_columns_are_left_out(header: str) -> None:
    assert match(header, "std_no").left_out == (header,)


def test_columns_of_results_need_no_mention() -> None:
    assert match("std_no", "row", "result", "permalink", "field", "code", "message").left_out == ()
    report = registrar_vocabulary(DECLARATIONS).match(["std_no", "row", "field", "code", "message", "result"])
    assert report.left_out == ("result",)


def test_what_two_columns_mean_is_reported_once() -> None:
    repeated = match("std_no", "标准", "Standard", "indicators[1].value", "指标 1：数值", "org_uscc")
    assert repeated.repeated() == ["indicators[1].value", "std_no"]
    assert match("std_no", "org_uscc").repeated() == []


def test_a_header_of_unknown_words_is_an_empty_match() -> None:
    assert not match("a", "b")
    assert match("std_no")
    assert match("indicators[1].value")


def test_rows_of_a_table_are_read_in_their_order_without_empty_ones() -> None:
    cells = {"indicators[3].value": "3", "indicators[1].value": "1", "indicators[2].value": "", "std_no": "x"}
    raw = match(*cells).read(Row(2, dict(cells)))
    assert raw.values == {"std_no": "x", "indicators": [{"value": "1"}, {"value": "3"}]}


def test_a_table_in_one_cell_goes_before_its_columns() -> None:
    known = match("indicators", "indicators[1].value")
    assert known.read(Row(2, {"indicators": "[]", "indicators[1].value": "1"})).values == {"indicators": "[]"}


def test_width_case_blanks_and_underscores_of_a_header_do_not_count() -> None:
    assert fold_header("Std No") == fold_header("ＳＴＤ_no") == fold_header("stdno")


def test_the_column_of_a_field_is_its_header_cell() -> None:
    known = match("标准", "编号", "org_uscc")
    assert known.column_of("number") == "编号"
    assert known.column_of("std_no") == "标准"
    assert known.column_of("product_name_zh") is None


@pytest.mark.parametrize(
    ("header", "field"),
    [
        ("*统一社会信用代码", "uscc"),
        ("信用代码", "uscc"),
        ("统一社会信用代码（必填，18位）", "uscc"),
        ("1. 企业名称", "name_zh"),
        ("（二）单位名称【必填】", "name_zh"),
        ("Name (required)*", "name_zh"),
        ("③ 英文名称 (optional)", "name_en"),
        ("所在地区", "region_code"),
        ("地 区", "region_code"),
        ("成立\n日期", "founded_on"),
        ("成立时间", "founded_on"),
        ("成立日期（格式：2023-06-08）", "founded_on"),
        ("Date of establishment [YYYY-MM-DD]", "founded_on"),
        ("当前状态（下拉选择）", "status"),
    ],
)
def test_a_header_is_known_as_people_write_it(header: str, field: str) -> None:
    known = registrar_vocabulary(catalogue()["organisations"]).match([header])
    assert list(known.fields.values()) == [field]


@pytest.mark.parametrize("header", ["名称（日文）", "地址（仓库）", "成立日期（农历）", "碳足迹（吨）"])
def test_brackets_that_change_the_meaning_stay(header: str) -> None:
    for slug in ("organisations", "green-products"):
        assert registrar_vocabulary(catalogue()[slug]).match([header]).left_out == (header,)


def test_a_label_counts_before_an_alias_and_leaves_it_out() -> None:
    vocabulary = registrar_vocabulary(catalogue()["organisations"])
    known = vocabulary.match(["地区", "所在地", "名称"])
    assert (dict(known.fields), known.left_out) == ({"地区": "region_code", "名称": "name_zh"}, ("所在地",))
    assert vocabulary.match(["所在地", "省份"]).repeated() == ["region_code"]


@pytest.mark.parametrize("definition", catalogue().values(), ids=lambda definition: definition.slug)
def test_no_word_of_sheets_means_two_fields_of_a_register(definition: RegisterDefinition) -> None:
    vocabulary = registrar_vocabulary(definition)
    meanings: dict[str, str] = {}
    for name, field in definition.schema.register_fields().items():
        for word in field.info.aliases:
            folded = fold_header(word)
            assert vocabulary.fields.get(folded, name) == name, word
            assert meanings.setdefault(folded, name) == name, word


def test_a_sheet_without_the_columns_of_the_key_is_told_what_is_missing() -> None:
    vocabulary = registrar_vocabulary(catalogue()["organisations"])
    missing = vocabulary.missing_columns(vocabulary.match(["名称", "地区"]))
    assert missing.startswith("uscc (")
    assert "信用代码" in missing
    for enough in (["信用代码"], ["国家", "Company number"], ["编号", "状态"]):
        assert vocabulary.missing_columns(vocabulary.match(enough)) == ""
