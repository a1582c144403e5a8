from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reference.text.romanise import (
    company_name,
    is_company_name,
    is_possible_reading,
    pinyin_name,
    pinyin_toned,
    pinyin_words,
)
from tests.shared_data import needs_shared, sheet


@pytest.mark.parametrize(
    ("zh", "name", "toned"),
    [
        ("同仁堂", "Tongrentang", "Tóngréntáng"),
        ("便宜坊", "Bianyifang", "Biànyífāng"),
        ("盛锡福", "Shengxifu", "Shèngxīfú"),
        ("重庆", "Chongqing", "Chóngqìng"),
        ("厦门", "Xiamen", "Xiàmén"),
        ("六安", "Lu'an", "Lù'ān"),
        ("东阿", "Dong'e", "Dōng'ē"),
        ("西安", "Xi'an", "Xī'ān"),
        ("朝阳", "Chaoyang", "Cháoyáng"),
        ("单县", "Shanxian", "Shànxiàn"),
        ("泸州老窖", "Luzhou Laojiao", "Lúzhōu Lǎojiào"),
        ("乐仁堂", "Yuerentang", "Yuèréntáng"),
        ("绿柳居", "Lüliuju", "Lǜliǔjū"),
        ("女儿红", "Nü'erhong", "Nǚ'érhóng"),
        ("榮寶齋", "Rongbaozhai", "Róngbǎozhāi"),
        ("石　花", "Shihua", "Shíhuā"),
        ("三枪3GUN", "Sanqiang 3GUN", "Sānqiāng 3GUN"),
        ("iPhone手机", "iPhone Shouji", "iPhone Shǒujī"),
        ("", "", ""),
        ("★", "", ""),
    ],
)
def test_pinyin_of_names(zh: str, name: str, toned: str) -> None:
    assert (pinyin_name(zh), pinyin_toned(zh)) == (name, toned)


def test_syllables() -> None:
    assert pinyin_words("同仁堂") == ("tong", "ren", "tang")
    assert pinyin_words("演示·松涛阁") == ("yan", "shi", "song", "tao", "ge")


@pytest.mark.parametrize(
    ("zh", "is_company"),
    [
        ("张裕葡萄酿酒厂", True),
        ("青屿集团（演示）", True),
        ("石花农民专业合作社", True),
        ("北京同仁堂股份有限公司", True),
        ("北京同仁堂(集团)有限责任公司", True),
        ("同仁堂", False),
        ("公司家园", False),
        ("青屿集团（演示）（二）", False),
        ("", False),
    ],
)
def test_a_company_is_known_by_the_end_of_its_name(zh: str, is_company: bool) -> None:
    assert is_company_name(zh) is is_company


@pytest.mark.parametrize(
    ("zh", "pinyin", "possible"),
    [
        ("便宜坊", "Biànyífāng", True),
        ("便宜坊", "Bian yi fang", True),
        ("便宜坊", "Piányifāng", False),  # the exception is the only reading
        ("长安", "Chang'an", True),
        ("长", "zhang", True),  # both readings of the character
        ("长", "chang", True),
        ("长安", "Chang", False),
        ("长安", "Chang'an'an", False),
        ("绿柳居", "Lvliuju", True),
        ("三枪3GUN", "sanqiang3gun", True),
        ("", "", True),
        ("", "a", False),
    ],
)
def test_possible_readings(zh: str, pinyin: str, possible: bool) -> None:
    assert is_possible_reading(zh, pinyin) is possible


@pytest.mark.parametrize(
    ("zh", "en"),
    [
        ("杭州青屿家具有限公司", "Hangzhou Qingyu Furniture Co., Ltd."),
        ("杭州青屿家具有限公司（演示）", "Hangzhou Qingyu Furniture Co., Ltd. (demo)"),
        ("中国北京同仁堂(集团)有限责任公司", "China Beijing Tongrentang (Group) Co., Ltd."),
        ("湖北省石花酿酒股份有限公司", "Hubei Shihua Brewing Co., Ltd."),
        ("武汉市汪玉霞食品工业公司", "Wuhan Wangyuxia Food Industry Company"),
        ("福州聚春园集团有限公司", "Fuzhou Juchunyuan Group Co., Ltd."),
        ("国药集团中联药业有限公司", "Guoyao Group Zhonglian Pharmaceutical Co., Ltd."),
        ("长春堂", "Changchuntang"),
        ("青岛啤酒(北京)有限公司", "Qingdao Beer (Beijing) Co., Ltd."),
        ("", ""),
        (
            "北京南郊农业生产经营管理有限公司",
            "Beijing Nanjiao Nongye Shengchan Jingying Management Co., Ltd.",
        ),
    ],
)
def test_company_names(zh: str, en: str) -> None:
    assert company_name(zh) == en


@given(st.text(max_size=40))
def test_any_text_can_be_romanised(text: str) -> None:
    for romanised in (pinyin_name(text), pinyin_toned(text), company_name(text)):
        assert romanised == romanised.strip()
    assert all(pinyin_words(text))


@needs_shared
def test_brands_of_the_example_sheet_read_as_stated() -> None:
    rows = [row for row in sheet("brands") if row["pinyin"]]
    assert len(rows) > 50
    assert [
        row["brand_name_zh"] for row in rows if " ".join(pinyin_words(row["brand_name_zh"])) != row["pinyin"]
    ] == []
