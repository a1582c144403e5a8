"""Read sheets as rows: CSV and JSON lines streamed in flat memory, XLSX through calamine after its zip was checked.

A fault of the file raises `SheetError` in `open_sheet`; a fault of one row is an issue of that row and spoils no other.
Row numbers are those that a spreadsheet program shows: the header is row 1, blank rows count.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import IO, Protocol

from registry.reference.text.folding import clean_cell
from registry.tabular.archive import is_zip
from registry.tabular.decoding import detect_encoding
from registry.tabular.errors import SheetError
from registry.tabular.formula_escaping import unescape_formula
from registry.tabular.json_lines import JsonSheet
from registry.tabular.rows import (
    MAX_COLUMNS,
    MAX_EXCEL_CELL_LENGTH,
    Cell,
    Row,
    RowIssue,
    build_row,
    normalise_cell,
)
from registry.tabular.workbook import Workbook

MAX_RECORD_LENGTH = (
    2_000_000  # characters of one row over several lines; beyond, a quotation mark was left open
)
DELIMITERS = ",;\t"
OTHER_FORMAT_SIGNATURES = (
    b"\xd0\xcf\x11\xe0",
    b"\x1f\x8b",
    b"7z\xbc\xaf",
    b"Rar!",
)  # .xls and encrypted files, archives

CUT_MARK = re.compile(
    r"…\[cut: (\d+) characters\]\Z"
)  # `writing.write_xlsx` leaves it where Excel's limit cuts a text

csv.field_size_limit(max(csv.field_size_limit(), 16_000_000))  # our own limits answer first, on the row


class Sheet(Protocol):
    """A header and its rows. It may be iterated again; blank rows are left out.

    `metadata_columns`: columns that say something about the row itself and need not be mentioned when left out.
    """

    header: list[str]
    encoding: str
    metadata_columns: tuple[str, ...]

    def __iter__(self) -> Iterator[Row]: ...


def open_sheet(path: Path) -> Sheet:
    """Open a CSV, XLSX or JSON lines file. Its first bytes say which; a name of another kind is refused.

    CSV: comma, semicolon or TAB, as in the header line; UTF-8 or GB18030. XLSX: the first visible sheet; formulas
    give the value the file holds. JSON lines: as an export writes them. Raises `SheetError`.
    """
    try:
        with path.open("rb") as file:
            first_bytes = file.read(1024)
    except OSError as problem:
        raise SheetError("file_missing", file=path.name) from problem
    if not first_bytes:
        raise SheetError("empty_file")
    kind: Callable[[Path], Sheet] = CsvSheet
    if first_bytes.startswith(OTHER_FORMAT_SIGNATURES):
        raise SheetError("not_a_spreadsheet")
    if is_zip(first_bytes):
        kind = XlsxSheet
    elif first_bytes.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        kind = JsonSheet
    if SHEET_TYPES_BY_SUFFIX.get(path.suffix.lower(), kind) is not kind:
        raise SheetError("not_a_spreadsheet")
    return kind(path)


class CsvSheet:
    """A CSV file, read line by line."""

    metadata_columns: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        encoding = detect_encoding(path)
        self.encoding = encoding.name
        self._complete = encoding.complete
        self.delimiter = ","
        with self._open() as file:
            first = next((line for line in file if line.strip("\ufeff \t\r\n")), "")
        self.delimiter = sniff_delimiter(first)
        self.header = next((validate_header(cells) for cells, _ in self._records()), [])
        if not self.header:
            raise SheetError("no_header")

    def __iter__(self) -> Iterator[Row]:
        records = enumerate(self._records(), start=1)
        for _, (cells, _) in records:
            if any(cells):
                break
        for number, (cells, whole) in records:
            if any(cells):
                row = build_row(
                    number, self.header, [normalise_cell(unescape_formula(cell)) for cell in cells]
                )
                if not whole:
                    row.issues.append(RowIssue("row_truncated", "", {}))
                yield row

    def _open(self) -> IO[str]:
        # Only the very end of a file that is not whole can be undecodable: its row is marked as cut.
        return self.path.open(
            encoding=self.encoding, newline="", errors="strict" if self._complete else "replace"
        )

    def _records(self) -> Iterator[tuple[list[str], bool]]:
        """Cells of each record, and whether it is complete.

        Not complete: one left open at the end, one whose last character is cut, and a last one that has neither a line
        end nor as many cells as the header.
        """
        with self._open() as file:
            source = _RecordLines(file)
            width = 0
            while source.has_more():
                source.start_record()
                try:
                    cells = next(csv.reader(source, delimiter=self.delimiter))
                except (csv.Error, StopIteration):
                    cells, source.exhausted = [], True
                if source.exhausted and width and self._next_line_is_complete(source.consumed, width):
                    cells = next(csv.reader(source.consumed[:1], delimiter=self.delimiter), [])
                    source.push_back(source.consumed[1:])
                cut = not source.has_more() and not source.consumed[-1].endswith(("\n", "\r"))
                yield cells, not (source.exhausted or (cut and (len(cells) < width or not self._complete)))
                width = width or len(cells)

    def _next_line_is_complete(self, consumed: Sequence[str], width: int) -> bool:
        """True if the line after an opening quotation mark is a row by itself: then the mark is at fault."""
        if len(consumed) < 2 or width < 2:
            return False
        return len(next(csv.reader(consumed[1:2], delimiter=self.delimiter), [])) == width


class _RecordLines:
    """The lines of a file for one record at a time.

    `consumed`: lines of the record. `exhausted`: it asked for more than there is, or than a record may have.
    """

    def __init__(self, lines: Iterable[str]) -> None:
        self._lines = iter(lines)
        self._waiting: deque[str] = deque()
        self.start_record()

    def start_record(self) -> None:
        self.consumed: list[str] = []
        self._size = 0
        self.exhausted = False

    def has_more(self) -> bool:
        if not self._waiting:
            line = next(self._lines, None)
            if line is None:
                return False
            self._waiting.append(line)
        return True

    def push_back(self, lines: Sequence[str]) -> None:
        self._waiting.extendleft(reversed(lines))

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        if not self.has_more() or self._size > MAX_RECORD_LENGTH:
            self.exhausted = True
            raise StopIteration
        line = self._waiting.popleft()
        self.consumed.append(line)
        self._size += len(line)
        return line


class XlsxSheet:
    """The first visible sheet of a workbook."""

    encoding = "utf-8"
    metadata_columns: tuple[str, ...] = ()

    def __init__(self, path: Path) -> None:
        self._book = Workbook(path, max_columns=MAX_COLUMNS)
        self.header = next(
            (validate_header([str(cell) for cell in cells]) for _, cells in self._non_blank_rows()), []
        )
        if not self.header:
            raise SheetError("no_header")

    def __iter__(self) -> Iterator[Row]:
        rows = self._non_blank_rows()
        next(rows, None)
        for number, cells in rows:
            row = build_row(
                number,
                self.header,
                [normalise_cell(cell) if isinstance(cell, str) else cell for cell in cells],
            )
            for column, written in self._book.cells_without_value(number, self.header):
                row.issues.append(RowIssue("cell_without_value", column, {"value": written}))
            for column, cell in row.cells.items():
                if isinstance(cell, str) and (cut := CUT_MARK.search(cell)):
                    row.issues.append(
                        RowIssue(
                            "cell_too_long", column, {"length": int(cut[1]), "at_most": MAX_EXCEL_CELL_LENGTH}
                        )
                    )
            yield row

    def _non_blank_rows(self) -> Iterator[tuple[int, list[Cell]]]:
        return ((number, cells) for number, cells in self._book.rows() if any(cell != "" for cell in cells))


# A file whose content is not what its name says would come in as one odd column.
SHEET_TYPES_BY_SUFFIX: dict[str, Callable[[Path], Sheet]] = {
    ".xlsx": XlsxSheet,
    ".xlsm": XlsxSheet,
    ".json": JsonSheet,
    ".jsonl": JsonSheet,
}


def sniff_delimiter(line: str) -> str:
    """The separator of a header line: the most frequent one outside quotation marks, the comma where two tie."""
    outside = re.sub(r'"[^"]*"?', "", line)
    return max(DELIMITERS, key=lambda delimiter: (outside.count(delimiter), delimiter == ","))


def validate_header(cells: Sequence[str]) -> list[str]:
    """Normalised column names. A column without one is called `column N`, so that it is reported when left out.

    Raises `SheetError`: `too_many_columns`, `duplicate_header`.
    """
    names = [clean_cell(unescape_formula(cell)) for cell in cells]
    while names and not names[-1]:
        names.pop()
    if len(names) > MAX_COLUMNS:
        raise SheetError("too_many_columns", columns=len(names), at_most=MAX_COLUMNS)
    names = [name or f"column {position}" for position, name in enumerate(names, start=1)]
    if repeated := next((name for name in names if names.count(name) > 1), None):
        raise SheetError("duplicate_header", column=repeated)
    return names
