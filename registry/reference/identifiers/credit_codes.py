"""Unified social credit codes 统一社会信用代码: GB 32100-2015, with the organisation code of GB 11714 inside.

18 characters: registering department, class, region (6), organisation code (9), check character. The region is the
one of the first registration, 100000 for national level; it does not prove where the holder is today.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from stdnum.cn import uscc

from registry.reference.text.folding import INVISIBLE, fold_until_stable

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: without I, O, S, V, Z
LENGTH = 18
# python-stdnum refuses letters as first two characters; departments A, N and Y are in use, so we match the shape.
SHAPE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
SEPARATORS = re.compile("[\\s\\-\u2010-\u2015\u2212]+")


def normalise(text: str) -> str:
    """Upper case and half width, without blanks and dashes. The result may be invalid."""
    if text.isascii() and text.isalnum():
        return text.upper()
    return fold_until_stable(_compact_once, text)


def _compact_once(text: str) -> str:
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", INVISIBLE.sub("", text))).upper()


@functools.lru_cache(maxsize=16_384)
def error_code(code: str) -> str | None:
    """The issue code of what is wrong with a normalised code: `credit_code_length`, `…_characters`, `…_check_digit`."""
    if len(code) != LENGTH:
        return "credit_code_length"
    if not SHAPE.fullmatch(code):
        return "credit_code_characters"
    return None if uscc.calc_check_digit(code[:17]) == code[17] else "credit_code_check_digit"


def organisation_code(code: str) -> str:
    """Characters 9 to 17: the organisation code, by which people search too."""
    return code[8:17]


def organisation_code_is_suspect(code: str) -> bool:
    """True if the check character of the organisation code (the 17th) is wrong, as it is in some early codes."""
    inner = organisation_code(code)
    return len(inner) != 9 or inner[8] != _organisation_check(inner[:8])


def make_credit_code(first17: str) -> str:
    """Add the check character to 17 characters, for invented firms. Raises `ValueError` for wrong characters."""
    first17 = normalise(first17)
    if not SHAPE.fullmatch(first17 + "0"):
        raise ValueError(f"not the first 17 characters of a credit code: {first17}")
    return first17 + uscc.calc_check_digit(first17)


def make_organisation_code(first8: str) -> str:
    """Add the check character of GB 11714 to 8 characters. Raises `ValueError` for wrong characters."""
    first8 = normalise(first8)
    if len(first8) != 8 or not set(first8) <= set(ALPHABET):
        raise ValueError(f"not the first 8 characters of an organisation code: {first8}")
    return first8 + _organisation_check(first8)


def _organisation_check(first8: str) -> str:
    """C9 = 11 − Σ mod 11 with A=10 … Z=35; 10 is written X and 11 is written 0. "" for other characters."""
    if not (first8.isascii() and first8.isalnum()):
        return ""
    total = sum(
        int(character, 36) * weight for character, weight in zip(first8, ORGANISATION_WEIGHTS, strict=True)
    )
    return "0123456789X0"[11 - total % 11]
