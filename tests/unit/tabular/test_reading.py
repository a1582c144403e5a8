"""Reading sheets: encodings, delimiters, faults of rows, and files that are no sheets."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest
import xlsxwriter

from registry.tabular import archive, workbook
from registry.tabular.decoding import MAX_LINES
from registry.tabular.errors import SheetError
from registry.tabular.reading import Sheet, open_sheet, sniff_delimiter
from registry.tabular.rows import MAX_CELL_LENGTH, MAX_COLUMNS, normalise_cell
from tests.descriptors import no_descriptor_left
from tests.shared_data import SHARED, needs_shared


def opened(folder: Path, content: bytes | str) -> Sheet:
    path = folder / "sheet.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return open_sheet(path)


def refused(folder: Path, content: bytes | str) -> SheetError:
    with pytest.raises(SheetError) as caught:
        opened(folder, content)
    return caught.value


TEXT = "编号,名称\n1,同仁堂\n2,内聯陞\n"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "gb18030", "utf-16"])
@pytest.mark.parametrize("line_end", ["\n", "\r\n", "\r"])
def test_encodings_and_line_ends(tmp_path: Path, encoding: str, line_end: str) -> None:
    sheet = opened(tmp_path, TEXT.replace("\n", line_end).encode(encoding))
    assert sheet.header == ["编号", "名称"]
    assert [(row.number, row.cells["名称"]) for row in sheet] == [(2, "同仁堂"), (3, "内聯陞")]


@pytest.mark.parametrize("delimiter", [";", "\t", ","])
def test_the_delimiter_is_detected_in_the_header_line(tmp_path: Path, delimiter: str) -> None:
    sheet = opened(tmp_path, f'"a, b; c"{delimiter}d\n1{delimiter}2\n')
    assert sheet.header == ["a, b; c", "d"]
    assert next(iter(sheet)).cells == {"a, b; c": "1", "d": "2"}


@pytest.mark.parametrize(
    ("header", "delimiter"),
    [
        ("name", ","),
        ("", ","),
        ("a;b", ";"),
        ("a,b;c", ","),
        ("a;b\tc", ";"),
        ("a,b;c;d", ";"),
        ('"x;y;z",b', ","),
        ('"x,y";b', ";"),
    ],
)
def test_a_tie_between_delimiters_goes_to_the_comma(header: str, delimiter: str) -> None:
    assert sniff_delimiter(header) == delimiter


@pytest.mark.parametrize("text", ["one; two", "one\ttwo; three"])
def test_a_single_column_is_not_split_at_delimiters_of_its_text(tmp_path: Path, text: str) -> None:
    (row,) = opened(tmp_path, f"name\n{text}\n")
    assert (row.cells, row.issues) == ({"name": text.replace("\t", " ")}, [])


def test_a_broken_byte_is_reported_with_its_offset_and_line(tmp_path: Path) -> None:
    good = "名称\n" + "同仁堂\n" * 5
    problem = refused(tmp_path, good.encode() + b"\xff\xff\n" + good.encode())
    assert problem.code == "encoding"
    assert problem.params == {"offset": len(good.encode()), "line": 7}


def test_a_broken_byte_far_into_a_file_with_a_byte_order_mark(tmp_path: Path) -> None:
    good = "\ufeff名称\n" + "同仁堂一二三\n" * 100_000
    problem = refused(tmp_path, good.encode() + b"\xe5\x90\n")
    assert problem.params == {"offset": len(good.encode()), "line": 100_002}


def test_a_broken_byte_far_into_gb18030(tmp_path: Path) -> None:
    good = ("名称\n" + "同仁堂一二三\n" * 200_000).encode("gb18030")
    problem = refused(tmp_path, good + b"\xff\n")
    assert problem.params == {"offset": len(good), "line": 200_002}


def test_cells_are_normalised(tmp_path: Path) -> None:
    sheet = opened(tmp_path, '\u3000a ,b\n\u200b 同  仁\u00a0堂\u3000,"x \r\n  y"\n')
    assert sheet.header == ["a", "b"]
    assert next(iter(sheet)).cells == {"a": "同 仁 堂", "b": "x\ny"}


def test_normalising_leaves_full_width_brackets() -> None:
    assert normalise_cell("青衡认证（演示）有限公司") == "青衡认证（演示）有限公司"
    assert normalise_cell(" \ufeff ") == ""


def test_short_and_long_rows(tmp_path: Path) -> None:
    rows = list(opened(tmp_path, "a,b\n1\n1,2,,\n1,2,3\n\n,\n9,9\n"))
    assert [(row.number, row.cells) for row in rows] == [
        (2, {"a": "1", "b": ""}),
        (3, {"a": "1", "b": "2"}),
        (4, {"a": "1", "b": "2"}),
        (7, {"a": "9", "b": "9"}),
    ]
    assert [row.issues for row in rows] == [[], [], [("too_many_cells", "", {"cells": 3, "columns": 2})], []]


def test_an_overlong_cell_is_an_issue_of_its_row(tmp_path: Path) -> None:
    rows = list(
        opened(
            tmp_path,
            f"a,b\n1,{'x' * (MAX_CELL_LENGTH + 1)}\n2,{'x' * MAX_CELL_LENGTH}\n3,{'y' * 500_000}\n4,\n",
        )
    )
    assert rows[0].issues == [
        ("cell_too_long", "b", {"length": MAX_CELL_LENGTH + 1, "at_most": MAX_CELL_LENGTH})
    ]
    assert rows[1].issues == []
    assert rows[2].issues[0][2]["length"] == 500_000
    assert rows[3].issues == []


def test_a_truncated_file_keeps_the_rows_before(tmp_path: Path) -> None:
    rows = list(opened(tmp_path, 'a,b\n1,2\n3,"a story that\nends in the mid'))
    assert [row.issues for row in rows] == [[], [("row_truncated", "", {})]]
    assert rows[0].cells == {"a": "1", "b": "2"}


def test_an_unclosed_quotation_mark_does_not_swallow_the_rows_after_it(tmp_path: Path) -> None:
    rows = list(opened(tmp_path, 'a,b\n1,2\n3,"5 inch\n5,6\n7,8\n'))
    assert [(row.number, row.cells["a"], bool(row.issues)) for row in rows] == [
        (2, "1", False),
        (3, "3", True),
        (4, "5", False),
        (5, "7", False),
    ]


def test_an_unclosed_quotation_mark_in_a_large_file(tmp_path: Path) -> None:
    rows = list(opened(tmp_path, 'a,b\n1,"x\n' + "3,yyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyyy\n" * 100_000))
    assert len(rows) == 100_001
    assert [row.number for row in rows if row.issues] == [2]


def test_columns_without_a_name_get_one(tmp_path: Path) -> None:
    sheet = opened(tmp_path, "a,,c,,\n1,2,3,,\n")
    assert sheet.header == ["a", "column 2", "c"]
    assert next(iter(sheet)).issues == []


def test_escaped_formulas_are_unescaped(tmp_path: Path) -> None:
    sheet = opened(tmp_path, "a,b,c,d\n'=1+1,'plain,''=x,-5\n")
    assert list(next(iter(sheet)).cells.values()) == ["=1+1", "'plain", "'=x", "-5"]


def test_a_sheet_can_be_read_twice(tmp_path: Path) -> None:
    sheet = opened(tmp_path, TEXT)
    assert [row.cells for row in sheet] == [row.cells for row in sheet]


@pytest.mark.parametrize(
    "content, code",
    [
        (b"", "empty_file"),
        (b"\xef\xbb\xbf \r\n\r\n", "empty_file"),
        (b" " * 5000, "empty_file"),
        (b",,,\n,,\n", "no_header"),
        (b"a,b,a\n1,2,3\n", "duplicate_header"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "not_a_spreadsheet"),
        (b"%PDF-1.7\n1 0 obj\n", "not_a_spreadsheet"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "not_a_spreadsheet"),
        (b"\n<!DOCTYPE html><table><tr><td>a</td></tr></table>", "not_a_spreadsheet"),
        (b"PK\x03\x04 and nothing more", "not_a_spreadsheet"),
        (",".join(f"c{index}" for index in range(257)).encode(), "too_many_columns"),
        (b"a\n" + b"\n" * 1_048_577, "too_many_rows"),
    ],
)
def test_files_that_are_no_sheets(tmp_path: Path, content: bytes, code: str) -> None:
    assert refused(tmp_path, content).code == code


def test_a_sheet_may_have_as_many_columns_and_rows_as_the_limits(tmp_path: Path) -> None:
    header = [f"c{index}" for index in range(MAX_COLUMNS)]
    assert opened(tmp_path, ",".join(header)).header == header
    assert opened(tmp_path, b"a\n" + b"\n" * (MAX_LINES - 1)).header == ["a"]


def test_an_endless_line(tmp_path: Path) -> None:
    problem = refused(tmp_path, b"a,b\n1,2\n" + b"x" * 50_000_000)
    assert (problem.code, problem.params["line"]) == ("line_too_long", 3)


def test_a_missing_file(tmp_path: Path) -> None:
    with pytest.raises(SheetError, match="file_missing"):
        open_sheet(tmp_path / "none.csv")
    with pytest.raises(SheetError, match="file_missing"):
        open_sheet(tmp_path)


def test_cells_of_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        hidden = book.add_worksheet("hidden")
        sheet = book.add_worksheet("data")
        sheet.activate()
        sheet.set_first_sheet()
        hidden.hide()
        day = book.add_format({"num_format": "yyyy-mm-dd"})
        instant = book.add_format({"num_format": "yyyy-mm-dd hh:mm"})
        sheet.write_row(1, 0, ["text", "whole", "real", "yes", "day", "instant", "sum", "gone"])
        sheet.write_string(3, 0, "=1+1 ")
        sheet.write_number(3, 1, 1669)
        sheet.write_number(3, 2, 10.3)
        sheet.write_boolean(3, 3, True)
        sheet.write_datetime(3, 4, dt.datetime(2023, 6, 8), day)  # noqa: DTZ001 - sheets know no zone
        sheet.write_datetime(3, 5, dt.datetime(2023, 6, 8, 12, 30), instant)  # noqa: DTZ001 - sheets know no zone
        sheet.write_formula(3, 6, "=A1+1", None, 42)
        sheet.write_formula(3, 7, "=1/0", None, "#DIV/0!")
    (row,) = open_sheet(path)
    assert row.number == 4
    assert row.cells == {
        "text": "=1+1",
        "whole": 1669,
        "real": 10.3,
        "yes": True,
        "day": dt.date(2023, 6, 8),
        "instant": dt.datetime(2023, 6, 8, 12, 30),  # noqa: DTZ001 - sheets know no zone
        "sum": 42,
        "gone": "",
    }
    assert isinstance(row.cells["whole"], int)


def test_a_workbook_of_charts_or_blanks_has_no_header(tmp_path: Path) -> None:
    path = tmp_path / "book.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet()
    with pytest.raises(SheetError, match="no_header"):
        open_sheet(path)


@pytest.mark.parametrize("kind", ["csv", "xlsx"])
def test_a_file_that_cannot_be_opened_for_the_moment_is_not_refused(tmp_path: Path, kind: str) -> None:
    path = tmp_path / f"sheet.{kind}"
    if kind == "csv":
        path.write_text(TEXT)
    else:
        with xlsxwriter.Workbook(str(path)) as book:
            book.add_worksheet().write_row(0, 0, ["编号", "名称"])
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        open_sheet(path)
    assert open_sheet(path).header == ["编号", "名称"]


def test_a_workbook_whose_reader_finds_no_descriptor_is_not_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "sheet.xlsx"
    with xlsxwriter.Workbook(str(path)) as book:
        book.add_worksheet().write_row(0, 0, ["编号", "名称"])
    parts = workbook.check_workbook(path, MAX_COLUMNS, workbook.USUAL_LIMITS)
    monkeypatch.setattr(workbook, "check_workbook", lambda *_given: parts)
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        workbook.Workbook(path, max_columns=MAX_COLUMNS)
    with no_descriptor_left(), pytest.raises(OSError, match="Too many open files"):
        archive.checked_entries(path)


@needs_shared
def test_all_real_sheets_open_without_issues() -> None:
    for path in (*SHARED.glob("data/*/*.csv"), *SHARED.glob("queries/*.csv")):
        rows = list(open_sheet(path))
        assert rows, path
        assert not [row for row in rows if row.issues], path


@needs_shared
def test_real_sheets_have_as_many_rows_as_their_list_of_sources_states() -> None:
    counts = {"laozihao_notices": 177, "ecolabel_products": 5172, "energystar_refrigerators": 2962}
    for name, count in counts.items():
        (path,) = SHARED.glob(f"data/*/{name}.csv")
        assert sum(1 for _ in open_sheet(path)) == count
