"""What a search is in the other language, and what that says of a text that is near it."""

from __future__ import annotations

import pytest

from registry.search.analysis.translated_searches import names_known_thing, translated_share


@pytest.mark.parametrize(
    ("typed", "is_known"),
    [
        ("wheelchair", True),
        ("a wheelchair", True),
        ("轮椅", True),
        ("zzgrill", False),
        ("red wheelchair for boats", False),  # not one word of the lexicon
        ("drugstore", False),  # a shop is near to what it sells
        ("药店", False),
        ("", False),
    ],
)
def test_a_known_thing_is_one_word_of_the_lexicon_and_no_shop(typed: str, is_known: bool) -> None:
    assert names_known_thing(typed) is is_known


@pytest.mark.parametrize(
    ("text", "words", "share"),
    [
        ("料酒", ("cooking", "alcohol"), 0.5),
        ("料酒", ("cooking",), 1.0),
        ("料酒", ("paint",), 0.0),
        ("料酒", ("烹调",), 0.0),
        ("料酒", (), 0.0),
        ("wine", ("wine",), 0.0),
    ],
)
def test_the_share_of_words_that_a_text_is_translated_by(
    text: str, words: tuple[str, ...], share: float
) -> None:
    assert translated_share(text, words) == share
