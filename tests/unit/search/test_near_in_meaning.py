"""Records near a search in meaning, by both engines: behind what words find, under the same filters."""

from __future__ import annotations

import pytest

from registry.search.port import NearText, Query, SearchPort
from tests.unit.search.sample_documents import (
    DOCUMENTS,
    PIANYIFANG,
    QUANJUDE,
    TONGRENTANG,
    ZHANG_HANGZHOU,
    ZHANG_SHANGHAI,
    search,
)

DUCK, OVEN_DUCK, MEALS, SCISSORS = (
    NearText("烤鸭", 0.9),
    NearText("焖炉烤鸭", 0.8),
    NearText("餐饮", 0.65),
    NearText("剪刀", 0.8),
)
NOTHING_TYPED_IS_FOUND = "zzgrill"


def test_the_nearest_subject_decides_the_order_and_is_said(sample_engine: SearchPort) -> None:
    found = search(sample_engine, NOTHING_TYPED_IS_FOUND, near=(DUCK, OVEN_DUCK, MEALS))
    assert found.ids == [QUANJUDE, PIANYIFANG]
    assert (found.stage, found.total) == ("meaning", 2)
    assert found.near_texts == {QUANJUDE: "烤鸭", PIANYIFANG: "焖炉烤鸭"}


def test_what_the_words_find_comes_first_and_is_not_said_to_be_near(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "焖炉烤鸭", near=(DUCK, OVEN_DUCK))
    assert found.ids == [PIANYIFANG, QUANJUDE]
    assert found.stage == "words"
    assert found.near_texts == {QUANJUDE: "烤鸭"}


def test_an_ended_record_with_the_word_stays_before_one_in_force_that_is_only_near(
    sample_engine: SearchPort,
) -> None:
    found = search(sample_engine, "上海 剪刀", near=(SCISSORS,))
    assert found.ids == [ZHANG_SHANGHAI, ZHANG_HANGZHOU]


def test_before_what_has_only_some_of_the_words_if_so_asked(sample_engine: SearchPort) -> None:
    some_words = search(sample_engine, "剪刀与钢琴", near=(DUCK,))
    assert (some_words.stage, some_words.ids) == ("most", [ZHANG_SHANGHAI, QUANJUDE])
    found = search(sample_engine, "剪刀与钢琴", near=(DUCK,), near_first=True)
    assert (found.stage, found.ids) == ("most", [QUANJUDE, ZHANG_SHANGHAI])
    assert found.near_texts == some_words.near_texts == {QUANJUDE: "烤鸭"}


def test_what_has_some_of_the_words_and_is_near_comes_first_of_all(sample_engine: SearchPort) -> None:
    assert search(sample_engine, "烤鸭剪刀").ids == [PIANYIFANG, QUANJUDE]
    found = search(sample_engine, "烤鸭剪刀", near=(DUCK, SCISSORS), near_first=True)
    assert found.ids == [QUANJUDE, ZHANG_HANGZHOU, PIANYIFANG]
    assert found.near_texts == {ZHANG_HANGZHOU: "剪刀"}


def test_never_before_a_record_that_has_the_words(sample_engine: SearchPort) -> None:
    assert search(sample_engine, "焖炉烤鸭", near=(DUCK,), near_first=True).ids == [PIANYIFANG, QUANJUDE]


def test_ended_records_that_are_only_near_are_hidden_unless_they_are_asked_for(
    sample_engine: SearchPort,
) -> None:
    near = (SCISSORS, MEALS)
    assert ZHANG_SHANGHAI not in search(sample_engine, NOTHING_TYPED_IS_FOUND, near=near).ids
    found = search(sample_engine, NOTHING_TYPED_IS_FOUND, near=near, include_ended=True)
    assert found.ids[0] == ZHANG_HANGZHOU
    assert found.ids[-1] == ZHANG_SHANGHAI


def test_filters_apply_to_them_and_facets_count_them(sample_engine: SearchPort) -> None:
    found = search(
        sample_engine,
        NOTHING_TYPED_IS_FOUND,
        near=(DUCK, SCISSORS),
        filters={"region": ("330000",)},
        facets=("region",),
    )
    assert found.ids == [ZHANG_HANGZHOU]
    assert dict(found.facets["region"]) == {"110000": 1, "330000": 1, "330100": 1}


def test_a_word_that_is_left_out_leaves_them_out_too(sample_engine: SearchPort) -> None:
    assert search(sample_engine, f"{NOTHING_TYPED_IS_FOUND} -便宜坊", near=(DUCK, OVEN_DUCK)).ids == [
        QUANJUDE
    ]


@pytest.mark.parametrize("near", [(), (NearText("养蜂", 0.9),)])
def test_without_a_record_near_it_nothing_is_found(
    sample_engine: SearchPort, near: tuple[NearText, ...]
) -> None:
    found = search(sample_engine, NOTHING_TYPED_IS_FOUND, near=near, facets=("register",))
    assert (found.ids, found.total, found.stage, found.near_texts) == ([], 0, "none", {})
    assert found.facets == {"register": []}


def test_pages_of_them_follow_on_each_other(sample_engine: SearchPort) -> None:
    near = (DUCK, OVEN_DUCK, SCISSORS)
    one = [
        search(sample_engine, NOTHING_TYPED_IS_FOUND, near=near, offset=offset, limit=1).ids
        for offset in range(4)
    ]
    assert one == [[QUANJUDE], [PIANYIFANG], [ZHANG_HANGZHOU], []]


def test_all_subjects_are_listed_by_part_and_known_parts_are_not_read(sample_engine: SearchPort) -> None:
    parts = sample_engine.subjects(())
    assert {each for _name, subjects in parts for each in subjects} == {"餐饮", "烤鸭", "焖炉烤鸭", "剪刀"}
    names = [name for name, _subjects in parts]
    assert sample_engine.subjects(names) == [(name, []) for name in names]


def test_a_deleted_record_is_never_near(empty_engine: SearchPort) -> None:
    from_samples = [each for each in DOCUMENTS if each.id in (QUANJUDE, PIANYIFANG, TONGRENTANG)]
    empty_engine.rebuild(from_samples)
    empty_engine.write([], deletes=[QUANJUDE])
    empty_engine.status()
    query = Query(NOTHING_TYPED_IS_FOUND, near=(DUCK, OVEN_DUCK))
    assert empty_engine.find(query).ids == [PIANYIFANG]
