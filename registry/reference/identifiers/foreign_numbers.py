"""Numbers of organisations abroad, which have no Chinese credit code: `F-<ISO 3166 alpha-2>-<registration number>`."""

from __future__ import annotations

import re
import unicodedata

from registry.reference.code_lists import countries
from registry.reference.text.folding import INVISIBLE

PREFIX = "F-"
DASHES = re.compile("\\s*[-\u2010-\u2015\u2212]\\s*")
# Not for mainland China, whose organisations have a credit code. Keys drop the punctuation.
SHAPE = re.compile(r"F-(?!CN-)([A-Z]{2})-[A-Z0-9](?:[A-Z0-9 ./-]{0,40}[A-Z0-9])?")
PARTS = re.compile(r"F-([^-]+)-(.+)")
# Length of the numbers that a register fills up with zeros: Companies House, ASIC (ACN), KBO/BCE, ARES (IČO), CVR, INSEE
# (SIREN), the Companies Registry of Hong Kong, KVK, KRS, RPO (IČO) and the tax authority of Taiwan.
PADDED_LENGTHS = {
    "GB": 8, "AU": 9, "BE": 10, "CZ": 8, "DK": 8, "FR": 9, "HK": 7, "NL": 8, "PL": 10, "SK": 8, "TW": 8,
}  # fmt: skip
WITH_LETTERS = frozenset({"GB"})  # SC for Scotland, NI, OC …
UNPADDED = frozenset({"DE"})  # the courts write HRB 123, and no zeros before it
SEPARATORS = re.compile(r"[\s.\-]")
LETTERS_AND_FIGURES = re.compile("((?:[A-Z]{2})?)([0-9]+)")
LEADING_ZEROS = re.compile("(?<![0-9])0+(?=[0-9])")


def normalise(text: str) -> str:
    """Upper case and half width, with plain hyphens and the code of the country; "" for what does not begin as such a number."""
    compact = DASHES.sub("-", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).strip()).upper()
    if not compact.startswith(PREFIX):
        return ""
    number = " ".join(compact.split())
    parts = PARTS.fullmatch(number)
    if parts is None:
        return number
    country = countries.find_code(parts[1]) or parts[1]
    return f"{PREFIX}{country}-{registration_number(country, parts[2])}"


def registration_number(country: str, written: str) -> str:
    """A registration number with as many zeros before it as the register of its country writes (`country`: alpha-2)."""
    if country in UNPADDED:
        return LEADING_ZEROS.sub("", written)
    length = PADDED_LENGTHS.get(country)
    if length is None:
        return written
    found = LETTERS_AND_FIGURES.fullmatch(SEPARATORS.sub("", written).upper())
    if found is None:
        return written
    letters = "" if found[1] == country else found[1]
    if letters and country not in WITH_LETTERS:
        return written
    figures = found[2].zfill(length - len(letters))
    return letters + figures if len(letters + figures) == length else written


def without_zeros(number: str) -> str:
    """A number without the zeros before its figures, for numbers that may be one."""
    return LEADING_ZEROS.sub("", number)


def is_well_formed(number: str) -> bool:
    """True for a normalised number in the form of a country other than mainland China."""
    return SHAPE.fullmatch(number) is not None


def has_known_country(number: str) -> bool:
    """True if a normalised number names a country in ISO 3166."""
    return countries.country(number.removeprefix(PREFIX)[:2]) is not None
