"""The source of each English text: stated for the record or for single values, kept while the value stays."""

from __future__ import annotations

from typing import Any

import pytest

from registry.kit import english_sources
from registry.registers import catalogue

DECLARATIONS = catalogue()["declarations"]
DOCUMENT: dict[str, Any] = {
    "product_name_zh": "书柜",
    "product_name_en": "Bookcase",
    "indicators": [
        {"name_zh": "稳定性", "name_en": "Stability"},
        {"name_zh": "外观"},
        {"name_zh": "气味", "name_en": "Smell"},
    ],
    "en_sources": {"product_name_en": "platform", "indicators[1].name_en": "platform"},
}


def test_every_english_text_has_a_source() -> None:
    assert english_sources.sources_by_path(DECLARATIONS, DOCUMENT) == {
        "product_name_en": "platform",
        "indicators[1].name_en": "platform",
        "indicators[3].name_en": "enterprise",
    }


def test_only_texts_in_english_have_one() -> None:
    document = {
        "name_zh": "书柜",
        "name_en": "Bookcase",
        "size_en": 7,
        "rows": [{"a_zh": "甲", "a_en": "A", "b_en": None}],
    }
    assert list(english_sources.english_values(document)) == [
        ("name_en", "Bookcase", "书柜"),
        ("rows[1].a_en", "A", "甲"),
    ]
    assert english_sources.source_of(DECLARATIONS, DOCUMENT, "product_name_en") == "platform"
    assert english_sources.source_of(DECLARATIONS, DOCUMENT, "indicators[3].name_en") == "enterprise"
    assert english_sources.source_of(DECLARATIONS, {"en_source": "official"}, "product_name_en") == "official"


def test_a_source_goes_with_its_text() -> None:
    renamed = {**DOCUMENT, "product_name_en": "Book cabinet"}
    kept = english_sources.without_outdated(DOCUMENT, renamed)
    assert kept["en_sources"] == {"indicators[1].name_en": "platform"}
    without_table = {name: value for name, value in renamed.items() if name != "indicators"}
    assert "en_sources" not in english_sources.without_outdated(DOCUMENT, without_table)
    stated = {**renamed, "en_sources": {"product_name_en": "official"}}
    assert english_sources.without_outdated(DOCUMENT, stated) == stated
    assert english_sources.without_outdated(DOCUMENT, DOCUMENT) == DOCUMENT


def test_sources_are_written_in_a_cell_and_read_again() -> None:
    field = DECLARATIONS.schema.register_fields()["en_sources"]
    cell = field.to_cell(DOCUMENT["en_sources"])
    assert cell == "product_name_en=platform|indicators[1].name_en=platform"
    assert field.deserialize(cell) == DOCUMENT["en_sources"]
    assert field.deserialize({"product_name_en": "平台翻译"}) == {"product_name_en": "platform"}


@pytest.mark.parametrize("wrong", ["product_name_en=somebody", "no path=platform", ["x"], 7, "a" * 40])
def test_other_sources_are_refused(wrong: object) -> None:
    values = {"product_name_zh": "书柜", "en_sources": wrong}
    loaded = DECLARATIONS.schema.load_values(values, complete=False)
    assert [issue.field for issue in loaded.issues] == ["en_sources"]


def test_drafts_keep_accepted_english_as_text() -> None:
    accepted = english_sources.accepted_english_in(DOCUMENT)
    assert accepted == {"Bookcase": "platform", "Stability": "platform"}
    filed = {**DOCUMENT, "product_name_en": "Book cabinet"}
    assert english_sources.english_sources_of(filed, accepted, {}) == {"indicators[1].name_en": "platform"}
    assert english_sources.english_sources_of(filed, "no map", {"product_name_en": "official"}) == {
        "product_name_en": "official"
    }
