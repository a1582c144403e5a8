"""Ranking explained: for staff on the page, for everyone in the API, and never without being asked for."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR, Actor
from registry.services.bootstrap import Registry
from registry.services.finding import search
from registry.services.finding.explanations import FIELDS, MAX_TRIED, PARTS, STAGES
from registry.services.finding.projections import PageOfItems, search_json
from registry.services.finding.requests import SearchRequest, parse_request
from registry.services.finding.scope import search_scope
from tests.databases import Template
from tests.services import samples


@pytest.fixture(scope="module")
def store(filled_template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    """Every sample, indexed; the tests of this module do not write to it."""
    with samples.opened(filled_template, tmp_path_factory.mktemp("explained")) as opened:
        yield opened


def explained_json(registry: Registry, typed: str, **more: Any) -> dict[str, Any]:
    request = SearchRequest(typed, explain=True, **more)
    return search_json(registry, ANONYMOUS, request, PageOfItems(10), lang="zh")


TEXTS = (
    "同仁堂",
    "tong ren tang",
    "北京 老字号",
    "wooden furniture",
    "GB/T 35607",
    "同仁糖",
    "家具 -北京",
    '"家具"',
    "",
    "zzgrill",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_parts_of_each_score_add_up_to_it(store: Registry, text: str) -> None:
    found = explained_json(store, text)
    for item in found["items"]:
        parts = item["explanation"]["parts"]
        assert sum(part["score"] for part in parts) == pytest.approx(item["explanation"]["score"], abs=0.1)
        assert {part["kind"] for part in parts} <= PARTS.keys()
        assert {part["field"] for part in parts} <= {*FIELDS, None}
    scores = [item["explanation"]["score"] for item in found["items"]]
    assert scores == sorted(scores, reverse=True)
    assert found["explanation"]["searches"][-1]["stage"] in STAGES


@pytest.mark.parametrize("text", TEXTS)
def test_an_explained_search_finds_what_the_same_search_finds_otherwise(store: Registry, text: str) -> None:
    request = SearchRequest(text)
    plain = search_json(store, ANONYMOUS, request, PageOfItems(10), lang="zh")
    explained = explained_json(store, text)
    assert "explanation" not in plain
    assert not any("explanation" in item for item in plain["items"])
    assert [item["number"] for item in plain["items"]] == [item["number"] for item in explained["items"]]
    assert plain["total"] == explained["total"]


def test_it_says_which_word_was_found_in_place_of_the_one_that_was_typed(store: Registry) -> None:
    found = explained_json(store, "furniture")
    kinds = {part["kind"] for item in found["items"] for part in item["explanation"]["parts"]}
    assert "word" in kinds
    [clause] = found["explanation"]["clauses"]
    assert clause["words"] == "furniture"
    assert "家具" in {each["words"] for each in clause["alternatives"]}


def test_the_searches_that_were_tried_are_named_in_their_order(store: Registry) -> None:
    found = explained_json(store, "北京 老字号")
    first = found["explanation"]["searches"][0]
    assert first["filters"]["register"] == ["brands"]
    assert first["total"] == found["total"]


def test_what_is_listed_is_bounded(store: Registry) -> None:
    found = explained_json(store, " ".join(f"词{number} word{number}" for number in range(60)))
    assert len(found["explanation"]["searches"]) <= MAX_TRIED
    assert all(len(clause["alternatives"]) <= 12 for clause in found["explanation"]["clauses"])


@pytest.mark.parametrize("role", ["registrar", "admin", "reviewer_city"])
def test_a_page_is_explained_to_staff(store: Registry, role: str) -> None:
    view = search.find_records(store, Actor(role), SearchRequest("同仁堂", explain=True), "zh")
    assert view.explanation is not None
    [first, *_others] = view.explanation.rows
    assert first.row.title.zh == "同仁堂"
    assert first.score > 10_000


@pytest.mark.parametrize("actor", [ANONYMOUS, Actor("enterprise")])
def test_a_page_is_not_explained_to_others(store: Registry, actor: Actor) -> None:
    view = search.find_records(store, actor, SearchRequest("同仁堂", explain=True), "zh")
    assert (view.explanation, view.rows[0].title.zh) == (None, "同仁堂")


def test_nothing_is_explained_unasked(store: Registry) -> None:
    view = search.find_records(store, REGISTRAR, SearchRequest("同仁堂"), "zh")
    assert view.explanation is None


def test_explain_is_no_part_of_a_saved_search() -> None:
    request = parse_request(search_scope(), [("q", "家具"), ("explain", "1")])
    assert request.explain
    assert request.query_pairs() == (("q", "家具"),)
    assert not parse_request(search_scope(), [("explain", "yes")]).explain
