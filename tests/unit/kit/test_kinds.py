"""Field types at their boundaries: bounds and lengths belong to the range, one more does not; empty is not given."""

from __future__ import annotations

from typing import Any

import marshmallow as ma
import pytest

from registry.kit import fields as f
from registry.kit.codes import Code, CodeList
from registry.kit.kinds import (
    MAX_EXACT_INTEGER,
    RegisterField,
    issues_of_error,
)
from registry.kit.list_cells import join_cell, split_cell
from registry.kit.schema import RecordSchema
from tests.unit.kit.issue_assertions import codes_of

COLOURS = CodeList(Code("red", "红色", "red", ("crimson",)), Code("blue", "蓝色", "blue"))


def soft(field: RegisterField, value: Any) -> list[str]:
    return codes_of(field.soft_issues(value))


def refusal(field: RegisterField, written: Any) -> list[str]:
    """The codes with which a field refuses what was written."""
    with pytest.raises(ma.ValidationError) as error:
        field.deserialize(written)
    return codes_of(issues_of_error(error.value))


@pytest.mark.parametrize(
    ("value", "codes"),
    [(0, ["below_least"]), (1, []), (2, []), (10, []), (11, ["above_most"])],
)
def test_the_bounds_of_a_number_belong_to_its_range(value: int, codes: list[str]) -> None:
    for field in (
        f.integer("Count", minimum=1, maximum=10),
        f.number("Value", minimum=1, maximum=10),
        f.year("Year", minimum=1, maximum=10),
    ):
        assert soft(field, value) == codes


def test_a_number_without_bounds_has_no_doubts() -> None:
    assert soft(f.number("Value"), -(10**15)) == []
    assert soft(f.integer("Count", minimum=0), 10**15) == []
    assert soft(f.integer("Count", maximum=0), -1) == []


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("ab", ["too_short"]),
        ("abc", []),
        ("abcde", []),
        ("abcdef", ["too_long"]),
        ("同仁堂", []),
        ("同仁", ["too_short"]),
    ],
)
def test_the_shortest_and_the_longest_text_are_allowed(text: str, codes: list[str]) -> None:
    assert soft(f.text("Name", min_length=3, max_length=5), text) == codes


def test_a_pattern_covers_the_whole_text() -> None:
    field = f.text("Code", pattern=r"[A-Z]\d", example="A1")
    assert soft(field, "A1") == []
    assert soft(field, "A12") == ["pattern"]
    assert soft(field, " A1") == ["pattern"]


@pytest.mark.parametrize(
    ("written", "number"),
    [
        ("0", 0),
        ("1,234.5", 1234.5),
        ("-7", -7),
        (7.0, 7),
        (str(MAX_EXACT_INTEGER - 1), MAX_EXACT_INTEGER - 1),
        (MAX_EXACT_INTEGER - 1, MAX_EXACT_INTEGER - 1),
        (1 - MAX_EXACT_INTEGER, 1 - MAX_EXACT_INTEGER),
    ],
)
def test_numbers_are_read(written: Any, number: float) -> None:
    read = f.number("Value").deserialize(written)
    assert (read, type(read)) == (number, type(number))


@pytest.mark.parametrize("written", ["", "seven", "1.2.3", "nan", "inf", "-Infinity", True, [1], {"a": 1}])
def test_other_things_are_not_numbers(written: Any) -> None:
    assert refusal(f.number("Value"), written) == ["not_a_number"]


@pytest.mark.parametrize("written", ["7.5", 7.5, MAX_EXACT_INTEGER, str(MAX_EXACT_INTEGER)])
def test_a_fraction_or_an_inexact_number_is_not_whole(written: Any) -> None:
    assert refusal(f.integer("Count"), written) == ["not_a_number"]
    assert isinstance(f.number("Value").deserialize(written), float)


@pytest.mark.parametrize(("written", "year"), [("1903年", 1903), ("1903", 1903), (1903, 1903)])
def test_a_year_may_be_followed_by_its_word(written: Any, year: int) -> None:
    assert f.year("Year", minimum=1000, maximum=3000).deserialize(written) == year


@pytest.mark.parametrize(
    ("written", "value"),
    [("yes", True), ("是", True), ("1", True), (True, True), ("No", False), ("无", False), (False, False)],
)
def test_flags_in_either_language(written: Any, value: bool) -> None:
    field = f.flag("Flag")
    assert field.deserialize(written) is value
    assert field.deserialize(field.to_cell(value)) is value


@pytest.mark.parametrize("written", ["", "maybe", "2", 2])
def test_other_words_are_no_flags(written: Any) -> None:
    assert refusal(f.flag("Flag"), written) == ["wrong_type"]


@pytest.mark.parametrize(
    ("written", "code"), [("红色", "red"), ("Crimson", "red"), (" BLUE ", "blue"), ("green", "green")]
)
def test_a_word_of_a_list_becomes_its_code(written: str, code: str) -> None:
    field = f.choice("Colour", COLOURS)
    assert field.deserialize(written) == code
    assert soft(field, code) == ([] if code in COLOURS else ["unknown_word"])
    assert soft(f.choice("Colour", COLOURS, open_list=True), code) == []


@pytest.mark.parametrize("written", [True, ["red"], {"red": 1}])
def test_a_choice_is_a_word(written: Any) -> None:
    assert refusal(f.choice("Colour", COLOURS), written) == ["wrong_type"]


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("2023-02-29", "date_does_not_exist"),
        ("2023-13", "date_does_not_exist"),
        ("yesterday", "date_shape"),
        (True, "date_shape"),
        (2023.5, "date_shape"),
    ],
)
def test_days_that_are_none(written: Any, code: str) -> None:
    assert refusal(f.day("Day"), written) == [code]


def test_a_sparse_date_stays_sparse() -> None:
    assert [f.day("Day").deserialize(written) for written in ("2024-02-29", "2024-02", 2024)] == [
        "2024-02-29",
        "2024-02",
        "2024",
    ]


@pytest.mark.parametrize(
    ("items", "cell"),
    [([], ""), (["a"], "a"), (["a", "b"], "a|b"), (["a|b", "c"], "a\\|b|c"), (["a\\", "b"], "a\\\\|b")],
)
def test_items_in_a_cell(items: list[str], cell: str) -> None:
    assert join_cell(items) == cell
    assert split_cell(cell) == (items or [""])


def test_a_list_leaves_out_empty_and_repeated_items() -> None:
    field = f.many(f.text("Name"))
    assert field.deserialize("a| |b||a") == ["a", "b"]
    assert field.deserialize(["a", None, "", "\u200b", "b"]) == ["a", "b"]
    assert field.deserialize("") == []
    assert field.deserialize(7) == ["7"]


@pytest.mark.parametrize(
    ("given", "counted"),
    [
        (["a", "b", "c"], None),
        (["a", "b", "c", "d"], 4),
        ("a|b|c", None),
        ("a|b|c|d", 4),
        (r"a|b|c\|d", None),  # three of which one has a separator inside
        (7, None),
    ],
)
def test_a_list_takes_so_many_items(given: Any, counted: int | None) -> None:
    issue = f.many(f.text("Name"), max_items=3).size_issue(given)
    assert (issue and issue.params) == (counted and {"count": counted, "at_most": 3})


def test_a_table_takes_so_many_rows() -> None:
    field = f.rows("Rows", columns={"name": f.text("Name")}, max_rows=2)
    assert field.size_issue([{}, {}]) is None
    assert field.deserialize('[{"name": "a"}, {"name": "b"}]') == [{"name": "a"}, {"name": "b"}]
    assert refusal(field, [{}, {}, {}]) == ["too_many_items"]


def test_a_list_of_codes_holds_codes() -> None:
    assert f.many(f.text("Code"), search="code").inner.is_code_like  # type: ignore[attr-defined]
    assert not f.many(f.text("Name"), search="name").inner.is_code_like  # type: ignore[attr-defined]


def test_a_value_of_several_parts_is_one_cell_of_a_sheet() -> None:
    table = f.rows("Rows", columns={"name": f.text("Name")})
    assert table.to_cell([{"name": "椅"}]) == '[{"name": "椅"}]'
    assert f.number("Value").to_cell(1.5) == 1.5


@pytest.mark.parametrize(
    ("field", "text", "found"),
    [
        (f.text("Note"), "oak ???", [("text_damaged", "doubts")]),
        (f.text("Note"), "锟斤拷", [("text_damaged", "doubts")]),
        (f.text("Name", required=True), "oak ???", [("text_damaged", "blocks")]),
        (f.text("Name", search="name"), "oak ???", [("text_damaged", "blocks")]),
        (f.text("Name", required=True), "橡\ue001木", [("text_private_use", "doubts")]),
        (f.text("Model", search="code"), "A-???", []),  # whatever its maker calls it
        (f.text("Model", search="code"), "锟斤拷", [("text_damaged", "doubts")]),
    ],
)
def test_a_damaged_text_is_refused_where_it_names_the_record(
    field: RegisterField, text: str, found: list[tuple[str, str]]
) -> None:
    assert [(issue.code, issue.severity) for issue in field.soft_issues(text)] == found


def test_a_number_that_looks_like_one_of_a_person_may_be_that_of_an_organisation() -> None:
    assert f.credit_code("Code").takes("911100001014611801") is False
    assert f.credit_code("Code").takes("9111 0000 1014 6118 0X") is True
    assert f.region_code("Region").takes("330106") is False  # no check says that it is one
    assert f.text("Note").takes("91110000101461180X") is False


def test_messages_of_the_library_are_wrong_types() -> None:
    issues = issues_of_error(ma.ValidationError(["No.", "Not so."]))
    assert [(issue.code, issue.params["value"]) for issue in issues] == [
        ("wrong_type", "No."),
        ("wrong_type", "Not so."),
    ]
    assert [issue.params["value"] for issue in issues_of_error(ma.ValidationError({"a": ["No."]}))] == [
        "{'a': ['No.']}"
    ]


def test_each_item_of_a_list_has_its_own_doubts() -> None:
    field = f.many(f.text("Name", max_length=2))
    assert soft(field, ["ab", "abc", "abcd"]) == ["too_long", "too_long"]


class TableSchema(RecordSchema):
    rows = f.rows(
        "Rows",
        columns={"name": f.text("Name", required=True, max_length=3), "size": f.integer("Size", minimum=1)},
    )
    name = f.text("Name", required=True)


def test_a_table_is_read_as_far_as_it_can_be() -> None:
    raw = {"rows": [{"name": "a", "size": "x"}, {"size": 0}, {"name": "abcd", "size": 1}]}
    loaded = TableSchema.load_values(raw, complete=False)
    assert loaded.values == {}
    assert loaded.refused_fields == {"rows"}
    assert loaded.partial_tables == {"rows": [{"name": "a"}, {"size": 0}, {"name": "abcd", "size": 1}]}
    codes_of(loaded.issues)
    assert [(issue.code, issue.params["row"], issue.params["column"]) for issue in loaded.issues] == [
        ("not_a_number", 1, "size"),
        ("required", 2, "name"),
        ("below_least", 2, "size"),
        ("too_long", 3, "name"),
    ]
    assert ("rows", 1, "size") in loaded.unreadable_cells


def test_a_row_is_read_whatever_its_first_cells_hold() -> None:
    field = TableSchema.register_fields()["rows"]
    assert field.deserialize([{"name": "", "size": 1}, {"name": None, "size": "2"}]) == [
        {"size": 1},
        {"size": 2},
    ]
    columns = {"words": f.many(f.text("Word"), max_items=1), "size": f.integer("Size")}
    with pytest.raises(ma.ValidationError) as error:
        f.rows("Rows", columns=columns).deserialize([{"words": "a|b", "size": 1}])
    assert error.value.valid_data == [{"size": 1}]
    assert codes_of(issues_of_error(error.value)) == ["too_many_items"]


def test_a_list_is_required_where_it_needs_an_item() -> None:
    assert not f.many(f.text("Word")).is_required
    assert f.many(f.text("Word"), min_items=1).is_required
    assert f.many(f.text("Word"), required=True).is_required


def test_a_number_abroad_is_written_as_its_country_does() -> None:
    field = f.foreign_registration_number("Number", country="country")
    for country in ("GB", "United Kingdom", "英国"):
        assert field.deserialize("12345", "number", {"country": country}) == "00012345"
    for row in ({"country": "DE"}, {"country": ""}, {}, None):
        assert field.deserialize("12345", "number", row) == "12345"


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("no JSON", "wrong_type"),
        ("[" * 5000, "wrong_type"),
        ("{}", "wrong_type"),
        ([1], "wrong_type"),
        ([{"other": 1}], "unknown_field"),
    ],
)
def test_what_is_no_table(written: Any, code: str) -> None:
    assert refusal(TableSchema.register_fields()["rows"], written) == [code]


@pytest.mark.parametrize("empty", ["", None, []])
def test_empty_values_count_as_missing(empty: object) -> None:
    assert codes_of(TableSchema.load_values({"name": empty}, complete=True).issues) == ["required"]
    assert codes_of(TableSchema.load_values({"name": empty}, complete=False).issues) == []
    assert TableSchema.load_values({"name": empty, "other": empty}, complete=False).issues == ()


def test_only_invisible_characters_are_missing_too() -> None:
    loaded = TableSchema.load_values({"name": "\u200b"}, complete=True)
    assert (loaded.values, codes_of(loaded.issues)) == ({}, ["required"])


def test_an_unknown_field_is_told_by_its_name() -> None:
    [issue] = TableSchema.load_values({"other": "x"}, complete=False).issues
    assert (issue.code, issue.field, issue.params) == ("unknown_field", "other", {"name": "other"})


@pytest.mark.parametrize(
    ("field", "written", "value", "codes"),
    [
        (f.industry_code("Industry"), "c", "C", ["industry_too_broad"]),
        (f.industry_code("Industry"), "c14", "C14", []),
        (f.industry_code("Industry"), "Z99", "Z99", ["industry_unknown"]),
        (f.industry_code("Industry"), "正餐服务", "H6210", []),  # its group has the same name
        (f.industry_code("Industry"), "家具制造业", "C21", []),
        (f.industry_code("Industry"), "打铁", "打铁", ["industry_unknown"]),
        (f.country_code("Country"), "de", "DE", []),
        (f.country_code("Country"), "XX", "XX", ["country_unknown"]),
        (f.country_code("Country"), "Germany", "DE", []),
        (f.country_code("Country"), "xyz", "xyz", ["too_long", "country_unknown"]),  # no code: as written
        (f.organisation_number("Code"), "f-de-hrb 12345", "F-DE-HRB 12345", []),
        (f.organisation_number("Code"), "F-ZZ-12345", "F-ZZ-12345", ["country_unknown"]),
        (f.organisation_number("Code"), "F-DE", "F-DE", ["foreign_number_shape"]),
        (f.organisation_number("Code"), "91110000100014610H", "91110000100014610H", []),
        (
            f.organisation_number("Code"),
            "91110000100014611L",
            "91110000100014611L",
            ["organisation_code_check_digit"],
        ),
        (f.credit_code("Code"), "9111 0000 1000 1461 0h", "91110000100014610H", []),
        (
            f.credit_code("Code"),
            "91110000100014611L",
            "91110000100014611L",
            ["organisation_code_check_digit"],
        ),
        (f.ccs_code("CCS"), "z 04", "Z04", []),
        (f.ccs_code("CCS"), "Z4", "Z4", ["pattern"]),
        (f.hs_code("HS"), "9403.50", "940350", []),
        (f.hs_code("HS"), "94035", "94035", ["hs_code_form"]),
        (f.ics_code("ICS"), "97.140", "97.140", []),
        (f.ics_code("ICS"), "97.999", "97.999", ["ics_unknown"]),
        (f.region_code("Region"), "浙江省杭州市", "330100", []),
        (f.region_code("Region"), "999999", "999999", ["region_unknown"]),
        (f.region_code("Region"), "110228", "110228", ["region_abolished"]),
        (f.standard_number("Standard"), "gbt 35607-2024", "GB/T 35607-2024", []),
        (
            f.standard_number("Standard", edition=True),
            "GB/T 35607",
            "GB/T 35607",
            ["standard_number_without_year"],
        ),
        (f.standard_number("Standard"), "GB/T 35607", "GB/T 35607", []),
        (f.standard_number("Standard"), "something", "something", ["standard_number_unknown_form"]),
        (f.barcode("Barcode"), "6901234567892", "06901234567892", []),
        (f.barcode("Barcode"), "690123", "690123", ["gtin_shape"]),
        (f.web_address("Address"), "https://example.org/", "https://example.org/", []),
        (f.web_address("Address"), "example.org", "example.org", ["pattern"]),
    ],
)
def test_identifiers_are_normalised_and_doubted(
    field: RegisterField, written: str, value: str, codes: list[str]
) -> None:
    assert field.deserialize(written) == value
    assert soft(field, value) == codes


def test_a_wrong_check_digit_is_refused() -> None:
    assert refusal(f.credit_code("Code"), "911100001014611801") == ["credit_code_check_digit"]
    assert refusal(f.credit_code("Code"), "9111000010146118") == ["credit_code_length"]
    assert refusal(f.organisation_number("Code"), "911100001014611801") == ["credit_code_check_digit"]
    assert refusal(f.barcode("Barcode"), "6901234567890") == ["gtin_check_digit"]


def test_a_barcode_is_kept_with_14_digits_and_shown_with_those_of_the_package() -> None:
    codes = f.many(f.barcode("Barcodes"))
    kept = codes.deserialize("6901234567892|036000291452|96385074|16901234567899")
    assert kept == ["06901234567892", "00036000291452", "00000096385074", "16901234567899"]
    assert codes.to_cell(kept) == "06901234567892|00036000291452|00000096385074|16901234567899"
    assert codes.as_printed(kept) == "6901234567892|036000291452|96385074|16901234567899"
    assert codes.deserialize(codes.as_printed(kept)) == kept
    for typed, quoted in (("6901234567890", "6901234567890"), ("036000291453", "036000291453")):
        with pytest.raises(ma.ValidationError) as refused:
            codes.inner.deserialize(typed)
        [issue] = issues_of_error(refused.value)
        assert issue.params["value"] == quoted


def test_a_refused_code_names_the_letters_that_it_cannot_have() -> None:
    for field in (f.credit_code("Code"), f.organisation_number("Code")):
        assert refusal(field, "911100OO10146118Z1") == ["credit_code_characters"]
        with pytest.raises(ma.ValidationError) as error:
            field.deserialize("911100OO10146118Z1")
        (issue,) = issues_of_error(error.value)
        assert issue.params == {"value": "911100OO10146118Z1", "letters": "O, Z"}


def test_numbers_of_people_are_masked_in_texts_only() -> None:
    assert f.text("Note").deserialize("13812345678") == "138****5678"
    assert soft(f.text("Note"), "138****5678") == ["personal_masked"]
    assert f.text("Model", search="code").deserialize("13812345678") == "13812345678"


@pytest.mark.parametrize(
    ("field", "kind", "legal"),
    [
        (f.region_code("Region"), "region", "GB/T 2260"),
        (f.country_code("Country"), "country", "ISO 3166-1"),
    ],
)
def test_a_code_says_of_which_list_it_is(field: RegisterField, kind: str, legal: str) -> None:
    assert (field.kind, field.info.legal) == (kind, legal)


def test_a_field_may_be_empty_and_is_not_required_unless_it_says_so() -> None:
    field = f.region_code("Region")
    assert (field.required, field.allow_none) == (False, True)
