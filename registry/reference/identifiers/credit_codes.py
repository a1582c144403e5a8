"""Unified social credit codes 统一社会信用代码: GB 32100-2015, with the organisation code of GB 11714 inside.

18 characters: registering department, class, region (6), organisation code (9), check character. The region is the
one of the first registration, 100000 for national level; it does not prove where the holder is today.
"""

from __future__ import annotations

import functools
import operator
import re
import unicodedata

from stdnum.cn import uscc

from registry.reference.code_lists import regions
from registry.reference.text.folding import INVISIBLE, fold_until_stable

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: without I, O, S, V, Z
VALUES = {character: value for value, character in enumerate(ALPHABET)}
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
LENGTH = 18
# python-stdnum refuses letters as first two characters; departments A, N and Y are in use, so we match the shape.
SHAPE = re.compile(rf"[{ALPHABET}]{{2}}[0-9]{{6}}[{ALPHABET}]{{10}}")
ORGANISATION_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)  # GB 11714
NEARLY_SHAPE = re.compile(r"[0-9A-Z]{18}")
LICENCE_NUMBER = re.compile(r"[0-9]{15}")  # of business licences before 2015
ORGANISATION_CODE = re.compile(r"[0-9A-Z]{8}[0-9X]")
FLOATING = re.compile(
    r"[0-9](?:\.[0-9]+)?E\+?[0-9]{2}"
)  # 9.14403E+17: what a spreadsheet program makes of a number
MARKS_OF_TEXT = "'’‘`´\"=＇＂"  # by which spreadsheet programs are told that a number is a text
# First and second character: registering department and class (GB 32100-2015, table 1, with its amendments).
CLASSES = {
    "1": "1239", "2": "19", "3": "123459", "4": "19", "5": "12349", "6": "129", "7": "129", "8": "19", "9": "1239",
    "A": "19", "N": "1239", "Y": "19",
}  # fmt: skip
SEPARATORS = re.compile("[\\s\\-\u2010-\u2015\u2212]+")


def normalise(text: str) -> str:
    """Upper case and half width, without blanks, dashes, labels and marks around it. The result may be invalid.

    `统一社会信用代码：9111…`, `'9111…`, `="9111…"` and `9111…（副本）（1-1）` are the code alone.
    """
    if text.isascii() and text.isalnum():
        return text.upper()
    compact = fold_until_stable(_compact_once, text)
    if NEARLY_SHAPE.fullmatch(compact):
        return compact
    for parts in (
        _codes_in(compact),
        _codes_in(unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).upper()),
    ):
        if len(parts) == 1:
            return parts[0]
        if parts:
            break
    return compact.strip(MARKS_OF_TEXT) or compact


def _codes_in(text: str) -> list[str]:
    """The runs of letters and figures in a text that are as long as a code."""
    return [run for run in re.findall(r"[0-9A-Z]+", text) if len(run) == LENGTH]


def _compact_once(text: str) -> str:
    return SEPARATORS.sub("", unicodedata.normalize("NFKC", INVISIBLE.sub("", text))).upper()


@functools.lru_cache(maxsize=16_384)
def error_code(code: str) -> str | None:
    """The issue code of what is wrong with a normalised code: `credit_code_length`, `…_characters`, `…_check_digit`."""
    if len(code) != LENGTH:
        return "credit_code_length"
    if not SHAPE.fullmatch(code):
        return "credit_code_characters"
    total = sum(
        map(operator.mul, map(VALUES.__getitem__, code[:17]), WEIGHTS)
    )  # once for each row of a sheet
    return None if ALPHABET[-total % 31] == code[17] else "credit_code_check_digit"


@functools.lru_cache(maxsize=16_384)
def refusal_code(code: str) -> str | None:
    """The issue code for which a normalised code is refused as that of an organisation; None for a sound one.

    Beside those of `error_code`: `credit_code_region` (no such province), `credit_code_department` (no such registering
    department); for something else in its place `credit_code_several`, `licence_number_given`,
    `organisation_code_given`, `digits_lost`.
    """
    found = error_code(code)
    if found == "credit_code_length":
        return _other_number(code)
    if found:
        return found
    province = f"{code[2:4]}0000"
    # A county need not be in today's list. Registration at national level knows no counties.
    if regions.region(province) is None or (province == regions.NATIONAL and code[2:8] != province):
        return "credit_code_region"
    return None if code[0] in CLASSES else "credit_code_department"


def _other_number(code: str) -> str:
    """The issue code for a text that has not the length of a credit code."""
    if len(_codes_in(code)) > 1:
        return "credit_code_several"
    if FLOATING.fullmatch(code):
        return "digits_lost"
    if LICENCE_NUMBER.fullmatch(code):
        return "licence_number_given"
    return "organisation_code_given" if ORGANISATION_CODE.fullmatch(code) else "credit_code_length"


def class_is_unknown(code: str) -> bool:
    """True if the second character is no class that the registering department, the first one, gives."""
    return code[1:2] not in CLASSES.get(code[:1], ALPHABET)


def wrong_characters(code: str) -> str:
    """The characters that no credit code has, each once, in the order written; letters and figures by their place."""
    return ", ".join(
        dict.fromkeys(
            character
            for place, character in enumerate(code)
            if character not in (ALPHABET if not 2 <= place < 8 else "0123456789")
        )
    )


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
