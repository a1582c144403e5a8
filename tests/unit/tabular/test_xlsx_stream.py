"""A workbook that is written while its rows come in reads back as it was, over several sheets too."""

from __future__ import annotations

import io
from itertools import islice

import pytest
from python_calamine import CalamineWorkbook

from registry.tabular import xlsx_stream
from registry.tabular.xlsx_stream import xlsx_stream_chunks

HEADER = ["a", "b & <c>"]


def read(data: bytes) -> list[list[list[object]]]:
    book = CalamineWorkbook.from_filelike(io.BytesIO(data))
    return [book.get_sheet_by_name(name).to_python() for name in book.sheet_names]


def test_cells_keep_their_kind_and_text() -> None:
    rows = [["=1+1", 3], [" 空 白 ", -2.5], ["<&>\"'", True], ["a\r\nb", 10**20], ["", None]]
    (sheet,) = read(b"".join(xlsx_stream_chunks(HEADER, rows, description="log size 7")))
    assert sheet[0] == HEADER
    assert sheet[1:3] == [["=1+1", 3.0], [" 空 白 ", -2.5]]
    assert sheet[3] == ["<&>\"'", True]
    assert sheet[4][1] == str(10**20)


def test_the_first_bytes_leave_before_the_second_row_is_asked_for() -> None:
    asked = []

    def rows() -> object:
        for number in range(10):
            asked.append(number)
            yield [number]

    assert len(b"".join(islice(xlsx_stream_chunks(["n"], rows()), 1))) > 0  # type: ignore[arg-type]
    assert asked == []


def test_rows_beyond_a_sheet_come_on_the_next(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(xlsx_stream, "MAX_SHEET_ROWS", 3)
    for count in range(6):
        sheets = read(b"".join(xlsx_stream_chunks(["n"], [[number] for number in range(count)])))
        assert [row[0] for sheet in sheets for row in sheet[1:]] == list(map(float, range(count)))
        assert all(sheet[0] == ["n"] for sheet in sheets)
