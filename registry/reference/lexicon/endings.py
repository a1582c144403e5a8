"""Last characters of Chinese words that stand for each other: a 除湿器 is a 除湿机, as the words of a dictionary show."""

from __future__ import annotations

import itertools
from collections import Counter, defaultdict
from collections.abc import Collection, Iterable

MIN_LENGTH = 3  # characters of a word: what is left without the last one has to be a word
MIN_PAIRS = 3  # pairs of words of one meaning that differ in these endings only
MIN_SHARE = 0.4  # of all words that the dictionary has with both endings


def interchangeable(groups: Iterable[Collection[str]], words: Iterable[str]) -> list[tuple[str, str]]:
    """Return the pairs of endings, each both ways, that most words which have both may have without another meaning.

    `groups`: words of one meaning; `words`: all of the dictionary.
    """
    stems: dict[tuple[str, str], set[str]] = defaultdict(set)
    for group in groups:
        long = sorted({word for word in group if len(word) >= MIN_LENGTH})
        for one, other in itertools.combinations(long, 2):
            if one[:-1] == other[:-1]:
                stems[one[-1], other[-1]].add(one[:-1])
    endings: dict[str, set[str]] = defaultdict(set)
    for word in words:
        if len(word) >= MIN_LENGTH:
            endings[word[:-1]].add(word[-1])
    both: Counter[tuple[str, str]] = Counter()
    for of_stem in endings.values():
        both.update(itertools.combinations(sorted(of_stem), 2))
    found = [
        pair
        for pair, of_pair in sorted(stems.items())
        if len(of_pair) >= MIN_PAIRS and len(of_pair) >= MIN_SHARE * both[pair]
    ]
    return [*found, *((other, one) for one, other in found)]
