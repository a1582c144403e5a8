"""Passages of full texts: the sentence with the most of the words, on its page, marked."""

from __future__ import annotations

import pytest

from registry.services.finding.passages import MAX_AFTER, MAX_BEFORE, find_passage, missing_words
from registry.services.records.views import PassageView

TEXT = "范围。\n本标准适用于檀香扇。\f扇骨应干燥；檀香扇的扇骨不得开裂。\fThe ribs are seasoned. Colours fade, e.g. in 2.5 years."


def shown(text: str, *words: str) -> tuple[int, str, list[str]]:
    passage = find_passage(text, [(word,) for word in words])
    assert passage is not None
    return passage.page, passage.text, [piece for piece, found in passage.pieces if found]


@pytest.mark.parametrize(
    ("words", "page", "text", "marked"),
    [
        (("檀香扇",), 1, "本标准适用于檀香扇。", ["檀香扇"]),
        (("檀香扇", "扇骨"), 2, "扇骨应干燥；檀香扇的扇骨不得开裂。", ["扇骨", "檀香扇", "扇骨"]),
        (("檀香扇", "缺"), 1, "本标准适用于檀香扇。", ["檀香扇"]),
        (("檀香", "香扇"), 1, "本标准适用于檀香扇。", ["檀香扇"]),
        (("rib",), 3, "The ribs are seasoned.", ["ribs"]),
        (("color",), 3, "Colours fade, e.g. in 2.5 years.", ["Colours"]),
        (("2.5",), 3, "Colours fade, e.g. in 2.5 years.", ["2.5"]),
        (("SEASONED",), 3, "The ribs are seasoned.", ["seasoned"]),
        (("扇骨干燥",), 0, "", []),
        (("easoned",), 0, "", []),
        ((), 0, "", []),
        (("，",), 0, "", []),
    ],
)
def test_the_sentence_with_the_most_words_is_shown(
    words: tuple[str, ...], page: int, text: str, marked: list[str]
) -> None:
    if not page:
        assert find_passage(TEXT, [(word,) for word in words]) is None
    else:
        assert shown(TEXT, *words) == (page, text, marked)


def test_any_word_of_one_meaning_counts() -> None:
    passage = find_passage(TEXT, [("fan", "檀香扇"), ("rib", "扇骨")])
    assert passage is not None
    assert passage.page == 2


def test_traditional_characters_and_full_width_are_found_where_they_stand() -> None:
    assert shown("℃ ½。榮寶齋用ＡＢＣ一號", "荣宝斋", "abc") == (
        1,
        "榮寶齋用ＡＢＣ一號",
        ["榮寶齋", "ＡＢＣ"],
    )


def test_a_long_sentence_is_cut_on_both_sides() -> None:
    page, text, marked = shown("前" * 500 + "檀香扇" + "后" * 500, "檀香扇")
    assert (page, marked) == (1, ["檀香扇"])
    assert text == "…" + "前" * MAX_BEFORE + "檀香扇" + "后" * (MAX_AFTER - 3) + "…"


def test_latin_words_are_not_cut() -> None:
    _page, text, _marked = shown("foreword " * 50 + "hinge" + " afterword" * 50, "hinge")
    assert text.startswith("…foreword ")
    assert text.endswith(" afterword…")


def test_a_word_longer_than_a_passage_is_shown_whole() -> None:
    assert shown("长" * 200, "长" * 150)[2] == ["长" * 150]


def test_many_places_take_bounded_time() -> None:
    assert shown("长" * 60_000, "长")[0] == 1
    assert shown("aaa " * 20_000, "aaa", "aab")[0] == 1


@pytest.mark.parametrize(
    ("words", "synonyms", "missing"),
    [
        (("实木", "檀香扇"), (), [("檀香扇",)]),
        (("桌餐",), (), [("桌餐",)]),  # both characters, in another order
        (("table", "tables"), (), []),
        (("fan", "扇子"), (("fan", "扇子"),), [("fan", "扇子")]),
        (("desk", "餐桌"), (("desk", "餐桌"),), []),
        (("…",), (), [("…",)]),
    ],
)
def test_words_that_a_record_has_not_itself(
    words: tuple[str, ...], synonyms: tuple[tuple[str, str], ...], missing: list[tuple[str, ...]]
) -> None:
    assert missing_words(["实木餐桌", "Dining tables"], words, synonyms) == missing


def test_pieces_make_up_the_passage() -> None:
    passage = PassageView(1, "abcd", ((0, 1), (3, 4)))
    assert list(passage.pieces) == [("", False), ("a", True), ("bc", False), ("d", True), ("", False)]
