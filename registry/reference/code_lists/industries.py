"""Industries: GB/T 4754-2017 (sections A-T, 97 divisions, 473 groups, 1,381 classes).

Codes are written with or without the letter of their section (C1462, 1462). Sections and divisions have English;
a group or class shows the English of its division, and says so (`en_level`).
"""

from __future__ import annotations

import functools
from dataclasses import dataclass
from typing import Literal

from registry.reference.code_lists import tables


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
    found: dict[str, Industry] = {}
    for row in tables.read_rows("industries"):
        code = row["code"]
        division = found[code[:3]] if len(code) > 3 else None
        found[code] = Industry(
            code=code,
            zh=row["name_zh"],
            en=division.en if division else row["name_en"],
            en_level="section" if len(code) == 1 else "division",
            parent=_parent(code),
            edition=row["edition"],
        )
    return found


def _parent(code: str) -> str:
    """A letter stands alone and a division has two digits: C1462 -> C146 -> C14 -> C."""
    return code[:1] if len(code) == 3 else code[:-1]


@functools.cache
def _letters() -> dict[str, str]:
    """The section's letter by the two digits of the division."""
    return {code[1:]: code[0] for code in all_industries() if len(code) == 3}


def canonical(code: str) -> str | None:
    """The code with its letter (`1462` -> `C1462`); None when there is no such industry."""
    code = code.strip().upper()
    if code.isdigit():
        code = _letters().get(code[:2], "") + code
    return code if code in all_industries() else None


def industry(code: str) -> Industry | None:
    """`C14`, `14`, `C1462`, `1462` or `C`; None for an unknown code or a wrong letter (`A14`)."""
    found = canonical(code)
    return all_industries()[found] if found else None


def ancestors(code: str) -> tuple[str, ...]:
    """Codes from the section down to the industry itself, for counting: C1462 -> C, C14, C146, C1462."""
    steps: list[str] = []
    step = canonical(code) or ""
    while step:
        steps.append(step)
        step = all_industries()[step].parent
    return tuple(reversed(steps))


def label(code: str, lang: str) -> str:
    """The name in one language; an unknown code is shown as it stands."""
    found = industry(code)
    if found is None:
        return code
    return found.zh if lang == "zh" else found.en
