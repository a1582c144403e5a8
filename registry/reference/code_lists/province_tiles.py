"""The provinces as equal tiles on a map without boundaries: where each stands, its letters and its character."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from registry.reference.code_lists import tables


@dataclass(frozen=True, slots=True)
class ProvinceTile:
    """The tile of one province. `row`, `column`: from 0; `letters`: of ISO 3166-2:CN; `character`: its short name, 浙."""

    code: str
    letters: str
    character: str
    row: int
    column: int


@functools.cache
def province_tiles() -> tuple[ProvinceTile, ...]:
    """Return the tiles of all 34 province-level divisions, in the order of GB/T 2260."""
    return tuple(
        ProvinceTile(
            code=row["code"],
            letters=row["letters"],
            character=row["character"],
            row=int(row["row"]) - 1,
            column=int(row["column"]) - 1,
        )
        for row in tables.read_rows("province_tiles")
    )
