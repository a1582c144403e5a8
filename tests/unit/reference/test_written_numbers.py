"""Numbers as people write them, and rare variants of characters."""

from __future__ import annotations

import pytest

from registry.reference.text.folding import fold_name, to_plain
from registry.reference.text.written_numbers import read_number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("150", 150), ("一百五十", 150), ("一百五", 150), ("一百零五", 105), ("两百", 200), ("十五", 15), ("二十", 20), ("百", 100),
        ("一千二百", 1200), ("廿三", 23), ("一九九六", 1996), ("a hundred and fifty", 150), ("two hundred", 200), ("hundred", 100),
        ("one thousand two hundred", 1200), ("twenty-five", 25), ("二三百", None), ("some", None),
    ],
)  # fmt: skip
def test_numbers_in_words(text: str, number: int | None) -> None:
    assert read_number(text) == number


def test_variants_are_plain_for_searches_and_stay_apart_elsewhere() -> None:
    assert to_plain("𠮷田") == "吉田"
    assert to_plain("寳") == to_plain("寶") == "宝"
    assert fold_name("𠮷田") != fold_name("吉田")
