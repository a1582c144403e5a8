"""Administrative divisions of the People's Republic of China: GB/T 2260, six digits `PPCCDD`.

The list is the union of the states of 2015, 2020 and 2023, so that a code given away since still has its name
(`abolished`). 100000 stands for a registration at national level (GB 32100-2015, digits 3-8); it is not part
of GB/T 2260.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal, cast

from registry.reference.code_lists import tables

Level = Literal["country", "province", "prefecture", "county", "zone", "bracket"]

NATIONAL = "100000"


@dataclass(frozen=True, slots=True)
class Region:
    """One division.

    `en` is a plain name ("Zhejiang", "Xicheng District"); `en_source` is `official` (Unicode CLDR, or the
    established name of a prefecture) or `romanised`. `parent` is the code of the division above, empty at the top.
    `zone` is a development zone with a statistical code; `bracket` a heading without a territory of its own (市辖区, 县).
    `former` is an earlier name under the same code.
    """

    code: str
    zh: str
    en: str
    en_source: Literal["official", "romanised"]
    level: Level
    parent: str
    abolished: bool
    former: str = ""


@functools.cache
def all_regions() -> dict[str, Region]:
    """Every division by code, in the order of the codes."""
    return {
        row["code"]: Region(
            code=row["code"],
            zh=row["name_zh"],
            en=row["name_en"],
            en_source=cast("Literal['official', 'romanised']", row["en_source"]),
            level=cast("Level", row["level"]),
            parent=row["parent"],
            abolished=row["abolished"] == "1",
            former=row["former_zh"],
        )
        for row in tables.read_rows("regions")
    }


def region(code: str) -> Region | None:
    """The division of a code, abolished ones too; None for an unknown code."""
    return all_regions().get(code)


@functools.cache
def region_path(code: str) -> tuple[Region, ...]:
    """The divisions from the province down to `code`, without brackets; empty for an unknown code."""
    steps: list[Region] = []
    step = region(code)
    while step is not None:
        if step.level != "bracket":
            steps.append(step)
        step = region(step.parent)
    return tuple(reversed(steps))


def ancestors(code: str) -> tuple[str, ...]:
    """Codes from the province down to the division itself, as facets count them: 330482 → 330000, 330400, 330482."""
    return tuple(step.code for step in region_path(code))


def province_of(code: str) -> Region | None:
    """The province of a code; None for an unknown code and for the national level."""
    steps = region_path(code)
    return steps[0] if steps and steps[0].level == "province" else None


def provinces() -> tuple[Region, ...]:
    """The 34 province-level divisions, in the order of the standard."""
    return children("")


@functools.cache
def children(code: str) -> tuple[Region, ...]:
    """The divisions in force directly below `code`, for lists to choose from; `""` gives the provinces."""
    return tuple(
        region
        for region in all_regions().values()
        if region.parent == code
        and not region.abolished
        and region.level not in {"bracket", "zone", "country"}
    )


def label(code: str, lang: str) -> str:
    """The full name of a region, for running text: 浙江省杭州市, "Hangzhou, Zhejiang"; an unknown code as it is."""
    steps = region_path(code)
    if not steps:
        return code
    if lang == "zh":
        return "".join(step.zh for step in steps)
    return ", ".join(step.en for step in reversed(steps))


def short_label(code: str, lang: str) -> str:
    """The name of the region alone, for facets and table cells: 杭州市, "Hangzhou"; an unknown code as it is."""
    steps = region_path(code)
    if not steps:
        return code
    return steps[-1].zh if lang == "zh" else steps[-1].en


def en_is_official(code: str) -> bool:
    """True if every part of the English label is from an official source; else it must be marked as romanised."""
    steps = region_path(code)
    return bool(steps) and all(step.en_source == "official" for step in steps)
