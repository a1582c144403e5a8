"""Numbers that this platform issues: `<prefix>-<year>-<sequence>-<check>`, e.g. `GP-2026-000123-X`.

The check character is ISO 7064 MOD 37,36 over the number without hyphens; it detects any single wrong character.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from stdnum.iso7064 import mod_37_36

from registry.reference.text.folding import INVISIBLE

COMPACT = re.compile(r"([A-Z]{2,4})([0-9]{4})([0-9]{5,9})([0-9A-Z])")
SEPARATORS = re.compile("[\\s\\-_./\u2010-\u2015\u2212]+")


def make_number(prefix: str, year: int, sequence: int, *, digits: int = 6) -> str:
    """The number of the `sequence`-th record of a year; `digits`: minimum width of the sequence."""
    body = f"{prefix}{year:04}{sequence:0{digits}}"
    return f"{prefix}-{year:04}-{sequence:0{digits}}-{mod_37_36.calc_check_digit(body)}"


def compact(text: str) -> str:
    """A typed number in upper case and half width, without hyphens, blanks and other separators."""
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", INVISIBLE.sub("", text))).upper()


@functools.lru_cache(maxsize=16_384)
def normalise(text: str) -> str | None:
    """The canonical form of a typed number (lower case, full width, missing hyphens), None if it has another shape.

    The check character may be wrong; see `error_code`.
    """
    match = COMPACT.fullmatch(compact(text))
    return "-".join(match.groups()) if match else None


def check_digit_ok(number: str) -> bool:
    """True if the check character of a canonical number is right."""
    joined = number.replace("-", "")
    return COMPACT.fullmatch(joined) is not None and mod_37_36.checksum(joined) == 1


def error_code(text: str) -> str | None:
    """The issue code of what is wrong with a typed number, `number_shape` or `number_check_digit`; None if it is right."""
    number = normalise(text)
    if number is None:
        return "number_shape"
    return None if check_digit_ok(number) else "number_check_digit"
