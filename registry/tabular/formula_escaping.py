"""Escape cells that a spreadsheet program would run as formulas: an apostrophe keeps them text in CSV.

OWASP, "CSV Injection": `=`, `+`, `-`, `@`, TAB and CR at the start of a cell; full-width forms count in East Asian
editions of Excel. Blanks before the sign are escaped too. `unescape_formula` reverses `escape_formula`, so that an
export comes in again unchanged; a text that began with `'=` goes out as `''=`.
"""

from __future__ import annotations

import re

FORMULA_START = re.compile("'*(?:[\\s\u200b\ufeff]*[=+\\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])")


def escape_formula(text: str) -> str:
    """The text as a CSV cell that no spreadsheet program runs."""
    return "'" + text if FORMULA_START.match(text) else text


def unescape_formula(text: str) -> str:
    """The text behind an escaped CSV cell; other texts stay."""
    return text[1:] if text.startswith("'") and FORMULA_START.match(text) else text
