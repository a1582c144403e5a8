"""Names with the source of their English, texts in their own language, figures with their units."""

from __future__ import annotations

import pytest

from portal.web.assets import Assets
from portal.web.template_filters import TemplateFilters
from portal.web.templating import Templates
from registry import clock
from registry.i18n import Lang
from registry.kit.display import Words
from registry.registers.brands import REGISTER as BRANDS
from registry.registers.declarations import REGISTER as DECLARATIONS
from registry.registers.green_products import REGISTER as GREEN
from registry.registers.standards import REGISTER as STANDARDS
from registry.services.records import presentation, titles
from registry.services.records.translations import NOTHING_LINKED

ROMANISED = Words("雪花", "Xuehua", "romanised")
OWN = Words("实木餐桌", "Solid wood dining table", "enterprise")


@pytest.mark.parametrize(
    ("lang", "words", "pinyin", "shown"),
    [
        ("en", ROMANISED, "Xuěhuā", ["雪花", "Xuěhuā", "English romanised"]),
        ("zh", ROMANISED, "Xuěhuā", ["Xuěhuā", "平台音译"]),
        ("en", OWN, "", ["实木餐桌", "English supplied by the holder"]),
        ("zh", OWN, "", ["Solid wood dining table", "英文由单位提供"]),
        ("en", Words("Frigidaire", "Frigidaire", "platform"), "", ["English translated by the register"]),
        ("en", Words("甲", "", "missing"), "", ["not translated"]),
    ],
)
def test_the_other_name_says_where_the_english_comes_from(
    lang: Lang, words: Words, pinyin: str, shown: list[str]
) -> None:
    written = TemplateFilters(lang).other_name(words, pinyin)
    assert written.striptags().split() == " ".join(shown).split()
    assert ('lang="zh-Latn"' in written) == bool(pinyin)


@pytest.mark.parametrize(
    ("lang", "text", "shown"),
    [
        ("en", "核查后降一级", '<span lang="zh-Hans">核查后降一级</span>'),
        ("zh", "brand only, of the notice", '<span lang="en">brand only, of the notice</span>'),
        ("zh", "GRQC2255AF*", "GRQC2255AF*"),
        ("zh", "U.S. EPA", "U.S. EPA"),
        ("en", "of the <notice>", "of the &lt;notice&gt;"),
    ],
)
def test_texts_of_sources_say_their_language(lang: Lang, text: str, shown: str) -> None:
    assert TemplateFilters(lang).verbatim(text) == shown


def table(register: object, values: dict[str, object], lang: str) -> tuple[list[str], list[list[str]]]:
    """Heads and cells of the one table of a document."""
    found = [
        table
        for section in presentation.section_views(
            register, values, lang, on=presentation.StatusOnDay("", clock.today()), linked=NOTHING_LINKED
        )  # type: ignore[arg-type]
        for table in section.tables
    ]
    assert len(found) == 1
    cells = [[" ".join(piece.text for piece in cell.pieces) for cell in row] for row in found[0].rows]
    return list(found[0].columns), cells


def test_a_limit_stands_with_its_sign_and_unit() -> None:
    rows = [
        {"name_zh": "甲醛释放量", "operator": "<=", "limit": 0.05, "value": 0.015, "unit": "mg/m³"},
        {"name_zh": "绒子含量", "value": 96.3, "unit": "%"},
        {"name_zh": "比值", "value": 2, "unit": "1"},
        {"name_zh": "含水率", "operator": "in", "limit": 8, "limit_to": 12, "value": 9.5, "unit": "%"},
    ]
    heads, cells = table(GREEN, {"indicators": rows}, "en")
    assert heads == ["Indicator", "Limit", "Value", "Against the limit"]
    assert cells == [
        ["Formaldehyde emission", "≤ 0.05 mg/m³", "0.015 mg/m³", ""],
        ["Down cluster content", "", "96.3%", ""],
        ["比值", "", "2", ""],
        ["Moisture content", "8–12%", "9.5%", ""],
    ]


def test_a_promise_stands_with_its_sign_and_unit() -> None:
    rows = [{"name_zh": "外观", "operator": ">=", "value": 1200, "unit": "转"}]
    heads, cells = table(DECLARATIONS, {"indicators": rows}, "zh")
    assert heads == ["Indicator", "Value"]
    assert cells == [["外观", "≥ 1,200 转"]]


def test_codes_that_stand_alone_begin_with_a_capital() -> None:
    kept = GREEN.schema.register_fields()["scheme"]
    assert presentation.value_text("scheme", kept, "low_carbon", "en") == "Low carbon"
    assert presentation.value_text("scheme", kept, "a word of the source", "en") == "a word of the source"


def test_lists_keep_a_code_with_its_words() -> None:
    kept = STANDARDS.schema.register_fields()["ics"]
    assert presentation.value_text("ics", kept, ["97.140", "13.020.50"], "en").startswith(
        "97.140 Furniture, "
    )


def test_two_days_of_a_row_in_one_line_are_told_apart() -> None:
    kept = GREEN.schema.register_fields()["surveillance"]
    rows = [{"due_on": "2026-05-12", "done_on": "2026-05-13", "result": "pass"}]
    text = presentation.value_text("surveillance", kept, rows, "en")
    assert text == "Due 12 May 2026 Done 13 May 2026 Passed"
    assert "：2026年5月12日" in presentation.value_text("surveillance", kept, rows, "zh")
    ended = GREEN.schema.register_fields()["models_ended"]
    one = presentation.value_text("models_ended", ended, [{"model": "QY-1", "ended_on": "2026-05-12"}], "en")
    assert one == "QY-1 12 May 2026"


def test_years_have_no_separator() -> None:
    kept = BRANDS.schema.register_fields()
    assert presentation.value_text("business_since", kept["business_since"], 1905, "en") == "1905"
    assert (
        presentation.value_text("annual_reports", kept["annual_reports"], [2023, 2024], "zh") == "2023、2024"
    )


def test_a_brand_that_goes_by_its_holder_is_named_as_an_enterprise() -> None:
    assert titles.romanise_name("南通季德胜科技有限公司", "name") == "Nantong Jidesheng Technology Co., Ltd."
    assert titles.romanise_name("便宜坊", "name") == "Bianyifang"


def test_no_space_follows_full_width_punctuation() -> None:
    templates = Templates(Assets(), None)
    source = '{{ _("Not every source has been loaded yet.") }} <a>{{ _("Search") }} {{ _("About") }}</a>'
    made = {lang: templates.environment(lang).from_string(source).render() for lang in ("zh", "en")}
    assert made["zh"] == "并非所有来源都已载入。<a>检索 关于</a>"
    assert made["en"] == "Not every source has been loaded yet. <a>Search About</a>"


def test_a_text_that_is_the_same_in_both_languages_is_marked_where_it_is_chinese() -> None:
    in_english, in_chinese = TemplateFilters("en"), TemplateFilters("zh")
    both = Words("50S纯棉", "50S纯棉")
    assert in_english.name(both) == '<span lang="zh-Hans">50S纯棉</span>'
    assert in_chinese.name(both) == "50S纯棉"
    assert in_english.name(Words("QY-1", "QY-1")) == "QY-1"
