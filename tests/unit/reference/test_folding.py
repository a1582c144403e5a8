from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reference.text.folding import clean_cell, fold_name, fold_number, to_simplified


@pytest.mark.parametrize(
    "written",
    [
        "GB/T 35607-2024",
        "gb/t35607—2024",
        "ＧＢ／Ｔ　３５６０７－２０２４",
        "GB-T-35607-2024",
        "[GB_T] 35607–2024",
    ],
)
def test_spellings_of_a_number_share_one_key(written: str) -> None:
    assert fold_number(written) == "GBT356072024"


def test_numbers_keep_dots_and_chinese_characters() -> None:
    assert fold_number("GB/T 1.1-2020") == "GBT1.12020"
    assert fold_number("商流通规发〔2023〕6号 ★") == "商流通规发20236号"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("榮寶齋", "荣宝斋"),
        ("內聯陞", "内联升"),
        ("張小泉", "张小泉"),
        ("商流通规发〔2023〕6号", "商流通规发[2023] 6号"),
        ("中国北京同仁堂（集团）有限责任公司", "中国北京同仁堂(集团)有限责任公司"),
        ("演示·松涛阁", "演示松涛阁"),
        ("石　花", "石花"),
        ("“杏花村”", "杏花村"),
        ("Time-Honoured", "time honoured"),
        ("Xi'an", "xi’an"),
    ],
)
def test_spellings_of_a_name_share_one_key(one: str, other: str) -> None:
    assert fold_name(one) == fold_name(other)


def test_traditional_characters_are_replaced_one_by_one() -> None:
    assert to_simplified("臺灣老字號") == "台湾老字号"


def test_cells_are_cleaned_and_keep_full_width_brackets() -> None:
    assert (
        clean_cell("\ufeff\u200b 北京　 同仁堂（集团）\u00a0\n有限公司\u3000")
        == "北京 同仁堂（集团） 有限公司"
    )
    assert clean_cell("a\x00b") == "ab"


@given(st.text())
def test_folding_twice_changes_nothing(text: str) -> None:
    for fold in (fold_number, fold_name, clean_cell):
        assert fold(fold(text)) == fold(text)


@given(st.text())
def test_a_number_key_holds_letters_digits_and_dots_only(text: str) -> None:
    assert all(
        unicodedata.category(character)[0] in "LN" or character == "." or character.isalnum()
        for character in fold_number(text)
    )
