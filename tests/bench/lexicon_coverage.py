"""What share of the words of the demonstration store have a word of the other language, by register."""

from __future__ import annotations

import collections
import re
from collections.abc import Iterator

from registry.demonstration.load import demonstration_rows
from registry.reference.lexicon.table import lexicon
from registry.registers import catalogue
from registry.search.analysis import tokens
from registry.search.analysis.synonyms import Synonyms, built_in
from registry.search.analysis.word_weights import LIGHT, latin_weight

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
        elif PLAIN_WORD.fullmatch(run) and len(run) >= MIN_LATIN and latin_weight(run) >= LIGHT:
            yield run


def has_own(synonyms: Synonyms, word: str) -> bool:
    """Return True if the registry's own synonyms have a word of the other language for this one."""
    chinese = tokens.is_chinese(word)
    others = synonyms.lookup((word if chinese else tokens.latin_term(word),))
    return any(tokens.is_chinese(other.text) is not chinese for other in others)


def has_any(synonyms: Synonyms, word: str) -> bool:
    """Return True if these or the lexicon have one."""
    words = lexicon()
    found = words.english_of(word) if tokens.is_chinese(word) else words.translations(word)
    return bool(found) or has_own(synonyms, word)


def print_coverage(*, verbose: bool = False) -> None:
    """Print for both languages: words, the share of them with own synonyms, with the lexicon, and with it by their use."""
    synonyms = built_in()
    print("words of the demonstration store that have a word of the other language")
    columns = f"{'own':>6} {'all':>6} {'by use':>7}"
    print(f"{'register':20} {'Chinese':>8} {columns} {'English':>8} {columns}")
    missing: collections.Counter[str] = collections.Counter()
    for slug in catalogue():
        counted = words_of(slug)
        line = f"{slug:20}"
        for chinese in (True, False):
            words = {word: uses for word, uses in counted.items() if tokens.is_chinese(word) is chinese}
            own = sum(has_own(synonyms, word) for word in words)
            known = {word for word in words if has_any(synonyms, word)}
            missing.update({word: uses for word, uses in words.items() if word not in known})
            by_use = sum(words[word] for word in known) / (sum(words.values()) or 1)
            count = len(words) or 1
            line += f" {len(words):8} {own / count:6.2f} {len(known) / count:6.2f} {by_use:7.2f}"
        print(line)
    if verbose:
        print("most used without one:", ", ".join(word for word, _uses in missing.most_common(SHOWN)))
    print()
