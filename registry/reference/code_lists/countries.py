"""Countries and areas: ISO 3166-1 alpha-2, names from the Unicode CLDR (HK, MO, TW in the form used in China)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from registry.reference.code_lists import tables


@dataclass(frozen=True, slots=True)
class Country:
    code: str
    zh: str
    en: str


@functools.cache
def all_countries() -> dict[str, Country]:
    """Every country or area by its alpha-2 code."""
    return {
        row["code"]: Country(row["code"], row["name_zh"], row["name_en"])
        for row in tables.read_rows("countries")
    }


def country(code: str) -> Country | None:
    """The country of an alpha-2 code in either case; None if ISO 3166-1 assigns no such code."""
    return all_countries().get(code.strip().upper())


def label(code: str, lang: str) -> str:
    """The name in one language; an unknown code as it is."""
    known = country(code)
    if known is None:
        return code
    return known.zh if lang == "zh" else known.en
