"""Writing sheets: no formulas, and what goes out comes in again."""

from __future__ import annotations

import datetime as dt
import json
import zipfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from registry.tabular.formula_escaping import FORMULA_START, escape_formula, unescape_formula
from registry.tabular.reading import open_sheet
from registry.tabular.rows import normalise_cell
from registry.tabular.writing import csv_chunks, csv_line, jsonl_chunks, write_xlsx

STARTS = [
    "=1+1",
    "+86",
    "-5",
    "@sum",
    "\t=1",
    "\r=1",
    "＝1",
    "＋1",
    "－1",
    "＠a",
    " =1",
    "'=1",
    "''-1",
    "\ufeff=1",
]
PLAIN = ["", "'", "'a", "同仁堂", "a=1", "（=）", "1-2", "''"]

texts = st.one_of(
    st.sampled_from(STARTS + PLAIN),
    st.text(st.characters(exclude_categories=["Cs"]), max_size=30),
    st.text("=+-@'＝\"\n\r\t,; a同", max_size=12),
)


@pytest.mark.parametrize("text", STARTS)
def test_what_a_program_would_run_is_guarded(text: str) -> None:
    assert escape_formula(text) == "'" + text


@pytest.mark.parametrize("text", PLAIN)
def test_other_texts_stay(text: str) -> None:
    assert escape_formula(text) == text


@given(texts)
def test_unescaping_reverses_escaping(text: str) -> None:
    assert unescape_formula(escape_formula(text)) == text
    assert (
        not escape_formula(text)[:1]
        or escape_formula(text)[0] == "'"
        or not FORMULA_START.match(escape_formula(text))
    )


@given(st.lists(st.tuples(texts, texts), max_size=6))
@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_csv_comes_in_again(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"".join(csv_chunks(["name", "other"], [(f"{first}x", other) for first, other in rows])))
    read = [tuple(row.cells.values()) for row in open_sheet(path)]
    assert read == [(normalise_cell(f"{first}x"), normalise_cell(other)) for first, other in rows]


def test_a_nul_is_never_written() -> None:
    assert csv_line(["a\0b", "\0=1"]) == b"ab,'=1\r\n"


@given(st.lists(st.tuples(texts, texts), max_size=6))
@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
def test_xlsx_comes_in_again(tmp_path: Path, rows: list[tuple[str, str]]) -> None:
    path = tmp_path / "sheet.xlsx"
    write_xlsx(path, ["name", "other"], [(f"{first}x", other) for first, other in rows])
    read = [tuple(row.cells.values()) for row in open_sheet(path)]
    assert read == [(normalise_xml(f"{first}x"), normalise_xml(other)) for first, other in rows]


def normalise_xml(text: str) -> str:
    return normalise_cell(text.replace("\ufffe", "").replace("\uffff", ""))


def test_numbers_flags_and_dates(tmp_path: Path) -> None:
    row = [1, -2.5, True, None, dt.date(2023, 6, 8), "00123", 2**60]
    header = list("abcdefg")
    csv_file, xlsx_file = tmp_path / "sheet.csv", tmp_path / "sheet.xlsx"
    csv_file.write_bytes(b"".join(csv_chunks(header, [row])))
    write_xlsx(xlsx_file, header, [row])
    (from_csv,), (from_xlsx,) = open_sheet(csv_file), open_sheet(xlsx_file)
    assert list(from_csv.cells.values()) == ["1", "-2.5", "true", "", "2023-06-08", "00123", str(2**60)]
    assert list(from_xlsx.cells.values()) == [1, -2.5, True, "", "2023-06-08", "00123", str(2**60)]


def test_no_formula_and_no_link_in_a_workbook(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    write_xlsx(path, ["=1+1"], [["=cmd|'/c calc'!A1"], ["https://example.org/"], ["{=1}"]])
    with zipfile.ZipFile(path) as archive:
        sheet = archive.read("xl/worksheets/sheet1.xml")
    assert b"<f>" not in sheet
    assert b"hyperlink" not in sheet


def test_a_text_cut_for_excel_is_an_issue_when_it_is_read(tmp_path: Path) -> None:
    path = tmp_path / "sheet.xlsx"
    write_xlsx(path, ["a", "b"], [["x" * 32_767, ""], ["", "y" * 40_000]])
    good, cut = open_sheet(path)
    assert good.cells["a"] == "x" * 32_767
    assert good.issues == []
    assert cut.issues == [("cell_too_long", "b", {"length": 40_000, "at_most": 32_767})]


def test_csv_is_streamed() -> None:
    made = 0

    def rows() -> Iterator[list[str]]:
        nonlocal made
        for _ in range(100_000):
            made += 1
            yield ["同仁堂" * 10]

    chunks = csv_chunks(["名称"], rows())
    assert next(chunks) == b"\xef\xbb\xbf" + "名称\r\n".encode()
    assert made == 0
    assert 10_000 < len(next(chunks)) < 300_000
    assert made < 10_000


def test_csv_files_and_lines() -> None:
    written = b"".join(csv_chunks(["a"], [["=1"], ['say "x"']]))
    assert written == b'\xef\xbb\xbfa\r\n\'=1\r\n"say ""x"""\r\n'
    assert csv_line(["=1", 2, "\ud800"]) == b"'=1,2,?\r\n"


def test_json_lines() -> None:
    objects = [{"zh": "同仁堂", "n": index} for index in range(5000)] + [{"n": 2**70}]
    lines = b"".join(jsonl_chunks(objects)).decode().splitlines()
    assert [json.loads(line) for line in lines] == objects
    assert "同仁堂" in lines[0]
