"""Numbers that others issue: certificates, bodies, laboratories, trademarks and trade items.

Sources: CNCA implementation rules for CCC and organic products, the lists of approved bodies, GS1 General
Specifications (GTIN). Green-product certificates have no common form: any number holds there.
"""

from __future__ import annotations

import functools
import re
import unicodedata

from stdnum import ean

from registry.reference.identifiers import number_families
from registry.reference.text.folding import clean_cell, fold_until_stable

# Families of certificates; the forms of all families are those of `number_families`.
CERTIFICATE_FAMILIES = ("ccc", "organic", "organic_code", "cqc", "demo")

BODY_APPROVAL = re.compile(r"CNCA-RF?-[0-9]{4}-[0-9]{2,4}")
LOOSE_APPROVAL = re.compile(r"CNCA[- ]?(RF?)[- ]?([0-9]{4})[- ]?([0-9]{2,4})")
CMA = re.compile(r"[0-9]{12}")
CNAS = re.compile(r"CNAS (?:L[0-9]{4,5}|IB[0-9]{4}|C[0-9]{3})")
# 1 to 9 digits, a letter in old or split cases; G before the number of an international (Madrid) registration.
TRADEMARK = re.compile(r"[0-9]{1,9}[A-Z]?|G[0-9]{6,7}[A-Z]?")
HS = re.compile(
    r"[0-9]{4}(?:[0-9]{2}){0,3}"
)  # Harmonized System: from the heading to the ten digits of Chinese customs
DOTTED_HS = re.compile(r"[0-9]{4}(?:\.?[0-9]{2}){0,3}")
GTIN_LENGTHS = (8, 12, 13, 14)
DASHES = re.compile("[\u2010-\u2015\u2212]")


@functools.lru_cache(maxsize=16_384)
def normalise(cert_no: str) -> str:
    """A certificate number in upper case and half width, without blanks; other signs stay as the body writes them."""
    return fold_until_stable(lambda text: _plain(text).replace(" ", ""), cert_no)


def family(cert_no: str) -> str | None:
    """The family whose form a number has: `ccc`, `organic`, `organic_code`, `cqc`, `demo`; None for any other."""
    found = number_families.family_by_form(normalise(cert_no))
    return found.code if found and found.code in CERTIFICATE_FAMILIES else None


def body_approval(text: str) -> str:
    """A CNCA approval number, `CNCA-R-2002-001` or `CNCA-RF-2004-33` (foreign-invested); other texts cleaned only."""
    plain = _plain(text)
    match = LOOSE_APPROVAL.fullmatch(plain)
    return f"CNCA-{match[1]}-{match[2]}-{match[3]}" if match else clean_cell(text)


def is_body_approval(number: str) -> bool:
    return BODY_APPROVAL.fullmatch(number) is not None


def rule_number(text: str) -> str:
    """The number of a certification rule in upper case and half width (`CNCA-CGP-04-2020`, `CNCA-CGP-13:2025`)."""
    plain = _plain(text)
    return plain.replace(" ", "") if plain.startswith("CNCA") else clean_cell(text)


def is_cma_number(number: str) -> bool:
    return CMA.fullmatch(number) is not None


def is_cnas_number(number: str) -> bool:
    return CNAS.fullmatch(number) is not None


def trademark_number(text: str) -> str:
    """A trademark registration number: 1 to 9 digits, a letter in old or split cases (`第171188号` → `171188`)."""
    plain = re.sub("^第|号$", "", normalise(text))
    return plain if TRADEMARK.fullmatch(plain) else clean_cell(text)


def is_trademark_number(number: str) -> bool:
    return TRADEMARK.fullmatch(number) is not None


def hs_code(text: str) -> str:
    """An HS code as digits only (`9403.50` → `940350`); other texts cleaned only."""
    plain = _plain(text)
    return plain.replace(".", "") if DOTTED_HS.fullmatch(plain) else clean_cell(text)


def is_hs_code(number: str) -> bool:
    return HS.fullmatch(number) is not None


def gtin(text: str) -> str:
    """A barcode number as 14 digits (GTIN-8, -12, -13 or -14); other texts without blanks and hyphens."""
    digits = fold_until_stable(lambda written: re.sub(r"[\s-]", "", _plain(written)), text)
    return digits.zfill(14) if len(digits) in GTIN_LENGTHS and _decimal(digits) else digits


def printed_gtin(number: str) -> str:
    """A number from `gtin` with the digits that stand under the bars: 8, 12 (UPC-A), 13 (EAN-13) or 14; other texts unchanged.

    By the noughts in front (GS1 General Specifications, 3.3.2): a GTIN-8 has six of them, a GTIN-12 two, a GTIN-13 one.
    """
    if len(number) != 14 or not _decimal(number):
        return number
    return next(
        (number[-length:] for length in GTIN_LENGTHS if number.startswith("0" * (14 - length))), number
    )


def make_gtin(first12: str) -> str:
    """Add the check digit to 12 digits, for invented barcodes. Raises `ValueError` for anything but 12 digits."""
    if len(first12) != 12 or not _decimal(first12):
        raise ValueError(f"not the first 12 digits of a barcode: {first12}")
    return first12 + ean.calc_check_digit(first12)


def gtin_error_code(number: str) -> str | None:
    """The issue code of what is wrong with a number from `gtin`: `gtin_shape`, `gtin_check_digit`; None if it is right."""
    if len(number) != 14 or not _decimal(number):
        return "gtin_shape"
    return None if ean.is_valid(number) else "gtin_check_digit"


def _plain(text: str) -> str:
    return clean_cell(DASHES.sub("-", unicodedata.normalize("NFKC", clean_cell(text)))).upper()


def _decimal(text: str) -> bool:
    return text.isascii() and text.isdecimal()
