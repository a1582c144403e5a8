"""What a register covers: its sources, numbers in reality that official notices give, and what is not loaded.

Read from `coverage.toml` in the folder of the register, so that a new source is a few lines of data. Nothing in it is
counted: numbers of records come from the store, numbers in reality from a notice that is named with its date.
"""

from __future__ import annotations

import functools
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from registry.kit.display import Words

FILE_NAME = "coverage.toml"


@dataclass(frozen=True, slots=True)
class CoveredSource:
    """A source of records. `name`: as records have it in `source`; `as_of`: sparse ISO date of what it says, "" if unknown."""

    name: str
    authority: Words
    covers: Words
    as_of: str
    next_update: Words


@dataclass(frozen=True, slots=True)
class NumberInReality:
    """How many there are of something, by a notice. `filters`: those of the register's list that give the same here."""

    what: Words
    number: int
    as_of: str
    source: Words
    filters: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class NotCovered:
    """What people look for in the register and is not loaded. `platform`: where it can be looked up, "" for nowhere."""

    what: Words
    platform: str


@dataclass(frozen=True, slots=True)
class Coverage:
    """What a register covers; empty where its folder says nothing."""

    sources: tuple[CoveredSource, ...] = ()
    numbers: tuple[NumberInReality, ...] = ()
    not_covered: tuple[NotCovered, ...] = ()


@functools.cache
def read_coverage(folder: Path) -> Coverage:
    """Return what the file of a register says. Raises `KeyError`, `ValueError` for a file that lacks something."""
    path = folder / FILE_NAME
    if not path.exists():
        return Coverage()
    given = tomllib.loads(path.read_text("utf-8"))
    if unknown := set(given) - {"source", "number", "not_covered"}:
        raise ValueError(f"{path}: unknown tables {sorted(unknown)}")
    return Coverage(
        tuple(
            CoveredSource(
                row["name"],
                _words(row, "authority"),
                _words(row, "covers"),
                row.get("as_of", ""),
                _words(row, "next_update"),
            )
            for row in given.get("source", ())
        ),
        tuple(
            NumberInReality(
                _words(row, "what"),
                int(row["number"]),
                row["as_of"],
                _words(row, "source"),
                row.get("filters", {}),
            )
            for row in given.get("number", ())
        ),
        tuple(
            NotCovered(_words(row, "what"), row.get("platform", "")) for row in given.get("not_covered", ())
        ),
    )


def _words(row: Mapping[str, Any], name: str) -> Words:
    return Words(row[f"{name}_zh"], row[f"{name}_en"], "platform")
