"""Industries, ICS, countries and sectors: known codes, both languages, no holes."""

from __future__ import annotations

import re

import pytest

from registry.reference.code_lists import countries, ics, industries, sectors


@pytest.mark.parametrize("written", ["C1462", "1462", "c1462", " 1462 "])
def test_an_industry_is_known_with_or_without_its_letter(written: str) -> None:
    industry = industries.industry(written)
    assert industry is not None
    assert (industry.code, industry.zh, industry.parent) == ("C1462", "酱油、食醋及类似制品制造", "C146")
    assert (industry.en, industry.en_level) == ("Manufacture of foods", "division")


@pytest.mark.parametrize(
    "code, zh, en",
    [
        ("C", "制造业", "Manufacturing"),
        ("C14", "食品制造业", "Manufacture of foods"),
        ("14", "食品制造业", "Manufacture of foods"),
        ("21", "家具制造业", "Manufacture of furniture"),
    ],
)
def test_sections_and_divisions_have_their_own_english(code: str, zh: str, en: str) -> None:
    industry = industries.industry(code)
    assert industry is not None
    assert (industry.zh, industry.en) == (zh, en)


@pytest.mark.parametrize(
    "code, zh", [("C1512", "白酒制造"), ("C2110", "木质家具制造"), ("H6210", "正餐服务")]
)
def test_classes_named_in_the_standard(code: str, zh: str) -> None:
    assert industries.label(code, "zh") == zh


@pytest.mark.parametrize("code", ["", "A14", "U", "1", "99", "C14621", "C 14", "１４６２x"])
def test_unknown_industries_are_none(code: str) -> None:
    assert industries.industry(code) is None


@pytest.mark.parametrize(
    ("written", "code"),
    [
        ("正餐服务", "H6210"),  # the group H621 has the same name and this class only
        (" 木质 家具制造 ", "C2110"),
        ("农业", "A01"),
        ("c2110", "C2110"),
        ("制造业", None),  # a section says too little
        ("酒店", None),
        ("", None),
    ],
)
def test_an_industry_is_found_by_its_name(written: str, code: str | None) -> None:
    assert industries.find_code(written) == code


def test_names_that_are_no_industry_lead_to_similar_ones() -> None:
    assert [each.zh for each in industries.find_similar("酒店")] == ["经济型连锁酒店"]
    tea = industries.find_similar("茶")
    assert len(tea) == industries.AT_MOST_SIMILAR
    assert all("茶" in each.zh for each in tea)
    assert "正餐服务" in {each.zh for each in industries.find_similar("正餐服务业")}
    assert industries.find_similar("xyz") == industries.find_similar("") == ()


def test_the_standard_has_20_sections_97_divisions_473_groups() -> None:
    lengths = [len(code) for code in industries.all_industries()]
    assert [lengths.count(n) for n in (1, 3, 4, 5)] == [20, 97, 473, 1381]
    assert all(industry.en and industry.zh for industry in industries.all_industries().values())
    assert {industry.edition for industry in industries.all_industries().values()} == {"GB/T 4754-2017"}


def test_industry_ancestors() -> None:
    assert industries.ancestors("1462") == ("C", "C14", "C146", "C1462")
    assert industries.ancestors("x") == ()


def test_ics_fields_and_groups_are_in_both_languages() -> None:
    fields = [each for each in ics.all_ics().values() if not each.parent]
    assert len(fields) == 40
    assert all(field.zh and field.en for field in fields)
    furniture = ics.ics("97.140")
    assert furniture is not None
    assert (furniture.en, furniture.zh, furniture.parent) == ("Furniture", "家具", "97")
    assert ics.label("97.140", "zh") == "家具"
    assert ics.label("67", "zh") == "食品技术"


@pytest.mark.parametrize("code", ["97.140", "97.160", "13.020.10", "03.120.01"])
def test_ics_codes_of_real_standards_are_known(code: str) -> None:
    assert ics.ics(code) is not None
    assert ics.ancestors(code)[0] == code[:2]


def test_ics_codes_have_their_shape_and_parents() -> None:
    for code, each in ics.all_ics().items():
        assert re.fullmatch(r"\d{2}(\.\d{3}(\.\d{2})?)?", code)
        assert not each.parent or each.parent in ics.all_ics()
    assert ics.ics("98") is None


@pytest.mark.parametrize(
    "code, zh, en",
    [
        ("CN", "中国", "China"),
        ("de", "德国", "Germany"),
        ("HK", "中国香港", "Hong Kong, China"),
        ("MO", "中国澳门", "Macao, China"),
        ("TW", "中国台湾", "Taiwan, China"),
    ],
)
def test_countries(code: str, zh: str, en: str) -> None:
    assert (countries.label(code, "zh"), countries.label(code, "en")) == (zh, en)


def test_only_codes_assigned_by_iso_3166_1_are_countries() -> None:
    assert len(countries.all_countries()) == 249
    assert all(countries.country(code) is None for code in ("EU", "XK", "ZZ", "UN", "", "CHN"))


NAMED = "AQ BB CJ DL FZ GA GM GY HB HG HJ JB JC JG JR JT LB LS LY MZ NY QB QC RB SB SC SJ SL SN SY TB WB WH WM WS YB YC YD YS YY YZ"


def test_the_sectors_in_use_are_named_in_both_languages() -> None:
    for code in NAMED.split():
        sector = sectors.sector(code)
        assert sector is not None, code
        assert sector.zh
        assert sector.en
    assert sectors.label("QB/T", "en") == "Light industry"
    assert sectors.label("hb", "zh") == "航空"
    assert all(sectors.sector(code) is None for code in ("GB", "GB/T", "DB11", "ISO", ""))
