"""The terms of a document by field, by the same analysis as a question's.

Holders, categories, states, places and standards recur in document after document: their terms are kept.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

from registry.search.analysis import tokens
from registry.search.analysis.document import NEVER_COUNTED, SearchDocument

FIELDS = ("code", "exact", "names", "pinyin", "parties", "mentions", "words", "filters")
KEPT_TEXTS = 4096  # of each kind; some 2 KB each, so that all kinds together stay below 50 MB
LONGEST_KEPT = 120  # characters: what is longer hardly comes again


class _Terms:
    """Terms of texts, each once; those of short texts are remembered."""

    def __init__(self, terms: Callable[[str], Iterable[str]]) -> None:
        self._terms = terms
        self._remembered = functools.lru_cache(KEPT_TEXTS)(self._of)

    def _of(self, text: str) -> dict[str, None]:
        return dict.fromkeys(self._terms(text))

    def __call__(self, texts: Iterable[str]) -> Iterable[str]:
        found: dict[str, None] = {}
        for text in texts:
            found.update(self._remembered(text) if len(text) <= LONGEST_KEPT else self._of(text))
        return found


def _of_party(text: str) -> Iterator[str]:
    yield from tokens.text_terms(text)
    yield from tokens.pinyin_terms(text)


def _of_mention(text: str) -> Iterator[str]:
    yield from tokens.number_terms(text)
    yield from tokens.text_terms(text)


_codes = _Terms(tokens.number_terms)
_exact = _Terms(lambda name: tokens.exact_terms([name]))
_texts = _Terms(tokens.text_terms)
_pinyin = _Terms(tokens.pinyin_terms)
_parties = _Terms(_of_party)
_mentions = _Terms(_of_mention)


def terms_of(document: SearchDocument) -> dict[str, Iterable[str]]:
    """Field → terms, each once."""
    return {
        "code": _codes(document.codes),
        "exact": _exact(document.names),
        "names": _texts(document.names),
        "pinyin": _pinyin(document.names),
        "parties": _parties(document.parties),
        "mentions": _mentions(document.mentions),
        "words": _texts(document.words),
        "filters": [f"{name}={value}" for name in NEVER_COUNTED for value in document.facets.get(name, ())],
    }
