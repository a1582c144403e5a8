"""Sectors of sector standards: the two letters of QB/T 1951.1-2010, FZ/T 73023-2006 (行业标准代号)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from registry.reference.code_lists import tables


@dataclass(frozen=True, slots=True)
class Sector:
    code: str
    zh: str
    en: str


@functools.cache
def all_sectors() -> dict[str, Sector]:
    """Every sector by its two letters."""
    return {
        row["code"]: Sector(row["code"], row["name_zh"], row["name_en"])
        for row in tables.read_rows("sectors")
    }


def sector(code: str) -> Sector | None:
    """The sector of `QB` or `QB/T`, in either case; None for letters that name no sector (GB, DB11, ISO)."""
    return all_sectors().get(code.strip().upper().partition("/")[0])


def label(code: str, lang: str) -> str:
    """The name in one language; an unknown code as it is."""
    known = sector(code)
    if known is None:
        return code
    return known.zh if lang == "zh" else known.en
