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
ZONE = r"(?P<zone>Z|[+-]\d{2}:?\d{2})"
CLOCK = r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?"
TIME = (
    rf"(?:[T ] ?(?:上午|下午|中午|晚上|凌晨)? ?(?:(?P<clock>{CLOCK}) ?(?:AM|PM)?{ZONE}?"
    r"|\d{1,2} ?[时点](?: ?\d{1,2} ?分(?: ?\d{1,2} ?秒)?)?))?"
)
YEAR_FIRST = (
    re.compile(r"(\d{4})([-/.])(\d{1,2})(?:\2(\d{1,2})" + TIME + ")?", re.ASCII),
    re.compile(r"(\d{1,4}) ?年(?: ?(\d{1,2}) ?月(?:份|(?: ?(\d{1,2}) ?[日号]" + TIME + "))?)?", re.ASCII),
    re.compile(r"(\d{4})(\d{2})(\d{2})", re.ASCII),
    re.compile(r"(\d{4})", re.ASCII),
    re.compile(r"(\d{4})([、,]) ?(\d{1,2})\2 ?(\d{1,2})", re.ASCII),
)
YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4})" + TIME, re.ASCII)
REPUBLIC = re.compile(r"(?:中华)?民国 ?(\d{1,2}) ?年(?: ?(\d{1,2}) ?月(?: ?(\d{1,2}) ?[日号])?)?", re.ASCII)
FIRST_YEAR_OF_THE_REPUBLIC = 1912
MONTHS = ("JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC")
MONTH = rf"(?P<month>{'|'.join(MONTHS)})[A-Z]*\.?"
DAY = r"(?P<day>\d{1,2})(?:ST|ND|RD|TH)?"
ENGLISH = (
    re.compile(rf"{DAY}[-/. ]?(?:OF )?{MONTH}[-/., ]*(?P<year>\d{{4}}){TIME}", re.ASCII),
    re.compile(rf"{MONTH} ?{DAY},? ?(?P<year>\d{{4}}){TIME}", re.ASCII),
    re.compile(rf"(?P<year>\d{{4}})[-/ ]{MONTH}[-/ ]{DAY}{TIME}", re.ASCII),
)
DASHES = re.compile("[\u2010-\u2015\u2212]")
# What stands behind a date and does not change it: the end of a sentence, from or until then, the day of the week.
BEHIND = re.compile(
    r"(?:[.。;；,，]|起|止|\((?:星期|周)[一二三四五六日天]\)| ?(?:星期|周)[一二三四五六日天])+$"
)
CHINESE_FIGURES = dict(zip("〇零○一二三四五六七八九壹贰叁肆伍陆柒捌玖", "000123456789123456789", strict=True))
CHINESE_NUMBER = re.compile(r"[〇零○0-9一二三四五六七八九壹贰叁肆伍陆柒捌玖十拾廿卅元]+(?=年|月|日|号)")
NO_DATE = re.compile(r"0000-00-00|1900-01-00|1900/1/0")  # what databases and Excel write for none
EPOCH = dt.date(1899, 12, 30)  # day 0 of the numbers of spreadsheet programs, from March 1900 on
SERIAL_NUMBERS = range(10_000, 73_051)  # 1927 to 2099: other whole numbers are years, or something else
SERIAL_TEXTS = range(20_000, 60_001)  # of five figures written as a text: 1954 to 2064
SHANGHAI = dt.timezone(dt.timedelta(hours=8))


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
    `2024-04`, `2024年4月`, `1903年`, `1903`, full-width digits, Chinese figures (二〇二三年六月八日), years of the Republic
    (民国二十三年), English months (`8 June 2023`), serial numbers of spreadsheets (`45085`), and a time after a full date,
    which is dropped: one with a zone after the day in Shanghai was found. A year at the end is read where only one
    order makes a date, or with `order` "mdy" (American) or "dmy"; then forms that begin with the year are read too.
    Raises `DateShapeError` or `DateDoesNotExistError`, which are `DateError` with a `code`.
    """
    if isinstance(written, dt.date):
        return f"{written.year:04}-{written.month:02}-{written.day:02}"
    if not isinstance(written, str):
        raise DateShapeError("date_shape")
    return _parse(written, order)


def parse_number(written: float) -> str:
    """Parse a date that a sheet holds as a number: a serial number, 20230608, 2023 or 2023.6.

    2023.1 may have been 2023.10 and is no date. Raises as `parse`.
    """
    if int(written) in SERIAL_NUMBERS:
        return (EPOCH + dt.timedelta(days=int(written))).isoformat()
    text = f"{written:.10g}"
    if re.fullmatch(r"\d{4}\.1", text):
        raise DateShapeError("date_shape")
    return parse(text)


@functools.lru_cache(maxsize=32_768)
def _parse(written: str, order: Order) -> str:
    text = DASHES.sub("-", unicodedata.normalize("NFKC", clean_cell(written))).upper()
    text = re.sub(r" ?([-/.]) ?", r"\1", text)
    if NO_DATE.fullmatch(text):
        raise DateShapeError("date_shape")
    for reading in (text, BEHIND.sub("", text), _in_arabic_figures(BEHIND.sub("", text))):
        if reading and (iso := _read(reading, order)):
            return iso
    raise DateShapeError("date_shape")


def _read(text: str, order: Order) -> str | None:
    """The date of a folded text; None where it has no known form."""
    if match := YEAR_LAST.fullmatch(text):
        return _read_year_last(match, order)
    for pattern in YEAR_FIRST:
        if match := pattern.fullmatch(text):
            named = match.groupdict()
            parts = [part for part in match.groups() if part and part.isdecimal()]
            iso = _iso_if_exists(*map(int, parts[:3]))
            return _day_in_shanghai(iso, named["clock"], named["zone"]) if named.get("zone") else iso
    if match := REPUBLIC.fullmatch(text):
        year, *rest = (int(part) for part in match.groups() if part)
        return _iso_if_exists(year - 1 + FIRST_YEAR_OF_THE_REPUBLIC, *rest) if year else None
    for pattern in ENGLISH:
        if match := pattern.fullmatch(text):
            return _iso_if_exists(int(match["year"]), MONTHS.index(match["month"]) + 1, int(match["day"]))
    if len(text) == 5 and text.isdecimal() and int(text) in SERIAL_TEXTS:
        return (EPOCH + dt.timedelta(days=int(text))).isoformat()
    return None


def _read_year_last(match: re.Match[str], order: Order) -> str | None:
    """The date of a text with its year at the end; None where both orders make different dates and none is given."""
    first, second, year = int(match[1]), int(match[3]), int(match[4])
    if order != "ymd":
        month, day = (first, second) if order == "mdy" else (second, first)
        return _iso_if_exists(year, month, day)
    if first > 12 or second > 12 or first == second:
        return _iso_if_exists(year, min(first, second), max(first, second))
    return None


def _day_in_shanghai(iso: str, clock: str, zone: str) -> str:
    """The day in Shanghai of an instant, by its day, time and zone as written."""
    hours, minutes = (int(part) for part in clock.split(":")[:2])
    sign = -1 if zone[0] == "-" else 1
    digits = zone.replace(":", "")
    offset = (
        dt.timedelta()
        if zone == "Z"
        else sign * dt.timedelta(hours=int(digits[1:3]), minutes=int(digits[3:5]))
    )
    try:
        instant = dt.datetime.fromisoformat(iso).replace(
            hour=hours, minute=minutes, tzinfo=dt.timezone(offset)
        )
        return instant.astimezone(SHANGHAI).date().isoformat()
    except (ValueError, OverflowError):
        raise DateShapeError("date_shape") from None


def _in_arabic_figures(text: str) -> str:
    """The text with Chinese numbers before 年, 月 and 日 in Arabic figures: 二〇二三 is 2023, 廿八 is 28."""
    return CHINESE_NUMBER.sub(lambda match: _arabic(match[0]), text)


def _arabic(number: str) -> str:
    plain = number.replace("元", "一").replace("拾", "十").replace("廿", "二十").replace("卅", "三十")
    tens, ten, ones = plain.partition("十")
    tens, ones = ("".join(CHINESE_FIGURES.get(sign, sign) for sign in part) for part in (tens, ones))
    if not ten:
        return tens
    return f"{tens or '1'}{ones or '0'}" if len(tens) < 2 and len(ones) < 2 else number


def _iso_if_exists(year: int, month: int | None = None, day: int | None = None) -> str:
    try:
        dt.date(year, 1 if month is None else month, 1 if day is None else day)
    except ValueError:
        raise DateDoesNotExistError("date_does_not_exist") from None
    return "-".join([f"{year:04}", *(f"{part:02}" for part in (month, day) if part is not None)])


@functools.lru_cache(8192)
def first_day(iso: str) -> dt.date:
    """The first day that a sparse date may mean. Raises `DateError` where `iso` is not in ISO form."""
    year, month, day = _parts(iso)
    return _day(year, 1 if month is None else month, 1 if day is None else day)


@functools.lru_cache(8192)
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
