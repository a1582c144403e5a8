"""Synonyms of the lexicon are joined with the words of an index: in steps, and only those that occur."""

from __future__ import annotations

from collections.abc import Collection

import pytest

from registry.search.analysis import tokens
from registry.search.analysis.joined_synonyms import join_synonyms
from registry.search.analysis.query_parser import parse_query
from registry.search.analysis.synonyms import SynonymEntry, Synonyms, built_in
from registry.search.port import Query, SearchPort
from tests.unit.search.sample_documents import record

NONE = Synonyms([])
Terms = tuple[str, ...]


def joined(text: str, *words: str, synonyms: Synonyms = NONE) -> dict[str, list[str]]:
    """Words of a text → what stands for them in an index that has these words."""
    terms = {term for word in words for term in tokens.text_terms(word)}

    def find_occurring(candidates: Collection[Terms]) -> list[Terms]:
        return [candidate for candidate in candidates if terms.issuperset(candidate)]

    parsed = parse_query(text, join_synonyms(text, synonyms, find_occurring))
    found: dict[str, list[str]] = {}
    for typed, other in parsed.synonyms:
        found.setdefault(typed, []).append(other)
    return found


def test_only_translations_that_occur_are_synonyms() -> None:
    assert joined("refrigerator", "冰箱") == {"refrigerator": ["冰箱"]}
    assert joined("refrigerator", "床垫") == {}


@pytest.mark.parametrize("typed", ["washbasins", "wash basin", "wash-basin", "Wash Basins"])
def test_forms_of_a_phrase_are_one(typed: str) -> None:
    assert list(joined(typed, "洗手盆").values()) == [["洗手盆"]]


def test_words_of_a_compound_have_translations_of_their_own() -> None:
    assert joined("sandalwood fan", "檀香扇") == {"sandalwood": ["檀香"], "fan": ["扇"]}


def test_a_known_phrase_is_found_by_its_parts_too() -> None:
    assert joined("sesame oil", "香油", "芝麻", "油")["sesame oil"][0] == "香油"


def test_near_words_stand_only_for_a_word_that_no_record_has() -> None:
    assert joined("雪柜", "冰箱") == {"雪柜": ["冰箱"]}
    assert joined("雪柜", "冰箱", "雪柜") == {}
    assert joined("armoire", "衣柜") == {"armoire": ["衣柜"]}


def test_the_other_names_of_an_encyclopedia_stand_for_a_word_that_no_record_has() -> None:
    assert joined("暖壶", "保温瓶", "水壶") == {"暖壶": ["保温瓶"]}
    assert joined("暖壶", "保温瓶", "暖壶") == {}


def test_another_ending_stands_for_a_word_that_no_record_has() -> None:
    assert joined("water filters", "反渗透净水机") == {"water filters": ["净水机"]}
    assert joined("净水器", "净水机") == {"净水器": ["净水机"]}
    assert joined("净水器", "净水机", "净水器") == {}


def test_a_compound_is_the_thing_in_general_only_if_it_shares_a_character() -> None:
    assert joined("跑鞋", "鞋") == {"跑鞋": ["鞋"]}
    assert joined("榴莲", "果子", "水果") == {}


def test_words_of_a_phrase_that_has_near_words_are_not_missing() -> None:
    assert joined("vacuum flasks", "保温瓶") == {"vacuum flasks": ["保温瓶"]}


def test_an_english_word_has_what_shares_its_chinese() -> None:
    assert joined("luminaires", "吸顶灯") == {"luminaires": ["吸顶灯"]}


def test_near_words_are_not_used_beside_a_thing_that_is_missing() -> None:
    assert joined("雪柜 挖掘机", "冰箱") == {}


def test_the_synonyms_of_the_registry_come_first() -> None:
    own = Synonyms([SynonymEntry(("refrigerator",), ("冷柜",))])
    assert joined("refrigerator", "冰箱", "冷柜", synonyms=own) == {"refrigerator": ["冷柜"]}
    assert joined("refrigerator", "冰箱", synonyms=own)["refrigerator"] == ["冷柜", "冰箱"]


def test_pinyin_stands_for_words_of_the_index_unless_it_is_english() -> None:
    assert joined("chaye", "茶叶") == {"chaye": ["茶叶"]}
    assert joined("re gan mian", "热干面") == {"re gan mian": ["热干面"]}
    assert "鸡" not in joined("pan", "盘", "攀").get("pan", [])


def test_equal_texts_over_equal_indexes_are_parsed_once() -> None:
    first, second = (join_synonyms("armchair", NONE, lambda words: words) for _ in range(2))
    assert first == second
    assert hash(first) == hash(second)
    assert join_synonyms("zzz", NONE, lambda _words: ()) is NONE


@pytest.mark.parametrize("typed", ["", "的", "123", "GB/T 35607", "a" * 600, "' OR 1=1", "☃ ☃"])
def test_texts_without_such_words_stay_as_they_are(typed: str) -> None:
    assert join_synonyms(typed, NONE, lambda _words: ()) is NONE


def test_an_engine_finds_by_words_that_it_has(empty_engine: SearchPort) -> None:
    empty_engine.rebuild([record(1, "双门冰箱"), record(2, "弹簧床垫")])
    found = empty_engine.find(Query("雪柜", synonyms=built_in()))
    assert (found.ids, found.stage, found.synonyms) == ([1], "words", (("雪柜", "冰箱"),))
    assert empty_engine.find(Query("plywood", synonyms=built_in())).synonyms == ()
    empty_engine.write([record(3, "胶合板")], deletes=[])
    empty_engine.status()  # looks at the newest state
    assert empty_engine.find(Query("plywood", synonyms=built_in())).ids == [3]
    assert empty_engine.filter_matching(Query("plywood", synonyms=built_in()), [1, 3]) == [3]
