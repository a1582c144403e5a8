"""Grades in lists: words, counts and order only within one scale."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.errors import Invalid
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.finding import find_records, parse_request, search_json, search_scope
from registry.services.finding.projections import PageOfItems
from registry.services.operations import relay
from tests.databases import Template
from tests.services import samples

CARE, FURNITURE, FARM = "养老机构等级", "家具质量分级", "农产品分等"
GRADES = [
    (CARE, "五级", "2026-01-01"),
    (CARE, "一级", "2026-03-01"),
    (CARE, "二级", "2026-02-01"),
    (FARM, "二级", "2026-01-01"),
    (FURNITURE, "AAAA", "2026-01-01"),
    (FURNITURE, "AAAAA", "2025-12-01"),
    ("床垫质量分级", "A", "2026-04-01"),
    ("演示分级", "二级", "2026-01-01"),
]


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("lists")
    rows = [
        {
            "result_no": f"ZLFJ-2026-{number:06d}",
            "scheme": scheme,
            "org_uscc": "91330100MAWY010175",
            "product_name_zh": f"甲{number}",
            "grade": grade,
            "grader_approval_no": "CNCA-R-2099-101",
            "graded_on": day,
            "valid_to": "2099-01-01",
        }
        for number, (scheme, grade, day) in enumerate(GRADES)
    ]
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        sheet = samples.write_sheet(folder / "grades.csv", "grades", rows)
        assert importer.import_files(registry, REGISTRAR, "grades", [sheet]).refused == 0
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


def listed(store: Registry, *pairs: tuple[str, str], lang: str = "en") -> Any:
    return find_records(store, ANONYMOUS, parse_request(search_scope("grades"), pairs), lang)  # type: ignore[arg-type]


def facet(results: Any, name: str) -> list[tuple[str, str, int]]:
    return [
        (each.value, each.en, each.count) for of in results.facets if of.name == name for each in of.values
    ]


def test_without_a_scheme_there_is_neither_a_facet_nor_an_order_of_grades(store: Registry) -> None:
    results = listed(store, ("sort", "rank"))
    assert facet(results, "grade") == []
    assert (results.may_rank, results.sort) == (False, "relevance")
    assert {value for value, _en, _count in facet(results, "scheme")} == {scheme for scheme, *_ in GRADES}


def test_within_a_scheme_the_facet_has_its_words_and_the_best_stands_first(store: Registry) -> None:
    results = listed(store, ("scheme", CARE), ("sort", "rank"))
    assert facet(results, "grade") == [("五级", "Level 5", 1), ("二级", "Level 2", 1), ("一级", "Level 1", 1)]
    assert [dict(row.meta)["Grade"] for row in results.rows] == [
        "Level 5, the highest of five",
        "Level 2, second lowest of five",
        "Level 1, the lowest of five",
    ]


@pytest.mark.parametrize(
    ("schemes", "may_rank"),
    [((FURNITURE, "床垫质量分级"), True), ((FURNITURE, CARE), False), ((CARE, "演示分级"), False), (("演示分级",), False)],
)  # fmt: skip
def test_schemes_of_one_scale_may_be_ordered_together(
    store: Registry, schemes: tuple[str, ...], *, may_rank: bool
) -> None:
    results = listed(store, *(("scheme", scheme) for scheme in schemes), ("sort", "rank"))
    assert results.may_rank is may_rank
    assert bool(facet(results, "grade")) is may_rank


@pytest.mark.parametrize(
    ("scheme", "words"), [(CARE, "Level 2, second lowest of five"), (FARM, "Grade 2, the lowest of three")]
)
def test_one_label_has_the_words_of_the_scheme_of_its_record(
    store: Registry, scheme: str, words: str
) -> None:
    [row] = listed(store, ("scheme", scheme), ("grade", "二级")).rows
    assert dict(row.meta)["Grade"] == words


def test_a_grade_filtered_by_without_a_scheme_has_no_words_of_one(store: Registry) -> None:
    results = listed(store, ("grade", "二级"))
    assert results.total == 3
    assert [each.words.en for each in results.chosen_filters] == ["二级"]


def test_the_api_refuses_an_order_across_scales(store: Registry) -> None:
    def ask(register: str, *pairs: tuple[str, str]) -> Any:
        request = parse_request(search_scope(register), (*pairs, ("sort", "rank")))
        return search_json(store, ANONYMOUS, request, PageOfItems(10), lang="en")

    for register, pairs in (("", ()), ("grades", ()), ("grades", (("scheme", CARE), ("scheme", FARM)))):
        with pytest.raises(Invalid) as refused:
            ask(register, *pairs)
        assert [issue.code for issue in refused.value.issues] == ["order_needs_one_scale"]
    found = ask("grades", ("scheme", FURNITURE))
    assert [each["label"]["en"] for each in found["facets"]["grade"]] == ["AAAA", "AAAAA"]
    assert [each["title"]["zh"] for each in found["items"]] == ["甲5", "甲4"]
