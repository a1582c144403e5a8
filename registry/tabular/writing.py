"""Write sheets: CSV and JSON lines streamed, XLSX in constant memory; no cell can become a formula."""

from __future__ import annotations

import csv
import datetime as dt
import io
import json
import re
import tempfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

import orjson

from registry.late_imports import LateModule
from registry.tabular.formula_escaping import escape_formula
from registry.tabular.rows import MAX_EXCEL_CELL_LENGTH

xlsxwriter = LateModule("xlsxwriter")
BOM = b"\xef\xbb\xbf"  # without it Excel reads UTF-8 as the machine's own encoding
CHUNK_SIZE = 1 << 16
BLANKS_NOT_IN_XML = re.compile("[\x0b\x0c\x1c-\x1f]")
NOT_IN_XML = re.compile("[\x00-\x08\x0e-\x1b\ud800-\udfff\ufffe\uffff]")

Cells = Sequence[object]


class _CsvBuffer(io.StringIO):
    def drain(self) -> bytes:
        text = self.getvalue()
        self.seek(0)
        self.truncate()
        return text.encode("utf-8", "replace")


def _csv_cell(cell: object) -> object:
    """A cell as CSV holds it: formulas escaped, dates in ISO form, numbers as numbers."""
    if isinstance(cell, str):
        return escape_formula(cell.replace("\0", ""))  # a NUL would make the file one of a program
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return "true" if cell else "false"
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    if isinstance(cell, dt.date):
        return cell.isoformat()
    return cell if isinstance(cell, int | float) else escape_formula(str(cell))


def csv_line(cells: Cells) -> bytes:
    """One line of a CSV file with its line end; formulas are escaped."""
    text = _CsvBuffer()
    csv.writer(text).writerow([_csv_cell(cell) for cell in cells])
    return text.drain()


def csv_chunks(header: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A CSV file in chunks of some 64 kB; the first, header and byte order mark, needs no row."""
    text = _CsvBuffer()
    writer = csv.writer(text)
    writer.writerow([_csv_cell(name) for name in header])
    yield BOM + text.drain()
    for row in rows:
        writer.writerow([_csv_cell(cell) for cell in row])
        if text.tell() > CHUNK_SIZE:
            yield text.drain()
    if text.tell():
        yield text.drain()


def jsonl_chunks(objects: Iterable[Mapping[str, Any]]) -> Iterator[bytes]:
    """One JSON object a line (UTF-8, LF), in chunks of some 64 kB."""
    lines: list[bytes] = []
    size = 0
    for value in objects:
        line = _json_line(value)
        lines.append(line)
        size += len(line)
        if size > CHUNK_SIZE:
            yield b"".join(lines)
            lines, size = [], 0
    if lines:
        yield b"".join(lines)


def _json_line(value: Mapping[str, Any]) -> bytes:
    try:
        return orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE)
    except TypeError:  # whole numbers beyond 64 bits, lone surrogates
        return json.dumps(value, ensure_ascii=True).encode() + b"\n"


def write_xlsx(path: Path, header: Sequence[str], rows: Iterable[Cells]) -> None:
    """Write a workbook of one sheet; every text stays text, dates are ISO texts.

    A text longer than Excel's 32,767 characters is cut and says so at its end; `open_sheet` makes that an issue of
    the row, so that a cut text never comes in as a whole one.
    """
    options = {
        "constant_memory": True,
        "strings_to_formulas": False,
        "strings_to_urls": False,
        "strings_to_numbers": False,
        "nan_inf_to_errors": True,
    }
    with xlsxwriter.Workbook(str(path), options) as book:
        sheet = book.add_worksheet()
        sheet.freeze_panes(1, 0)
        for number, row in enumerate(chain((header,), rows)):
            for column, cell in enumerate(row):
                if isinstance(cell, bool):
                    sheet.write_boolean(number, column, cell)
                elif isinstance(cell, float) or (isinstance(cell, int) and abs(cell) < 2**53):
                    sheet.write_number(number, column, cell)
                elif cell is not None and cell != "":
                    sheet.write_string(number, column, excel_text(cell))


def xlsx_chunks(header: Sequence[str], rows: Iterable[Cells]) -> Iterator[bytes]:
    """A workbook of one sheet in chunks of some 64 kB; it is made on disk first."""
    with tempfile.TemporaryDirectory(prefix="pinzheng-") as folder:
        path = Path(folder) / "sheet.xlsx"
        write_xlsx(path, header, rows)
        with path.open("rb") as file:
            while chunk := file.read(CHUNK_SIZE):
                yield chunk


def excel_text(cell: object) -> str:
    """Return a cell as the text that a workbook can hold: without control characters, at most 32,767 characters."""
    text = cell.isoformat(" ") if isinstance(cell, dt.datetime) else str(cell)
    text = NOT_IN_XML.sub("", BLANKS_NOT_IN_XML.sub(" ", text))
    if len(text) <= MAX_EXCEL_CELL_LENGTH:
        return text
    mark = f"…[cut: {len(text)} characters]"
    return text[: MAX_EXCEL_CELL_LENGTH - len(mark)] + mark
