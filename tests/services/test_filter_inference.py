"""Filter inference: which words become filters, which stay words, and how the reader takes a filter back."""

from __future__ import annotations

import pytest

from registry.accounts.policy import ANONYMOUS
from registry.services.bootstrap import Registry
from registry.services.finding import search
from registry.services.finding.projections import PageOfItems, search_json
from registry.services.finding.query_understanding.filter_inference import infer_filters
from registry.services.finding.requests import SearchRequest
from registry.services.finding.scope import search_scope
from registry.services.finding.views import ResultsView


def inferred(
    text: str, register: str = "", as_words: tuple[str, ...] = ()
) -> tuple[str, dict[str, tuple[str, ...]]]:
    inference = infer_filters(text, register, as_words)
    return inference.rest, inference.merged_with({})


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
        ("即将实施的标准", "", {"status": ("upcoming",), "register": ("standards",)}),
        ("time-honored brands over 100 years", "", {"register": ("brands",), "age": ("century",)}),
    ],
)
def test_words_become_filters(text: str, rest: str, filters: dict[str, tuple[str, ...]]) -> None:
    assert inferred(text) == (rest, filters)


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
    assert inferred(text) == (text, {})


def test_words_that_the_reader_takes_back_are_no_filter() -> None:
    assert inferred("北京 老字号", as_words=("北京",)) == ("北京", {"register": ("brands",)})
    assert inferred("北京 老字号", as_words=("北京", "老字号")) == ("北京 老字号", {})


def test_within_a_register_its_name_stays_a_word_and_its_own_values_become_filters() -> None:
    assert inferred("三星 涂料", "green-products") == ("涂料", {"level": ("three_star",)})
    assert inferred("北京 老字号", "brands") == ("老字号", {"region": ("110000",)})


def test_inferred_and_chosen_values_of_a_facet_are_alternatives() -> None:
    assert infer_filters("北京 老字号", "").merged_with({"region": ("310000",)})["region"] == (
        "310000",
        "110000",
    )


def find(registry: Registry, text: str, **more: object) -> ResultsView:
    return search.find_records(registry, ANONYMOUS, SearchRequest(text, **more), "zh")  # type: ignore[arg-type]


def test_the_remaining_words_are_found_within_the_filters(filled: Registry) -> None:
    found = find(filled, "北京 老字号")
    assert {each.name for each in found.inferred_filters} == {"region", "register"}
    assert found.total
    assert {row.register.slug for row in found.rows} == {"brands"}
    assert {row.region.zh for row in found.rows if row.region} == {"北京市"}
    [chosen] = [
        value for facet in found.facets if facet.name == "register" for value in facet.values if value.chosen
    ]
    assert chosen.value == "brands"


def test_words_stay_words_when_no_record_passes_the_filters(filled: Registry) -> None:
    found = find(filled, "中国北京 同仁堂(集团)有限责任公司")
    assert (found.inferred_filters, found.total > 0) == ((), True)


def test_without_any_result_the_inferred_filters_are_shown(filled: Registry) -> None:
    found = find(filled, "西藏 同仁堂")
    assert (found.total, [each.name for each in found.inferred_filters]) == (0, ["region"])
    assert [(each.left_out, each.query) for each in found.broader_searches] == [
        ("西藏", "同仁堂"),
        ("同仁堂", "西藏"),
    ]
    assert all(each.total for each in found.broader_searches)


def test_without_any_result_broader_searches_are_offered(filled: Registry) -> None:
    found = find(filled, "西藏 百年 老字号")
    assert (found.total, {each.name for each in found.inferred_filters}) == (0, {"region", "register", "age"})
    assert found.broader_searches
    for broader in found.broader_searches:
        assert broader.left_out not in broader.query
        assert find(filled, broader.query).total == broader.total


def test_the_name_of_a_record_is_never_split_into_filters(filled: Registry) -> None:
    name = find(filled, "", scope=search_scope("organisations")).rows[0].title.zh
    found = find(filled, name)
    assert (found.inferred_filters, found.rows[0].title.zh) == ((), name)


def test_the_api_names_the_words_of_each_inferred_filter(filled: Registry) -> None:
    found = search_json(filled, ANONYMOUS, SearchRequest("北京 老字号"), PageOfItems(10), lang="zh")
    assert {(each["name"], each["value"], each["words"]) for each in found["filters_understood"]} == {
        ("region", "110000", "北京"),
        ("register", "brands", "老字号"),
    }


def test_a_result_line_shows_the_synonym_by_which_it_was_found(filled: Registry) -> None:
    found = search.find_records(filled, ANONYMOUS, SearchRequest("furniture"), "en")
    assert any(("furniture", "家具") in row.synonym_matches for row in found.rows)
    assert not any(row.synonym_matches for row in find(filled, "家具").rows if "家具" in row.title.zh)


def test_a_word_that_fits_two_named_registers_becomes_a_filter_of_neither() -> None:
    both = "行业标准 企业标准自我声明 标准"
    _rest, filters = inferred(both)
    assert filters["register"] == ("declarations", "standards")
    assert not {"std_kind", "kind"} & set(filters)
    assert inferred("行业标准 灯具", "standards") == ("灯具", {"kind": ("sector",)})
    assert inferred("行业标准 灯具", "declarations") == ("灯具", {"std_kind": ("sector",)})
    assert inferred("行业标准 灯具") == ("行业标准 灯具", {})


@pytest.mark.parametrize(
    ("text", "year"),
    [
        ("furniture in 1899", None),
        ("furniture in 1900", "1900"),
        ("furniture in 2099", "2099"),
        ("furniture in 2100", None),
        ("furniture 2024", None),
        ("2024 furniture", None),
        ("家具 2024年", "2024"),
    ],
)
def test_years_need_a_preposition_or_their_character(text: str, year: str | None) -> None:
    assert inferred(text)[1].get("year") == ((year,) if year else None)


@pytest.mark.parametrize(("number", "inferring"), [("99", True), ("100", True), ("101", False)])
def test_only_a_hundred_is_a_long_number_that_does_not_stop_inference(number: str, inferring: bool) -> None:
    assert ("region" in inferred(f"北京 家具 {number}")[1]) is inferring


@pytest.mark.parametrize(
    ("text", "sort", "used"),
    [
        ("北京 老字号", "", "relevance"),
        ("北京 老字号", "name", "name"),
        ("北京 老字号", "relevance", "relevance"),
        ("北京 老字号 烤鸭", "", "relevance"),
        ("", "", "relevance"),
    ],
)
def test_the_order_that_the_reader_chose_is_kept_when_only_filters_are_left(
    filled: Registry, text: str, sort: str, used: str
) -> None:
    request = SearchRequest(text, sort=sort)
    query = search.build_query(filled, request, "zh", offset=0, limit=20)
    assert search.run_query(filled, query, request).query.sort == used


def test_results_of_inferred_filters_are_in_the_chosen_order(filled: Registry) -> None:
    newest, by_name = (find(filled, "北京 老字号", sort=sort, size=100).rows for sort in ("", "name"))
    assert {row.number for row in newest} == {row.number for row in by_name}
    chosen = find(filled, "", scope=search_scope("brands"), filters={"region": ("110000",)}, sort="name")
    assert [row.number for row in by_name][: len(chosen.rows)] == [row.number for row in chosen.rows]


@pytest.mark.parametrize(
    ("size", "page", "shown"),
    [(0, 1, (1, 1)), (100, 1, (100, 1)), (101, 1, (100, 1)), (100, 101, (100, 100))],
)
def test_size_and_depth_of_pages_are_limited(
    filled: Registry, size: int, page: int, shown: tuple[int, int]
) -> None:
    results = find(filled, "", size=size, page=page)
    assert (results.size, results.page) == shown


def test_a_page_beyond_the_last_one_is_empty(filled: Registry) -> None:
    results = find(filled, "", scope=search_scope("brands"), page=50, include_ended=True)
    assert results.total > 0
    assert (results.rows, results.first) == ((), 0)


@pytest.mark.once
@pytest.mark.parametrize(("length", "cut"), [(500, False), (501, True)])
def test_a_query_that_was_cut_is_reported(filled: Registry, length: int, cut: bool) -> None:
    assert find(filled, "x" * length).query_truncated is cut
    answer = search_json(filled, ANONYMOUS, SearchRequest("x" * length), PageOfItems(10), lang="zh")
    assert ("q" in {each["name"] for each in answer["filters_understood"]}) is cut


def test_regions_are_listed_below_their_provinces(filled: Registry) -> None:
    facets = {facet.name: facet for facet in find(filled, "").facets}
    listed = facets["region"]
    assert all(value.value.endswith("0000") for value in (*listed.first, *listed.more))
    assert "330100" in {child.value for value in listed.first for child in value.children}


@pytest.mark.parametrize(
    "typed",
    [
        "effective since 2025",
        "2025年以后实施",
        "standards that took effect since 2025",
        "came into force since 2025",
    ],
)
def test_words_for_the_date_of_a_register_beside_a_time_name_it(typed: str) -> None:
    inferred = infer_filters(typed, "")
    found = {each.name: each.values for each in inferred.filters}
    assert found["register"] == ("standards",)
    assert found["from"] == ("2025",)
    assert inferred.rest == ""


def test_of_another_register_the_words_for_a_date_name_none() -> None:
    found = [each.values for each in infer_filters("certificates effective since 2025", "").filters]
    assert ("standards",) not in found
