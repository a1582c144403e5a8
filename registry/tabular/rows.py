"""Rows of sheets from any kind of file: cells by header, normalised and within their limits."""

from __future__ import annotations

import datetime as dt
import functools
import html
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.kit.cells import FormattedCell
from registry.reference.text.folding import INVISIBLE, clean_cell

Cell = str | int | float | bool | dt.date | dt.datetime | FormattedCell

MAX_COLUMNS = 256  # the widest register has some 60 fields; 16,384 columns are an attack or a mistake
MAX_CELL_LENGTH = (
    100_000  # characters: the longest texts of the field (standards' scopes, stories) are under 10,000
)
MAX_EXCEL_CELL_LENGTH = 32_767  # characters: Excel's own limit

UNTIDY = re.compile(f"^\\s|\\s$|\\s\\s|[^\\S ]|{INVISIBLE.pattern}")
ENTITY = re.compile(
    r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});"
)  # of HTML, with its semicolon
MAX_KEPT_LENGTH = 64  # characters of a cell that is kept as it was normalised
LINE_ENDS = re.compile("\r\n|[\r\n\u2028\u2029]")


class RowIssue(NamedTuple):
    """A fault of a row. `column`: header of the cell, "" for the whole row; `params` fit the code's message."""

    code: str
    column: str
    params: dict[str, object]


@dataclass(slots=True)
class Row:
    """One row: its cells by header, its number as a spreadsheet program shows it, and its faults.

    `place`: where to find it in a file of several worksheets (`第2批!3`), whose rows are numbered on; else "".
    """

    number: int
    cells: dict[str, Cell]
    issues: list[RowIssue] = field(default_factory=list)
    place: str = ""

    def shown_number(self) -> str | int:
        """The number of the row as its sender finds it."""
        return self.place or self.number


@dataclass(frozen=True, slots=True)
class Selection:
    """Where in a file the rows are, if it is said. `header_row`: as a spreadsheet program numbers it.

    `worksheets`: names, or places from 1 among the visible ones; none: all that have the columns.
    """

    header_row: int | None = None
    worksheets: tuple[str | int, ...] = ()


EVERYTHING = Selection()


def build_row(number: int, header: Sequence[str], cells: Sequence[Cell]) -> Row:
    """A row by header; missing cells at the end are empty, surplus and overlong ones are issues."""
    row = Row(number, dict(zip(header, cells, strict=False)))
    width = len(header)
    if len(cells) < width:
        for name in header[len(cells) :]:
            row.cells[name] = ""
    elif len(cells) > width and any(cell != "" for cell in cells[width:]):
        row.issues.append(RowIssue("too_many_cells", "", {"cells": len(cells), "columns": width}))
    row.issues += [
        RowIssue("cell_too_long", name, {"length": len(cell), "at_most": MAX_CELL_LENGTH})
        for name, cell in row.cells.items()
        if isinstance(cell, str) and len(cell) > MAX_CELL_LENGTH
    ]
    return row


def plain_cell(cell: Cell) -> Cell:
    """A cell as a sheet without formats holds it."""
    return cell.plain() if isinstance(cell, FormattedCell) else cell


def repeats_header(row: Row) -> bool:
    """True for a row that is the header again, as on each page of a printed list."""
    return all(isinstance(cell, str) and clean_cell(cell) == name for name, cell in row.cells.items())


def normalise_cell(text: str) -> str:
    """A cell without stray blanks and invisible characters. Line breaks inside stay: long texts have paragraphs."""
    return _normalise_short(text) if len(text) <= MAX_KEPT_LENGTH else _normalise(text)


def _normalise(text: str) -> str:
    if not UNTIDY.search(text):
        return text
    return "\n".join(clean_cell(line) for line in LINE_ENDS.split(text)).strip()


# Most columns of a sheet repeat a few words row after row, and a sheet is read once more to be counted.
_normalise_short = functools.lru_cache(maxsize=8192)(_normalise)


def decode_entities(text: str) -> str:
    """The text with entities of HTML, which web pages leave in sheets, as the characters that they stand for."""
    if "&" in text and ENTITY.search(text):
        for _twice in range(2):  # &amp;nbsp;
            text = ENTITY.sub(lambda entity: html.unescape(entity[0]), text)
        return normalise_cell(text)
    return text
