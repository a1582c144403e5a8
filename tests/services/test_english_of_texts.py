"""English of a document's Chinese texts: laws by their titles and articles; what is unknown stays Chinese, marked."""

from __future__ import annotations

import pytest

from registry.kit.display import Piece
from registry.registers import catalogue
from registry.services.records import translations

pytestmark = pytest.mark.once  # asks no database
FIELD = catalogue()["declarations"].schema.register_fields()["legal_basis"]


@pytest.mark.parametrize(
    ("written", "shown"),
    [
        (
            "《中华人民共和国标准化法》第三十九条",
            Piece("Standardization Law of the People's Republic of China, Article 39"),
        ),
        ("演商字〔2026〕1号", Piece("演商字〔2026〕1号", "zh-Hans", source="missing")),
    ],
)
def test_a_legal_basis_reads_english_where_its_law_is_known(written: str, shown: Piece) -> None:
    pieces = translations.english_pieces("legal_basis", FIELD, written, translations.NOTHING_LINKED)
    assert pieces == (shown,)
