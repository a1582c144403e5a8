"""Regions: their names in both languages, their ancestors, and the codes of names as sources write them."""

from __future__ import annotations

import csv
import re

import pytest

from registry.reference.code_lists import regions, tables
from tests.shared_data import SHARED, needs_shared


@pytest.mark.parametrize(
    "code, zh, en",
    [
        ("110000", "北京市", "Beijing"),
        ("110102", "北京市西城区", "Xicheng District, Beijing"),
        ("330100", "浙江省杭州市", "Hangzhou, Zhejiang"),
        ("330482", "浙江省嘉兴市平湖市", "Pinghu, Jiaxing, Zhejiang"),
        ("520382", "贵州省遵义市仁怀市", "Renhuai, Zunyi, Guizhou"),
        ("310115", "上海市浦东新区", "Pudong New Area, Shanghai"),
        ("429004", "湖北省仙桃市", "Xiantao, Hubei"),
        ("610100", "陕西省西安市", "Xi'an, Shaanxi"),
        ("140100", "山西省太原市", "Taiyuan, Shanxi"),
        ("341500", "安徽省六安市", "Lu'an, Anhui"),
        ("540100", "西藏自治区拉萨市", "Lhasa, Xizang"),
        ("222400", "吉林省延边朝鲜族自治州", "Yanbian Korean Autonomous Prefecture, Jilin"),
        ("100000", "国家级", "National level"),
        ("810000", "香港特别行政区", "Hong Kong"),
        ("999999", "999999", "999999"),
    ],
)
def test_label_reads_as_an_address(code: str, zh: str, en: str) -> None:
    assert regions.label(code, "zh") == zh
    assert regions.label(code, "en") == en


@pytest.mark.parametrize(
    "code, en",
    [
        ("500000", "Chongqing"),
        ("350200", "Xiamen"),
        ("140400", "Changzhi"),
        ("340300", "Bengbu"),
        ("331000", "Taizhou"),
        ("411100", "Luohe"),
        ("150100", "Hohhot"),
        ("320116", "Luhe District"),
        ("310112", "Minhang District"),
        ("371524", "Dong'e County"),
        ("330382", "Yueqing"),
        ("361124", "Yanshan County"),
        ("141024", "Hongtong County"),
        ("371722", "Shanxian County"),
    ],
)
def test_english_names_follow_local_readings(code: str, en: str) -> None:
    found = regions.region(code)
    assert found is not None
    assert found.en == en


def test_ancestors_run_from_the_province_to_the_region() -> None:
    assert regions.ancestors("330482") == ("330000", "330400", "330482")
    assert regions.ancestors("110102") == ("110000", "110102")
    assert regions.ancestors("659001") == ("650000", "659001")
    assert regions.ancestors("000000") == ()


def test_a_bracket_stands_for_the_region_that_it_is_in() -> None:
    assert regions.ancestors("110100") == ("110000",)
    assert regions.label("330101", "zh") == "浙江省杭州市"


def test_province_of() -> None:
    found = regions.province_of("440300")
    assert found is not None
    assert found.code == "440000"
    assert regions.province_of("100000") is None
    assert regions.province_of("x") is None


def test_there_are_34_provinces_all_with_official_english() -> None:
    assert len(regions.provinces()) == 34
    assert {region.en_source for region in regions.provinces()} == {"official"}


def test_children_are_regions_in_force() -> None:
    codes = [region.code for region in regions.children("330100")]
    assert "330110" in codes
    assert "330103" not in codes, "下城区 was merged away in 2021"
    assert "330101" not in codes


@pytest.mark.parametrize(
    "code, zh", [("330103", "下城区"), ("371200", "莱芜市"), ("110228", "密云县"), ("120225", "蓟县")]
)
def test_abolished_codes_keep_their_names(code: str, zh: str) -> None:
    found = regions.region(code)
    assert found is not None
    assert (found.zh, found.abolished) == (zh, True)


def test_codes_names_and_parents_are_consistent() -> None:
    all_regions = regions.all_regions()
    assert len(all_regions) == len(tables.read_rows("regions"))
    for region in all_regions.values():
        assert re.fullmatch(r"[1-8]\d{5}", region.code)
        assert region.zh == region.zh.strip()
        assert re.fullmatch(r"[A-Z][A-Za-zü ,'-]+", region.en), region
        assert region.parent in all_regions or region.level in {"province", "country"}
        assert (
            region.code in {step.code for step in regions.region_path(region.code)}
            or region.level == "bracket"
        )


def test_no_label_repeats_a_parent() -> None:
    for code in regions.all_regions():
        steps = [step.code for step in regions.region_path(code)]
        assert len(steps) == len(set(steps))


@pytest.mark.parametrize(
    "names, code",
    [
        (("湖北省", "武汉"), "420100"),
        (("湖北", "武汉市"), "420100"),
        (("广东省", "佛山市"), "440600"),
        (("廣東", "廣州"), "440100"),
        (("臺灣",), "710000"),
        (("台湾省",), "710000"),
        (("内蒙古", "包头"), "150200"),
        (("內蒙古自治區", "霍林郭勒市"), "150581"),
        (("广西", "南宁"), "450100"),
        (("宁夏", "银川"), "640100"),
        (("新疆", "伊犁"), "654000"),
        (("西藏", "拉萨"), "540100"),
        (("北京", "北京市"), "110000"),
        (("北京市", ""), "110000"),
        (("上海市", "上海市黄浦区"), "310101"),
        (("重庆", "重庆市", "渝中区"), "500103"),
        (("江苏", "江阴"), "320281"),
        (("江苏省", "南京市", "鼓楼区"), "320106"),
        (("吉林省", "吉林市"), "220200"),
        (("吉林", "吉林"), "220200"),
        (("湖北", "仙桃"), "429004"),
        (("浙江省", "杭州市", "余杭"), "330110"),
        (("浙江省", "湖州市", "德清县"), "330521"),
        (("浙江省杭州市余杭区",), "330110"),
        (("", "杭州"), "330100"),
        (("", "", "仁怀市"), "520382"),
        (("江苏", "苏州市", "工业园区"), "320576"),
        (("河北省", "邢台市", "桥东区"), "130502"),
        (("国家级",), "100000"),
        ((" 浙　江 省 ", "杭州市 "), "330100"),
    ],
)
def test_codes_are_found_by_names_as_sources_write_them(names: tuple[str, ...], code: str) -> None:
    assert regions.find_code(*names) == code


@pytest.mark.parametrize(
    "names",
    [
        ("",),
        ("火星",),
        ("浙江省", "火星市"),
        ("江苏省", "鼓楼区"),
        ("", "朝阳区"),
        ("浙江省", "广州市"),
        ("省",),
    ],
)
def test_an_ambiguous_name_has_no_code(names: tuple[str, ...]) -> None:
    assert regions.find_code(*names) is None


@pytest.mark.parametrize(
    "text, code",
    [
        ("浙江省杭州市余杭区文一西路969号", "330110"),
        ("中国浙江省平湖市当湖街道", "330482"),
        ("北京市西城区大栅栏24号", "110102"),
        ("上海上海市黄浦区南京东路", "310101"),
        ("广东深圳南山区科技园", "440305"),
        ("杭州西湖大道1号", "330100"),
        ("重庆市市辖区渝中区", "500103"),
        ("吉林市船营区", "220204"),
        ("青海省海南藏族自治州共和县", "632521"),
        ("湖南湘西吉首市", "433101"),
        ("余杭区五常街道", "330110"),
        ("浙江省", "330000"),
        ("大栅栏24号", None),
        ("", None),
    ],
)
def test_codes_are_found_in_addresses(text: str, code: str | None) -> None:
    assert regions.find_code_in_address(text) == code


def test_every_region_in_force_is_found_by_its_own_label() -> None:
    for code, region in regions.all_regions().items():
        if region.abolished or region.level in {"bracket", "country"}:
            continue
        assert regions.find_code_in_address(regions.label(code, "zh")) == code, region


@needs_shared
def test_every_city_of_the_listed_companies_is_found() -> None:
    with (SHARED / "data/organisations/listed_companies.csv").open(encoding="utf-8-sig", newline="") as file:
        pairs = {(row["sf"], row["cs"]) for row in csv.DictReader(file)}
    assert len(pairs) > 100
    assert {pair for pair in pairs if regions.find_code(*pair) is None} == set()


@needs_shared
def test_every_region_of_the_notices_is_found() -> None:
    with (SHARED / "data/brands/laozihao_notices.csv").open(encoding="utf-8-sig", newline="") as file:
        pairs = {(row["province"], row["city"]) for row in csv.DictReader(file)}
    assert len(pairs) > 30
    assert {pair for pair in pairs if regions.find_code(*pair) is None} == set()


@needs_shared
def test_addresses_of_listed_companies_agree_with_their_province() -> None:
    with (SHARED / "data/organisations/listed_companies.csv").open(encoding="utf-8-sig", newline="") as file:
        companies = [row for row in csv.DictReader(file) if row["zcdz"]]
    wrong = []
    for row in companies:
        found = regions.find_code_in_address(row["zcdz"])
        if found is not None and regions.ancestors(found)[0] != regions.find_code(row["sf"]):
            wrong.append((row["sf"], row["zcdz"], found))
    assert wrong == []
    assert sum(regions.find_code_in_address(row["zcdz"]) is not None for row in companies) > 0.95 * len(
        companies
    )
