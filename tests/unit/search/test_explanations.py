"""Explanations by both engines: the parts of each score add up to it."""

from __future__ import annotations

import pytest

from registry.search.port import NearText, SearchPort
from tests.unit.search.sample_documents import QUANJUDE, TEA, ZHANG_HANGZHOU, ZHANG_SHANGHAI, search

TEXTS = (
    "同仁堂",
    "trt",
    "北京 烤鸭",
    "zhang xiaoquan",
    "furniture",
    "张小全",
    "GB/T 35607",
    "家具 -杭州",
    '"家具"',
    "北京 剪刀",
)


@pytest.mark.parametrize("text", TEXTS)
def test_the_parts_add_up(sample_engine: SearchPort, text: str) -> None:
    found = search(sample_engine, text, explain=True, include_ended=True)
    assert found.explanation is not None
    rows = found.explanation.rows or {}
    assert list(rows) == found.ids
    for row in rows.values():
        assert sum(part.score for part in row.parts) == pytest.approx(row.score, abs=0.1)


def test_nothing_is_explained_unasked(sample_engine: SearchPort) -> None:
    assert search(sample_engine, "同仁堂").explanation is None


def test_what_is_only_near_is_explained_by_the_text_that_is_near(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "zzgrill", explain=True, near=(NearText("烤鸭", 0.9),))
    assert found.explanation is not None
    assert found.explanation.rows is not None
    [part] = found.explanation.rows[QUANJUDE].parts
    assert (part.kind, part.found, part.field) == ("meaning", "烤鸭", "subjects")


def test_an_ended_record_says_what_it_is_lowered_by(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "张小泉", explain=True)
    assert found.explanation is not None
    rows = found.explanation.rows or {}
    assert "ended" in {part.kind for part in rows[ZHANG_SHANGHAI].parts}
    assert "ended" not in {part.kind for part in rows[ZHANG_HANGZHOU].parts}


def test_a_name_that_sounds_alike_is_told_from_words(sample_engine: SearchPort) -> None:
    found = search(sample_engine, "张小全", explain=True)
    assert found.explanation is not None
    for row in (found.explanation.rows or {}).values():
        assert {part.kind for part in row.parts} == {"similar_name"}
    assert TEA not in (found.explanation.rows or {})
