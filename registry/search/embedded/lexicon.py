"""The words of a segment by their length, to find those spelled almost like another."""

from __future__ import annotations

import itertools
from collections.abc import Iterable

from rapidfuzz import process
from rapidfuzz.distance import OSA

from registry.search.analysis.lru import SizedCache
from registry.search.embedded.segment import TermsReader

MIN_LENGTH_FOR_TWO_EDITS = 8  # letters from which on two slips are forgiven
MIN_WORD_LENGTH = 3  # letters of a Latin word
NAME_FIELD = "exact"  # the field of whole names: only there are Chinese ones looked for, elsewhere they are pairs of characters
MAX_NEAR_TERMS = 24  # near words that are worth looking at
WORD_BYTES = 80  # of a word in memory, roughly
WordsByLength = dict[int, list[str]]  # length → words


def near_terms(segment: str, terms: TermsReader, cache: SizedCache, field: str, word: str) -> dict[str, int]:
    """Words of a field within one edit (two for long ones; neighbours swapped count as one) and how many edits away.

    `cache` keeps the words of a segment by its name for as long as there is room.
    """
    key = ("lexicon", segment, field)
    words: WordsByLength | None = cache.get(key)
    if words is None:
        words = group_by_length(terms.lexicon(field), field)
        cache.put(key, words, WORD_BYTES * (1 + sum(map(len, words.values()))))
    return near_words(words, word)


def near_words(words: WordsByLength, word: str) -> dict[str, int]:
    """Of these words, those within one edit (two for long ones), and how many edits away."""
    most = 2 if len(word) >= MIN_LENGTH_FOR_TWO_EDITS else 1
    lengths = range(len(word) - most, len(word) + most + 1)
    there = list(itertools.chain.from_iterable(words.get(length, ()) for length in lengths))
    found = process.extract(
        word, there, scorer=OSA.distance, score_cutoff=most, limit=MAX_NEAR_TERMS, processor=None
    )
    return {term: int(edits) for term, edits, _place in found if edits}


def group_by_length(terms: Iterable[bytes], field: str) -> WordsByLength:
    """Terms of a field that may be meant by others, by their length: Latin words, and of whole names Chinese ones."""
    found: WordsByLength = {}
    for term in terms:
        if term.isalpha():  # of bytes: Latin letters and nothing else
            if len(term) >= MIN_WORD_LENGTH:
                found.setdefault(len(term), []).append(term.decode())
        elif field == NAME_FIELD and (name := term.decode()).isalpha():
            found.setdefault(len(name), []).append(name)
    return found
