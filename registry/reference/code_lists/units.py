"""Units of measurement and counting words in both languages; symbols of the SI are the same in both.

A unit may be made of others by `/`, `·` or a blank: `次/分钟`, `kWh/yr`.
"""

from __future__ import annotations

import functools
import re

from registry.reference.code_lists.tables import read_rows

SIGNS_BETWEEN_UNITS = re.compile(r"([/·()（）]|\s+)")


@functools.cache
def _words(lang: str) -> dict[str, str]:
    """What takes the place of a unit on pages of a language; of several words for one the first."""
    words: dict[str, str] = {}
    for row in read_rows("units"):
        if lang == "en":
            words.setdefault(row["zh"], row["en"])
        elif not row["symbol"]:  # symbols mean the same to a Chinese reader
            words.setdefault(row["en"], row["zh"])
    return words


@functools.lru_cache(1024)
def unit_in(unit: str, lang: str) -> str:
    """A unit in one language, `次` as `cycles` in English; a part that the list lacks stays as written."""
    words = _words(lang)
    if unit in words:
        return words[unit]
    return "".join(words.get(part, part) for part in SIGNS_BETWEEN_UNITS.split(unit))
