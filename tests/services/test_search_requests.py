"""Search requests from URLs: limits of pages, values and dates; the scope of a search; tokens of the API."""

from __future__ import annotations

import base64

import pytest

from registry.accounts.policy import ANONYMOUS
from registry.errors import Invalid, NotFound
from registry.services.bootstrap import Registry
from registry.services.finding.projections import PageOfItems, list_json
from registry.services.finding.requests import MAX_FILTER_VALUES, SearchRequest, parse_request
from registry.services.finding.scope import search_scope

EVERYWHERE = search_scope()


def test_a_scope_names_the_facets_of_its_register_with_their_labels() -> None:
    assert EVERYWHERE.facets == ("register", "status", "region", "year")
    scope = search_scope("green-products")
    assert scope.facets[:3] == ("status", "region", "year")
    assert "register" not in scope.facets
    assert set(scope.facets) <= set(scope.labels)
    assert scope.filters == {*scope.facets, *scope.further}
    assert {"linked", "standing", "origin", "founded"} <= set(scope.further)
    assert set(scope.further) <= set(scope.labels)
    with pytest.raises(NotFound):
        search_scope("nothing")


@pytest.mark.parametrize(
    ("typed", "page"),
    [
        ("", 1),
        ("0", 0),
        ("1", 1),
        ("999999", 999999),
        ("1000000", 1),
        ("-1", 1),
        ("1.5", 1),
        ("٣", 1),
        ("²", 1),
    ],
)
def test_page_numbers_have_at_most_six_digits(typed: str, page: int) -> None:
    assert parse_request(EVERYWHERE, [("page", typed)]).page == page


@pytest.mark.parametrize(("given", "used"), [(0, 0), (1, 1), (50, 50), (51, 50)])
def test_a_filter_has_at_most_fifty_values(given: int, used: int) -> None:
    pairs = [("year", str(1900 + number)) for number in range(given)]
    assert len(parse_request(EVERYWHERE, pairs).filters.get("year", ())) == used <= MAX_FILTER_VALUES


@pytest.mark.parametrize(("length", "used"), [(100, 100), (101, 100)])
def test_a_value_has_at_most_a_hundred_characters(length: int, used: int) -> None:
    assert parse_request(EVERYWHERE, [("year", "y" * length)]).filters == {"year": ("y" * used,)}


def test_repeated_and_empty_values_and_unknown_filters_are_dropped() -> None:
    pairs = [("year", "2024"), ("year", " 2024 "), ("year", ""), ("grade", "5"), ("sort", "worst")]
    request = parse_request(EVERYWHERE, pairs)
    assert (request.filters, request.sort) == ({"year": ("2024",)}, "")


@pytest.mark.parametrize(
    ("since", "until", "days"),
    [
        ("", "", (0, 0)),
        ("2024", "2024", (20240000, 20249999)),
        ("2024-02", "2024-02", (20240200, 20240299)),
        ("2024-02-29", "2024-02-29", (20240229, 20240229)),
        ("2024-02-29", "", (20240229, 0)),
    ],
)
def test_both_ends_of_a_range_may_be_equal(since: str, until: str, days: tuple[int, int]) -> None:
    assert SearchRequest(since=since, until=until).date_range() == days


@pytest.mark.parametrize(("since", "until"), [("2024-02-29", "2024-02-28"), ("2025", "2024-12-31")])
def test_a_range_that_ends_before_it_starts_is_refused(since: str, until: str) -> None:
    with pytest.raises(Invalid) as refused:
        SearchRequest(since=since, until=until).date_range()
    assert [(issue.code, issue.field) for issue in refused.value.issues] == [("ends_before_start", "to")]


def token(position: str) -> str:
    return base64.urlsafe_b64encode(position.encode()).decode().rstrip("=")


@pytest.mark.parametrize(
    ("text", "accepted"),
    [
        (token("1"), True),
        (token(str(2**63 - 1)), True),
        (token(str(2**63)), False),
        (token("0"), False),
        (token("-1"), False),
        (token("01"), False),
        (token("x"), False),
        ("", False),
        (token("1") + "=", False),
        ("A" * 41, False),
    ],
)
def test_only_tokens_of_an_earlier_page_are_accepted(registry: Registry, text: str, accepted: bool) -> None:
    request = SearchRequest(scope=search_scope("brands"), include_ended=True)
    page = PageOfItems(10, text)
    if accepted:
        assert list_json(registry, ANONYMOUS, request, page) == {"items": [], "next": None}
    else:
        with pytest.raises(Invalid):
            list_json(registry, ANONYMOUS, request, page)


def test_the_token_of_a_page_leads_to_the_rest_and_the_last_page_has_none(filled: Registry) -> None:
    request = SearchRequest(scope=search_scope("brands"), include_ended=True)
    everything = list_json(filled, ANONYMOUS, request, PageOfItems(100))
    total = len(everything["items"])
    assert everything["next"] is None
    exact = list_json(filled, ANONYMOUS, request, PageOfItems(total))
    assert exact["next"] is None
    first = list_json(filled, ANONYMOUS, request, PageOfItems(total - 1))
    rest = list_json(filled, ANONYMOUS, request, PageOfItems(total, first["next"]))
    numbers = [item["number"] for item in (*first["items"], *rest["items"])]
    assert numbers == [item["number"] for item in everything["items"]]
