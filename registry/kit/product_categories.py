"""The category of a product or service as a field: one of a tree's leaves, by its code or by a word for it.

Registers share the tree: standards set limits for the categories that others declare.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator
from typing import Any

from registry.kit.codes import Code, CodeList
from registry.kit.issues import Issue
from registry.kit.kinds import MAX_QUOTED, Choice, FieldInfo
from registry.reference.code_lists import product_categories
from registry.reference.text.folding import fold_name

MAX_SUGGESTIONS = 6
SIMILARITY = 0.6  # of difflib


def _code_of(category: product_categories.ProductCategory) -> Code:
    group = product_categories.all_categories()[category.parent]
    return Code(category.code, category.zh, category.en, category.aliases, group=(group.zh, group.en))


CATEGORIES = CodeList(
    *(_code_of(each) for each in product_categories.all_categories().values() if each.parent)
)
GROUPS = CodeList(
    *(
        Code(each.code, each.zh, each.en, each.aliases)
        for each in product_categories.all_categories().values()
        if not each.parent
    )
)


def is_service(code: object) -> bool:
    """True for the code of a service; False for one of a product, and for what is no code of the tree."""
    return code in CATEGORIES and str(code) >= product_categories.FIRST_SERVICE


def suggest_categories(word: str) -> tuple[Code, ...]:
    """The categories that a word may mean: those of the group that it names, those that have it, those written alike."""
    if group := GROUPS.find(word):
        return tuple(code for code in CATEGORIES if code.code.startswith(group))
    folded = fold_name(word)
    if not folded:
        return ()
    words = {
        fold_name(name): code
        for code in reversed(list(CATEGORIES))
        for name in (code.zh, code.en, *code.aliases)
    }
    found = [code for name, code in words.items() if folded in name or (len(name) > 1 and name in folded)]
    if not found:
        alike = difflib.get_close_matches(folded, words, n=MAX_SUGGESTIONS, cutoff=SIMILARITY)
        found = [words[name] for name in alike]
    unique = sorted({code.code for code in found})
    return tuple(CATEGORIES.codes[code] for code in unique[:MAX_SUGGESTIONS])


class Category(Choice):
    """A leaf of the tree. Its group alone says too little; a word that the tree lacks stays as the source wrote it."""

    def __init__(self, info: FieldInfo, *, required: bool = False) -> None:
        super().__init__(info, CATEGORIES, required=required)

    def suggest(self, word: str) -> tuple[Code, ...]:
        return suggest_categories(word)

    def soft_issues(self, value: Any) -> Iterator[Issue]:
        if value in CATEGORIES:
            return
        code = "category_too_broad" if GROUPS.find(value) else "unknown_word"
        yield Issue(code, params={"value": value[:MAX_QUOTED]})
