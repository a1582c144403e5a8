"""What the columns of a sheet mean, for the registrar and for those who file."""

from __future__ import annotations

import pytest

from registry.kit.definition import RegisterDefinition
from registry.registers import catalogue
from registry.services.exchange.headers import MAX_TABLE_ROWS, HeaderMatch, fold_header
from registry.services.exchange.policies import registrar_vocabulary
from registry.services.filing.sheet_policy import filer_vocabulary
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
