"""Countries and areas: ISO 3166-1 alpha-2, names from the Unicode CLDR (HK, MO, TW in the form used in China)."""

from __future__ import annotations

import functools
from dataclasses import dataclass

from babel import Locale
from babel.core import get_global

from registry.reference.code_lists import tables
from registry.reference.text.folding import fold_name


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


def find_code(word: str) -> str | None:
    """The alpha-2 code for a country as somebody writes it; None for a word that names none, or several.

    Alpha-2, alpha-3 and numeric codes, names in Chinese and English, short and former ones (`country_names.csv`).
    A country that was divided has no code.
    """
    plain = word.strip().upper()
    return plain if plain in all_countries() else _codes_by_word().get(fold_name(word) or plain)


@functools.cache
def _codes_by_word() -> dict[str, str]:
    """Folded word → alpha-2 code."""
    words = {fold_name(row["name"]): row["code"] for row in tables.read_rows("country_names")}
    for known in all_countries().values():
        for name in (known.zh, known.en):
            words.setdefault(fold_name(name), known.code)
    for locale in (Locale("zh"), Locale("zh", script="Hant"), Locale("en")):
        for code, name in locale.territories.items():
            if code in all_countries():
                words.setdefault(fold_name(name), code)
    for alias, codes in get_global("territory_aliases").items():  # alpha-3, numeric and former codes (CLDR)
        if len(codes) == 1 and codes[0] in all_countries():
            words.setdefault(fold_name(alias), codes[0])
    return words
