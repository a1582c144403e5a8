"""The language of a text that stands on a page of the other one, and a text in one language or the other."""

from __future__ import annotations

import pytest

from registry.kit.display import Words, foreign_language


@pytest.mark.parametrize(
    ("text", "on_chinese", "on_english"),
    [
        ("椅", "", "zh-Hans"),
        ("Chair 椅", "", "zh-Hans"),
        ("Oak chair with arms", "en", ""),
        ("Oak Chair", "", ""),  # a name, not a sentence
        ("XYZ-20", "", ""),
        ("", "", ""),
    ],
)
def test_a_text_in_another_language_than_the_page(text: str, on_chinese: str, on_english: str) -> None:
    assert foreign_language(text, "zh") == on_chinese
    assert foreign_language(text, "en") == on_english


def test_a_text_in_a_language_or_in_the_one_there_is() -> None:
    both, chinese, english = Words("椅", "Chair"), Words("椅", ""), Words("", "Chair")
    assert [each.in_language("zh") for each in (both, chinese, english)] == ["椅", "椅", "Chair"]
    assert [each.in_language("en") for each in (both, chinese, english)] == ["Chair", "椅", "Chair"]
