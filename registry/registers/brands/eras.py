"""Era names of the founding years of brands: 清康熙八年 is 1669, 清乾隆年间 lies within 1736 to 1795.

The years of the eras are those of `registry.reference.text.eras`.
"""

from __future__ import annotations

import re

from registry.kit.display import Words
from registry.kit.kinds import Text
from registry.reference.text.eras import all_eras
from registry.reference.text.folding import to_simplified

# First and last year of each reign, and of the Republic, in order.
ERAS = {each.zh: (each.first, each.last) for each in all_eras().values() if each.kind != "dynasty"}
ERA_YEAR = re.compile(
    rf"(?P<era>{'|'.join(ERAS)})(?:(?P<year>元|[一二三四五六七八九十廿卅]{{1,4}}|\d{{1,2}})年)?"
)
DIGITS = {sign: place for place, sign in enumerate("零一二三四五六七八九")}


def years_of(text: str) -> tuple[int, int] | None:
    """First and last year that an era date may mean; None where the text names no era or a year it did not have."""
    match = ERA_YEAR.search(text)
    if match is None:
        return None
    first, last = ERAS[match["era"]]
    if not match["year"]:
        return first, last
    year = first + _number(match["year"]) - 1
    return (year, year + 1) if first <= year <= last else None


ERA_DATE = re.compile(rf"(?P<dynasty>明|清|)[·朝]?{ERA_YEAR.pattern}")
DYNASTIES = {"明": "Ming", "清": "Qing"}


def english_of(text: str) -> str:
    """An era date in English: 清光绪28年 as `Guangxu 28 (Qing)`, 民国20年 as `year 20 of the Republic`; "" for other texts."""
    match = ERA_DATE.fullmatch(to_simplified(text))
    if match is None:
        return ""
    year = str(_number(match["year"])) if match["year"] else ""
    if match["era"] == "民国":
        return f"year {year} of the Republic of China" if year else "Republic of China"
    dynasty = DYNASTIES.get(match["dynasty"], "")
    name = " ".join(part for part in (all_eras()[match["era"]].en, year) if part)
    return f"{name} ({dynasty})" if dynasty else name


class EraDate(Text):
    """When a brand was founded, by the era; shown in English where it can be read."""

    @staticmethod
    def words(value: str) -> Words:
        en = english_of(value)
        return Words(value, en, "platform" if en else "missing")


def _number(written: str) -> int:
    """元 is 1, 二十三 and 廿三 are 23."""
    if written == "元":
        return 1
    if written.isdecimal():
        return int(written)
    tens, ten, ones = written.replace("廿", "二十").replace("卅", "三十").partition("十")
    if not ten:
        return DIGITS.get(written, 0)
    return DIGITS.get(tens, 1 if not tens else 0) * 10 + DIGITS.get(ones, 0)
