"""Synonyms, so that an English query finds a record that has only Chinese, and the other way round.

They come from the glossary of the field and from a list of goods and trades as the registers use them
(`synonyms.txt`); staff add others.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from registry.reference.code_lists import glossary, tables
from registry.search.analysis.tokens import is_chinese, latin_term, split_runs

SYNONYM_WEIGHT = 0.6  # of a word that means the same, beside the word as typed
BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]")


@dataclass(frozen=True, slots=True)
class SynonymEntry:
    """Words that mean the same. `same_language`: also those of one language, not only across languages."""

    english: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()
    same_language: bool = False


@dataclass(frozen=True, slots=True)
class Synonym:
    """A word that means the same: its terms (Latin words one by one, a Chinese word whole), its text, and its weight."""

    terms: tuple[str, ...]
    text: str
    weight: float = SYNONYM_WEIGHT


class Synonyms:
    """Look-up of synonyms. `entries` are shown to the public as they stand here; `max_terms`: of the longest word."""

    def __init__(self, entries: Iterable[SynonymEntry]) -> None:
        self.entries = tuple(entries)
        by_terms: dict[tuple[str, ...], dict[Synonym, None]] = {}
        for entry in self.entries:
            english = [Synonym(_terms(words), words) for words in entry.english]
            chinese = [Synonym(_terms(words), words) for words in entry.chinese]
            for left, right in ((english, chinese), (chinese, english)):
                for word in left:
                    others = [*right, *(left if entry.same_language else ())]
                    synonyms = {other: None for other in others if other.terms and other.terms != word.terms}
                    by_terms.setdefault(word.terms, {}).update(synonyms)
        self._by_terms = {terms: tuple(others) for terms, others in by_terms.items()}
        self.max_terms = max((len(terms) for terms in by_terms), default=1)

    def lookup(self, terms: tuple[str, ...]) -> tuple[Synonym, ...]:
        """Return the synonyms of a word by its terms; none for an unknown word."""
        return self._by_terms.get(terms, ())

    def extended(self, entries: Iterable[SynonymEntry]) -> Synonyms:
        """Return these synonyms and further ones."""
        return Synonyms((*self.entries, *entries))


def _terms(words: str) -> tuple[str, ...]:
    return tuple(run if is_chinese(run) else latin_term(run) for run in split_runs(words))


def _parse_entry(line: str) -> SynonymEntry:
    left, _sign, right = line.partition(" = ")
    words = tuple(left.split("/"))
    if right:
        return SynonymEntry(words, tuple(right.split("/")))
    if is_chinese(words[0]):
        return SynonymEntry(chinese=words, same_language=True)
    return SynonymEntry(words, same_language=True)


@functools.cache
def built_in() -> Synonyms:
    """Return the synonyms that come with the registry: of the field, of goods and trades, of makers, and the glossary's."""
    lines = resources.files(__package__).joinpath("synonyms.txt").read_text("utf-8").splitlines()
    entries = [_parse_entry(line) for line in lines if not line.startswith("#")]
    entries += [
        SynonymEntry((row["name_en"],), (row["name_zh"],))
        for name in ("makers", "brand_names")
        for row in tables.read_rows(name)
    ]
    known = {word for entry in entries for word in entry.chinese}
    for group in glossary.load_glossary():
        for term in group.terms:
            english = BRACKETS.sub("", term.en).strip()
            if term.zh not in known and english:
                entries.append(SynonymEntry((english,), (term.zh,)))
    return Synonyms(entries)
