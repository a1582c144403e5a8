"""Eras of Chinese history as years: dynasties, the reigns of Ming and Qing, the Republic (`data/eras.csv`).

Years are those in which most of the lunar year fell; the first months of the next one still belong to it, so a year
may differ by one.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from registry.reference.code_lists import tables


class Era(NamedTuple):
    """A dynasty, a reign or the Republic, with its first and its last year. `kind`: dynasty, ming, qing or republic."""

    zh: str
    en: str
    kind: str
    first: int
    last: int


@functools.cache
def all_eras() -> dict[str, Era]:
    """Return Chinese name → era, in the order of the list."""
    return {
        row["name_zh"]: Era(
            row["name_zh"], row["name_en"], row["kind"], int(row["first_year"]), int(row["last_year"])
        )
        for row in tables.read_rows("eras")
    }
