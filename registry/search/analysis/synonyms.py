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
from registry.search.analysis.tokens import is_chinese, latin, runs

BRACKETS = re.compile(r"\s*[(（][^)）]*[)）]")


@dataclass(frozen=True, slots=True)
class Entry:
    """Words that mean the same. `alike`: those of one language too, not only across languages."""

    english: tuple[str, ...] = ()
    chinese: tuple[str, ...] = ()
    alike: bool = False


@dataclass(frozen=True, slots=True)
class Other:
    """Another word: its terms (Latin words one by one, a Chinese word whole), and as it is written."""

    terms: tuple[str, ...]
    written: str


class Synonyms:
    """What words mean in other words. `entries` are shown to the public as they stand here."""

    def __init__(self, entries: Iterable[Entry]) -> None:
        self.entries = tuple(entries)
        found: dict[tuple[str, ...], dict[Other, None]] = {}
        for entry in self.entries:
            english = [Other(_terms(words), words) for words in entry.english]
            chinese = [Other(_terms(words), words) for words in entry.chinese]
            for left, right in ((english, chinese), (chinese, english)):
                for one in left:
                    others = [*right, *(left if entry.alike else ())]
                    meant = {other: None for other in others if other.terms and other.terms != one.terms}
                    found.setdefault(one.terms, {}).update(meant)
        self._found = {terms: tuple(others) for terms, others in found.items()}
        self.longest = max((len(terms) for terms in found), default=1)

    def of(self, terms: tuple[str, ...]) -> tuple[Other, ...]:
        """Other words of the same meaning."""
        return self._found.get(terms, ())

    def with_more(self, entries: Iterable[Entry]) -> Synonyms:
        """These and further ones."""
        return Synonyms((*self.entries, *entries))


def _terms(words: str) -> tuple[str, ...]:
    return tuple(run if is_chinese(run) else latin(run) for run in runs(words))


def _entry(line: str) -> Entry:
    left, _sign, right = line.partition(" = ")
    words = tuple(left.split("/"))
    if right:
        return Entry(words, tuple(right.split("/")))
    return Entry(chinese=words, alike=True) if is_chinese(words[0]) else Entry(words, alike=True)


@functools.cache
def built_in() -> Synonyms:
    """Those that come with the registry: of the field, of goods and trades, and the glossary's."""
    written = (
        resources.files("registry.search.analysis").joinpath("synonyms.txt").read_text("utf-8").splitlines()
    )
    entries = [_entry(line) for line in written if not line.startswith("#")]
    known = {word for entry in entries for word in entry.chinese}
    for group in glossary.glossary():
        for term in group.terms:
            english = BRACKETS.sub("", term.en).strip()
            if term.zh not in known and english:
                entries.append(Entry((english,), (term.zh,)))
    return Synonyms(entries)
