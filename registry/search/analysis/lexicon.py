"""The words of a field by their length, to find those that are spelled almost like another."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from registry.search.analysis.sized_cache import SizedCache

MIN_LENGTH_FOR_TWO_EDITS = 8  # letters
MIN_WORD_LENGTH = 3  # letters of a Latin word
NAME_FIELD = "exact"  # only in whole names are Chinese words looked for: elsewhere they are bigrams
MAX_NEAR_TERMS = 24
WORD_BYTES = 80  # of a word in memory, roughly
WordsByLength = dict[int, list[str]]


def cached_words(
    cache: SizedCache, key: Hashable, field: str, read_terms: Callable[[], Iterable[bytes]]
) -> WordsByLength:
    """Return the words of a field, grouped once and kept under the key for as long as there is room.

    `read_terms`: gives the terms of the field when they are not in the cache.
    """
    words: WordsByLength | None = cache.get(key)
    if words is None:
        words = group_by_length(read_terms(), field)
        cache.put(key, words, WORD_BYTES * (1 + sum(map(len, words.values()))))
    return words


def group_by_length(terms: Iterable[bytes], field: str) -> WordsByLength:
    """Group the terms of a field that a misspelt word may stand for: Latin words, and Chinese ones of whole names."""
    grouped: WordsByLength = {}
    for term in terms:
        if term.isalpha():  # of bytes: Latin letters and nothing else
            if len(term) >= MIN_WORD_LENGTH:
                grouped.setdefault(len(term), []).append(term.decode())
        elif field == NAME_FIELD and (name := term.decode()).isalpha():
            grouped.setdefault(len(name), []).append(name)
    return grouped


def near_words(words: WordsByLength, word: str) -> dict[str, int]:
    """Return the words within one edit, or two for long ones, with their distance; a swap of neighbours is one edit."""
    max_edits = 2 if len(word) >= MIN_LENGTH_FOR_TWO_EDITS else 1
    lengths = range(len(word) - max_edits, len(word) + max_edits + 1)
    candidates = list(itertools.chain.from_iterable(words.get(length, ()) for length in lengths))
    matches = process.extract(
        word,
        candidates,
        scorer=OSA.distance,
        score_cutoff=max_edits,
        limit=MAX_NEAR_TERMS,
        processor=None,
    )
    return {term: int(edits) for term, edits, _index in matches if edits}
