"""Industries: GB/T 4754-2017 (sections A-T, 97 divisions, 473 groups, 1,381 classes).

Codes are written with or without the letter of their section (C1462, 1462). Sections and divisions have English;
a group or class shows the English of its division, and says so (`en_level`).
"""

from __future__ import annotations

import functools
from collections import defaultdict
from dataclasses import dataclass
from typing import Literal

from rapidfuzz import fuzz, process

from registry.reference.code_lists import tables
from registry.reference.text.folding import fold_name

AT_MOST_SIMILAR = 5
LEAST_SIMILARITY = 50  # of 100; 酒店 is then near 酒吧服务 and not near 钢铁


@dataclass(frozen=True, slots=True)
class Industry:
    """One industry; `code` has its letter. `en_level` names the level whose English `en` is; `edition`, the standard."""

    code: str
    zh: str
    en: str
    en_level: Literal["section", "division"]
    parent: str
    edition: str


@functools.cache
def all_industries() -> dict[str, Industry]:
    """Every industry by its code with letter, in the order of the standard."""
    industries: dict[str, Industry] = {}
    for row in tables.read_rows("industries"):
        code = row["code"]
        division = industries[code[:3]] if len(code) > 3 else None
        industries[code] = Industry(
            code=code,
            zh=row["name_zh"],
            en=division.en if division else row["name_en"],
            en_level="section" if len(code) == 1 else "division",
            parent=_parent(code),
            edition=row["edition"],
        )
    return industries


def _parent(code: str) -> str:
    """The code above: C1462 → C146 → C14 → C, "" above a section."""
    return code[:1] if len(code) == 3 else code[:-1]


@functools.cache
def _letters() -> dict[str, str]:
    """The letter of the section by the two digits of the division."""
    return {code[1:]: code[0] for code in all_industries() if len(code) == 3}


def canonical(code: str) -> str | None:
    """The code with its letter (`1462` → `C1462`); None if there is no such industry."""
    code = code.strip().upper()
    if code.isdigit():
        code = _letters().get(code[:2], "") + code
    return code if code in all_industries() else None


def industry(code: str) -> Industry | None:
    """The industry of `C14`, `14`, `C1462`, `1462` or `C`; None for an unknown code or a wrong letter (`A14`)."""
    canonical_code = canonical(code)
    return all_industries()[canonical_code] if canonical_code else None


@functools.cache
def _by_name() -> dict[str, list[str]]:
    """The codes of each name, from the section down; sections have no place, because a section alone says too little."""
    codes: dict[str, list[str]] = defaultdict(list)
    for each in all_industries().values():
        if len(each.code) > 1:
            codes[fold_name(each.zh)].append(each.code)
    return codes


def find_code(written: str) -> str | None:
    """The code of an industry by its Chinese name or its code, with the letter; None for an unknown or ambiguous one.

    A group and its only class have one name (H621 and H6210 正餐服务): the class is meant.
    """
    if code := canonical(written):
        return code
    codes = _by_name().get(fold_name(written), [])
    deepest = codes[-1] if codes else ""
    return deepest if deepest and all(deepest.startswith(code) for code in codes) else None


def find_similar(written: str) -> tuple[Industry, ...]:
    """At most five industries that a name may mean, the likeliest first: those whose names have it, then similar ones."""
    name = fold_name(written)
    if not name:
        return ()
    names = _by_name()
    having = sorted((known for known in names if name in known), key=len)
    near = process.extract(
        name, list(names), scorer=fuzz.ratio, limit=AT_MOST_SIMILAR, score_cutoff=LEAST_SIMILARITY
    )
    found = dict.fromkeys((*having, *(known for known, _score, _place in near)))
    return tuple(all_industries()[names[known][-1]] for known in list(found)[:AT_MOST_SIMILAR])


def ancestors(code: str) -> tuple[str, ...]:
    """Codes from the section down to the industry itself, as facets count them: C1462 → C, C14, C146, C1462."""
    steps: list[str] = []
    step = canonical(code) or ""
    while step:
        steps.append(step)
        step = all_industries()[step].parent
    return tuple(reversed(steps))


def label(code: str, lang: str) -> str:
    """The name in one language; an unknown code as it is."""
    known = industry(code)
    if known is None:
        return code
    return known.zh if lang == "zh" else known.en
