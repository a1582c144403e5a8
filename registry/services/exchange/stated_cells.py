"""What the cells of a row state: a fact, nothing, or that a fact is no longer there.

A sheet changes the facts whose columns it has. An empty cell changes nothing; `-` empties a field, and with `--clear-empty`
an empty cell does.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from registry.kit.schema import EMPTY_VALUES

CLEARING_CELLS = ("-", "－")
RECORD_COLUMNS = ("status", "number")  # of every sheet; a record is never without them
TableRows = Mapping[int, Mapping[str, Any]]  # row of the table, from 1 → its cells by column


class StatedCells(NamedTuple):
    """Values by field, as cells hold them, and the fields that are to be emptied."""

    values: dict[str, Any]
    cleared: frozenset[str]


def stated_cells(
    values: Mapping[str, Any], *, clear_empty: bool = False, columns: Sequence[str] = ()
) -> StatedCells:
    """Tell facts from cells that empty their field. `columns`: further fields that the sheet has."""
    given = {name: value for name, value in values.items() if value not in EMPTY_VALUES}
    cleared = {name for name, value in given.items() if value in CLEARING_CELLS}
    stated = {name: value for name, value in given.items() if name not in cleared} if cleared else given
    if clear_empty:
        cleared |= {name for name in (*values, *columns) if name not in stated}
    return StatedCells(stated, frozenset(cleared.difference(RECORD_COLUMNS)))


def merge_table(kept: Sequence[Mapping[str, Any]], stated: TableRows) -> list[dict[str, Any]]:
    """A table with some of its cells stated: cells change those of their row, further rows go to its end.

    Empty rows of a sheet are left out when a record is made, so that the third row of the sheet may be the second one of
    the record: a row whose cells are in the table as they stand changes nothing.
    """
    if not kept and len(stated) == 1:  # as most new records state one row
        [cells] = stated.values()
        row = {column: cell for column, cell in cells.items() if cell not in CLEARING_CELLS}
        return [row] if row else []
    rows = [dict(row) for row in kept]
    known: dict[tuple[str, ...], set[tuple[str, ...]]] = {}  # columns → what the rows of the table have there
    for index in sorted(stated):
        cells = stated[index]
        if index > len(kept):
            columns = tuple(sorted(cells))
            if columns not in known:
                known[columns] = {_texts_of(row, columns) for row in rows}
            if _texts_of(cells, columns) in known[columns]:
                continue
            rows.append({})
            row = rows[-1]
        else:
            row = rows[index - 1]
        for column, cell in cells.items():
            if cell in CLEARING_CELLS:
                row.pop(column, None)
            else:
                row[column] = cell
        if index > len(kept):
            for columns, texts in known.items():
                texts.add(_texts_of(row, columns))
    return [row for row in rows if row]


def _texts_of(row: Mapping[str, Any], columns: Sequence[str]) -> tuple[str, ...]:
    """What a row has in some columns, whatever its type; a cell that empties is one without anything."""
    cells = [row.get(column, "") for column in columns]
    return tuple(["" if cell in CLEARING_CELLS else _as_text(cell) for cell in cells])


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
