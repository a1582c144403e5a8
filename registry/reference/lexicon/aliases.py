"""Groups of Chinese names that lead to one article of Wikipedia: other names of things, cut down to those of goods and services."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator

from registry.reference.lexicon.cedict import is_usual
from registry.reference.text.folding import to_simplified

NAME = re.compile(r"[\u3400-\u9fff]{2,7}")
MAX_NAMES = 8  # of an article: longer groups come from pages that list what a word may mean
# The first line of the second source in the file, which is left out: its licence is not clear.
END = "人 士 人物 人士 人氏 人选"


def read_groups(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the names of each article, in Simplified characters; of those with two names at least."""
    for line in lines:
        if line.startswith(END):
            return
        names = dict.fromkeys(map(to_simplified, line.split()))
        usual = tuple(name for name in names if NAME.fullmatch(name) and is_usual(name))
        if 1 < len(usual) <= MAX_NAMES:
            yield usual


def pairs_of_things(
    groups: Iterable[tuple[str, ...]], is_thing: Callable[[str], bool]
) -> Iterator[tuple[str, str]]:
    """Yield each two different names of one thing, both ways, from the groups in which one name is known to be that of a thing."""
    for names in groups:
        if any(map(is_thing, names)):
            yield from ((one, other) for one in names for other in names if one != other)
