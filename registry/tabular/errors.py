"""What makes a whole file unreadable. A fault of one row never raises: it is an issue of the row."""

from __future__ import annotations


class SheetError(ValueError):
    """A file that cannot be read as a sheet. Raised by `open_sheet`, before the first row is handed out.

    Codes and parameters: `file_missing`, `empty_file`, `no_header`, `not_a_spreadsheet`,
    `duplicate_header` (column), `too_many_columns` (columns, at_most), `too_many_rows` (rows, at_most),
    `line_too_long` (line, at_most), `encoding` (offset, line: the byte from 0, the line from 1),
    `encoding_unclear` (line), `worksheet_missing` (name, known),
    `workbook_too_large` (at_most), `too_many_without_value` (at_most),
    `zip_bomb` (reason: `entries`, `size`, `ratio`, `directory`, `shared_strings`, `cells`, `entities`).
    """

    def __init__(self, code: str, **params: object) -> None:
        super().__init__(code)
        self.code = code
        self.params = params

    def __str__(self) -> str:
        return " ".join([self.code, *(f"{name}={value}" for name, value in self.params.items())])


class MappingError(ValueError):
    """A mapping that contradicts itself, or does not fit the sheet. Its text says what to correct."""
