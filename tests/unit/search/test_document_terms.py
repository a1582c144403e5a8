"""Terms of a document: goods are found by their pinyin too."""

from __future__ import annotations

from registry.search.analysis.document import SearchDocument
from registry.search.analysis.document_terms import terms_of


def pinyin_of(*subjects: str) -> set[str]:
    document = SearchDocument(1, 1, "brands", "1", "listed", "in_force", subjects=subjects)
    return set(terms_of(document)["pinyin"])


def test_goods_have_their_pinyin_joined_and_syllables_two_by_two() -> None:
    assert {"liushenwan", "~liushen", "~shenwan"} <= pinyin_of("六神丸")


def test_short_pinyin_is_left_out_for_it_is_english_too() -> None:
    assert pinyin_of("茶") == set()
    assert "mian" not in pinyin_of("面")


def test_what_is_long_or_in_letters_has_none() -> None:
    assert pinyin_of("soy sauce", "一二三四五六七八九") == set()
