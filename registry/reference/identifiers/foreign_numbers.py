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


def normalise(text: str) -> str:
    """Upper case and half width, with plain hyphens; "" for what does not begin as such a number."""
    compact = DASHES.sub("-", unicodedata.normalize("NFKC", INVISIBLE.sub("", text)).strip()).upper()
    return " ".join(compact.split()) if compact.startswith(PREFIX) else ""


def is_well_formed(number: str) -> bool:
    """True for a normalised number in the form of a country other than mainland China."""
    return SHAPE.fullmatch(number) is not None


def has_known_country(number: str) -> bool:
    """True if a normalised number names a country in ISO 3166."""
    return countries.country(number.removeprefix(PREFIX)[:2]) is not None
