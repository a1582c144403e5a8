"""Find the header of a sheet: below titles and lines of units, over one row or several.

What a column is called is not known here: a door hands in its words (`ColumnWords`). Without them the first row that is
not blank is the header.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from registry.reference.text.folding import clean_cell
from registry.tabular.errors import SheetError
from registry.tabular.rows import MAX_COLUMNS

MAX_NAME_LENGTH = 500  # characters of a cell that may name a column
MAX_CELLS_LOOKED_AT = 4 * MAX_COLUMNS  # of a row that may name columns: those beyond are too many in any case
MAX_ROWS_BEFORE_DATA = 40  # rows that are looked at: titles, instructions, the header
MAX_HEADER_ROWS = 3


class ColumnWords(Protocol):
    """The words by which a door knows columns."""

    def meaning(self, cell: str) -> str | None:
        """What a header cell means; None where it means nothing."""

    def identifies(self, meanings: Collection[str]) -> bool:
        """True if columns of these meanings suffice to tell which record a row is about."""


@dataclass(frozen=True, slots=True)
class Header:
    """The header of a sheet. `names`: of its columns; `rows`: how many rows that are not blank end with it.

    `meanings`: header cell → what it means, of the columns that are known.
    """

    names: list[str]
    rows: int = 1
    meanings: Mapping[str, str] = field(default_factory=dict)
    identifies: bool = False


def find_header(
    rows: Sequence[Sequence[str]], words: ColumnWords | None, depths: Mapping[int, int] | None = None
) -> Header | None:
    """The header among the first rows of a sheet, blank ones left out; None where there is no row.

    The row counts that names most columns; the upper one where two are equal. Several rows are one header where the
    upper one has groups or blanks over the lower one. `depths`: rows over which cells of a row are merged.
    Raises `SheetError`: `too_many_columns`.
    """
    texts = [
        _trimmed([clean_cell(cell[:MAX_NAME_LENGTH]) for cell in row[:MAX_CELLS_LOOKED_AT]])
        for row in rows[:MAX_ROWS_BEFORE_DATA]
    ]
    if not texts:
        return None
    if words is None:
        return _make_header(texts[0], 1, {}, identifies=False)
    best: tuple[tuple[bool, int, int], list[str], int, dict[str, str]] | None = (
        None  # score, names, start, meanings
    )
    for start in range(len(texts)):
        for depth in range(1, min(MAX_HEADER_ROWS, len(texts) - start) + 1):
            names = texts[start] if depth == 1 else _combined(texts[start : start + depth], words)
            if names is None:
                break
            meanings = {name: meaning for name in names if name and (meaning := words.meaning(name))}
            known = set(meanings.values())
            score = (words.identifies(known), len(known), -depth)
            if known and (best is None or score > best[0]):
                best = (score, names, start, meanings)
    if best is None:
        return _make_header(texts[0], 1, {}, identifies=False)
    (identifies, _known, negative_depth), names, start, meanings = best
    depth = min(max(-negative_depth, (depths or {}).get(start, 1)), len(texts) - start)
    if depth > -negative_depth:  # cells are merged with rows below, which hold the columns of groups
        for lower in texts[start - negative_depth : start + depth]:
            names = _joined(names, lower, words)
        meanings = {name: meaning for name in names if name and (meaning := words.meaning(name))}
    return _make_header(names, start + depth, meanings, identifies=identifies)


def _trimmed(cells: list[str]) -> list[str]:
    while cells and not cells[-1]:
        cells.pop()
    return cells


def _combined(rows: Sequence[list[str]], words: ColumnWords) -> list[str] | None:
    """The names of the columns under several rows of a header; None where the lower rows belong to the data.

    A name is the lowest known one: the lower cell with its group before it, the lower cell, the group.
    """
    upper = list(rows[0])
    for lower in rows[1:]:
        named = [cell for cell in lower if cell]
        if 2 * sum(words.meaning(cell) is not None for cell in named) < len(named):
            return None
        upper = _joined(upper, lower, words)
    return upper


def _joined(upper: Sequence[str], lower: Sequence[str], words: ColumnWords) -> list[str]:
    names: list[str] = []
    group = ""
    for column in range(max(len(upper), len(lower))):
        above = upper[column] if column < len(upper) else ""
        below = lower[column] if column < len(lower) else ""
        group = above or group
        choices = (f"{group}{below}", f"{group} {below}", below, above) if below else (above,)
        known = (name for name in choices if name and words.meaning(name) is not None)
        names.append(next(known, f"{group} {below}".strip() if below else above))
    return names


def _make_header(names: Sequence[str], rows: int, meanings: Mapping[str, str], *, identifies: bool) -> Header:
    if len(names) > MAX_COLUMNS:
        raise SheetError("too_many_columns", columns=len(names), at_most=MAX_COLUMNS)
    return Header(
        [name or f"column {position}" for position, name in enumerate(names, start=1)],
        rows,
        meanings,
        identifies,
    )


def reject_repeated(names: Iterable[str]) -> None:
    """Raises `SheetError`: `duplicate_header`, for a name that two columns have."""
    seen: set[str] = set()
    for name in names:
        if name in seen:
            raise SheetError("duplicate_header", column=name)
        seen.add(name)
