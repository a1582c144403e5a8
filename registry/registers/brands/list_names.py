"""Names of the lists in which commerce authorities announce brands, in English: `第三批中华老字号名单`."""

from __future__ import annotations

import re

from registry.kit.display import Words
from registry.kit.kinds import Text
from registry.reference.code_lists import regions
from registry.reference.code_lists.laws import number_of
from registry.registers.brands import schemes

FIGURES = "一二三四五六七八九十百0-9"
LIST_NAME = re.compile(
    rf"(?:第(?P<batch>[{FIGURES}]+)批|(?P<first>首批)|(?P<new>新一批))?[“\"]?(?P<title>[^“”\"第]{{0,12}}老字号)[”\"]?"
    rf"(?P<creation>示范创建)?(?P<kind>复核结果|拟认定|拟推荐|公示|候选)?(?P<form>名单|名录|汇总表)?"
    rf"(?:第(?P<batch_behind>[{FIGURES}]+)批)?(?:[（(](?P<place>[^（）()]+)[）)])?"
)
KINDS = {
    "复核结果": "results of the review",
    "拟认定": "proposed for recognition",
    "拟推荐": "proposed for recommendation",
    "公示": "open for objections",
    "候选": "candidates",
}


class ListName(Text):
    """The name of a list, shown in English where all of its parts are known."""

    @staticmethod
    def words(value: str) -> Words:
        en = english_of(value)
        return Words(value, en, "platform" if en else "missing")


def english_of(name: str) -> str:
    """The English of a list's name, "" where a part of it is not known."""
    match = LIST_NAME.fullmatch(name.replace(" ", ""))
    if match is None:
        return ""
    title = _title(match["title"])
    place = _place(match["place"] or "")
    if not title or (match["place"] and not place):
        return ""
    batch = match["batch"] or match["batch_behind"]
    parts = [
        f"{title}s",
        "demonstration and creation" if match["creation"] else "",
        f"batch {number_of(batch)}" if batch else "first batch" if match["first"] else "",
        "new batch" if match["new"] else "",
        KINDS.get(match["kind"] or "", ""),
    ]
    return ", ".join(part for part in parts if part) + (f" ({place})" if place else "")


def _title(written: str) -> str:
    """The English of a brand title, without its tier."""
    if written == "老字号":
        return "Time-honoured brand"
    words = schemes.scheme_words(schemes.normalise(written))
    return words.en.rpartition(" (")[0] if words.en_source != "missing" else ""


def _place(written: str) -> str:
    if written in ("演示", "演示名单"):
        return "demonstration"
    code = regions.find_code(written) if written else None
    region = regions.region(code) if code else None
    return region.en if region else ""
