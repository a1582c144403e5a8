"""Words that mean the same, so that an English query finds a record that has only Chinese, and the other way round.

From the glossary of the field, and a list of goods and trades as the registers use them (`synonyms.txt`); staff add others.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources

from registry.reference.code_lists import glossary
from registry.search.analysis.tokens import is_chinese, latin_term, split_runs

BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]")


@dataclass(frozen=True, slots=True)
class SynonymEntry:
    """Words that mean the same. `alike`: those of one language too, not only across languages."""

    english: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()
    same_language: bool = False


@dataclass(frozen=True, slots=True)
class Synonym:
    """Another word: its terms (Latin words one by one, a Chinese word whole), and as it is written."""

    terms: tuple[str, ...]
    text: str


class Synonyms:
    """What words mean in other words. `entries` are shown to the public as they stand here."""

    def __init__(self, entries: Iterable[SynonymEntry]) -> None:
        self.entries = tuple(entries)
        found: dict[tuple[str, ...], dict[Synonym, None]] = {}
        for entry in self.entries:
            english = [Synonym(_terms(words), words) for words in entry.english]
            chinese = [Synonym(_terms(words), words) for words in entry.chinese]
            for left, right in ((english, chinese), (chinese, english)):
                for one in left:
                    others = [*right, *(left if entry.same_language else ())]
                    meant = {other: None for other in others if other.terms and other.terms != one.terms}
                    found.setdefault(one.terms, {}).update(meant)
        self._by_terms = {terms: tuple(others) for terms, others in found.items()}
        self.max_terms = max((len(terms) for terms in found), default=1)

    def lookup(self, terms: tuple[str, ...]) -> tuple[Synonym, ...]:
        """Other words of the same meaning."""
        return self._by_terms.get(terms, ())

    def extended(self, entries: Iterable[SynonymEntry]) -> Synonyms:
        """These and further ones."""
        return Synonyms((*self.entries, *entries))


def _terms(words: str) -> tuple[str, ...]:
    return tuple(run if is_chinese(run) else latin_term(run) for run in split_runs(words))


def _parse_entry(line: str) -> SynonymEntry:
    left, _sign, right = line.partition(" = ")
    words = tuple(left.split("/"))
    if right:
        return SynonymEntry(words, tuple(right.split("/")))
    return (
        SynonymEntry(chinese=words, same_language=True)
        if is_chinese(words[0])
        else SynonymEntry(words, same_language=True)
    )


@functools.cache
def built_in() -> Synonyms:
    """Those that come with the registry: of the field, of goods and trades, and the glossary's."""
    written = (
        resources.files("registry.search.analysis").joinpath("synonyms.txt").read_text("utf-8").splitlines()
    )
    entries = [_parse_entry(line) for line in written if not line.startswith("#")]
    known = {word for entry in entries for word in entry.chinese}
    for group in glossary.load_glossary():
        for term in group.terms:
            english = BRACKETS.sub("", term.en).strip()
            if term.zh not in known and english:
                entries.append(SynonymEntry((english,), (term.zh,)))
    return Synonyms(entries)
