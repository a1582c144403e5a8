"""Cells of a workbook that show something else than they hold: the number 12 as 0012, a date as 3月2日, yes as TRUE."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass


@dataclass(frozen=True, slots=True, eq=False)
class FormattedCell:
    """A cell whose text differs from its value; it equals its value.

    `value`: what it holds. `shown`: what a spreadsheet program shows. `doubt`: the code of what makes the text doubtful
    in a field of texts, "" for nothing. `day`: the date that a number without a format of dates stands for in this
    workbook, if it counts days from 1904.
    """

    value: int | float | bool | dt.date
    shown: str
    doubt: str = ""
    day: dt.date | None = None

    def __str__(self) -> str:
        return self.shown

    def __eq__(self, other: object) -> bool:
        return bool(self.value == (other.value if isinstance(other, FormattedCell) else other))

    def __hash__(self) -> int:
        return hash(self.value)

    def plain(self) -> str | int | float | dt.date:
        """What a sheet without formats holds in its place and reads back: the shown text, unless it says less."""
        if isinstance(self.value, bool) or self.doubt == "digits_lost":
            return self.shown
        if isinstance(self.value, dt.date):
            return self.value
        try:
            return self.shown if float(self.shown) == self.value else self.value
        except ValueError:
            return self.value
