"""Rows of sheets from any kind of file: cells by header, normalised and within their limits."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from registry.reference.text.folding import INVISIBLE, clean_cell

Cell = str | int | float | bool | dt.date | dt.datetime

MAX_COLUMNS = 256  # the widest register has some 60 fields; 16,384 columns are an attack or a mistake
MAX_CELL_LENGTH = (
    100_000  # characters: the longest texts of the field (standards' scopes, stories) are under 10,000
)
MAX_EXCEL_CELL_LENGTH = 32_767  # characters: Excel's own limit

UNTIDY = re.compile(f"^\\s|\\s$|\\s\\s|[^\\S ]|{INVISIBLE.pattern}")
LINE_ENDS = re.compile("\r\n|[\r\n\u2028\u2029]")


class RowIssue(NamedTuple):
    """A fault of a row. `column`: header of the cell, "" for the whole row; `params` fit the code's message."""

    code: str
    column: str
    params: dict[str, object]


@dataclass(slots=True)
class Row:
    """One row: its cells by header, its number as a spreadsheet program shows it, and its faults."""

    number: int
    cells: dict[str, Cell]
    issues: list[RowIssue] = field(default_factory=list)


def build_row(number: int, header: Sequence[str], cells: Sequence[Cell]) -> Row:
    """A row by header; missing cells at the end are empty, surplus and overlong ones are issues."""
    row = Row(number, dict(zip(header, cells, strict=False)))
    width = len(header)
    if len(cells) < width:
        for name in header[len(cells) :]:
            row.cells[name] = ""
    elif len(cells) > width and any(cell != "" for cell in cells[width:]):
        row.issues.append(RowIssue("too_many_cells", "", {"cells": len(cells), "columns": width}))
    for name, cell in row.cells.items():
        if isinstance(cell, str) and len(cell) > MAX_CELL_LENGTH:
            row.issues.append(
                RowIssue("cell_too_long", name, {"length": len(cell), "at_most": MAX_CELL_LENGTH})
            )
    return row


def normalise_cell(text: str) -> str:
    """A cell without stray blanks and invisible characters. Line breaks inside stay: long texts have paragraphs."""
    if not UNTIDY.search(text):
        return text
    return "\n".join(clean_cell(line) for line in LINE_ENDS.split(text)).strip()
