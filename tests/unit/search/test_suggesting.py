"""What is suggested while a search is typed: beginnings of names, of their pinyin, of numbers, and parts of names."""

from __future__ import annotations

import pytest

from registry.search.port import SearchPort
from tests.unit.search import shelf as on


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("同", on.TONGRENTANG),
        ("同仁", on.TONGRENTANG),
        ("tongr", on.TONGRENTANG),
        ("TongRen", on.TONGRENTANG),
        ("tong ren", on.TONGRENTANG),
        ("仁堂", on.TONGRENTANG),
        ("quanju", on.QUANJUDE),
        ("gbt356", on.STANDARD),
        ("GB/T 35607-20", on.STANDARD),
        ("9133 0100", on.FIRM),
        ("demo-cgp-2025-0007", on.LAMP),
        ("led l", on.LAMP),
        ("green product", on.STANDARD),
        ("furnit", on.STANDARD),
        ("qingyu furniture", on.FIRM),
        ("furniture co", on.FIRM),
    ],
)
def test_what_begins_or_contains_what_was_typed(shelf: SearchPort, typed: str, first: int) -> None:
    assert shelf.suggest(typed, "zh", 8)[0] == first


def test_records_that_have_ended_stand_below(shelf: SearchPort) -> None:
    assert shelf.suggest("张小", "zh", 8) == [on.ZHANG_HANGZHOU, on.ZHANG_SHANGHAI]
    assert shelf.suggest("gbt35607", "zh", 8)[:2] == [on.STANDARD, on.OLD_STANDARD]


@pytest.mark.parametrize("typed", ["", " ", "\x00", "%", "*", "“”", "-", "∞" * 600, "zzzz"])
def test_nothing_is_suggested_for_what_no_record_has(shelf: SearchPort, typed: str) -> None:
    assert shelf.suggest(typed, "zh", 8) == []


def test_no_more_are_given_than_asked_for(shelf: SearchPort) -> None:
    assert len(shelf.suggest("杭", "zh", 1)) == 1
