"""Words that mean filters: which do, which stay words, and that the reader can take each one back."""

from __future__ import annotations

import pytest

from registry.accounts.policy import ANONYMOUS
from registry.services.bootstrap import Registry
from registry.services.finding import projections, search
from registry.services.finding.filter_inference import infer_filters
from registry.services.finding.requests import SearchRequest


def told(
    text: str, register: str = "", as_words: tuple[str, ...] = ()
) -> tuple[str, dict[str, tuple[str, ...]]]:
    understood = infer_filters(text, register, as_words)
    return understood.rest, understood.merged_with({})


@pytest.mark.parametrize(
    ("text", "rest", "filters"),
    [
        (
            "北京 餐饮 百年",
            "",
            {"region": ("110000",), "category": ("catering",), "register": ("brands",), "age": ("century",)},
        ),
        (
            "suspended furniture certificates Zhejiang",
            "furniture",
            {"status": ("suspended",), "register": ("green-products",), "region": ("330000",)},
        ),
        ("浙江 杭州 家具", "家具", {"region": ("330100",)}),
        ("吉林 人参", "人参", {"region": ("220000",)}),
        ("三星 涂料 证书", "涂料", {"level": ("three_star",), "register": ("green-products",)}),
        ("2024年 家具 证书", "家具", {"year": ("2024",), "register": ("green-products",)}),
        (
            "furniture certificates from 2024",
            "furniture",
            {"year": ("2024",), "register": ("green-products",)},
        ),
        ("被摘牌的老字号", "", {"register": ("brands",), "status": ("removed",)}),
        ("即将实施的标准", "", {"status": ("scheduled", "upcoming"), "register": ("standards",)}),
        ("time-honored brands over 100 years", "", {"register": ("brands",), "age": ("century",)}),
    ],
)
def test_words_become_filters(text: str, rest: str, filters: dict[str, tuple[str, ...]]) -> None:
    assert told(text) == (rest, filters)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "北京",  # one word is a word
        "同仁堂",
        "三星 电视",  # a grade only where a register of grades is spoken of
        "GB/T 35607 标准",  # a number is looked up
        '"北京" 标准',
        "标准 -北京",
        "Suzhou silk",  # two places of that name
        "DEMO-CGP-2025-000124 证书",
    ],
)
def test_words_stay_words(text: str) -> None:
    assert told(text) == (text, {})


def test_a_filter_is_taken_back_by_its_words() -> None:
    assert told("北京 老字号", as_words=("北京",)) == ("北京", {"register": ("brands",)})
    assert told("北京 老字号", as_words=("北京", "老字号")) == ("北京 老字号", {})


def test_in_one_register_its_name_is_a_word_and_its_own_words_count() -> None:
    assert told("三星 涂料", "green-products") == ("涂料", {"level": ("three_star",)})
    assert told("北京 老字号", "brands") == ("老字号", {"region": ("110000",)})


def test_of_a_facet_that_is_chosen_too_either_will_do() -> None:
    assert infer_filters("北京 老字号", "").merged_with({"region": ("310000",)})["region"] == (
        "310000",
        "110000",
    )


def find(registry: Registry, text: str, **more: object) -> search.ResultsView:
    return search.find_records(registry, ANONYMOUS, SearchRequest(text, **more), "zh")  # type: ignore[arg-type]


def test_what_is_left_is_found_within_the_filters(filled: Registry) -> None:
    found = find(filled, "北京 老字号")
    assert {each.name for each in found.inferred_filters} == {"region", "register"}
    assert found.total
    assert {row.register.slug for row in found.rows} == {"brands"}
    assert {row.region.zh for row in found.rows if row.region} == {"北京市"}
    [chosen] = [
        value for facet in found.facets if facet.name == "register" for value in facet.values if value.chosen
    ]
    assert chosen.value == "brands"


def test_words_that_nothing_within_them_has_are_words_again(filled: Registry) -> None:
    found = find(filled, "中国北京 同仁堂(集团)有限责任公司")
    assert (found.inferred_filters, found.total > 0) == ((), True)


def test_words_that_no_way_of_reading_finds_are_shown_as_understood(filled: Registry) -> None:
    found = find(filled, "西藏 同仁堂")
    assert (found.total, [each.name for each in found.inferred_filters]) == (0, ["region"])
    assert [(left_out, left) for left_out, left, _count in found.broader_searches] == [("西藏", "同仁堂")]


def test_an_empty_answer_says_which_word_is_one_too_many(filled: Registry) -> None:
    found = find(filled, "西藏 百年 老字号")
    assert (found.total, {each.name for each in found.inferred_filters}) == (0, {"region", "register", "age"})
    assert found.broader_searches
    for left_out, left, count in found.broader_searches:
        assert left_out not in left
        assert find(filled, left).total == count


def test_a_name_is_a_name(filled: Registry) -> None:
    name = find(filled, "", register="organisations").rows[0].title.zh
    found = find(filled, name)
    assert (found.inferred_filters, found.rows[0].title.zh) == ((), name)


def test_programs_are_told_by_which_words(filled: Registry) -> None:
    found = projections.search_json(filled, ANONYMOUS, SearchRequest("北京 老字号"), 10, None, "zh")
    assert {(each["name"], each["value"], each["words"]) for each in found["filters_understood"]} == {
        ("region", "110000", "北京"),
        ("register", "brands", "老字号"),
    }


def test_a_line_says_by_which_other_word_it_was_found(filled: Registry) -> None:
    found = search.find_records(filled, ANONYMOUS, SearchRequest("furniture"), "en")
    assert any(("furniture", "家具") in row.synonym_matches for row in found.rows)
    assert not any(row.synonym_matches for row in find(filled, "家具").rows if "家具" in row.title.zh)
