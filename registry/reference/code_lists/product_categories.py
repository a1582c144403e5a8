"""Categories of products and services: groups (2 digits) and, in them, the categories that are declared (4 digits).

The tree is our own: as coarse as a buyer looks for things. Codes from 81 on are services.
"""

from __future__ import annotations

import functools
from dataclasses import dataclass

from registry.reference.code_lists import tables

FIRST_SERVICE = "81"
GROUP_DIGITS = 2


@dataclass(frozen=True, slots=True)
class ProductCategory:
    """One node of the tree. `parent`: the code of its group, empty for a group. `aliases`: further words for it."""

    code: str
    zh: str
    en: str
    parent: str
    aliases: tuple[str, ...] = ()

    @property
    def is_service(self) -> bool:
        return self.code >= FIRST_SERVICE


@functools.cache
def all_categories() -> dict[str, ProductCategory]:
    """Every group and category by code, in order."""
    return {
        row["code"]: ProductCategory(
            row["code"],
            row["name_zh"],
            row["name_en"],
            parent=row["code"][:GROUP_DIGITS] if len(row["code"]) > GROUP_DIGITS else "",
            aliases=tuple(filter(None, row["aliases"].split("|"))),
        )
        for row in tables.read_rows("product_categories")
    }


def category(code: str) -> ProductCategory | None:
    """The group or category of a code, or None."""
    return all_categories().get(code)


def categories_of(group: str) -> tuple[ProductCategory, ...]:
    """The categories in a group."""
    return tuple(each for each in all_categories().values() if each.parent == group)
