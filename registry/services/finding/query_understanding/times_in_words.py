"""Times in the words of a search: years, months, spans, ages and eras, as dates of records or as years of foundation.

*since 2015*, 去年, 2019年以前 and *in June 2024* are dates of records (recognised, issued, in force); *founded before 1900*,
两百年以上, *over 150 years old*, 光绪年间 and *Ming dynasty* say when something was founded.
"""

from __future__ import annotations

import datetime as dt
import functools
import re
from collections.abc import Callable

from registry import clock
from registry.reference.text.eras import all_eras
from registry.reference.text.written_numbers import ENGLISH_NUMBER, NUMBER, ORDINALS, read_number
from registry.services.finding.query_understanding.time_patterns import (
    AGE_BEFORE_ZH,
    AGE_BEHIND_ZH,
    COMMON_WORDS,
    DYNASTY_ZH,
    ERA_EN,
    ERA_ZH,
    FOUNDED_BEHIND_ZH,
    FOUNDED_EN,
    FOUNDED_ZH,
    MONTH_EN,
    MONTH_NAMES,
    YEAR_EN,
    YEAR_ZH,
    Span,
    TimeInWords,
    month_span,
    year_span,
)

MAX_YEAR, MIN_YEAR = 2099, 600
FIRST_RECORDED_YEAR = 1950  # years before it are no dates of records: something was founded then
LONG_AGO = 50  # years: an age below it says nothing of a time-honoured trade
CENTURIES = 200  # years: more than one century


Reader = Callable[[re.Match[str], dt.date], TimeInWords | None]
_READERS: list[tuple[str, Reader]] = []  # patterns, compiled when the first search is read


def _reads(*patterns: str) -> Callable[[Reader], Reader]:
    """Register a reader of patterns; those registered first win."""

    def register(reader: Reader) -> Reader:
        _READERS.extend((pattern, reader) for pattern in patterns)
        return reader

    return register


def _date(match: re.Match[str], span: Span) -> TimeInWords:
    """Return days as dates of records, or as years of foundation where they lie before every record."""
    years = (span.first // 10000, span.last // 10000)
    is_founding = bool(match.groupdict().get("founded")) or (0 < (years[1] or years[0]) < FIRST_RECORDED_YEAR)
    if is_founding:
        return TimeInWords(match.start(), match.end(), "founded", *years)
    return TimeInWords(match.start(), match.end(), "date", *span)


def _years(match: re.Match[str], first: int, last: int) -> TimeInWords | None:
    if any(year and not MIN_YEAR <= year <= MAX_YEAR for year in (first, last)):
        return None
    return _date(match, year_span(first, last))


def _founded(match: re.Match[str], first: int, last: int) -> TimeInWords | None:
    if first and last and first > last:
        return None
    return TimeInWords(match.start(), match.end(), "founded", first, last)


def _year(text: str) -> int:
    return read_number(text) or 0


# --- readers, the most particular first ----------------------------------------------------------------------------


@_reads(
    rf"(?P<founded>{FOUNDED_ZH})?(?P<a>{YEAR_ZH})年?(?:到|至|—|–|-|~)(?P<b>{YEAR_ZH})年?(?:之?间)?(?P<founded2>{FOUNDED_BEHIND_ZH})?",
    rf"(?P<founded>{FOUNDED_EN})?(?:between|from) (?P<a>{YEAR_EN}) (?:and|to|until|till) (?P<b>{YEAR_EN})\b",
    rf"\b(?P<a>{YEAR_EN}) ?[–-] ?(?P<b>{YEAR_EN})\b",
)
def _from_to(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    first, last = _year(match["a"]), _year(match["b"])
    if match.groupdict().get("founded2"):
        return _founded(match, first, last)
    return _years(match, first, last) if first <= last else None


@_reads(
    rf"(?P<y>{YEAR_ZH})年(?P<m>1[0-2]|0?[1-9]|十[一二]?|[一二三四五六七八九])月(?:份)?(?:(?P<d>\d{{1,2}})[日号])?(?P<open>起|以来|以后|之后)?"
)
def _month_zh(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    year, month = _year(match["y"]), read_number(match["m"]) or 0
    span = month_span(year, month, month)
    if match["d"]:
        day = year * 10000 + month * 100 + int(match["d"])
        span = Span(day, day)
    return _date(match, span)


@_reads(
    rf"(?:(?P<founded>{FOUNDED_EN})?(?P<how>in|from|since|before|after|of|until) )?\b{MONTH_EN},? (?:of )?(?P<y>{YEAR_EN})\b",
)
def _month_en(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    number = 1 + [name[:3] for name in MONTH_NAMES].index(match["month"][:3])
    span = month_span(_year(match["y"]), number, number)
    opened = {
        "since": Span(span.first, 0),
        "after": Span(span.last, 0),
        "before": Span(0, span.first - 1),
        "until": Span(0, span.last),
    }
    return _date(match, opened.get(match["how"] or "", span))


@_reads(
    rf"(?:(?:in|at|from|since) )?(?:the )?(?P<part>start|beginning|end|middle|early|late|mid)(?: of|-)? (?P<y>{YEAR_EN})\b",
    rf"(?P<y>{YEAR_ZH})年(?P<part>初|年初|底|年底|末|上半年|下半年)",
)
def _part_of_year(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    months = {
        **dict.fromkeys(("start", "beginning", "early", "初", "年初"), (1, 3)),
        **dict.fromkeys(("end", "late", "底", "年底", "末"), (10, 12)),
        **dict.fromkeys(("middle", "mid"), (5, 8)),
        "上半年": (1, 6),
        "下半年": (7, 12),
    }
    return _date(match, month_span(_year(match["y"]), *months[match["part"]]))


@_reads(
    rf"(?P<y>1[0-9]\d0|20\d0)年代(?P<founded>{FOUNDED_BEHIND_ZH})?",
    rf"(?:上个?世纪|20世纪)?(?<!\d)(?P<d>[1-9]0|[一二三四五六七八九]十)年代(?P<founded>{FOUNDED_BEHIND_ZH})?",
    r"(?P<founded>" + FOUNDED_EN + r")?(?:in |from |since |of )?(?:the )?(?P<y>1[0-9]\d0|20\d0)s\b",
    r"(?P<founded>"
    + FOUNDED_EN
    + r")?(?:in |from |of )?the (?P<d>twenties|thirties|forties|fifties|sixties|seventies|eighties|nineties)\b",
)
def _decade(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    groups = match.groupdict()
    if groups.get("y"):
        first = int(groups["y"])
    else:
        tens = (
            read_number(groups["d"]) if groups["d"][0] not in "tfsen" else read_number(groups["d"][:-3] + "y")
        )
        first = 1900 + (tens or 0)
    return _years(match, first, first + 9)


@_reads(
    rf"(?P<c>{NUMBER})世纪(?P<part>初|末|中叶|中期)?(?:时|的时候)?(?P<founded>{FOUNDED_BEHIND_ZH})?",
    r"(?P<founded>" + FOUNDED_EN + r")?(?:in |from |of )?(?:the )?(?P<part>early |late )?"
    rf"(?P<c>\d{{1,2}}(?=(?:st|nd|rd|th))|{'|'.join(ORDINALS)})(?:st|nd|rd|th)?[ -]centur(?:y|ies)\b",
)
def _century(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    number = ORDINALS.get(match["c"]) or read_number(match["c"]) or 0
    first, last = 100 * (number - 1) + 1, 100 * number
    part = (match["part"] or "").strip()
    if part in ("初", "early"):
        last = first + 32
    elif part in ("末", "late"):
        first = last - 32
    return _years(match, first, last) if 7 <= number <= 21 else None


@_reads(
    rf"(?P<not>不到|不足|未满|不满|少于){{1}}(?P<n>{NUMBER})年(?:的|历史)*",
    rf"(?P<n>{NUMBER})年(?P<not>以下|以内|之内)(?:的|历史)*",
    rf"\b(?P<not>less than|under|younger than|fewer than|not yet|below) (?P<n>{ENGLISH_NUMBER}) years?(?: old| of age)?\b",
)
def _younger(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    years = read_number(match["n"])
    return _founded(match, today.year - years + 1, 0) if years and years <= today.year - MIN_YEAR else None


@_reads(
    rf"{AGE_BEFORE_ZH}(?P<n>{NUMBER}|[数几]百)(?:多|余|来)?年{AGE_BEHIND_ZH}(?:的|历史)*",
    rf"(?P<more>超过|超|逾|满|至少|不少于|大于|多于|已有|距今)(?P<n>{NUMBER}|[数几]百)(?:多|余)?年(?:的|历史)*",
    r"(?P<behind>)(?P<more>)(?P<n>[数几]百)年(?:的|历史)*",
    rf"\b(?P<more>over|more than|at least|older than|above|upwards of|exceeding|nearly|almost|some|about)? ?(?P<n>{ENGLISH_NUMBER})(?: or more)?"
    r"(?:\+| plus)?[ -]years?(?:[ -](?:and more|or more))?(?P<behind>[ -]old|[ -]olds| of (?:history|age|tradition)| and (?:more|over|older)| in business)",
    rf"\b(?P<more>over|more than|at least|older than|above|upwards of|exceeding) (?P<n>{ENGLISH_NUMBER}) years?\b",
    r"\b(?P<more>over|more than|at least|older than)? ?(?P<centuries>a|one|two|three|four|five|several|\d) centur(?:y|ies)(?P<behind>[ -]old)?\b",
    r"\b(?P<more>)(?P<centuries>centuries)[ -](?P<behind>old)\b",
)
def _older(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    groups = match.groupdict()
    if groups.get("centuries"):
        if not (groups["more"] or groups.get("behind")):
            return None
        number = read_number(groups["centuries"])
        years: int | None = 100 * number if number else CENTURIES
    else:
        years = CENTURIES if groups["n"][0] in "数几" else read_number(groups["n"])
    if not years or not LONG_AGO <= years <= today.year - MIN_YEAR:
        return None
    return _founded(match, 0, today.year - years)


@_reads(
    rf"(?:(?P<dynasty>明|清|大明|大清|明朝|清朝|明代|清代)[·]?)?(?P<era>{ERA_ZH})(?:(?P<y>元|[一二三四五六七八九十廿卅]{{1,4}}|\d{{1,2}})年)?"
    rf"(?P<behind>年间|初年|末年|年代|时期|朝|帝|皇帝|时候?|初|末)?(?:里|间)?(?P<founded>{FOUNDED_BEHIND_ZH})?",
)
def _reign(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    era = all_eras()[match["era"]]
    is_marked = match["dynasty"] or match["y"] or match["behind"] or match["founded"]
    if era.zh in COMMON_WORDS and not is_marked:
        return None
    if not match["y"]:
        return _founded(match, era.first, era.last)
    number = 1 if match["y"] == "元" else read_number(match["y"])
    year = era.first + (number or 1) - 1
    return _founded(match, year, year + 1) if year <= era.last else None


@_reads(
    rf"(?P<dynasty>{DYNASTY_ZH}|[唐宋元明清](?=[朝代初末]))(?:[朝代]|王朝)?(?P<part>初年?|末年?|中期|时期|年间|时候?)?(?P<founded>{FOUNDED_BEHIND_ZH})?",
    r"(?P<dynasty>晚清)(?:时期|年间)?(?P<part>末)?" + rf"(?P<founded>{FOUNDED_BEHIND_ZH})?",
    r"(?:(?:from|in|of|during|since) )?(?:the )?(?P<part>early |late )?(?P<dynasty>tang|song|yuan|ming|qing|manchu)[ -](?:dynasty|era|period|times?|empire)\b",
)
def _dynasty(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    by_english = {each.en.lower(): each for each in all_eras().values() if each.kind == "dynasty"}
    written = {"晚清": "清", "manchu": "qing"}.get(match["dynasty"], match["dynasty"])
    era = all_eras().get(written) or by_english[written]
    part = (match["part"] or "").strip()
    third = (era.last - era.first) // 3
    if match["dynasty"] == "晚清" or part.startswith(("末", "late")):
        return _founded(match, era.last - third, era.last)
    if part.startswith(("初", "early")):
        return _founded(match, era.first, era.first + third)
    return _founded(match, era.first, era.last)


@_reads(
    rf"(?:(?:from|in|of|during|since) )?(?:the )?(?P<era>{ERA_EN})(?: (?:era|period|reign|emperor|years?))*\b",
    r"(?:(?:from|in|of|during|since) )?the (?P<era>republican (?:era|period)|republic(?:an)? of china|republican times)\b",
)
def _reign_en(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    by_english = {each.en.lower(): each for each in all_eras().values()}
    era = by_english.get(match["era"]) or all_eras()["民国"]
    return _founded(match, era.first, era.last)


@_reads(
    rf"(?P<how>解放|建国|新中国成立|新中国建立)(?:以)?前(?P<founded>{FOUNDED_BEHIND_ZH})?",
    r"(?P<how>pre-?1949|before liberation|before the people's republic)\b",
)
def _before_1949(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    return _founded(match, 0, 1948)


@_reads(
    r"(?:from )?before (?:the )?(?P<war>first|second) world war\b",
    r"(?:from )?before world war (?P<war>one|two|i{1,2}|1|2)\b",
    r"(?P<war>一战|二战|第一次世界大战|第二次世界大战|抗战|抗日战争)(?:以)?前(?:就)?(?:开的|有的|创办的|创立的|成立的)?",
)
def _before_a_war(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    is_first = match["war"] in ("first", "one", "i", "1", "一战", "第一次世界大战")
    ends = 1913 if is_first else 1936 if match["war"].startswith("抗") else 1938
    return _founded(match, 0, ends)


@_reads(
    rf"(?P<founded>{FOUNDED_ZH})?在?(?P<y>{YEAR_ZH})年?(?P<how>以前|之前|前)(?P<founded2>{FOUNDED_BEHIND_ZH})?",
    rf"(?P<founded>{FOUNDED_EN})?(?:in or )?(?P<how>before|earlier than|prior to) (?:the year )?(?P<y>{YEAR_EN})\b",
    rf"(?P<founded>)(?P<how>pre)-(?P<y>{YEAR_EN})\b",
)
def _before(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    last = _year(match["y"]) - 1
    return _founded(match, 0, last) if match.groupdict().get("founded2") else _years(match, 0, last)


@_reads(
    rf"(?P<founded>{FOUNDED_EN})?(?:until|till|up to|by|no later than) (?P<y>{YEAR_EN})\b",
    rf"(?P<y>{YEAR_ZH})年(?:为止|及以前|及之前)",
)
def _until(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    return _years(match, 0, _year(match["y"]))


@_reads(
    rf"(?P<founded>{FOUNDED_ZH})?(?:自|从|自从)?(?P<y>{YEAR_ZH})年?(?P<how>以后|之后|以来|后|起|开始|至今|到现在)(?P<founded2>{FOUNDED_BEHIND_ZH})?",
    rf"(?P<founded>{FOUNDED_EN})?(?P<how>since|after|later than|from (?={YEAR_EN} (?:on|onwards?)\b)) ?(?:the year )?(?P<y>{YEAR_EN})(?: onwards?| on)?\b",
)
def _since(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    first = _year(match["y"]) + (match["how"] == "after")
    return _founded(match, first, 0) if match.groupdict().get("founded2") else _years(match, first, 0)


@_reads(
    rf"(?:最近|近|过去)(?P<n>{NUMBER})年(?:来|内|里)?",
    rf"(?:in |over |during |within )?the (?:last|past) (?P<n>{ENGLISH_NUMBER}) years\b",
)
def _last_years(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    years = read_number(match["n"])
    return _years(match, today.year - years, 0) if years and years <= LONG_AGO else None


@_reads(
    r"(?P<ago>大前年|前年|去年|上一年|今年|本年|明年)(?:度)?(?P<part>上半年|下半年|年初|年底|初|底)?",
    r"\b(?P<ago>the year before last|two years ago|last year|this year|next year|a year ago|three years ago)\b",
)
def _relative_year(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    years_ago = {
        **dict.fromkeys(("大前年", "three years ago"), 3),
        **dict.fromkeys(("前年", "the year before last", "two years ago"), 2),
        **dict.fromkeys(("去年", "上一年", "last year", "a year ago"), 1),
        **dict.fromkeys(("今年", "本年", "this year"), 0),
        **dict.fromkeys(("明年", "next year"), -1),
    }
    year = today.year - years_ago[match["ago"]]
    part = match.groupdict().get("part")
    if part:
        return _date(match, month_span(year, *((1, 6) if "上" in part or "初" in part else (7, 12))))
    return TimeInWords(match.start(), match.end(), "year", year, year)


@_reads(r"(?P<ago>上个?月|本月|这个月|最近一个月)", r"\b(?P<ago>last month|this month)\b")
def _relative_month(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    first = today.replace(day=1)
    day = first if match["ago"] in ("本月", "这个月", "this month") else first - dt.timedelta(days=1)
    return _date(match, month_span(day.year, day.month, day.month))


@_reads(
    rf"(?P<founded>{FOUNDED_ZH})于?(?P<y>{YEAR_ZH})年?",
    rf"(?P<y>{YEAR_ZH})年(?P<founded>{FOUNDED_BEHIND_ZH})(?:的)?",
    rf"(?P<founded>{FOUNDED_EN})(?:in |from |of )?(?P<y>{YEAR_EN})\b",
)
def _founded_in(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    year = _year(match["y"])
    return _founded(match, year, year)


@_reads(
    rf"(?P<y>{YEAR_ZH})年(?:度)?",
    rf"\b(?:in|from|of|during|year) (?P<y>{YEAR_EN})(?![\d-])\b",
)
def _one_year(match: re.Match[str], today: dt.date) -> TimeInWords | None:
    del today
    year = _year(match["y"])
    if year < 1900:
        return _founded(match, year, year)
    return TimeInWords(match.start(), match.end(), "year", year, year)


# --- all of them ---------------------------------------------------------------------------------------------------


def find_times(text: str) -> list[TimeInWords]:
    """Return the times in a folded text, in order; they do not overlap."""
    return list(_find_times(text, clock.today()))


@functools.cache
def _compiled_readers() -> tuple[tuple[re.Pattern[str], Reader], ...]:
    return tuple((re.compile(pattern), reader) for pattern, reader in _READERS)


@functools.lru_cache(1024)
def _find_times(text: str, today: dt.date) -> tuple[TimeInWords, ...]:
    taken: list[TimeInWords] = []
    for pattern, reader in _compiled_readers():
        for match in pattern.finditer(text):
            if match.end() > match.start() and not _overlaps(match, taken):
                found = reader(match, today)
                if found is not None:
                    taken.append(found)
    return tuple(sorted(taken))


def _overlaps(match: re.Match[str], taken: list[TimeInWords]) -> bool:
    return any(match.start() < each.end and each.start < match.end() for each in taken)
