"""Parts of the patterns by which times are found in the words of a search, and what a time in words is."""

from __future__ import annotations

from typing import Literal, NamedTuple

from registry.reference.text.eras import all_eras


class TimeInWords(NamedTuple):
    """Where a time stands in a text and what it means.

    `kind`: `date` (days as numbers, 20240131, as sparse as they were written: months and days may be 00 and 99), `founded`
    (years), `year` (one year that stands alone) or `ends` (months, 202701, in which something expires). 0 for an open end.
    """

    start: int
    end: int
    kind: Literal["date", "founded", "year", "ends"]
    first: int
    last: int


class Span(NamedTuple):
    """First and last day, as numbers; 0 for an open end."""

    first: int = 0
    last: int = 0


def year_span(first: int, last: int) -> Span:
    """Return the days of years; 0 for an open end."""
    return Span(first * 10000 if first else 0, last * 10000 + 9999 if last else 0)


def month_span(year: int, first: int, last: int) -> Span:
    """Return the days of months of a year."""
    return Span(year * 10000 + first * 100, year * 10000 + last * 100 + 99)


# --- parts of patterns ---------------------------------------------------------------------------------------------

YEAR_ZH = r"(?:1[0-9]\d\d|20\d\d|[一二][〇零○一二三四五六七八九]{3})"
YEAR_EN = r"(?:1[0-9]\d\d|20\d\d)"
MONTH_NAMES = (
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
)  # fmt: skip
MONTH_EN = rf"(?P<month>{'|'.join(MONTH_NAMES)}|{'|'.join(name[:3] for name in MONTH_NAMES)})\.?"
FOUNDED_ZH = (
    r"(?:始?创(?:立|办|建|设|始|业|号)|始?[创建]于|始[建创]|[成建设]立|开[业设创张办]|创[立办建始设])"
)
FOUNDED_BEHIND_ZH = (
    rf"(?:(?:就|已|已经)?(?:{FOUNDED_ZH}|开[的店门了]?|建的|办的|有的|传下来|流传下来)(?:的|了|过)?)"
)
FOUNDED_EN = (
    r"(?:(?:was |were |been |that |which )*(?:founded|established|set up|started|opened|begun|began|dating|dates?|going|goes|"
    r"born|created|existing|around|trading|in business)(?: back)?(?: to| from)? ?)"
)
AGE_BEFORE_ZH = r"(?P<more>超过|超|逾|满|达到?|大于|多于|至少|不少于|有|距今|已有)?"
AGE_BEHIND_ZH = r"(?P<behind>以上|及以上|开外|历史|(?=老店|老铺|老号|老字号|老品牌)|多|余)"
DYNASTY_ZH = "|".join(each.zh for each in all_eras().values() if each.kind == "dynasty" and len(each.zh) > 1)
ERA_ZH = "|".join(each.zh for each in all_eras().values() if each.kind != "dynasty")
ERA_EN = "|".join(
    each.en.lower()
    for each in all_eras().values()
    if each.kind in ("ming", "qing") and len(each.en) > len("Yuan")
)
COMMON_WORDS = (
    "正统",
    "天启",
    "天顺",
    "成化",
    "正德",
    "弘治",
    "同治",
)  # an era only with its year, reign or dynasty
