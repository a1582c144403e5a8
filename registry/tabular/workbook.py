"""Read XLSX through python-calamine, behind checks that keep a hostile file from filling memory.

calamine lays a sheet out as a full rectangle: one cell in the far corner would ask for gigabytes. So the parts are
read through once before it opens them (`archive.inflate_chunks`), to find the corner first.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zipfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import BinaryIO
from xml.parsers import expat

import python_calamine as calamine

from registry.tabular import archive
from registry.tabular.errors import SheetError

MAX_ROWS = 1_048_576  # Excel's own
MAX_CELLS = 12_000_000  # of the rectangle: about 400 MB in calamine; 200,000 rows of 60 columns
MAX_SHARED_STRINGS = 1_000_000  # distinct texts, each an object in memory

NAME = rb"[\w.\-]+"
VALUE = rb"(?:\"[^\"<>]{0,80}\"|'[^'<>]{0,80}')"
# A row or a cell, its attributes up to its reference (r="B7"), and the reference; or, when it has none, the end of its
# tag. A tag that matches neither hides something: it is refused.
POSITIONED_TAG = re.compile(
    rb"<(?:" + NAME + rb":)?(c|row)(?=[\s/>])"
    rb"(?:\s+(?!r\s*=)(?:" + NAME + rb":)?" + NAME + rb"=" + VALUE + rb"){0,30}"
    rb"(?:\s+r=[\"']([A-Za-z]{0,4})(\d{1,8})[\"']|\s*(/?>))?"
)
TARGET_ATTRIBUTE = re.compile(rb"\bTarget=[\"']([^\"'<>]*)[\"']")
FORMULA_OR_ERROR = re.compile(rb"<(?:\w+:)?f[\s/>]|\bt=[\"']e[\"']")  # a formula, a cell of an error
CELL_REFERENCE = re.compile(r"([A-Za-z]{1,4})\d")
MAX_SHOWN_LENGTH = 60  # characters of a formula in an issue
STRING_TAG = re.compile(rb"<(?:\w+:)?si[\s/>]")

Value = str | int | float | bool | dt.date | dt.datetime


class Workbook:
    """Rows of the first visible sheet. Raises `SheetError`."""

    def __init__(self, path: Path, *, max_columns: int) -> None:
        has_formulas_or_errors = check_workbook(path, max_columns)
        try:
            book = calamine.CalamineWorkbook.from_path(path)
            visible = calamine.SheetVisibleEnum.Visible
            worksheet = calamine.SheetTypeEnum.WorkSheet
            names = [
                sheet.name
                for sheet in book.sheets_metadata
                if sheet.typ == worksheet and sheet.visible == visible
            ]
            if not names:
                raise SheetError("no_header")
            self._sheet = book.get_sheet_by_name(names[0])
            self._faulty = (
                find_cells_without_value(path, find_sheet_part(path, names[0]))
                if has_formulas_or_errors
                else {}
            )
        except (calamine.CalamineError, expat.ExpatError, OSError, ValueError, IndexError) as problem:
            if isinstance(problem, SheetError):
                raise
            raise SheetError("not_a_spreadsheet") from problem

    def rows(self) -> Iterator[tuple[int, list[Value]]]:
        """Row number from 1 and its values; whole numbers come as int, times as text."""
        for number, values in enumerate(self._sheet.iter_rows(), start=1):
            yield number, [_to_value(value) for value in values]

    def cells_without_value(self, number: int, header: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Header and content of the row's cells that hold a formula without its value, or an error."""
        for column, content in sorted(self._faulty.get(number, {}).items()):
            if column <= len(header):
                yield header[column - 1], content


def find_sheet_part(path: Path, name: str) -> str:
    """The part of the zip that holds the sheet of this name; "" where the list of sheets does not name one."""
    sheets: dict[str, str] = {}
    targets: dict[str, str] = {}

    def sheet(tag: str, given: dict[str, str]) -> None:
        if _local_name(tag) == "sheet":
            link = next((value for key, value in given.items() if _local_name(key) == "id"), "")
            sheets.setdefault(given.get("name", ""), link)

    def relation(tag: str, given: dict[str, str]) -> None:
        if _local_name(tag) == "Relationship":
            targets[given.get("Id", "")] = given.get("Target", "")

    with path.open("rb") as file:
        for info in archive.checked_entries(path):
            listener = {"workbook.xml": sheet, "workbook.xml.rels": relation}.get(_file_name(info))
            if listener:
                parser = expat.ParserCreate()
                parser.StartElementHandler = listener
                _feed(parser, archive.inflate_chunks(file, info))
    target = targets.get(sheets.get(name, ""), "")
    return target.removeprefix("/") if target.startswith("/") else f"xl/{target}" if target else ""


def find_cells_without_value(path: Path, part: str) -> dict[int, dict[int, str]]:
    """Row → column → content of formulas whose value the file does not hold, and of errors (#REF!). Both count from 1.

    calamine gives both as empty cells: a fact would be lost without notice.
    """
    listener = _CellWithoutValueParser()
    info = next(
        (entry for entry in archive.checked_entries(path) if entry.filename.lower() == part.lower()), None
    )
    if info:
        with path.open("rb") as file:
            _feed(listener.parser, archive.inflate_chunks(file, info))
    return listener.cells


class _CellWithoutValueParser:
    """Listens to the cells of a sheet. A cell or row without a reference follows the one before it."""

    def __init__(self) -> None:
        self.cells: dict[int, dict[int, str]] = {}
        self._row = self._column = 0
        self._formula: str | None = None
        self._error = False
        self._value = ""
        self._within = ""
        self.parser = expat.ParserCreate()
        self.parser.buffer_text = True
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._text

    def _start(self, tag: str, given: dict[str, str]) -> None:
        tag = _local_name(tag)
        if tag == "row":
            self._row, self._column = int(given.get("r") or self._row + 1), 0
        elif tag == "c":
            reference = CELL_REFERENCE.match(given.get("r", ""))
            self._column = _column_number(reference[1].encode()) if reference else self._column + 1
            self._formula, self._value, self._error = None, "", given.get("t") == "e"
        elif tag == "f":
            self._formula, self._within = "", "f"
        elif tag in ("v", "t"):
            self._within = "v"

    def _text(self, text: str) -> None:
        if self._within == "f":
            self._formula = ((self._formula or "") + text)[:MAX_SHOWN_LENGTH]
        elif self._within == "v":
            self._value = (self._value + text)[:MAX_SHOWN_LENGTH]

    def _end(self, tag: str) -> None:
        tag = _local_name(tag)
        if tag in ("f", "v", "t"):
            self._within = ""
        elif tag == "c" and (self._error or (self._formula is not None and not self._value)):
            content = self._value if self._error else f"={self._formula}"
            self.cells.setdefault(self._row, {})[self._column] = content


def _feed(parser: expat.XMLParserType, parts: Iterable[bytes]) -> None:
    for part in parts:
        parser.Parse(part, False)
    parser.Parse(b"", True)


def _file_name(info: zipfile.ZipInfo) -> str:
    return info.filename.lower().rpartition("/")[2]


def _local_name(name: str) -> str:
    return name.rpartition(":")[2]


def _to_value(value: object) -> Value:
    if isinstance(value, float):
        return int(value) if value.is_integer() and abs(value) < 2**53 else value
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, str | bool | int | dt.date):
        return value
    return str(value)


def check_workbook(path: Path, max_columns: int) -> bool:
    """Refuse what is no workbook or would not fit in memory; returns True if it has formulas or errors.

    Raises `SheetError`.
    """
    has_formulas_or_errors = False
    infos = archive.checked_entries(path)
    names = {info.filename.lower() for info in infos}
    if "[content_types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        raise SheetError("not_a_spreadsheet")
    with path.open("rb") as file:
        for info in infos:
            name = info.filename.lower()
            if name.endswith("workbook.xml.rels"):
                _check_targets(b"".join(archive.inflate_chunks(file, info)))
            elif name.endswith(".xml"):
                has_formulas_or_errors |= _check_part(file, info, max_columns)
            else:
                for _ in archive.inflate_chunks(file, info):
                    pass
    return has_formulas_or_errors


def _check_targets(relations: bytes) -> None:
    """calamine reads sheets and texts from wherever this list points: only to parts that `_check_part` has read."""
    targets = TARGET_ATTRIBUTE.findall(relations)
    plain = all(target.lower().endswith(b".xml") and b"&" not in target for target in targets)
    if not plain or len(targets) != relations.count(b"Target="):
        raise SheetError("not_a_spreadsheet")


def _check_part(file: BinaryIO, info: zipfile.ZipInfo, max_columns: int) -> bool:
    """Count texts, and find the far corner of a sheet. A cell or row without a reference follows the one before it."""
    column = columns = rows = texts = 0
    has_formulas_or_errors = False
    for chunk in archive.split_after_tags(archive.inflate_chunks(file, info)):
        archive.reject_entities(chunk)
        has_formulas_or_errors = has_formulas_or_errors or FORMULA_OR_ERROR.search(chunk) is not None
        texts += len(STRING_TAG.findall(chunk))
        if texts >= MAX_SHARED_STRINGS:
            raise SheetError("zip_bomb", reason="shared_strings")
        for kind, letters, number, end in POSITIONED_TAG.findall(chunk):
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
    return has_formulas_or_errors


@functools.cache
def _column_number(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
