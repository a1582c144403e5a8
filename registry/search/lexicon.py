"""The words of a segment by their length, to find those spelled almost like another."""

from __future__ import annotations

import itertools
import threading

from rapidfuzz import process
from rapidfuzz.distance import OSA

from registry.search.segment import TermsReader

LONG = 8  # letters from which on two slips are forgiven
MOST = 24  # near words that are worth looking at


class Lexicon:
    """Words of each field, read when they are first asked for; a segment's never change."""

    def __init__(self, terms: TermsReader) -> None:
        self._terms = terms
        self._lock = threading.Lock()
        self._words: dict[str, dict[int, list[str]]] = {}

    def near(self, field: str, word: str) -> dict[str, int]:
        """Words within one edit (two for long ones; neighbours swapped count as one) and how many edits away."""
        most = 2 if len(word) >= LONG else 1
        words = self._by_length(field)
        there = itertools.chain.from_iterable(
            words.get(length, ()) for length in range(len(word) - most, len(word) + most + 1)
        )
        found = process.extract(
            word, list(there), scorer=OSA.distance, score_cutoff=most, limit=MOST, processor=None
        )
        return {term: int(edits) for term, edits, _place in found if edits}

    def _by_length(self, field: str) -> dict[int, list[str]]:
        with self._lock:
            if field not in self._words:
                found: dict[int, list[str]] = {}
                for term in self._terms.lexicon(field):
                    if len(term) > 1 and term.isalpha():
                        found.setdefault(len(term), []).append(term)
                self._words[field] = found
            return self._words[field]
