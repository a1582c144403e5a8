"""Tokens: every spelling of a text gives the same terms, and no term is lost."""

from __future__ import annotations

import pytest

from registry.reference.text.folding import fold_number
from registry.search.analysis import tokens


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("honour", "HONOR"),
        ("certified organisations", "Certified Organizations"),
        ("colour", "Color"),
        ("flavoured", "flavored"),
        ("theatres", "theater"),
        ("fibres", "fibers"),
        ("labelled", "labeled"),
        ("travelling", "traveling"),
        ("woollen", "woolen"),
        ("haemorrhoid", "hemorrhoids"),
        ("diarrhoea", "diarrhea"),
        ("sulphate", "sulfate"),
        ("analysing", "analyzing"),
        ("yoghurt", "yogurts"),
        ("moulding", "molding"),
        ("refrigerators", "refrigerator"),
        ("Liby’s", "liby's"),
        ("ＦＵＬＬ　ｗｉｄｔｈ", "full width"),
        ("café", "cafe"),
        ("綠色產品", "绿色产品"),
    ],
)
def test_spelling_variants_give_the_same_terms(first: str, second: str) -> None:
    assert sorted(tokens.text_terms(first)) == sorted(tokens.text_terms(second))


def test_chinese_becomes_characters_and_bigrams() -> None:
    assert set(tokens.text_terms("同仁堂")) == {"同", "仁", "堂", "同仁", "仁堂"}
    assert tokens.bigrams("同仁堂") == ["同仁", "仁堂"]
    assert tokens.bigrams("堂") == ["堂"]


@pytest.mark.parametrize("typed", ["tongrentang", "tong", "ren", "tang", "trt"])
def test_a_name_is_found_by_its_pinyin(typed: str) -> None:
    assert tokens.latin_term(typed) in set(tokens.pinyin_terms("同仁堂"))


def test_umlauts_of_pinyin_become_v() -> None:
    assert "lv" in set(tokens.pinyin_terms("绿"))


@pytest.mark.parametrize(
    "typed", ["GB/T 35607-2024", "gbt35607-2024", "GB/T 35607", "GBT35607", "35607", "gb／t 35607—2024"]
)
def test_every_spelling_of_a_standard_number_is_a_term(typed: str) -> None:
    assert fold_number(typed) in set(tokens.number_terms("GB/T 35607-2024"))


def test_other_numbers_are_one_term() -> None:
    assert set(tokens.number_terms("DEMO-CGP-2025-000121")) == {"DEMOCGP2025000121"}


@pytest.mark.parametrize("text", ["", " ", "，。！", "\x00", "\ud800"])
def test_text_without_words_has_no_terms(text: str) -> None:
    assert list(tokens.text_terms(text)) == []


def test_terms_have_a_maximum_length() -> None:
    for terms in (tokens.text_terms, tokens.number_terms):
        assert max(map(len, terms("a" * 100_000 + "1"))) <= tokens.MAX_TERM_LENGTH


@pytest.mark.parametrize(
    ("name", "short"),
    [
        ("招商银行股份有限公司", "招行"), ("中国工商银行", "工行"), ("重庆百货大楼股份有限公司", "重百"), ("陕西煤业股份有限公司", "陕煤"),
        ("中国石油化工股份有限公司", "中石化"), ("中国石油化工股份有限公司", "石化"), ("浙江华海药业股份有限公司", "华药"),
    ],
)  # fmt: skip
def test_firms_are_called_by_the_first_characters_of_their_words(name: str, short: str) -> None:
    assert short in set(tokens.short_names(name))
    assert tokens.SHORT_NAME_MARK + short in set(tokens.exact_terms([name]))


@pytest.mark.parametrize("name", ["同仁堂", "Gree Electric", "", "股份有限公司", "GREE 格力"])
def test_short_names_and_those_in_latin_letters_have_no_short_form(name: str) -> None:
    assert not list(tokens.short_names(name))
