"""The categories that a word may mean, and which of them are services."""

from __future__ import annotations

import pytest

from registry.kit import product_categories
from registry.kit.product_categories import CATEGORIES, MAX_SUGGESTIONS, is_service, suggest_categories


def codes(word: str) -> list[str]:
    return [each.code for each in suggest_categories(word)]


def test_a_group_means_all_that_is_in_it() -> None:
    assert (
        codes("家具")
        == codes("Furniture")
        == [each.code for each in CATEGORIES if each.code.startswith("07")]
    )
    assert len(codes("家具")) > MAX_SUGGESTIONS


@pytest.mark.parametrize(
    ("word", "found"),
    [
        ("木家具", ["0701"]),
        ("实木家具用品", ["0701"]),  # the name stands in the word
        ("沙", ["0702"]),  # the word stands in the name
        ("zzz", []),
        ("", []),
        ("  ", []),
    ],
)
def test_categories_by_a_word(word: str, found: list[str]) -> None:
    assert codes(word) == found


def test_a_part_of_many_names_means_the_first_ones() -> None:
    assert len(codes("Furnitur")) == MAX_SUGGESTIONS


def test_of_names_written_alike_the_nearest_are_suggested() -> None:
    assert "0702" in codes("Sopha")


def test_services_have_codes_of_their_own() -> None:
    first = f"{product_categories.product_categories.FIRST_SERVICE}"
    services = [each.code for each in CATEGORIES if is_service(each.code)]
    assert services
    assert min(services) >= first > max(each.code for each in CATEGORIES if not is_service(each.code))
    for other in ("9999", "", None, "家政"):
        assert is_service(other) is False
