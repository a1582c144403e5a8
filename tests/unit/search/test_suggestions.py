"""Suggestions while a search is typed: beginnings of names, of their pinyin, of numbers, and parts of names."""

from __future__ import annotations

import pytest

from registry.search.port import SearchPort
from tests.unit.search import sample_documents as sample


@pytest.mark.parametrize(
    ("typed", "first"),
    [
        ("同", sample.TONGRENTANG),
        ("同仁", sample.TONGRENTANG),
        ("tongr", sample.TONGRENTANG),
        ("TongRen", sample.TONGRENTANG),
        ("tong ren", sample.TONGRENTANG),
        ("仁堂", sample.TONGRENTANG),
        ("quanju", sample.QUANJUDE),
        ("gbt356", sample.STANDARD),
        ("GB/T 35607-20", sample.STANDARD),
        ("9133 0100", sample.FIRM),
        ("demo-cgp-2025-0007", sample.LAMP),
        ("led l", sample.LAMP),
        ("green product", sample.STANDARD),
        ("furnit", sample.STANDARD),
        ("qingyu furniture", sample.FIRM),
        ("furniture co", sample.FIRM),
    ],
)
def test_records_that_begin_with_or_contain_the_text_are_suggested(
    sample_engine: SearchPort, typed: str, first: int
) -> None:
    assert sample_engine.suggest(typed, "zh", 8)[0] == first


def test_ended_records_are_suggested_last(sample_engine: SearchPort) -> None:
    assert sample_engine.suggest("张小", "zh", 8) == [sample.ZHANG_HANGZHOU, sample.ZHANG_SHANGHAI]
    assert sample_engine.suggest("gbt35607", "zh", 8)[:2] == [sample.STANDARD, sample.OLD_STANDARD]


@pytest.mark.parametrize("typed", ["", " ", "\x00", "%", "*", "“”", "-", "∞" * 600, "zzzz"])
def test_text_that_no_record_has_gives_no_suggestions(sample_engine: SearchPort, typed: str) -> None:
    assert sample_engine.suggest(typed, "zh", 8) == []


def test_the_limit_of_suggestions_holds(sample_engine: SearchPort) -> None:
    assert len(sample_engine.suggest("杭", "zh", 1)) == 1
