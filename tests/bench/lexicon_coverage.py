"""What share of the words of the demonstration store have a word of the other language, by register."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator

from registry.demonstration.load import demonstration_rows
from registry.registers import catalogue
from registry.search.analysis import tokens
from registry.search.analysis.query_parser import STOP_WORDS
from registry.search.analysis.synonyms import Synonyms, built_in

MIN_CHINESE, MIN_LATIN = 2, 3  # characters of a word that counts
PLAIN_WORD = re.compile(r"[a-z]+")
ADDRESS = re.compile(r"https?:|www\.|@")
SHOWN = 40


def words_of(slug: str) -> collections.Counter[str]:
    """Return the words of a register's demonstration rows with the number of rows that have them."""
    counted: collections.Counter[str] = collections.Counter()
    for row in demonstration_rows(catalogue()[slug]):
        texts = [value for value in row.values() if isinstance(value, str) and _is_wording(value)]
        counted.update({word for text in texts for word in _words(text)})
    return counted


def _is_wording(value: str) -> bool:
    """Return True unless a value is a code or an address."""
    return (not value.isascii() or " " in value) and not ADDRESS.search(value)


def _words(text: str) -> Iterator[str]:
    for run in tokens.split_runs(text):
        if tokens.is_chinese(run):
            yield from (word for word in tokens.segment_words(run) if len(word) >= MIN_CHINESE)
        elif PLAIN_WORD.fullmatch(run) and len(run) >= MIN_LATIN and run not in STOP_WORDS:
            yield run


def has_translation(synonyms: Synonyms, word: str) -> bool:
    """Return True if a word has one of the other language."""
    chinese = tokens.is_chinese(word)
    others = synonyms.lookup((word if chinese else tokens.latin_term(word),))
    return any(tokens.is_chinese(other.text) is not chinese for other in others)


def print_coverage(*, verbose: bool = False) -> None:
    synonyms = built_in()
    print("words of the demonstration store that have a word of the other language")
    print(
        f"{'register':24} {'Chinese':>8} {'share':>6} {'by use':>7} {'English':>8} {'share':>6} {'by use':>7}"
    )
    missing: collections.Counter[str] = collections.Counter()
    for slug in catalogue():
        counted = words_of(slug)
        line = f"{slug:24}"
        for chinese in (True, False):
            words = {word: uses for word, uses in counted.items() if tokens.is_chinese(word) is chinese}
            known = {word for word in words if has_translation(synonyms, word)}
            missing.update({word: uses for word, uses in words.items() if word not in known})
            by_use = sum(words[word] for word in known) / (sum(words.values()) or 1)
            line += f" {len(words):8} {len(known) / (len(words) or 1):6.2f} {by_use:7.2f}"
        print(line)
    if verbose:
        print("most used without one:", ", ".join(word for word, _uses in missing.most_common(SHOWN)))
    print()
