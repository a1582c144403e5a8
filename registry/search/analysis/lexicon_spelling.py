"""A search whose English words are misspelt, as the lexicon spells them: for records that have such words in Chinese only."""

from __future__ import annotations

import itertools
import string
from collections.abc import Iterator

from registry.reference.lexicon import english, table
from registry.reference.text.syllables import are_syllables
from registry.search.analysis import tokens, word_weights

MIN_LETTERS = 5  # of a word that may be misspelt: shorter ones are one letter away from too many
MAX_LETTERS = 24  # a longer one is no word of the lexicon; the spellings that are tried grow with its square
MAX_SPELLINGS = 2  # of a word
MAX_TEXTS = 3  # of a search
MAX_WORDS = 6  # of a search that is a name of a thing


def respelled(text: str) -> tuple[str, ...]:
    """Return a Latin text with the words that no dictionary has as words one edit away, the most usual first; none if it has all."""
    words = tokens.fold_text(text).split()
    if not 0 < len(words) <= MAX_WORDS or not all(word.isascii() and word.isalpha() for word in words):
        return ()
    spellings = [tuple(_spellings(word)) or (word,) for word in words]
    texts = (" ".join(each) for each in itertools.product(*spellings))
    return tuple(itertools.islice((each for each in texts if each != " ".join(words)), MAX_TEXTS))


def _spellings(word: str) -> list[str]:
    lexicon = table.lexicon()
    if not MIN_LETTERS <= len(word) <= MAX_LETTERS or lexicon.is_english(word) or are_syllables([word]):
        return []
    known = [each for each in dict.fromkeys(_one_edit_away(word)) if lexicon.is_english(each)]
    return sorted(known, key=lambda each: _order(word, each))[:MAX_SPELLINGS]


def _order(typed: str, known: str) -> tuple[float, bool, bool]:
    """Order the usual words first; then those with a letter doubled or not, or two in other order; then singulars."""
    letters = sorted(typed), sorted(known)
    is_usual_slip = letters[0] == letters[1] or (
        set(letters[0]) == set(letters[1]) and len(typed) != len(known)
    )
    is_inflected = english.word_key(known) != known
    return -word_weights.latin_frequency(known), not is_usual_slip, is_inflected


def _one_edit_away(word: str) -> Iterator[str]:
    """Yield the words that differ in one letter, or in the order of two; the first letter is rarely wrong."""
    for place in range(1, len(word) + 1):
        head, tail = word[:place], word[place:]
        if len(tail) > 1:
            yield head + tail[1] + tail[0] + tail[2:]
        if tail:
            yield head + tail[1:]
        for letter in string.ascii_lowercase:
            yield head + letter + tail
            if tail:
                yield head + letter + tail[1:]
