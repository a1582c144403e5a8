"""Cells that show something else than they hold, in fields of each kind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import marshmallow as ma
import pytest

from registry.kit import fields as f
from registry.kit.cells import FormattedCell
from registry.kit.issues import Issue
from registry.kit.kinds import RegisterField, issues_of_error

DAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("cell", "plain"),
    [
        (FormattedCell(12, "0012"), "0012"),
        (FormattedCell(12, "12 kg"), 12),
        (FormattedCell(1.5, "2"), 1.5),  # shows less than it holds
        (FormattedCell(0.5, "0.50"), "0.50"),
        (FormattedCell(True, "TRUE"), "TRUE"),
        (FormattedCell(DAY, "3月2日"), DAY),
        (FormattedCell(123456789012345680, "1.23457E+17", "digits_lost"), "1.23457E+17"),
    ],
)
def test_a_cell_in_a_sheet_without_formats(cell: FormattedCell, plain: Any) -> None:
    assert (cell.plain(), type(cell.plain())) == (plain, type(plain))


def test_a_cell_equals_its_value() -> None:
    cell = FormattedCell(12, "0012")
    assert cell == 12
    assert cell == FormattedCell(12, "12")
    assert cell != FormattedCell(13, "0012")
    assert hash(cell) == hash(12)
    assert str(cell) == "0012"


@pytest.mark.parametrize(
    ("field", "cell", "taken"),
    [
        (f.text("Name"), FormattedCell(12, "0012"), "0012"),
        (f.number("Value"), FormattedCell(12, "0012"), 12),
        (f.many(f.text("Models")), FormattedCell(12, "0012"), "0012"),
        (f.many(f.number("Values")), FormattedCell(12, "0012"), 12),
        (f.day("Day"), FormattedCell(DAY, "3月2日"), DAY),
        (f.day("Day"), FormattedCell(39_000, "39000", day=DAY), DAY),
        (f.day("Day"), FormattedCell(True, "TRUE"), "TRUE"),
        (f.day("Day"), FormattedCell(20260302, "20,260,302"), "2026-03-02"),
    ],
)
def test_what_counts_of_a_cell(field: RegisterField, cell: FormattedCell, taken: Any) -> None:
    assert field.value_of_cell(cell) == taken
    assert type(field.value_of_cell(cell)) is type(taken)


@pytest.mark.parametrize("field", [f.text("Number", search="code"), f.many(f.text("Models"))])
def test_a_cell_that_has_lost_its_figures_is_refused(field: RegisterField) -> None:
    with pytest.raises(ma.ValidationError) as error:
        field.value_of_cell(FormattedCell(123456789012345680, "1.23457E+17", "digits_lost"))
    assert issues_of_error(error.value) == [Issue("digits_lost", params={"value": "1.23457E+17"})]


CODE, NOTE, YEAR = f.text("Number", search="code"), f.text("Note"), f.year("Year", minimum=1, maximum=9999)


@pytest.mark.parametrize(
    ("field", "given", "value", "issues"),
    [
        (NOTE, DAY, "2026-03-02", [("date_in_text", {"value": "2026-03-02", "shown": "2026-03-02"})]),
        (
            NOTE,
            FormattedCell(DAY, "3-2", "date_in_text"),
            "3-2",
            [("date_in_text", {"value": "2026-03-02", "shown": "3-2"})],
        ),
        (NOTE, FormattedCell(True, "TRUE", "boolean_in_text"), "TRUE", [("boolean_in_text", {"value": "TRUE"})]),
        (CODE, FormattedCell(12, "12", "number_in_text"), "12", [("number_in_text", {"value": "12"})]),
        (NOTE, FormattedCell(12, "12", "number_in_text"), "12", []),  # in words a lost zero does not matter
        (NOTE, FormattedCell(12, "0012"), "0012", []),
        (NOTE, "12", "12", []),
        (YEAR, DAY, 2026, [("date_in_text", {"value": "2026-03-02", "shown": "2026"})]),
        (YEAR, FormattedCell(DAY, "2026"), 2026, []),
        (YEAR, FormattedCell(DAY, "2026年"), 2026, []),
        (YEAR, FormattedCell(DAY, "3-2"), 2026, [("date_in_text", {"value": "2026-03-02", "shown": "2026"})]),
        (YEAR, FormattedCell(2026, "2,026"), 2026, []),
        (YEAR, 2026, 2026, []),
        (f.number("Value"), FormattedCell(DAY, "3-2"), 1, []),
        (f.many(CODE), FormattedCell(12, "12", "number_in_text"), ["12"], [("number_in_text", {"value": "12"})]),
        (f.many(NOTE), DAY, ["2026-03-02"], [("date_in_text", {"value": "2026-03-02", "shown": "2026-03-02"})]),
        (f.many(NOTE), DAY, [], [("date_in_text", {"value": "2026-03-02", "shown": ""})]),
    ],
)  # fmt: skip
def test_what_is_doubtful_about_a_cell(
    field: RegisterField, given: Any, value: Any, issues: list[tuple[str, dict[str, Any]]]
) -> None:
    assert [(each.code, each.params) for each in field.cell_doubts(given, value)] == issues


@pytest.mark.parametrize(
    ("written", "year"), [(DAY, 2026), (dt.datetime(2026, 1, 1, tzinfo=dt.UTC), 2026), (" 2026年 ", 2026)]
)
def test_of_a_date_in_the_field_of_a_year_the_year_is_read(written: Any, year: int) -> None:
    assert YEAR.deserialize(written) == year


@pytest.mark.parametrize(
    ("written", "text"),
    [(7.0, "7"), (7.5, "7.5"), (7, "7"), ("'0012", "0012"), ("'见附件", "'见附件"), ("‘A1", "A1")],
)
def test_a_number_of_a_thing_is_a_text(written: Any, text: str) -> None:
    assert CODE.deserialize(written) == text
    assert f.text("Note").deserialize("'0012") == "'0012"


@pytest.mark.parametrize("written", [True, ["a"], {"a": 1}])
def test_a_list_or_a_truth_is_no_text(written: Any) -> None:
    with pytest.raises(ma.ValidationError) as error:
        NOTE.deserialize(written)
    assert [issue.code for issue in issues_of_error(error.value)] == ["wrong_type"]


@pytest.mark.parametrize(("length", "quoted"), [(60, 60), (61, 60)])
def test_an_issue_repeats_so_much_of_a_value_and_no_more(length: int, quoted: int) -> None:
    [issue] = f.text("Code", pattern="x").soft_issues("a" * length)
    assert issue.params["value"] == "a" * quoted
    with pytest.raises(ma.ValidationError) as error:
        f.number("Value").deserialize("a" * length)
    assert issues_of_error(error.value)[0].params["value"] == "a" * 40
