"""Sparse dates: a day, a month or a year, as far as the source says, stored as ISO 8601 `YYYY[-MM[-DD]]`.

They sort as text. Years run from 0001 to 9999.
"""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
import unicodedata
from typing import Literal

from registry.reference.text.folding import clean_cell

Order = Literal["ymd", "mdy", "dmy"]

ISO = re.compile(r"(\d{4})(?:-(\d{2})(?:-(\d{2}))?)?", re.ASCII)
TIME = r"(?:[T ]\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?)?"
YEAR_FIRST = (
    re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2})" + TIME + ")?", re.ASCII),
    re.compile(r"(\d{1,4}) ?年(?: ?(\d{1,2}) ?月(?:份|(?: ?(\d{1,2}) ?[日号]" + TIME + "))?)?", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
    re.compile(r"(\d{4})", re.ASCII),
)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + TIME, re.ASCII)
DASHES = re.compile("[\u2010-\u2015\u2212]")


class DateError(ValueError):
    """A text that is not a date. `code`: the issue code."""

    code = "date_shape"


class DateShapeError(DateError):
    """A text in none of the known forms of a date."""


class DateDoesNotExistError(DateError):
    """A text in the form of a date, whose day, month or year the calendar does not have."""

    code = "date_does_not_exist"


def parse(written: str | dt.date, order: Order = "ymd") -> str:
    """Parse a date as sheets and forms write it into a sparse ISO date.

    Accepts `date` and `datetime` (its day), `2023-06-08`, `2023/6/8`, `2023.6.8`, `20230608`, `2023年6月8日`,
    `2024-04`, `2024年4月`, `1903年`, `1903`, full-width digits, and a time after a full date (dropped). A year
    at the end is ambiguous and read only with `order` "mdy" (American) or "dmy"; then forms that begin with the year
    are read too. Raises `DateShapeError` or `DateDoesNotExistError`, which are `DateError` with a `code`.
    """
    if isinstance(written, dt.date):
        return f"{written.year:04}-{written.month:02}-{written.day:02}"
    if not isinstance(written, str):
        raise DateShapeError("date_shape")
    return _parse(written, order)


@functools.lru_cache(maxsize=32_768)
def _parse(written: str, order: Order) -> str:
    text = DASHES.sub("-", unicodedata.normalize("NFKC", clean_cell(written))).upper()
    text = re.sub(r" ?([-/.]) ?", r"\1", text)
    if order != "ymd" and (match := YEAR_LAST.fullmatch(text)):
        month, day = (1, 3) if order == "mdy" else (3, 1)
        return _iso_if_exists(int(match[4]), int(match[month]), int(match[day]))
    for pattern in YEAR_FIRST:
        if match := pattern.fullmatch(text):
            year, *rest = (int(part) for part in match.groups() if part and part.isdecimal())
            return _iso_if_exists(year, *rest)
    raise DateShapeError("date_shape")


def _iso_if_exists(year: int, month: int | None = None, day: int | None = None) -> str:
    try:
        dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise DateDoesNotExistError("date_does_not_exist") from None
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


def first_day(iso: str) -> dt.date:
    """The first day that a sparse date may mean. Raises `DateError` where `iso` is not in ISO form."""
    year, month, day = _parts(iso)
    return _day(year, 1 if month is None else month, 1 if day is None else day)


def last_day(iso: str) -> dt.date:
    """The last day that a sparse date may mean. Raises `DateError` where `iso` is not in ISO form."""
    first = first_day(iso)
    year, month, day = _parts(iso)
    if month is None:
        return dt.date(year, 12, 31)
    return first if day is not None else first.replace(day=calendar.monthrange(year, month)[1])


def _parts(iso: str) -> tuple[int, int | None, int | None]:
    match = ISO.fullmatch(iso)
    if match is None:
        raise DateShapeError("date_shape")
    return int(match[1]), int(match[2]) if match[2] else None, int(match[3]) if match[3] else None


def _day(year: int, month: int, day: int) -> dt.date:
    try:
        return dt.date(year, month, day)
    except ValueError:
        raise DateDoesNotExistError("date_does_not_exist") from None
