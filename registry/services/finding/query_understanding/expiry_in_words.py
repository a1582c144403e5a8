"""When something ends, in the words of a search: expiring in 2027, valid until March 2026, 2027年到期, 三个月内到期."""

from __future__ import annotations

import calendar
import datetime as dt
import functools
import re
from collections.abc import Iterator

from registry import clock
from registry.reference.text.written_numbers import read_number
from registry.services.finding.query_understanding.time_patterns import YEAR_EN, TimeInWords
from registry.services.finding.query_understanding.times_in_words import find_times

SOON_MONTHS = 3
FIRST_MONTH, LAST_MONTH = 1, 12
ENDS_EN = re.compile(
    r"(?:\b(?:that|which|who|will|to|is|are|be|due|going|soon) )*"
    r"\b(?:expir(?:e|es|ing|y|ation)|end(?:s|ing)?|laps(?:e|es|ing)|run(?:s|ning)? out|valid|(?:up|due) for renewal)\b(?: dates?)?"
)
PREPOSITION = re.compile(r" (?:(?:in|on|at|by|before|during|within|after|until|till|through|to|up to|the) )*")
# What stands between a time and the word for its end: 2027年底前到期; 有效期至 before a time.
ENDS_ZH = re.compile(
    r"(?:之?[内前]|以[内前]|底|年底|里|中|份|的时候)*(?:就|即|将|要|会|快|才)*(?:到期|届满|期满|失效|过期|截止|有效期满)的?"
)
VALID_TO_ZH = re.compile(r"有效期(?:限)?(?:到|至|截至|截止到?|为)?在?\s*$")
UNIT_MONTHS = {
    "day": 1 / 30,
    "week": 1 / 4,
    "month": 1,
    "year": 12,
    "天": 1 / 30,
    "日": 1 / 30,
    "周": 1 / 4,
    "月": 1,
    "年": 12,
}
NUMBER_EN = r"\d{1,3}|a|an|one|two|three|four|five|six|seven|eight|nine|ten|twelve"
WITHIN_EN = re.compile(
    rf"(?: (?:in|within|over|during))?(?: the)?(?: (?:next|coming|following))+ (?P<n>{NUMBER_EN}) (?P<unit>day|week|month|year)s?\b"
    rf"| (?:in|within) (?P<n2>{NUMBER_EN}) (?P<unit2>day|week|month|year)s?\b| (?P<soon>soon|shortly)\b| (?:in )?(?P<next>next month)\b"
)
WITHIN_ZH = re.compile(
    r"(?:未来|今后|接下来|近)?的?(?<!\d)(?P<n>\d{1,3}|半|[一二两三四五六七八九十]{1,3})个?(?P<unit>天|日|周|月|年)(?:之?内|以内)?"
    r"|(?P<next>下个?月)|(?P<soon>即将|快要?|马上就?要?|临近|将要?)"
)


def find_times_and_expiries(text: str) -> list[TimeInWords]:
    """Return the times in a folded text, in order: those beside a word for an end are of the kind `ends`, in months."""
    return list(_find(text, clock.today()))


@functools.lru_cache(1024)
def _find(text: str, today: dt.date) -> tuple[TimeInWords, ...]:
    times = find_times(text)
    expiries = [*_english(text, times, today), *_chinese(text, times, today)]
    others = [
        time
        for time in times
        if not any(time.start < each.end and each.start < time.end for each in expiries)
    ]
    return tuple(sorted([*others, *expiries]))


def _english(text: str, times: list[TimeInWords], today: dt.date) -> Iterator[TimeInWords]:
    for match in ENDS_EN.finditer(text):
        says_valid = match[0].endswith("valid")
        if not says_valid and (within := WITHIN_EN.match(text, match.end())):
            number, unit = within["n"] or within["n2"] or "", within["unit"] or within["unit2"]
            span = _from_today(today, _months(number, unit) if unit else SOON_MONTHS)
            if within["next"]:
                span = (_add_months(today, 1),) * 2
            yield TimeInWords(match.start(), within.end(), "ends", *span)
            continue
        gap = PREPOSITION.match(text, match.end())
        if gap is None or (
            says_valid and not re.search(r"until|till|through|to", text[match.end() : gap.end() + 6])
        ):
            continue
        time = next(
            (each for each in times if match.end() < each.start + 1 and each.start <= gap.end() < each.end),
            None,
        )
        if time is not None and time.kind in ("year", "date"):
            first, last = _span(time)
            if (
                says_valid and not first
            ):  # valid until 2027 is what ends in that year; to expire by 2027 is any time before
                first = last if _has_month(time.last) else last - LAST_MONTH + FIRST_MONTH
            yield TimeInWords(match.start(), time.end, "ends", first, last)
        elif (
            time is None
            and not match[0].endswith("end")
            and (year := re.compile(YEAR_EN + r"\b").match(text, gap.end()))
        ):
            yield TimeInWords(match.start(), year.end(), "ends", *_year_span(int(year[0])))


def _chinese(text: str, times: list[TimeInWords], today: dt.date) -> Iterator[TimeInWords]:
    for time in times:
        before, behind = VALID_TO_ZH.search(text, 0, time.start), ENDS_ZH.match(text, time.end)
        if time.kind in ("year", "date") and (before or behind):
            start = before.start() if before else time.start
            yield TimeInWords(start, behind.end() if behind else time.end, "ends", *_span(time))
    for match in WITHIN_ZH.finditer(text):
        overlaps = any(match.start() < time.end and time.start < match.end() for time in times)
        if not overlaps and (behind := ENDS_ZH.match(text, match.end())):
            if match["next"]:
                first = _add_months(today, 1)
                yield TimeInWords(match.start(), behind.end(), "ends", first, first)
            else:
                months = SOON_MONTHS if match["soon"] else _months(match["n"], match["unit"])
                yield TimeInWords(match.start(), behind.end(), "ends", *_from_today(today, months))


def _months(number: str, unit: str) -> float:
    """Return a length of time in months; no number is one."""
    if number == "半":
        return UNIT_MONTHS[unit] / 2
    count = 1 if number in ("", "a", "an") else read_number(number) or 1
    return count * UNIT_MONTHS[unit]


def _add_months(today: dt.date, months: int) -> int:
    years, month = divmod(today.month - 1 + months, LAST_MONTH)
    return (today.year + years) * 100 + month + 1


def _from_today(today: dt.date, months: float) -> tuple[int, int]:
    """Return the months from this one to the one in which so many months have passed."""
    days = calendar.monthrange(today.year, today.month)[1]
    whole = int(months)
    rest_reaches_next = today.day + (months - whole) * days > days
    return _add_months(today, 0), _add_months(today, whole + rest_reaches_next)


def _year_span(year: int) -> tuple[int, int]:
    return year * 100 + FIRST_MONTH, year * 100 + LAST_MONTH


def _has_month(day: int) -> bool:
    return FIRST_MONTH <= day // 100 % 100 <= LAST_MONTH


def _span(time: TimeInWords) -> tuple[int, int]:
    """Return the first and the last month of a time, as numbers such as 202701; 0 for an open end."""
    if time.kind == "year":
        return _year_span(time.first)
    first, last = time.first // 100, time.last // 100
    if first and not first % 100:
        first += FIRST_MONTH
    if last and last % 100 > LAST_MONTH:
        last = last // 100 * 100 + LAST_MONTH
    return first, last
