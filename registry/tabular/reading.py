"""Read sheets as rows: CSV and JSON lines streamed in flat memory, XLSX through calamine after its zip was checked.

A fault of the file raises `SheetError` in `open_sheet`; a fault of one row is an issue of that row and spoils no other.
Row numbers are those that a spreadsheet program shows: the header is row 1, blank rows count.
"""

from __future__ import annotations

import csv
import re
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import IO, Protocol

from registry.observing.recent_trouble import note_system_error
from registry.reference.text.folding import clean_cell
from registry.tabular.archive import is_zip
from registry.tabular.decoding import detect_encoding
from registry.tabular.encodings import GB18030_2022
from registry.tabular.errors import SheetError
from registry.tabular.formula_escaping import unescape_formula
from registry.tabular.header_rows import (
    MAX_ROWS_BEFORE_DATA,
    ColumnWords,
    Header,
    find_header,
    reject_repeated,
)
from registry.tabular.json_lines import JsonSheet
from registry.tabular.rows import (
    EVERYTHING,
    MAX_COLUMNS,
    MAX_EXCEL_CELL_LENGTH,
    MAX_KEPT_LENGTH,
    Row,
    RowIssue,
    Selection,
    build_row,
    normalise_cell,
    repeats_header,
)
from registry.tabular.workbook import USUAL_LIMITS, Workbook, WorkbookLimits, Worksheet

MAX_RECORD_LENGTH = (
    2_000_000  # characters of one row over several lines; beyond, a quotation mark was left open
)
MAX_KEPT = 4096  # short cells of a sheet that are kept as they were read
DELIMITERS = ",;\t|，；"
SEPARATOR_LINE = re.compile(
    r'"?sep=(?P<separator>\\t|[^"])"?[,;\t]*', re.IGNORECASE
)  # a first line that Excel obeys
ESCAPED_LINE_END = re.compile(r"(?:_x000[dD]_\n?|_x000[aA]_)")
TEXT_FORMULA = re.compile(r'="([^"]*)"')  # keeps a number text in CSV
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
    `notices`: what its sender is to know of it: (code, parameters).
    """

    header: list[str]
    encoding: str
    metadata_columns: tuple[str, ...]

    @property
    def notices(self) -> Sequence[tuple[str, dict[str, object]]]: ...

    @property
    def worksheets(self) -> tuple[tuple[str, int], ...]:
        """The worksheets that are read, and what the numbers of their rows are raised by; none for other files."""

    def __iter__(self) -> Iterator[Row]: ...

    def numbers(self) -> Iterator[int]:
        """The numbers of the rows: to count them costs less than to read them."""

    def place_of(self, number: int) -> str | int:
        """The number of a row as its sender finds it: of several worksheets, with the name of its own."""


def open_sheet(
    path: Path,
    words: ColumnWords | None = None,
    selection: Selection = EVERYTHING,
    *,
    limits: WorkbookLimits = USUAL_LIMITS,
) -> Sheet:
    """Open a CSV, XLSX or JSON lines file. Its first bytes say which; a name of another kind is refused.

    CSV: the separator under which most columns are known; see `decoding` for encodings. XLSX: the visible worksheets
    that have the columns; formulas give the value the file holds. JSON lines: as an export writes them.
    `words`: by which the header is found; without them it is the first row, of the first visible worksheet.
    Raises `SheetError`.
    """
    kind = find_kind(path)
    if kind == "jsonl":
        return JsonSheet(path)
    if kind == "xlsx":
        return XlsxSheet(path, words, selection, limits)
    return CsvSheet(path, words, selection)


def find_kind(path: Path) -> str:
    """What a file is by its first bytes: `csv`, `xlsx` or `jsonl`; a name of another kind is refused. Raises `SheetError`."""
    try:
        with path.open("rb") as file:
            first_bytes = file.read(1024)
    except OSError as problem:
        if note_system_error(problem):  # says nothing about the file
            raise
        raise SheetError("file_missing", file=path.name) from problem
    if not first_bytes:
        raise SheetError("empty_file")
    if first_bytes.startswith(OTHER_FORMAT_SIGNATURES):
        raise SheetError("not_a_spreadsheet")
    kind = "csv"
    if is_zip(first_bytes):
        kind = "xlsx"
    elif first_bytes.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"{"):
        kind = "jsonl"
    if KINDS_BY_SUFFIX.get(path.suffix.lower(), kind) != kind:
        raise SheetError("not_a_spreadsheet")
    return kind


class CsvSheet:
    """A CSV file, read line by line."""

    metadata_columns: tuple[str, ...] = ()
    notices: tuple[tuple[str, dict[str, object]], ...] = ()
    worksheets: tuple[tuple[str, int], ...] = ()

    def __init__(
        self, path: Path, words: ColumnWords | None = None, selection: Selection = EVERYTHING
    ) -> None:
        self.path = path
        encoding = detect_encoding(path)
        self.encoding = encoding.name
        self._complete = encoding.complete
        self._translation = GB18030_2022 if encoding.name == "gb18030" else None
        self._read_before: dict[str, str] = {}  # cells as written → as read
        self._separator_line = False
        self.delimiter = ","
        with self._open() as file:
            lines = list(islice((line for line in file if line.strip("\ufeff \t\r\n")), MAX_ROWS_BEFORE_DATA))
        first = lines[0] if lines else ""
        if named := SEPARATOR_LINE.fullmatch(first.strip("\ufeff \t\r\n")):
            self._separator_line = True
            candidates = ["\t" if named["separator"] == "\\t" else named["separator"]]
        elif words is None:
            candidates = [sniff_delimiter(first)]
        else:
            candidates = sorted(DELIMITERS, key=lambda delimiter: delimiter != sniff_delimiter(first))
            candidates = [each for each in candidates if any(each in line for line in lines)] or [","]
        found: Header | None = None
        separator = candidates[0]
        for candidate in candidates:
            self.delimiter = candidate
            header = self._find_header(words, selection)
            if header and (found is None or _score(header) > _score(found)):
                found, separator = header, candidate
        self.delimiter = separator
        if found is None:
            raise SheetError("no_header")
        reject_repeated(found.names)
        self.header = found.names
        self._header_rows = found.rows

    def __iter__(self) -> Iterator[Row]:
        for number, cells, whole in self._filled_records():
            row = self._read_row(number, cells)
            if repeats_header(row):
                continue
            if not whole:
                row.issues.append(RowIssue("row_truncated", "", {}))
            yield row

    def numbers(self) -> Iterator[int]:
        for number, cells, _whole in self._filled_records():
            like_header = clean_cell(self._read_cell(cells[0])) == self.header[0]
            if not (like_header and repeats_header(self._read_row(number, cells))):
                yield number

    def place_of(self, number: int) -> str | int:
        return number

    def _filled_records(self) -> Iterator[tuple[int, list[str], bool]]:
        """Number, cells, and whether it is complete, of each record below the header that has a cell with something in it."""
        remaining = self._header_rows
        for number, (cells, whole) in enumerate(self._records(), start=1):
            if not any(cells):
                continue
            if remaining:
                remaining -= 1
            else:
                yield number, cells, whole

    def _read_row(self, number: int, cells: Sequence[str]) -> Row:
        kept = self._read_before
        return build_row(
            number, self.header, [kept[cell] if cell in kept else self._read_cell(cell) for cell in cells]
        )

    def _read_cell(self, cell: str) -> str:
        if cell.startswith('="') and (text := TEXT_FORMULA.fullmatch(cell)):
            read = normalise_cell(text[1])
        else:
            read = normalise_cell(unescape_formula(cell))
            if self._translation and not read.isprintable():
                read = read.translate(self._translation)
        if len(cell) <= MAX_KEPT_LENGTH:  # most columns repeat a few words row after row
            if len(self._read_before) >= MAX_KEPT:
                self._read_before.clear()
            self._read_before[cell] = read
        return read

    def _find_header(self, words: ColumnWords | None, selection: Selection) -> Header | None:
        """The header under the present separator. Raises `SheetError`."""
        first = enumerate((cells for cells, _whole in self._records()), start=1)
        if selection.header_row:
            skipped = 0
            for number, cells in islice(first, selection.header_row):
                if number == selection.header_row:
                    header = find_header([[self._read_cell(cell) for cell in cells]], words)
                    return replace(header, rows=skipped + 1) if header and any(cells) else None
                skipped += any(cells)
            return None
        rows = islice((cells for _, cells in first if any(cells)), MAX_ROWS_BEFORE_DATA if words else 1)
        return find_header([[self._read_cell(cell) for cell in cells] for cells in rows], words)

    def _open(self) -> IO[str]:
        # Only the very end of a file that is not whole can be undecodable: its row is marked as cut.
        file = self.path.open(
            encoding=self.encoding, newline="", errors="strict" if self._complete else "replace"
        )
        if self._separator_line:  # spreadsheet programs hide it and number the rows without it
            while not SEPARATOR_LINE.fullmatch(file.readline().strip("\ufeff \t\r\n")):
                pass
        return file

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


def _score(header: Header) -> tuple[bool, int]:
    return header.identifies, len(header.meanings)


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


@dataclass(frozen=True, slots=True)
class _DataSheet:
    """A worksheet whose rows are read. `offset`: what its row numbers are raised by; `columns`: names in the whole file."""

    name: str
    header: Header
    columns: list[str]
    offset: int


class XlsxSheet:
    """The worksheets of a workbook that have the columns, one after another.

    A column that has other names in different worksheets is one column; the rows of later worksheets are numbered on.
    """

    encoding = "utf-8"
    metadata_columns: tuple[str, ...] = ()

    def __init__(
        self,
        path: Path,
        words: ColumnWords | None = None,
        selection: Selection = EVERYTHING,
        limits: WorkbookLimits = USUAL_LIMITS,
    ) -> None:
        self._book = Workbook(path, max_columns=MAX_COLUMNS, limits=limits)
        self.notices: list[tuple[str, dict[str, object]]] = []
        self._open: tuple[str, Worksheet] | None = None
        names = self._selected(selection) or (self._book.visible if words else self._book.visible[:1])
        headers: dict[str, Header] = {}
        heights: dict[str, int] = {}
        hidden_rows: dict[str, int] = {}
        for name in names:
            worksheet = self._worksheet(name)
            if header := _find_worksheet_header(worksheet, words, selection.header_row):
                headers[name] = header
                heights[name], hidden_rows[name] = worksheet.height, worksheet.hidden_rows
        if not headers:
            raise SheetError("no_header")
        read = self._worksheets_to_read(headers, bool(selection.worksheets))
        self._sheets: list[_DataSheet] = []
        self.header: list[str] = []
        by_meaning: dict[str, str] = {}
        offset = 0
        for name in read:
            header = headers[name]
            reject_repeated(header.names)
            columns = [
                by_meaning.setdefault(header.meanings[column], column)
                if column in header.meanings
                else column
                for column in header.names
            ]
            if len(set(columns)) < len(columns):  # two columns of one meaning: the door decides between them
                columns = header.names
            self.header += [column for column in columns if column not in self.header]
            self._sheets.append(_DataSheet(name, header, columns, offset))
            offset += heights[name]
        if len(self.header) > MAX_COLUMNS:
            raise SheetError("too_many_columns", columns=len(self.header), at_most=MAX_COLUMNS)
        self._note(read, headers, hidden_rows, chosen=bool(selection.worksheets))

    def __iter__(self) -> Iterator[Row]:
        for sheet in self._sheets:
            yield from self._rows_of(sheet)

    def numbers(self) -> Iterator[int]:
        return (row.number for row in self)

    @property
    def worksheets(self) -> tuple[tuple[str, int], ...]:
        return tuple((sheet.name, sheet.offset) for sheet in self._sheets)

    def place_of(self, number: int) -> str | int:
        return place_in_worksheets(self.worksheets, number)

    def _rows_of(self, sheet: _DataSheet) -> Iterator[Row]:
        worksheet = self._worksheet(sheet.name)
        several = len(self._sheets) > 1
        remaining = sheet.header.rows
        for number, cells in worksheet.rows():
            if all(cell == "" for cell in cells):
                continue
            if remaining:
                remaining -= 1
                continue
            row = build_row(
                sheet.offset + number,
                sheet.columns,
                [_read_text(cell) if isinstance(cell, str) else cell for cell in cells],
            )
            if repeats_header(row):
                continue
            if several:
                row.place = f"{sheet.name}!{number}"
            for column, written in worksheet.cells_without_value(number, sheet.columns):
                row.issues.append(RowIssue("cell_without_value", column, {"value": written}))
            for column, cell in row.cells.items():
                if isinstance(cell, str) and (cut := CUT_MARK.search(cell)):
                    row.issues.append(
                        RowIssue(
                            "cell_too_long", column, {"length": int(cut[1]), "at_most": MAX_EXCEL_CELL_LENGTH}
                        )
                    )
            yield row

    def _worksheet(self, name: str) -> Worksheet:
        """A worksheet in memory; one at a time."""
        if self._open is None or self._open[0] != name:
            self._open = None
            self._open = name, self._book.open_worksheet(name)
        return self._open[1]

    def _selected(self, selection: Selection) -> list[str]:
        """The chosen worksheets. Raises `SheetError`: `worksheet_missing`."""
        names = []
        for chosen in selection.worksheets:
            known = [*self._book.visible, *self._book.hidden]
            if isinstance(chosen, int) and 1 <= chosen <= len(self._book.visible):
                names.append(self._book.visible[chosen - 1])
            elif chosen in known:
                names.append(str(chosen))
            else:
                raise SheetError("worksheet_missing", name=chosen, known=", ".join(known))
        return names

    def _worksheets_to_read(self, headers: Mapping[str, Header], chosen: bool) -> list[str]:
        """Of the worksheets with a header those with the columns; where none has them, the first with most."""
        if chosen:
            return list(headers)
        most = max(len(header.meanings) for header in headers.values())
        enough = min(most, max(2, (most + 1) // 2))  # a list of the columns names one of them in each row
        if complete := [
            name for name, header in headers.items() if header.identifies and len(header.meanings) >= enough
        ]:
            return complete
        return [max(headers, key=lambda name: len(headers[name].meanings))]

    def _note(
        self, read: list[str], headers: Mapping[str, Header], hidden_rows: Mapping[str, int], *, chosen: bool
    ) -> None:
        left_out = [name for name in self._book.visible if name not in read and (chosen or name in headers)]
        if left_out:
            self.notices.append(("worksheets_left_out", {"names": ", ".join(left_out)}))
        if hidden := [name for name in self._book.hidden if name not in read]:
            self.notices.append(("worksheets_hidden", {"names": ", ".join(hidden)}))
        for name in read:
            if hidden_rows[name]:
                self.notices.append(("hidden_rows_read", {"name": name, "rows": hidden_rows[name]}))


def place_in_worksheets(worksheets: Sequence[tuple[str, int]], number: int) -> str | int:
    """The number of a row as its sender finds it; of several worksheets, with the name of its own: `第2批!3`."""
    if len(worksheets) < 2:
        return number
    name, offset = next(sheet for sheet in reversed(worksheets) if sheet[1] < number)
    return f"{name}!{number - offset}"


def _read_text(cell: str) -> str:
    """The text of a cell; `_x000D_` is a line end as workbooks escape it (ISO/IEC 29500-1, 22.9.2.19)."""
    return normalise_cell(ESCAPED_LINE_END.sub("\n", cell) if "_x" in cell else cell)


def _find_worksheet_header(
    worksheet: Worksheet, words: ColumnWords | None, header_row: int | None
) -> Header | None:
    """The header of a worksheet; None for one without a row. Raises `SheetError`."""
    rows: list[list[str]] = []
    depths: dict[int, int] = {}
    for number, cells in worksheet.rows():
        if all(cell == "" for cell in cells):
            continue
        if header_row and number > header_row:
            break
        depths[len(rows)] = worksheet.merged_depth(number)
        rows.append([str(cell) for cell in cells])
        if header_row is None and len(rows) == (MAX_ROWS_BEFORE_DATA if words else 1):
            break
    if not header_row:
        return find_header(rows, words, depths)
    header = find_header(rows[-1:], words)
    return replace(header, rows=len(rows)) if header else None


# A file whose content is not what its name says would come in as one odd column.
KINDS_BY_SUFFIX = {".xlsx": "xlsx", ".xlsm": "xlsx", ".json": "jsonl", ".jsonl": "jsonl"}


def sniff_delimiter(line: str) -> str:
    """The separator of a header line: the most frequent one outside quotation marks, the comma where two tie."""
    outside = re.sub(r'"[^"]*"?', "", line)
    return max(DELIMITERS, key=lambda delimiter: (outside.count(delimiter), delimiter == ","))
