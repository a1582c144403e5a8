"""Counts, the results sheet, and the keys that a run remembers."""

from __future__ import annotations

import pytest

from registry.kit.issues import Issue
from registry.services.exchange.duplicate_keys import DuplicateKeyStore, SeenRow
from registry.services.exchange.pipeline import RowResult
from registry.services.exchange.results import (
    REPORT_COLUMNS,
    RESULTS_COLUMNS,
    Counts,
    NumberColumn,
    ResultsSheet,
)
from registry.tabular.rows import Row

ROW = Row(7, {"a": 1, "row": "3", "code": "old"})
REFUSED = RowResult(
    7, "refused", issues=(Issue("required", "x"), Issue("too_long", "x"), Issue("required", "y"))
)


def describe(issue: Issue) -> str:
    return f"{issue.code}!"


def test_a_report_is_the_sheet_with_its_own_columns_in_place_of_earlier_ones() -> None:
    sheet = ResultsSheet(["row", "a", "code"], REPORT_COLUMNS, describe)
    assert sheet.header == ["a", "row", "field", "code", "message"]
    assert sheet.line(ROW, REFUSED) == [1, 7, "x | y", "required | too_long", "required! | too_long!"]
    assert sheet.line(Row(8, {}), RowResult(8, "refused")) == ["", 8, "", "", ""]


@pytest.mark.parametrize(
    ("own_column", "header", "start"),
    [(None, ["number", "a"], ["GB/T 1", 1]), ("a", ["a"], ["GB/T 1"])],
)
def test_a_results_sheet_names_the_record_in_the_column_for_numbers(
    own_column: str | None, header: list[str], start: list[object]
) -> None:
    numbers = NumberColumn(own_column, "https://example.org")
    sheet = ResultsSheet(["a"], RESULTS_COLUMNS, describe, numbers=numbers)
    assert sheet.header == [*header, *RESULTS_COLUMNS]
    line = sheet.line(ROW, RowResult(7, "created", "GB/T 1"))
    assert line == [*start, 7, "created", "https://example.org/r/GB-T-1", "", "", ""]


def test_a_row_without_a_record_keeps_the_number_that_it_came_with() -> None:
    numbers = NumberColumn("a", "https://example.org")
    line = ResultsSheet(["a"], RESULTS_COLUMNS, describe, numbers=numbers).line(ROW, REFUSED)
    assert line[:4] == [1, 7, "refused", ""]


def test_counts_add_up() -> None:
    counts = Counts(created=1)
    counts.add([RowResult(2, "created"), RowResult(3, "refused"), RowResult(4, "unchanged"), REFUSED])
    assert counts.summary() == "created 2, updated 0, unchanged 1, refused 2"


def test_remembered_keys_are_found_and_replaced() -> None:
    with DuplicateKeyStore() as store:
        store.remember({"a": SeenRow(2, "x"), "b": SeenRow(3, "y")})
        assert store.find(["a", "c"]) == {"a": SeenRow(2, "x")}
        store.remember({"a": SeenRow(9, "z")})
        assert store.find(["a", "b"]) == {"a": SeenRow(9, "z"), "b": SeenRow(3, "y")}
