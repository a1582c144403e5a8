"""Names of authorities in English: by name, or by place and kind; unknown ones have none."""

from __future__ import annotations

import pytest

from registry.reference.code_lists.authorities import authority_in_english


@pytest.mark.parametrize(
    ("written", "en"),
    [
        ("国家市场监督管理总局", "State Administration for Market Regulation"),
        ("浙江省商务厅", "Department of Commerce of Zhejiang"),
        ("杭州市市场监督管理局", "Administration for Market Regulation of Hangzhou, Zhejiang"),
        ("浙江省杭州市市场监管局", "Administration for Market Regulation of Hangzhou, Zhejiang"),
        ("上海市商务委员会", "Commission of Commerce of Shanghai"),
        ("四川省发展和改革委员会", "Development and Reform Commission of Sichuan"),
        (
            "杭州市市场监督管理局（演示）",
            "Administration for Market Regulation of Hangzhou, Zhejiang (demonstration)",
        ),
        (
            "浙江省市场监督管理局、浙江省商务厅",
            "Administration for Market Regulation of Zhejiang; Department of Commerce of Zhejiang",
        ),
    ],
)
def test_the_english_of_an_authority(written: str, en: str) -> None:
    name = authority_in_english(written)
    assert name is not None
    assert (name.en, name.is_romanised) == (en, False)


@pytest.mark.parametrize(
    "written",
    [
        "",
        "市场监督管理局",
        "某某市市场监督管理局",
        "浙江省商务厅、某某局",
        "浙江省",
        "杭州市市场监督管理局（某某）",
        "浙江省商务厅" * 20,
    ],
)
def test_an_unknown_authority_has_none(written: str) -> None:
    assert authority_in_english(written) is None


def test_a_place_in_pinyin_is_told() -> None:
    name = authority_in_english("杭州市萧山区市场监督管理局")
    assert name is not None
    assert name.is_romanised
    assert "Xiaoshan District" in name.en
