"""The terms of a document by field, from the same analysis as those of a query.

Holders, categories, statuses, regions and standards recur in document after document: their terms are cached.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterable, Iterator

from registry.reference.identifiers import standard_numbers
from registry.reference.text import romanise
from registry.search.analysis import tokens
from registry.search.analysis.document import UNCOUNTED_FACETS, SearchDocument

FIELDS = (
    *("code", "exact", "names", "pinyin", "parties", "mentions", "words", "full_text"),
    *("subjects", "filters"),
)
WORD_FIELDS = ("names", "words", "parties", "pinyin")  # in which a word of a text may stand
MIN_SUBJECT_PINYIN = 5  # letters: shorter ones are English words too
MAX_CACHED_TEXTS = 4096  # of each kind; some 2 KB each, so that all kinds together stay below 50 MB
MAX_CACHED_LENGTH = 120  # characters: what is longer is rarely repeated


class _CachedTerms:
    """The distinct terms of texts; those of short texts are cached."""

    def __init__(self, terms: Callable[[str], Iterable[str]]) -> None:
        self._terms = terms
        self._cached = functools.lru_cache(MAX_CACHED_TEXTS)(self._distinct_terms)

    def _distinct_terms(self, text: str) -> dict[str, None]:
        return dict.fromkeys(self._terms(text))

    def __call__(self, texts: Iterable[str]) -> Iterable[str]:
        terms: dict[str, None] = {}
        for text in texts:
            terms.update(self._cached(text) if len(text) <= MAX_CACHED_LENGTH else self._distinct_terms(text))
        return terms


def _party_terms(text: str) -> Iterator[str]:
    yield from tokens.text_terms(text)
    yield from tokens.pinyin_terms(text)


def _mention_terms(text: str) -> Iterator[str]:
    yield from tokens.number_terms(text)
    for found in standard_numbers.find(text) if any(map(str.isdigit, text)) else ():  # IDT ISO 9001:2015
        yield from tokens.number_terms(found.number.canonical)
    yield from tokens.text_terms(text)


_codes = _CachedTerms(tokens.number_terms)


def _subject_pinyin_terms(subject: str) -> Iterator[str]:
    """Yield the pinyin of what a record is about, as people type it: the whole, its words, and its syllables two by two."""
    for run in filter(tokens.is_chinese, tokens.split_runs(subject)):
        if 1 < len(run) <= tokens.MAX_PINYIN_NAME_LENGTH:
            words = dict.fromkeys((run, *tokens.segment_words(run)))
            joined = [tokens.joined_pinyin(word) for word in words if len(word) > 1]
            yield from (tokens.latin_term(typed) for typed in joined if len(typed) >= MIN_SUBJECT_PINYIN)
            yield from tokens.syllable_pairs(map(tokens.plain_syllable, romanise.pinyin_words(run)))


_exact = _CachedTerms(lambda name: tokens.exact_terms([name]))
_texts = _CachedTerms(tokens.text_terms)
_pinyin = _CachedTerms(tokens.pinyin_terms)
_subject_pinyin = _CachedTerms(_subject_pinyin_terms)
_parties = _CachedTerms(_party_terms)
_mentions = _CachedTerms(_mention_terms)


def terms_of(document: SearchDocument) -> dict[str, Iterable[str]]:
    """Return field → distinct terms."""
    return {
        "code": _codes(document.codes),
        "exact": _exact(document.names),
        "names": _texts(document.names),
        "pinyin": dict.fromkeys((*_pinyin(document.names), *_subject_pinyin(document.subjects))),
        "parties": _parties(document.parties),
        "mentions": _mentions(document.mentions),
        "words": _texts(document.words),
        "full_text": _texts((document.full_text,)) if document.full_text else (),
        "subjects": document.subjects,
        "filters": [
            f"{name}={value}" for name in UNCOUNTED_FACETS for value in document.facets.get(name, ())
        ],
    }
