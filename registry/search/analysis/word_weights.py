"""How much a word of a search tells of what is searched for, by its kind and by how common it is in the language.

Function words tell nothing, words that everybody uses in every sentence (verbs such as *looking*, nouns such as *place*) little,
names of goods and places all. Kinds and frequencies are those of corpora (`everyday_words.csv`); the kinds of Chinese
words are those of the segmenter's dictionary.
"""

from __future__ import annotations

import functools
from typing import NamedTuple

from registry.late_imports import rjieba
from registry.reference.code_lists import tables
from registry.reference.lexicon import table

NONE = 0.0  # of a word that is no condition at all
ROLE = 0.1  # a word for a maker or a seller: every record has such a party
LIGHT = 0.25  # words below this raise a record that has them, and are missed in none
FULL = 1.0
VERB_SHARE = 0.3  # of what a verb or an adverb tells, compared with a noun
ADJECTIVE_SHARE = 0.45  # of a common adjective
KIND_SHARES = {"verb": VERB_SHARE, "adverb": VERB_SHARE, "adjective": ADJECTIVE_SHARE}
RARE_FREQUENCY = (
    5.0  # words up to this tell all they can: one in ten thousand (Zipf scale, log10 in a thousand million)
)
SPAN = 1.0  # on that scale, until a word tells nothing
MIN_SHARE = 0.1
NEXT_TO_NOTHING = 0.05
COMMON_FUNCTION_WORD = 5.0  # function words above this are dropped
STRONG = 3  # of a translation: one of the main meanings
MAX_CACHED_WORDS = 4_096
PARTICLES = ("u", "y", "e")  # tags of the segmenter
FUNCTION_TAGS = ("p", "c", "r", "d")
VERB_TAGS = ("v", "f", "s", "t", "m", "q", "z")
PROPER_NOUNS = ("nr", "ns", "nt", "nz")
PHRASE_TAG = "l"  # of phrases such as 是不是, and of long words
ADJECTIVE_TAGS = ("a", "ad", "b")
NOUN_LIKE = ("vn", "vg", "tg")


class EverydayWord(NamedTuple):
    """What the corpora say of a word: its kind (function, verb, adverb, adjective, role, other; "" for Chinese) and frequency."""

    kind: str
    frequency: float


@functools.cache
def _everyday_words() -> dict[str, EverydayWord]:
    return {
        row["word"]: EverydayWord(row["kind"], float(row["frequency"] or 0))
        for row in tables.read_rows("everyday_words")
    }


def _by_frequency(frequency: float) -> float:
    """Return 1 for rare words, less the more common they are."""
    return min(FULL, max(MIN_SHARE, 1 - (frequency - RARE_FREQUENCY) / SPAN))


def latin_frequency(word: str) -> float:
    """Return how common a Latin word is in general text (Zipf scale); 0 for a rare one."""
    everyday = _everyday_words().get(word)
    return 0.0 if everyday is None else everyday.frequency


def latin_weight(word: str) -> float:
    """Return what a Latin word tells, from 0 to 1, in lower case and as it was typed."""
    everyday = _everyday_words().get(word)
    if everyday is None:
        return FULL
    if everyday.kind == "function":
        return NONE if everyday.frequency >= COMMON_FUNCTION_WORD else MIN_SHARE
    if everyday.kind == "role":
        return ROLE
    return _weight(everyday, KIND_SHARES.get(everyday.kind, FULL))


def chinese_weight(word: str, tag: str) -> float:
    """Return what a Chinese word tells, from 0 to 1. `tag`: its part of speech by the segmenter."""
    everyday = _everyday_words().get(word, EverydayWord("", 0.0))
    if everyday.kind == "role":
        return ROLE
    if tag.startswith(PARTICLES):
        return NONE
    if tag.startswith(FUNCTION_TAGS):
        return NONE if everyday.frequency >= COMMON_FUNCTION_WORD else MIN_SHARE
    if tag in PROPER_NOUNS:
        return FULL
    is_phrase = tag == PHRASE_TAG and everyday.frequency > 0
    if is_phrase or (tag.startswith(VERB_TAGS) and tag not in NOUN_LIKE and not _names_thing(word)):
        return _weight(everyday, VERB_SHARE)
    return _weight(everyday, ADJECTIVE_SHARE if tag in ADJECTIVE_TAGS and everyday.frequency else FULL)


@functools.lru_cache(MAX_CACHED_WORDS)
def _names_thing(word: str) -> bool:
    """Return True if a dictionary has a Chinese word, whatever the segmenter says of it, as the name of a thing: 开关, 点心."""
    lexicon = table.lexicon()
    return len(word) > 1 and any(
        each.strength == STRONG and lexicon.is_thing(each.word.split()[-1])
        for each in lexicon.english_of(word)
    )


def _weight(everyday: EverydayWord, share: float) -> float:
    weight = share * _by_frequency(everyday.frequency)
    return weight if weight > NEXT_TO_NOTHING else NONE


def tagged_words(run: str) -> list[tuple[str, str]]:
    """Return the words of a Chinese run with their parts of speech."""
    return [(word, tag) for word, tag in rjieba.tag(run)]
