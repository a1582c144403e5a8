"""Searches as people type them: words and numbers together, rare characters, names in the other script, places."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from registry.accounts.policy import ANONYMOUS, REGISTRAR
from registry.services.bootstrap import Registry, open_registry
from registry.services.exchange import importer
from registry.services.finding import find_records, parse_request, search_scope
from registry.services.finding.query_understanding.filter_inference import infer_filters
from registry.services.operations import relay
from tests.databases import Template

SHEETS = {
    "organisations": """\
uscc,name_zh,name_en,region_code,status
91320500MAXD007701,苏州明月家具有限公司（演示）,,320500,active
91330100MAWY010175,杭州青屿家具有限公司（演示）,,330100,active
""",
    "standards": """\
number,title_zh,status
T/DEMO 0001-2024,家具通用要求（演示）,in_force
""",
    "green-products": """\
cert_no,scheme,level,body_approval_no,applicant_name_zh,product_name_zh,product_name_en,models,region_code,issued_on,valid_to,status
C-1,绿色产品,,CNCA-R-2099-101,甲,床垫,Mattress,NAFU-988,330100,2025-01-01,2099-01-01,valid
C-2,绿色产品,,CNCA-R-2099-101,乙,床垫,Mattress,NAFU-977,330100,2025-01-01,2099-01-01,valid
C-3,节能,,CNCA-R-2099-101,Midea,空调,Air conditioner,MDRT663FGF,440600,2025-01-01,2099-01-01,valid
C-4,节能,,CNCA-R-2099-101,Haier,电冰箱 Haier HRT1,Refrigerator,HRT1,370200,2025-01-01,2099-01-01,valid
C-5,节能,,CNCA-R-2099-101,Samsung,电冰箱 Samsung RF2,Refrigerator,RF2,,2025-01-01,2099-01-01,valid
C-6,节能,,CNCA-R-2099-101,Panasonic,电冰箱 Panasonic NR3,Refrigerator,NR3,,2025-01-01,2099-01-01,valid
C-7,绿色建材,★★★,CNCA-R-2099-101,丙,地板,Flooring,,330100,2025-01-01,2099-01-01,valid
C-8,绿色建材,★★,CNCA-R-2099-101,丙,地板,Flooring,,330100,2025-01-01,2099-01-01,valid
C-9,绿色产品,,CNCA-R-2099-101,𠮷田,书桌,Desk,,330100,2025-01-01,2099-01-01,suspended
C-10,绿色产品,,CNCA-R-2099-101,𬭎发,书架,Bookshelf,,330100,2025-01-01,2099-01-01,revoked
C-11,绿色产品,,CNCA-R-2099-101,长马,书柜,Cabinet Ørsted,,330100,2015-01-01,2020-01-01,expired
""",
}  # fmt: skip


@pytest.fixture(scope="module")
def store(template: Template, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Registry]:
    folder = tmp_path_factory.mktemp("typed")
    with template.copy(folder / "data") as settings:
        registry = open_registry(settings)
        for slug, sheet in SHEETS.items():
            (folder / f"{slug}.csv").write_text(sheet, "utf-8")
            assert importer.import_files(registry, REGISTRAR, slug, [folder / f"{slug}.csv"]).refused == 0
        relay.run_relay_once(registry)
        yield registry
        registry.search.close()


def search(store: Registry, typed: str, register: str = "", lang: str = "zh") -> Any:
    request = parse_request(search_scope(register), [("q", typed), ("ended", "1")])
    return find_records(store, ANONYMOUS, request, lang)  # type: ignore[arg-type]


def found(store: Registry, typed: str, register: str = "") -> list[str]:
    """Titles of what is found by all the words."""
    results = search(store, typed, register)
    return [] if results.relaxed else [row.title.zh for row in results.rows]


@pytest.mark.parametrize(
    ("together", "apart", "titles"),
    [
        ("床垫NAFU-988", "床垫 NAFU-988", ["床垫"]),
        ("NAFU-988床垫", "NAFU-988 床垫", ["床垫"]),
        ("nafu-988床垫", "床垫 nafu-988", ["床垫"]),
        ("美的MDRT663FGF", "美的 MDRT663FGF", ["空调"]),
        ("T/DEMO 0001-2024家具", "T/DEMO 0001-2024 家具", ["家具通用要求（演示）"]),
        ("家具T/DEMO 0001-2024", "家具 T/DEMO 0001-2024", ["家具通用要求（演示）"]),
    ],
)
def test_letters_and_characters_side_by_side_are_found_as_with_a_blank_between(
    store: Registry, together: str, apart: str, titles: list[str]
) -> None:
    assert found(store, together) == found(store, apart) == titles


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("𠮷田", "书桌"),
        ("吉田", "书桌"),
        ("𬭎发", "书架"),
        ("长马", "书柜"),
        ("⻓⻢", "书柜"),
        ("長馬", "书柜"),
        ("Orsted", "书柜"),
        ("ørsted", "书柜"),
    ],
)
def test_rare_characters_radicals_and_foreign_letters(store: Registry, typed: str, title: str) -> None:
    assert found(store, typed) == [title]


@pytest.mark.parametrize(
    ("typed", "title"),
    [
        ("海尔", "电冰箱 Haier HRT1"),
        ("海尔冰箱", "电冰箱 Haier HRT1"),
        ("三星", "电冰箱 Samsung RF2"),
        ("松下", "电冰箱 Panasonic NR3"),
    ],
)
def test_makers_are_found_in_the_other_script(store: Registry, typed: str, title: str) -> None:
    assert title in found(store, typed)


@pytest.mark.parametrize(
    ("typed", "filters"),
    [
        ("已撤销证书", {"status": ("revoked",), "register": ("green-products",)}),
        ("已过期证书", {"status": ("expired",), "register": ("green-products",)}),
        ("已暂停", {"status": ("suspended",)}),
        ("超过百年的老字号", {"age": ("century",), "register": ("brands",)}),
        ("逾百年老字号", {"age": ("century",), "register": ("brands",)}),
        ("一百年以上", {"age": ("century",), "register": ("brands",)}),
        (
            "三星绿色建材",
            {
                "level": ("three_star",),
                "scheme": ("green_building_material",),
                "register": ("green-products",),
            },
        ),
        (
            "二星绿色建材",
            {"level": ("two_star",), "scheme": ("green_building_material",), "register": ("green-products",)},
        ),
    ],
)
def test_words_of_statuses_ages_and_levels_are_filters(
    typed: str, filters: dict[str, tuple[str, ...]]
) -> None:
    inference = infer_filters(typed, "")
    assert (inference.rest, inference.merged_with({})) == ("", filters)


def test_filters_that_words_mean_find_their_records(store: Registry) -> None:
    assert found(store, "已撤销证书") == ["书架"]
    assert found(store, "已暂停") == ["书桌"]
    assert found(store, "三星绿色建材") == ["地板"]
    assert found(store, "已过期证书") == ["书柜"]


@pytest.mark.parametrize("typed", ["宿州", "宿州市", "宿州家具", "宿州 家具", "宿迁"])
def test_a_place_without_records_is_not_taken_for_another(store: Registry, typed: str) -> None:
    rows = search(store, typed).rows
    assert not [row.title.zh for row in rows if "苏州" in row.title.zh]


def test_a_misspelt_name_that_is_no_place_is_still_found(store: Registry) -> None:
    results = search(store, "名月家具")
    assert "苏州明月家具有限公司（演示）" in [row.title.zh for row in results.rows]


@pytest.mark.parametrize(
    ("typed", "without"),
    [
        ("suppliers with valid green certificates in Zhejiang", "valid green certificates in Zhejiang"),
        ("furniture manufacturers Hangzhou", "furniture Hangzhou"),
        ("companies making mattresses", "making mattresses"),
    ],
)
def test_words_for_those_who_sell_or_make_narrow_nothing(store: Registry, typed: str, without: str) -> None:
    results, plain = search(store, typed, lang="en"), search(store, without, lang="en")
    assert [row.number for row in results.rows] == [row.number for row in plain.rows]
    assert (results.relaxed, results.total) == (plain.relaxed, plain.total)


@pytest.mark.parametrize(
    ("typed", "without"),
    [
        ("which company sells mattresses", "sells mattresses"),
        ("companies for bookshelves", "bookshelves"),
        ("卖床垫的企业", "床垫"),
    ],
)
def test_a_company_that_is_in_no_register_of_companies_is_found_by_what_it_sells(
    store: Registry, typed: str, without: str
) -> None:
    results, plain = search(store, typed), search(store, without)
    assert plain.rows
    assert [row.number for row in results.rows] == [row.number for row in plain.rows]
    assert not results.inferred_filters


def test_a_company_of_the_register_of_companies_comes_alone(store: Registry) -> None:
    results = search(store, "furniture companies", lang="en")
    assert {row.register.slug for row in results.rows} == {"organisations"}
    assert results.inferred_filters
