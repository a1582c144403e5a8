"""A number among the results of a search: named records first, none lost, nothing that only comes near."""

from __future__ import annotations

import pytest

from registry.search.port import SearchResult
from registry.services.finding.numbers_in_searches import NumberInSearch
from registry.services.records.numbers import lookup
from registry.services.records.numbers.lookup import NumberAnswer


def named(typed: str, *pinned: int) -> NumberInSearch:
    text = lookup.recognise(typed)
    return NumberInSearch(
        NumberAnswer(typed, "in_force", reading=text.first, is_number_only=text.is_number_only), pinned
    )


@pytest.mark.parametrize(
    ("ids", "total", "size", "shown", "counted"),
    [
        ([3, 1, 2], 3, 5, [1, 3, 2], 3),  # found by the index as well
        ([3, 2], 2, 5, [1, 3, 2], 3),
        ([], 0, 5, [1], 1),
        ([3, 2], 2, 3, [1, 3, 2], 3),  # the last place
        ([3, 2, 4], 9, 3, [3, 2, 4], 9),  # a full page loses none
        ([3, 1, 4], 9, 3, [1, 3, 4], 9),
    ],
)
def test_named_records_come_first_and_none_is_lost(
    ids: list[int], total: int, size: int, shown: list[int], counted: int
) -> None:
    result = named("GB/T 35607-2024 家具", 1).add_to(
        SearchResult(total=total, ids=ids, stage="words"), size=size
    )
    assert (result.ids, result.total) == (shown, counted)


@pytest.mark.parametrize(
    ("typed", "stage", "shown"),
    [
        ("GP-2023-999999-B", "spelling", []),
        ("GP-2023-999999-B", "exact", [7]),  # another record mentions it
        ("GP-2023-999999-B 家具", "most", [7]),
        ("BCD-500W", "spelling", [7]),  # a model, not a number of a known form
    ],
)
def test_what_only_comes_near_a_number_is_left_out(typed: str, stage: str, shown: list[int]) -> None:
    assert named(typed).add_to(SearchResult(total=1, ids=[7], stage=stage), size=20).ids == shown
