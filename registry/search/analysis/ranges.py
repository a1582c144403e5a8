"""Ranges as values of a filter: `1900..1949`, `..1926`, `1990..`, for facets whose values are whole numbers such as years."""

from __future__ import annotations

import re
from typing import NamedTuple

RANGE = re.compile(r"(\d{0,8})\.\.(\d{0,8})")
LEAST, MOST = 0, 99_999_999


class NumberRange(NamedTuple):
    """Whole numbers from `first` to `last`, both included."""

    first: int
    last: int

    def holds(self, value: str) -> bool:
        """Return True for the figures of a number within the range."""
        return value.isdecimal() and self.first <= int(value) <= self.last


def range_value(first: int, last: int) -> str:
    """Return the value of a filter by a range; 0 for an open end."""
    return f"{first or ''}..{last or ''}"


def parse_range(value: str) -> NumberRange | None:
    """Return the range that a value of a filter means; None for a plain value."""
    match = RANGE.fullmatch(value)
    if match is None:
        return None
    return NumberRange(int(match[1] or LEAST), int(match[2] or MOST))
