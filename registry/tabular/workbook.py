"""XLSX through python-calamine, behind checks that keep a hostile file from filling memory.

calamine lays a sheet out as a full rectangle: one cell in the far corner would ask for gigabytes. So the parts are
read through once before it opens them (`archive.pieces`), and the corner is found first.
"""

from __future__ import annotations

import datetime as dt
import functools
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

NAME = rb"[\w.\-]+"
VALUE = rb"(?:\"[^\"<>]{0,80}\"|'[^'<>]{0,80}')"
# A row or a cell, its attributes up to its place, and the place; or, when it has none, the end of its tag. A tag
# that fits neither hides something: it is refused.
PLACED = re.compile(
    rb"<(?:" + NAME + rb":)?(c|row)(?=[\s/>])"
    rb"(?:\s+(?!r\s*=)(?:" + NAME + rb":)?" + NAME + rb"=" + VALUE + rb"){0,30}"
    rb"(?:\s+r=[\"']([A-Za-z]{0,4})(\d{1,8})[\"']|\s*(/?>))?"
)
TARGET = re.compile(rb"\bTarget=[\"']([^\"'<>]*)[\"']")
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
            if name.endswith("workbook.xml.rels"):
                _examine_targets(b"".join(archive.pieces(file, info)))
            elif name.endswith(".xml"):
                _examine_part(file, info, max_columns)
            else:
                for _ in archive.pieces(file, info):
                    pass


def _examine_targets(relations: bytes) -> None:
    """calamine reads sheets and texts from wherever this list points: to nothing that `_examine_part` has not seen."""
    targets = TARGET.findall(relations)
    plain = all(target.lower().endswith(b".xml") and b"&" not in target for target in targets)
    if not plain or len(targets) != relations.count(b"Target="):
        raise SheetError("not_a_spreadsheet")


def _examine_part(file: BinaryIO, info: zipfile.ZipInfo, max_columns: int) -> None:
    """Count texts, and find the far corner of a sheet. A cell or row without its place follows the one before it."""
    column = columns = rows = texts = 0
    for piece in archive.whole_tags(archive.pieces(file, info)):
        archive.refuse_entities(piece)
        texts += len(STRING_TAG.findall(piece))
        if texts >= MAX_SHARED_STRINGS:
            raise SheetError("zip_bomb", reason="shared_strings")
        for kind, letters, number, end in PLACED.findall(piece):
            if not (number or end):
                raise SheetError("not_a_spreadsheet")
            if kind == b"row":
                column = 0
                rows = max(rows, int(number)) if number else rows + 1
            else:
                column = _column_number(letters) if letters else column + 1
                columns = max(columns, column)
                rows = max(rows, int(number or 0))
        if columns > max_columns:
            raise SheetError("too_many_columns", columns=columns, at_most=max_columns)
        if rows > MAX_ROWS:
            raise SheetError("too_many_rows", rows=rows, at_most=MAX_ROWS)
        if rows * columns > MAX_CELLS:
            raise SheetError("zip_bomb", reason="cells")


@functools.cache
def _column_number(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
