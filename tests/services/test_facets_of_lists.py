"""Facets of lists: records that do not say, trees of values, the first values, ranges of years."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Invalid
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.finding import (
    PageOfItems,
    find_records,
    list_json,
    parse_request,
    search_json,
    search_scope,
)
from registry.services.operations import relay
from tests.databases import Template

REGIONS = (
    "330100",
    "330100",
    "330200",
    "330000",
    "500101",
    "320100",
    "350100",
    "370100",
    "420100",
    "510100",
    "",
    "",
)
BRANDS = (
    "brand_name_zh,scheme,holder_name_zh,region_code,recognised_on,founded_year,industry_code,status\n"
    + "".join(
        f"甲{number}号,national,甲{number}有限公司,{region},{'2006年' if number % 3 else ''},"
        f"{1840 + 10 * number},{'C1462' if number % 2 else ''},listed\n"
        for number, region in enumerate(REGIONS)
    )
)


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("facets")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        (folder / "brands.csv").write_text(BRANDS, "utf-8")
        assert importer.import_files(registry, REGISTRAR, "brands", [folder / "brands.csv"]).refused == 0
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


def listed(store: Registry, *pairs: tuple[str, str], register: str = "brands", lang: str = "en") -> Any:
    return find_records(store, ANONYMOUS, parse_request(search_scope(register), pairs), lang)


def facet(results: Any, name: str) -> Any:
    return next(each for each in results.facets if each.name == name)


@pytest.mark.parametrize("register", ["brands", ""])
def test_records_that_do_not_say_are_a_value_of_a_facet(store: Registry, register: str) -> None:
    without = REGIONS.count("")
    unstated = facet(listed(store, register=register), "region").unstated
    assert (unstated.value, unstated.en, unstated.zh, unstated.count) == (
        "unknown", "Not stated", "未注明", without,
    )  # fmt: skip
    found = listed(store, ("region", "unknown"), register=register)
    assert found.total == without
    assert facet(found, "region").unstated.chosen
    assert [chosen.words.en for chosen in found.chosen_filters] == ["Not stated"]
    both = listed(store, ("region", "unknown"), ("region", "330000"), register=register)
    assert both.total == without + sum(region.startswith("33") for region in REGIONS)


@pytest.mark.parametrize(("name", "without"), [("year", 4), ("industry", 6), ("batch", len(REGIONS))])
def test_every_facet_counts_those_without_a_value(store: Registry, name: str, without: int) -> None:
    assert facet(listed(store), name).unstated.count == without == listed(store, (name, "unknown")).total


def test_the_api_counts_and_takes_them_too(store: Registry) -> None:
    request = parse_request(search_scope("brands"), [("region", "unknown")])
    found = search_json(store, ANONYMOUS, request, PageOfItems(1), lang="en")
    assert found["total"] == REGIONS.count("")
    [counted] = [each for each in found["facets"]["region"] if each["value"] == "unknown"]
    assert counted["label"] == {"zh": "未注明", "en": "Not stated"}
    assert len(list_json(store, ANONYMOUS, request, PageOfItems(10))["items"]) == REGIONS.count("")
    unstated_title = parse_request(search_scope("brands"), [("scheme", "unknown")])
    assert search_json(store, ANONYMOUS, unstated_title, PageOfItems(1), lang="en")["total"] == 0
    with pytest.raises(Invalid):
        search_json(
            store,
            ANONYMOUS,
            parse_request(search_scope("brands"), [("region", "none")]),
            PageOfItems(1),
            lang="en",
        )


def test_cautions_have_no_such_value(store: Registry) -> None:
    assert listed(store, ("caution", "unknown")).total == 0


def test_regions_are_a_tree_whose_counts_are_those_of_the_records_within(store: Registry) -> None:
    regions = facet(listed(store), "region")
    provinces = {value.value: value for value in (*regions.first, *regions.more)}
    expected = Counter(region[:2] + "0000" for region in REGIONS if region)
    assert {code: value.count for code, value in provinces.items()} == expected
    assert [(city.value, city.count) for city in provinces["330000"].children] == [
        ("330100", 2),
        ("330200", 1),
    ]
    assert [city.value for city in provinces["500000"].children] == ["500101"]  # a district of a municipality


def test_industries_are_a_tree_from_section_to_division(store: Registry) -> None:
    [section] = facet(listed(store), "industry").first
    assert (section.value, [each.value for each in section.children]) == ("C", ["C14"])


def test_five_values_are_shown_and_chosen_ones_are_among_them(store: Registry) -> None:
    regions = facet(listed(store), "region")
    assert (len(regions.first), len(regions.more)) == (5, 2)
    last = regions.more[-1]
    chosen = facet(listed(store, ("region", last.children[0].value)), "region")
    branch = next(value for value in chosen.first if value.value == last.value)
    assert branch.opened
    assert branch.children[0].chosen


def test_values_are_found_by_a_part_of_their_name_in_either_language(store: Registry) -> None:
    for typed in ("shandong", "山东", "Jinan"):
        more = facet(listed(store, ("region.find", typed)), "region").more
        assert {value.value for value in more} <= {"370000"}
    assert facet(listed(store, ("region.find", "zz")), "region").more == ()
    assert listed(store, ("region.find", "zz")).total == len(REGIONS)


@pytest.mark.parametrize(
    ("pairs", "value", "total"),
    [
        ([("founded_from", "1850"), ("founded_to", "1870")], "1850..1870", 3),
        ([("founded_from", "1940")], "1940..", 2),
        ([("founded_to", "1840")], "..1840", 1),
        ([("founded_from", "soon"), ("founded_to", "1850")], "..1850", 2),
        ([("founded_from", "１９４０"), ("founded_to", "")], "", len(REGIONS)),
        ([("founded", "1850..1870"), ("founded_from", ""), ("founded_to", "")], "1850..1870", 3),
    ],
)
def test_two_fields_are_one_range_of_years(
    store: Registry, pairs: list[tuple[str, str]], value: str, total: int
) -> None:
    found = listed(store, *pairs)
    assert [chosen.value for chosen in found.chosen_filters if chosen.name == "founded"] == (
        [value] if value else []
    )
    assert found.total == total
    assert found.founded == (tuple(value.split("..")) if value else ("", ""))


@pytest.mark.parametrize(
    ("value", "total", "words"),
    [
        ("2006", 8, "2006"),
        ("2000..2006", 8, "2000 to 2006"),
        ("2007..", 0, "2007 or later"),
        ("unknown", 4, "Not stated"),
    ],
)
def test_a_year_may_be_a_range_of_years(store: Registry, value: str, total: int, words: str) -> None:
    found = listed(store, ("year", value))
    assert (found.total, [chosen.words.en for chosen in found.chosen_filters]) == (total, [words])


def test_how_many_filters_are_set(store: Registry) -> None:
    assert listed(store).applied == 0
    assert listed(store, ("year", "2006"), ("from", "2000"), ("to", "2010"), ("ended", "1")).applied == 4
    assert listed(store, ("from", "soon")).applied == 0
