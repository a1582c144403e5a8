"""A search in the other language, for what compares texts by meaning."""

from __future__ import annotations

import pytest

from registry.search.analysis.translated_searches import (
    MAX_TRANSLATED,
    shares_word,
    translated,
    weighty_words,
)


@pytest.mark.parametrize(
    ("typed", "other"),
    [("wash basin", "洗手盆"), ("soy sauce", "豉油"), ("茶叶", "tea"), ("Excavators", "挖土机")],
)
def test_a_thing_is_called_what_it_is_in_the_other_language(typed: str, other: str) -> None:
    found = translated(typed)
    assert other in found
    assert len(found) <= MAX_TRANSLATED


@pytest.mark.parametrize(
    "typed",
    ["", "7", "xqzvkw", "xqzvkw soy sauce", "soy sauce 酱油", "the of", "glass steel paper cloth", "!?"],
)
def test_sentences_mixtures_and_unknown_words_are_not_translated(typed: str) -> None:
    assert translated(typed) == ()


def test_words_that_only_ask_tell_nothing() -> None:
    assert "where" not in weighty_words("where to find scissors")
    assert "scissors" in weighty_words("where to find scissors")
    assert weighty_words("的") == ()


@pytest.mark.parametrize(
    ("text", "word", "shared"),
    [
        ("wooden tables", "table", True),
        ("wooden table", "tables", True),
        ("stable", "table", False),
        ("儿童餐椅", "餐椅", True),
        ("餐饮", "餐椅", False),
    ],
)
def test_a_text_has_a_word_in_any_of_its_forms(text: str, word: str, shared: bool) -> None:
    assert shares_word(text, (word,)) is shared
