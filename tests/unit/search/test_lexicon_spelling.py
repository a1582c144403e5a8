"""English words as the lexicon spells them."""

from __future__ import annotations

import pytest

from registry.search.analysis import word_weights
from registry.search.analysis.fuzzy_alternatives import fuzzy_clause
from registry.search.analysis.lexicon_spelling import MAX_TEXTS, respelled
from registry.search.analysis.query_parser import Clause


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("cashmire scarf", "cashmere scarf"), ("dishwashng liquid", "dishwashing liquid"), ("umbrela", "umbrella"),
        ("porcelian", "porcelain"), ("Blankket", "blanket"),
    ],
)  # fmt: skip
def test_a_word_is_respelled_by_one_letter_or_the_order_of_two(typed: str, meant: str) -> None:
    assert meant in respelled(typed)
    assert len(respelled(typed)) <= MAX_TEXTS


@pytest.mark.parametrize(
    ("typed", "meant"), [("mattres", "mattress"), ("bannana", "banana"), ("nodoles", "noodles")]
)
def test_a_letter_doubled_or_not_and_two_in_other_order_come_first(typed: str, meant: str) -> None:
    assert respelled(typed)[0] == meant


@pytest.mark.parametrize(
    ("typed", "fields"), [("toys", ["names", "words"]), ("toyz", ["names", "pinyin", "words"])]
)
def test_an_english_word_is_no_misspelt_pinyin(typed: str, fields: list[str]) -> None:
    asked: list[str] = []

    def find_near_terms(field: str, word: str) -> list[str]:
        asked.append(field)
        return [word]

    fuzzy_clause(find_near_terms, Clause(typed, ()))
    assert asked == fields


@pytest.mark.parametrize(
    "typed",
    [
        "",
        "umbrella",
        "xzqwvk",
        "umbrela GB 1234",
        "铁锅",
        "teh",
        "one two three four five six umbrela",
        "mbrella",
        "dichlorodiphenyltrichloroethan",  # thirty letters: the spellings that would be tried are 1,600
    ],
)
def test_known_words_short_and_long_ones_numbers_and_sentences_stay(typed: str) -> None:
    assert respelled(typed) == ()


@pytest.mark.parametrize(
    ("word", "tag", "weighs"),
    [("点心", "v", True), ("开关", "v", True), ("停产", "v", False), ("没有", "v", False)],
)
def test_a_word_that_names_a_thing_tells_as_much_as_a_noun(word: str, tag: str, weighs: bool) -> None:
    assert (word_weights.chinese_weight(word, tag) > word_weights.VERB_SHARE) is weighs
