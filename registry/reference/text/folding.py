"""Folding: one key for all spellings of a number or a name; and cells without stray characters.

Folded forms are keys for look-ups and are never shown. Traditional characters are folded one by one
(`data/traditional_characters.csv`, from the Apache-2.0 character table of OpenCC), so that the fold of a part is always
part of the fold of the whole; the words of a search go through `registry.search` instead.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Callable

from registry.reference.code_lists import tables

# Zero-width blanks, marks of direction and byte order, lone surrogates (JSON can write them), and control characters
# other than blanks.
INVISIBLE = re.compile(
    "[\u0000-\u0008\u000e-\u001b\u007f\u00ad\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u2066-\u2069\ud800-\udfff\ufeff]"
)
WHITESPACE = re.compile(r"\s+")
PLAIN_NUMBER = re.compile(r"[0-9A-Z.]*")
NOT_IN_NUMBERS = re.compile(r"[^\w.]+|_+")
# Applied after NFKC: full-width forms have become plain ones by then.
NOT_IN_NAMES = re.compile(
    "[\\s()\\[\\]{}<>\u3008-\u3011\u3014-\u301b\u2985\u2986"  # blanks and brackets
    "\u00b7\u2022\u2027\u2219\u22c5\u30fb"  # middle dots
    "\"'`\u2018-\u201f\u2032\u2033\u301d-\u301f\u02b9-\u02bf"  # quotation marks and apostrophes
    "\\-\u2010-\u2015\u2212\u2e3a\u2e3b~\u301c_]+"  # dashes
)


@functools.cache
def _simplified() -> dict[int, str]:
    simplified = {
        ord(row["traditional"]): row["simplified"] for row in tables.read_rows("traditional_characters")
    }
    return simplified | {ord(row["radical"]): row["character"] for row in tables.read_rows("radicals")}


def to_simplified(text: str) -> str:
    """Replace Traditional characters by Simplified ones, and radicals by whole ones: 榮寶齋 becomes 荣宝斋."""
    return text if text.isascii() else text.translate(_simplified())


@functools.cache
def _plain() -> dict[int, str]:
    variants = {ord(row["variant"]): row["character"] for row in tables.read_rows("variant_characters")}
    return variants | _simplified()


def to_plain(text: str) -> str:
    """Replace Traditional characters, radicals and rare variants by the usual Simplified character: 𠮷田 becomes 吉田.

    For searches: two names of which one has a variant stay two names elsewhere.
    """
    return text if text.isascii() else text.translate(_plain())


def fold_until_stable(fold: Callable[[str], str], text: str) -> str:
    """Apply `fold` until nothing changes: what a dropped character kept apart may be composed by NFKC then."""
    while (again := fold(text)) != text:
        text = again
    return text


@functools.lru_cache(maxsize=65_536)
def fold_number(text: str) -> str:
    """The key under which an identifier is looked up: letters in upper case, digits and `.` only.

    `gb/t 35607—2024`, `ＧＢ／Ｔ ３５６０７-２０２４` and `GB-T-35607-2024` have the same key. Letters of every script stay,
    because foreign registration numbers may have any.
    """
    if PLAIN_NUMBER.fullmatch(text):
        return text
    if text.isascii():
        return NOT_IN_NUMBERS.sub("", text.upper())
    return fold_until_stable(_fold_number_once, text)


def _fold_number_once(text: str) -> str:
    return NOT_IN_NUMBERS.sub("", unicodedata.normalize("NFKC", text).upper())


@functools.lru_cache(maxsize=65_536)
def fold_name(text: str) -> str:
    """The key by which names and words are compared: lower case, Simplified, no blanks, brackets, quotes and dashes.

    商流通规发〔2023〕6号 and 商流通规发[2023]6号 have the same key, as have 榮寶齋 and 荣宝斋. It may be empty.
    """
    if text.isascii():
        return NOT_IN_NAMES.sub("", text.lower())
    return fold_until_stable(_fold_name_once, text)


def _fold_name_once(text: str) -> str:
    plain = unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).lower()
    return NOT_IN_NAMES.sub("", plain).translate(_simplified())


def clean_cell(text: str) -> str:
    """The text of a cell without invisible characters, with single blanks inside and none around it.

    Other characters stay as written: full-width brackets belong to Chinese names.
    """
    if text.isprintable() and "  " not in text:  # most cells
        return text.strip()
    if INVISIBLE.search(text):
        text = INVISIBLE.sub("", text)
    return WHITESPACE.sub(" ", text).strip()
