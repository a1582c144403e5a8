"""XLSX through python-calamine, behind checks that keep a hostile file from filling memory.

calamine lays a sheet out as a full rectangle: one cell in the far corner would ask for gigabytes. So the parts are
read through once before it opens them (`archive.pieces`), and the corner is found first.
"""

from __future__ import annotations

import datetime as dt
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

import python_calamine as calamine

from registry.tabular import archive
from registry.tabular.errors import SheetError

MAX_ROWS = 1_048_576  # Excel's own
MAX_CELLS = 12_000_000  # of the rectangle: about 400 MB in calamine; 200,000 rows of 60 columns
MAX_SHARED_STRINGS = 1_000_000  # distinct texts, each an object in memory

REF = re.compile(rb"<(?:\w+:)?c\b[^<>]{0,200}?\br=[\"']([A-Za-z]{1,4})(\d{1,8})[\"']")
ROW_REF = re.compile(rb"<(?:\w+:)?row\b[^<>]{0,200}?\br=[\"'](\d{1,8})[\"']")
CELL_TAG = re.compile(rb"<(?:\w+:)?c[\s/>]")
ROW_TAG = re.compile(rb"<(?:\w+:)?row[\s/>]")
STRING_TAG = re.compile(rb"<(?:\w+:)?si[\s/>]")

Value = str | int | float | bool | dt.date | dt.datetime


class Workbook:
    """Rows of the first visible sheet. Raises `SheetError`."""

    def __init__(self, path: Path, *, max_columns: int) -> None:
        examine(path, max_columns)
        try:
            book = calamine.CalamineWorkbook.from_path(path)
            visible = calamine.SheetVisibleEnum.Visible
            work = calamine.SheetTypeEnum.WorkSheet
            names = [
                sheet.name for sheet in book.sheets_metadata if sheet.typ == work and sheet.visible == visible
            ]
            if not names:
                raise SheetError("no_header")
            self._sheet = book.get_sheet_by_name(names[0])
        except (calamine.CalamineError, OSError, ValueError, IndexError) as problem:
            if isinstance(problem, SheetError):
                raise
            raise SheetError("not_a_spreadsheet") from problem

    def rows(self) -> Iterator[tuple[int, list[Value]]]:
        """Row number and its values; numbers that are whole come as whole numbers, times as text."""
        for number, values in enumerate(self._sheet.iter_rows(), start=1):
            yield number, [_plain(value) for value in values]


def _plain(value: object) -> Value:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, str | bool | int | dt.date):
        return value
    return str(value)


def examine(path: Path, max_columns: int) -> None:
    """Refuse what is no workbook, and what would not fit in memory."""
    infos = archive.entries(path)
    names = {info.filename.lower() for info in infos}
    if "[content_types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        raise SheetError("not_a_spreadsheet")
    with path.open("rb") as file:
        for info in infos:
            name = info.filename.lower()
            if name.endswith("sharedstrings.xml"):
                _examine_strings(file, info)
            elif "worksheets/" in name and name.endswith(".xml"):
                _examine_sheet(file, info, max_columns)
            else:
                for piece, _ in archive.overlapping(archive.pieces(file, info)):
                    _refuse_entities(piece)


def _refuse_entities(piece: bytes) -> None:
    if archive.ENTITIES.search(piece):
        raise SheetError("zip_bomb", reason="entities")


def _examine_strings(file: BinaryIO, info: zipfile.ZipInfo) -> None:
    count = 0
    for piece, front in archive.overlapping(archive.pieces(file, info)):
        _refuse_entities(piece)
        count += sum(1 for match in STRING_TAG.finditer(piece) if match.end() > front)
        if count >= MAX_SHARED_STRINGS:
            raise SheetError("zip_bomb", reason="shared_strings")


def _examine_sheet(file: BinaryIO, info: zipfile.ZipInfo, max_columns: int) -> None:
    """Find the far corner of a sheet. A cell or row without its place follows the one before it."""
    columns = rows = 0
    unplaced_rows = unplaced_cells = 0
    for piece, front in archive.overlapping(archive.pieces(file, info)):
        _refuse_entities(piece)
        refs = [(match[1], match[2]) for match in REF.finditer(piece) if match.end() > front]
        numbers = [match[1] for match in ROW_REF.finditer(piece) if match.end() > front]
        # Tags cut by the seam are counted in one piece, their place maybe in the next: differences below are sums.
        unplaced_cells += sum(1 for match in CELL_TAG.finditer(piece) if match.end() > front) - len(refs)
        unplaced_rows += sum(1 for match in ROW_TAG.finditer(piece) if match.end() > front) - len(numbers)
        columns = max([columns, *map(_column_number, {letters for letters, _ in refs})])
        rows = max([rows, *map(int, {number for _, number in refs}), *map(int, set(numbers))])
    rows += max(0, unplaced_rows)
    if unplaced_cells > 0:
        columns += min(
            unplaced_cells, max_columns
        )  # at worst they stand in one row, to the right of the others
    if columns > max_columns and not unplaced_cells:
        raise SheetError("too_many_columns", columns=columns, at_most=max_columns)
    if rows > MAX_ROWS:
        raise SheetError("too_many_rows", rows=rows, at_most=MAX_ROWS)
    if rows * max(columns, 1) > MAX_CELLS or unplaced_cells > MAX_CELLS:
        raise SheetError("zip_bomb", reason="cells")


def _column_number(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
