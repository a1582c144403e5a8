"""JSON lines as a sheet: one object a line, as an export writes them (`{"number", "status", "document": {…}}`) or flat.

The header is every name that some line has, in order of appearance; a line that is no object is a fault of its row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import orjson

from registry.kit.list_cells import join_cell
from registry.tabular.decoding import detect_encoding
from registry.tabular.errors import SheetError
from registry.tabular.rows import MAX_COLUMNS, Cell, Row, RowIssue, build_row, normalise_cell

DOCUMENT = "document"


class JsonSheet:
    """A file of JSON lines, read line by line; rows have the numbers of their lines."""

    metadata_columns: tuple[str, ...] = ("register",)
    notices: tuple[tuple[str, dict[str, object]], ...] = ()
    worksheets: tuple[tuple[str, int], ...] = ()

    def __init__(self, path: Path) -> None:
        self.path = path
        encoding = detect_encoding(path)
        if not encoding.name.startswith("utf-8"):  # RFC 8259, section 8.1: JSON is UTF-8
            raise SheetError("not_a_spreadsheet")
        self.encoding = encoding.name
        names: dict[str, None] = {}
        for _number, _last, cells in self._parsed_lines():
            names.update(dict.fromkeys(cells or ()))
            if len(names) > MAX_COLUMNS:
                raise SheetError("too_many_columns", columns=len(names), at_most=MAX_COLUMNS)
        self.header = list(names)
        if not self.header:
            raise SheetError("not_a_spreadsheet")

    def __iter__(self) -> Iterator[Row]:
        for number, last, cells in self._parsed_lines():
            row = build_row(number, self.header, [(cells or {}).get(name, "") for name in self.header])
            if cells is None:
                row.issues.append(RowIssue("row_truncated" if last else "not_an_object", "", {}))
            yield row

    def numbers(self) -> Iterator[int]:
        return (number for number, _last, _cells in self._parsed_lines())

    def place_of(self, number: int) -> str | int:
        return number

    def _parsed_lines(self) -> Iterator[tuple[int, bool, dict[str, Cell] | None]]:
        """Number of each line from 1, whether the file ends within it, and its cells; None where it is no object."""
        with self.path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                text = line.removeprefix(b"\xef\xbb\xbf").strip()
                if text:
                    yield number, not line.endswith(b"\n"), _parse_line(text)


def _parse_line(line: bytes) -> dict[str, Cell] | None:
    try:
        parsed = orjson.loads(line)
    except ValueError:
        return None
    if not isinstance(parsed, dict):
        return None
    document = parsed.pop(DOCUMENT, None)
    if isinstance(document, dict):
        parsed |= document
    elif document is not None:
        parsed[DOCUMENT] = document
    return {normalise_cell(name): _to_cell(value) for name, value in parsed.items()}


def _to_cell(value: Any) -> Cell:
    """A value as the cell of a sheet holds it: lists with `|`, tables as JSON."""
    if value is None:
        return ""
    if isinstance(value, str):
        return normalise_cell(value)
    if isinstance(value, list) and not any(isinstance(item, list | Mapping) for item in value):
        return join_cell(item if isinstance(item, str) else str(item) for item in value)
    return orjson.dumps(value).decode() if isinstance(value, list | Mapping) else value
