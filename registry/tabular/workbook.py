"""Read XLSX through python-calamine, behind checks that keep a hostile file from filling memory.

calamine lays a sheet out as a full rectangle: one cell in the far corner would ask for gigabytes. So the parts are
read through once before it opens them (`archive.inflate_chunks`), to find the corner first.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
import zipfile
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO
from xml.parsers import expat

import python_calamine as calamine

from registry.kit.cells import FormattedCell
from registry.tabular import archive
from registry.tabular.errors import SheetError
from registry.tabular.number_formats import formats_of_interest, is_date_format, show_date, show_number

MAX_ROWS = 1_048_576  # Excel's own
MAX_CELLS = 12_000_000  # of the rectangle: about 400 MB in calamine; 200,000 rows of 60 columns
MAX_WITHOUT_VALUE = 100_000  # formulas without their value, and errors, that are remembered
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

LOST_DIGITS = 1e15  # spreadsheet programs keep 15 figures of a number; the rest of a longer one is lost
EPOCH_1904 = dt.date(1904, 1, 1)
MAX_SERIAL_DAY = 100_000  # days: in the 22nd century; greater numbers are no dates
MAX_STYLES = 16 << 20  # bytes of the part with the formats
MAX_MERGED = 200_000  # ranges of merged cells in a sheet
HIDDEN_ROW = re.compile(rb"<(?:\w+:)?row\s[^<>]*\bhidden=[\"'](?:1|true)[\"']")
FROM_1904 = re.compile(rb"<(?:\w+:)?workbookPr\s[^<>]*\bdate1904=[\"'](?:1|true)[\"']")


@dataclass(frozen=True, slots=True)
class WorkbookLimits:
    """How large a workbook may be: cells of the rectangle of a worksheet, and bytes of all parts inflated."""

    cells: int = MAX_CELLS
    inflated: int = archive.MAX_TOTAL


USUAL_LIMITS = WorkbookLimits()
Value = str | int | float | dt.date | dt.datetime | FormattedCell


@dataclass(frozen=True, slots=True)
class WorkbookParts:
    """What was found while the parts of a workbook were read through.

    `hidden_rows`: part of a sheet → how many of its rows are hidden. `counts_from_1904`: its serial dates do.
    `formats`: index of a cell format → code of its number format, for those that change what is shown.
    """

    has_formulas_or_errors: bool
    hidden_rows: Mapping[str, int]
    counts_from_1904: bool
    formats: Mapping[int, str]


class Workbook:
    """The worksheets of a file, by name. Raises `SheetError`."""

    def __init__(self, path: Path, *, max_columns: int, limits: WorkbookLimits = USUAL_LIMITS) -> None:
        self._path = path
        self._parts = check_workbook(path, max_columns, limits)
        try:
            self._book = calamine.CalamineWorkbook.from_path(path)
        except (calamine.CalamineError, expat.ExpatError, OSError, ValueError, IndexError) as problem:
            raise _refusal(path) from problem
        sheets = [s for s in self._book.sheets_metadata if s.typ == calamine.SheetTypeEnum.WorkSheet]
        self.visible = [s.name for s in sheets if s.visible == calamine.SheetVisibleEnum.Visible]
        self.hidden = [s.name for s in sheets if s.visible != calamine.SheetVisibleEnum.Visible]

    def open_worksheet(self, name: str) -> Worksheet:
        """A worksheet, read into memory. Raises `SheetError`."""
        try:
            sheet = self._book.get_sheet_by_name(name)
            part = find_sheet_part(self._path, name)
            return Worksheet(sheet, self._path, part, self._parts)
        except (calamine.CalamineError, expat.ExpatError, OSError, ValueError, IndexError) as problem:
            if isinstance(problem, SheetError):
                raise
            raise _refusal(self._path) from problem


def _refusal(path: Path) -> SheetError:
    """What a file that could not be read is told. Raises OSError where it cannot be opened: then it says nothing about the file.

    The reader's own error does not tell these apart.
    """
    with path.open("rb"):
        return SheetError("not_a_spreadsheet")


class Worksheet:
    """The rows of one worksheet."""

    def __init__(self, sheet: calamine.CalamineSheet, path: Path, part: str, parts: WorkbookParts) -> None:
        self._sheet = sheet
        self._path = path
        self._part = part
        self._parts = parts
        self.height = sheet.end[0] + 1 if sheet.end else 0  # rows down to the last one that holds something
        self.hidden_rows = parts.hidden_rows.get(part.lower(), 0)
        self._merged: dict[int, list[tuple[int, int]]] = {}  # first row → column and last row, all from 0
        for (top, left), (bottom, _right) in sheet.merged_cell_ranges or ():
            if bottom > top:
                self._merged.setdefault(top, []).append((left, bottom))
        self._faulty = find_cells_without_value(path, part) if parts.has_formulas_or_errors else {}

    def rows(self) -> Iterator[tuple[int, list[Value]]]:
        """Row number from 1 and its values; whole numbers come as int, times as text.

        A value of cells merged over several rows stands in each of them.
        """
        formats = self._formats_by_row()
        waiting = next(formats, None)
        merged: list[tuple[int, int, Value]] = []  # column, last row, value
        values: list[Any]
        for index, values in enumerate(self._sheet.iter_rows()):
            while waiting is not None and waiting[0] <= index:
                of_row, waiting = waiting, next(formats, None)
                if of_row[0] == index:
                    for column, code in of_row[1].items():
                        if column < len(values):
                            values[column] = _formatted(values[column], code)
            row = [
                value if type(value) is str else _to_value(value, self._parts.counts_from_1904)
                for value in values
            ]
            if merged:
                merged = [cell for cell in merged if cell[1] >= index]
                for column, _last, value in merged:
                    if column < len(row) and row[column] == "":
                        row[column] = value
            if index in self._merged:
                merged += [
                    (left, bottom, row[left]) for left, bottom in self._merged[index] if left < len(row)
                ]
            yield index + 1, row

    def merged_depth(self, number: int) -> int:
        """Over how many rows cells are merged that begin in a row (from 1): 1 where none are."""
        return max((bottom - number + 2 for _left, bottom in self._merged.get(number - 1, ())), default=1)

    def cells_without_value(self, number: int, header: Sequence[str]) -> Iterator[tuple[str, str]]:
        """Header and content of the row's cells that hold a formula without its value, or an error."""
        for column, content in sorted(self._faulty.get(number, {}).items()):
            if column <= len(header):
                yield header[column - 1], content

    def _formats_by_row(self) -> Iterator[tuple[int, dict[int, str]]]:
        """Row and column, from 0, of the cells whose format changes what is shown, with its code; rows in order."""
        formats = {str(index).encode(): code for index, code in self._parts.formats.items()}
        info = _find_part(self._path, self._part) if formats else None
        if info is None:
            return
        styles = b"|".join(formats)
        cell = re.compile(
            rb"<(?:\w+:)?c\s(?=[^<>]*?\bs=[\"']("
            + styles
            + rb")[\"'])[^<>]*?\br=[\"']([A-Za-z]{1,4})(\d{1,8})[\"']"
        )
        row = -1
        cells: dict[int, str] = {}
        with self._path.open("rb") as file:
            for chunk in archive.split_after_tags(archive.inflate_chunks(file, info)):
                for style, letters, number in cell.findall(chunk):
                    if int(number) - 1 != row:
                        if cells:
                            yield row, cells
                        row, cells = int(number) - 1, {}
                    cells[_column_number(letters) - 1] = formats[style]
        if cells:
            yield row, cells


def _formatted(value: Any, code: str) -> Any:
    """A number or date as its format shows it; other values, and plain ones, as they are."""
    if isinstance(value, bool | str):
        return value
    if isinstance(value, dt.date):
        day = value.date() if isinstance(value, dt.datetime) else value
        shown = show_date(day, code) if is_date_format(code) else None
        return FormattedCell(day, shown, "date_in_text") if shown else value
    if isinstance(value, int | float):
        shown = None if is_date_format(code) else show_number(value, code)
        if shown and shown != _plain_number(value) and abs(value) < LOST_DIGITS:
            return FormattedCell(int(value) if float(value).is_integer() else value, shown)
    return value


def _plain_number(value: float) -> str:
    return str(int(value)) if float(value).is_integer() else f"{value:.15g}"


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

    calamine gives both as empty cells: a fact would be lost without notice. Raises `SheetError` for more than are
    remembered.
    """
    listener = _CellWithoutValueParser()
    info = _find_part(path, part)
    if info:
        with path.open("rb") as file:
            _feed(listener.parser, archive.inflate_chunks(file, info))
    return listener.cells


class _CellWithoutValueParser:
    """Listens to the cells of a sheet. A cell or row without a reference follows the one before it."""

    def __init__(self) -> None:
        self.cells: dict[int, dict[int, str]] = {}
        self._found = 0
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
            self._found += 1
            if self._found > MAX_WITHOUT_VALUE:
                raise SheetError("too_many_without_value", at_most=MAX_WITHOUT_VALUE)
            self.cells.setdefault(self._row, {})[self._column] = content


def _feed(parser: expat.XMLParserType, parts: Iterable[bytes]) -> None:
    for part in parts:
        parser.Parse(part, False)
    parser.Parse(b"", True)


def _file_name(info: zipfile.ZipInfo) -> str:
    return info.filename.lower().rpartition("/")[2]


def _local_name(name: str) -> str:
    return name.rpartition(":")[2]


def _to_value(value: object, counts_from_1904: bool = False) -> Value:
    if isinstance(value, float):
        if not value.is_integer():
            return FormattedCell(value, f"{value:.15g}", "number_in_text")
        if abs(value) >= LOST_DIGITS:
            return FormattedCell(value, f"{value:.5E}", "digits_lost")
        if counts_from_1904 and 0 < value < MAX_SERIAL_DAY:
            return FormattedCell(int(value), str(int(value)), day=EPOCH_1904 + dt.timedelta(days=int(value)))
        return int(value)
    if isinstance(value, bool):
        return FormattedCell(value, "TRUE" if value else "FALSE", "boolean_in_text")
    if isinstance(value, dt.datetime):
        return value.date() if value.time() == dt.time() else value
    if isinstance(value, str | int | dt.date | FormattedCell):
        return value
    return str(value)


def _find_part(path: Path, name: str) -> zipfile.ZipInfo | None:
    entries = archive.checked_entries(path)
    return next((entry for entry in entries if entry.filename.lower() == name.lower()), None)


def check_workbook(path: Path, max_columns: int, limits: WorkbookLimits = USUAL_LIMITS) -> WorkbookParts:
    """Refuse what is no workbook or would not fit in memory; returns what was found on the way. Raises `SheetError`."""
    has_formulas_or_errors = counts_from_1904 = False
    formats: dict[int, str] = {}
    hidden_rows: dict[str, int] = {}
    infos = archive.checked_entries(path)
    if sum(info.file_size for info in infos) > limits.inflated:
        raise SheetError("workbook_too_large", at_most=limits.cells)
    names = {info.filename.lower() for info in infos}
    if "[content_types].xml" not in names or not any(name.endswith("workbook.xml") for name in names):
        raise SheetError("not_a_spreadsheet")
    with path.open("rb") as file:
        for info in infos:
            name = info.filename.lower()
            if name.endswith("workbook.xml.rels"):
                _check_targets(b"".join(archive.inflate_chunks(file, info)))
            elif name.endswith(".xml"):
                found, hidden_rows[name] = _check_part(file, info, max_columns, limits)
                has_formulas_or_errors |= found
                if name.endswith("/styles.xml") and info.file_size <= MAX_STYLES:
                    formats = _read_formats(b"".join(archive.inflate_chunks(file, info)))
                elif name.endswith("workbook.xml") and info.file_size <= MAX_STYLES:
                    book = b"".join(archive.inflate_chunks(file, info))
                    counts_from_1904 |= FROM_1904.search(book) is not None
            else:
                for _ in archive.inflate_chunks(file, info):
                    pass
    return WorkbookParts(has_formulas_or_errors, hidden_rows, counts_from_1904, formats)


def _read_formats(styles: bytes) -> dict[int, str]:
    try:
        return formats_of_interest(styles)
    except (expat.ExpatError, ValueError) as problem:
        raise SheetError("not_a_spreadsheet") from problem


def _check_targets(relations: bytes) -> None:
    """calamine reads sheets and texts from wherever this list points: only to parts that `_check_part` has read."""
    targets = TARGET_ATTRIBUTE.findall(relations)
    plain = all(target.lower().endswith(b".xml") and b"&" not in target for target in targets)
    if not plain or len(targets) != relations.count(b"Target="):
        raise SheetError("not_a_spreadsheet")


def _check_part(
    file: BinaryIO, info: zipfile.ZipInfo, max_columns: int, limits: WorkbookLimits
) -> tuple[bool, int]:
    """Count texts, and find the far corner of a sheet. A cell or row without a reference follows the one before it.

    Returns whether the part has formulas or errors, and how many hidden rows. Raises `SheetError`.
    """
    column = columns = rows = texts = hidden = merged = 0
    has_formulas_or_errors = False
    for chunk in archive.split_after_tags(archive.inflate_chunks(file, info)):
        archive.reject_entities(chunk)
        has_formulas_or_errors = has_formulas_or_errors or FORMULA_OR_ERROR.search(chunk) is not None
        texts += len(STRING_TAG.findall(chunk))
        if texts >= MAX_SHARED_STRINGS:
            raise SheetError("zip_bomb", reason="shared_strings")
        merged += chunk.count(b"mergeCell ")
        if merged >= MAX_MERGED:
            raise SheetError("zip_bomb", reason="cells")
        hidden += len(HIDDEN_ROW.findall(chunk)) if b"hidden=" in chunk else 0
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
        if rows * columns > limits.cells:
            raise SheetError("workbook_too_large", at_most=limits.cells)
    return has_formulas_or_errors, hidden


@functools.cache
def _column_number(letters: bytes) -> int:
    """A is 1, Z is 26, AA is 27."""
    number = 0
    for letter in letters.upper():
        number = number * 26 + letter - 64
    return number
