"""A search in the other language, word for word by the lexicon: for what compares texts by meaning."""

from __future__ import annotations

import functools
import itertools
from collections.abc import Iterable

from registry.reference.lexicon import table
from registry.search.analysis import tokens, word_weights

MAX_TRANSLATED = 3  # translations of a search
MAX_OF_WORD = 2  # translations of each of its words
MAX_KEPT_TEXTS = 2_048  # of which the words in English are kept
MAX_WORDS = 3  # words of a search that is translated: a sentence is no name of a thing
SHOP_ENDINGS = tuple("店铺馆房屋坊庄行厂院")  # of words for shops and works
MAIN_MEANING = 2  # strength from which a translation stands for the word


def weighty_words(text: str) -> tuple[str, ...]:
    """Return the words of a search that tell something, in small letters; of Chinese those of two characters and more."""
    words: list[str] = []
    for run in tokens.split_runs(text):
        if tokens.is_chinese(run):
            tagged = word_weights.tagged_words(run)
            words += [word for word, tag in tagged if _is_chinese_thing(word, tag)]
        elif run.isalpha() and word_weights.latin_weight(run) >= word_weights.LIGHT:
            words.append(run)
    return tuple(dict.fromkeys(words))


def _is_chinese_thing(word: str, tag: str) -> bool:
    return len(word) > 1 and word_weights.chinese_weight(word, tag) >= word_weights.LIGHT


def translated(text: str) -> tuple[str, ...]:
    """Return what a search of few words, in one language, may be in the other: as a whole, else word for word.

    Nothing where a word is not in the lexicon.
    """
    runs = tokens.split_runs(text)
    words = weighty_words(text)
    if not 0 < len(words) <= MAX_WORDS or len({tokens.is_chinese(run) for run in runs}) > 1:
        return ()
    if tokens.is_chinese(runs[0]):
        whole = _english_of("".join(runs)) or map(" ".join, itertools.product(*map(_english_of, words)))
    else:
        whole = _chinese_of(" ".join(words)) or map("".join, itertools.product(*map(_chinese_of, words)))
    return tuple(itertools.islice(dict.fromkeys(whole), MAX_TRANSLATED))


def names_known_thing(text: str) -> bool:
    """Return True if the lexicon has a search as one word or phrase, unless it is a shop: that is near to what it sells."""
    runs = tokens.split_runs(text)
    if len(runs) == 1 and tokens.is_chinese(runs[0]):
        return bool(table.lexicon().english_of(runs[0])) and not runs[0].endswith(SHOP_ENDINGS)
    chinese = table.lexicon().translations(" ".join(weighty_words(text)))
    return bool(chinese) and not any(
        each.word.endswith(SHOP_ENDINGS) for each in chinese if each.strength >= MAIN_MEANING
    )


def _english_of(word: str) -> list[str]:
    found = table.lexicon().english_of(word)
    return [each.word for each in found if each.strength >= MAIN_MEANING][:MAX_OF_WORD]


def _chinese_of(word: str) -> list[str]:
    found = table.lexicon().translations(word)
    return [each.word for each in found if each.strength >= MAIN_MEANING][:MAX_OF_WORD]


def shares_word(text: str, words: Iterable[str]) -> bool:
    """Return True if a text has one of these words, in any of its English forms."""
    terms = {tokens.latin_term(run) for run in tokens.split_runs(text) if not tokens.is_chinese(run)}
    return any(
        word in text if tokens.is_chinese(word) else tokens.latin_term(word) in terms for word in words
    )


@functools.lru_cache(MAX_KEPT_TEXTS)
def _words_of_translations(text: str) -> frozenset[str]:
    """Return the terms of what the words of a Chinese text, and all of it, are in English."""
    runs = [run for run in tokens.split_runs(text) if tokens.is_chinese(run)]
    words = dict.fromkeys(part for run in runs for part in (run, *tokens.segment_words(run)))
    english = (
        each.word
        for word in words
        for each in table.lexicon().english_of(word)
        if each.strength >= MAIN_MEANING
    )
    return frozenset(tokens.latin_term(part) for phrase in english for part in tokens.split_runs(phrase))


def translated_share(text: str, words: Iterable[str]) -> float:
    """Return the share of these English words that the words of a Chinese text are translated by: 料酒, cooking wine, has *cooking*."""
    terms = {tokens.latin_term(word) for word in words if not tokens.is_chinese(word)}
    return len(terms & _words_of_translations(text)) / len(terms) if terms else 0.0
