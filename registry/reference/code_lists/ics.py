"""International Classification for Standards (ICS): fields (2 digits), groups (5), sub-groups (7).

Fields and groups are in both languages; sub-groups have English only, and in Chinese the name of their group.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from registry.reference.code_lists import tables


@dataclass(frozen=True, slots=True)
class Ics:
    """One class of standards, e.g. 97.140. `parent` is the class above, empty for a field."""

    code: str
    zh: str
    en: str
    parent: str


@functools.cache
def all_ics() -> dict[str, Ics]:
    """Every class by code, in order."""
    return {
        row["code"]: Ics(row["code"], row["name_zh"], row["name_en"], parent=row["code"].rpartition(".")[0])
        for row in tables.read_rows("ics")
    }


def ics(code: str) -> Ics | None:
    """The class of a code (`97.140`), or None."""
    return all_ics().get(code.strip())


def ancestors(code: str) -> tuple[str, ...]:
    """Codes from the field down to the class itself: 13.020.10 → 13, 13.020, 13.020.10."""
    known = ics(code)
    if known is None:
        return ()
    return (*ancestors(known.parent), known.code)


def label(code: str, lang: str) -> str:
    """The name in one language, a sub-group's Chinese being that of its group; an unknown code as it is."""
    known = ics(code)
    if known is None:
        return code
    return chinese_name(known) if lang == "zh" else known.en


def chinese_name(known: Ics) -> str:
    """The Chinese name of a class, or of the nearest class above that has one."""
    while not known.zh and known.parent:
        known = all_ics()[known.parent]
    return known.zh
