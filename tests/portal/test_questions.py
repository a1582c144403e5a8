"""The questions of a filing: looking up a standard, titles taken from it, suggested English."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest
from flask import Flask

from registry import clock
from registry.services.bootstrap import Registry
from tests.portal.people import Person
from tests.portal.workspaces import BASE, app, cells, fill_in_draft, opened, owner, publish_draft
from tests.services.filers import ENDED_STANDARD, INDICATORS, OWN_STANDARD

__all__ = ["app", "opened"]
pytestmark = pytest.mark.once  # the services behind these pages are tested on both databases
TAKEN = 'value="take-std_no-'


def begun(mei: Person) -> str:
    return str(mei.send(f"{BASE}/declarations/begin").location)


def pressed(mei: Person, page: str, revision: int, go: str, **typed: str) -> str:
    sent = mei.send(page, revision=str(revision), go=go, **typed)
    assert sent.status_code == 200, go
    return str(sent.get_data(as_text=True))


def value_of(page: str, name: str) -> str:
    found = re.search(rf'id="{name}" name="{name}" value="([^"]*)"', page)
    assert found is not None, name
    return found[1]


def test_a_standard_is_found_by_words_and_taken_with_its_title(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    page = f"{begun(mei)}/standard"
    found = pressed(mei, page, 1, "find-std_no", std_no="绿色产品 家具")
    assert f'{TAKEN}GB/T 35607-2024"' in found
    assert ENDED_STANDARD not in found
    assert f'{TAKEN}GB/T 35607-2024"' in pressed(mei, page, 2, "find-std_no", std_no="35607")
    taken = pressed(mei, page, 3, "take-std_no-GB/T 35607-2024", std_no="35607", std_name_zh="")
    assert value_of(taken, "std_no") == "GB/T 35607-2024"
    assert "绿色产品评价 家具" in taken
    assert 'name="std_name_zh"' not in taken
    assert TAKEN not in taken


def test_finding_nothing_says_why(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    page = f"{begun(mei)}/standard"
    assert "Type a number, a part of it" in pressed(mei, page, 1, "find-std_no", std_no=" ")
    assert "own standard is typed in full" in pressed(mei, page, 2, "find-std_no", std_no="qqqxyz")
    ended = pressed(mei, page, 3, "find-std_no", std_no=ENDED_STANDARD)
    assert "Superseded" in ended
    assert f"{TAKEN}{ENDED_STANDARD}" not in ended
    assert "std_no-found" not in pressed(mei, page, 4, "find-signer_post", std_no="GB").replace(
        "?#std_no-found", ""
    )


def test_a_typed_title_is_restored_when_the_standard_is_an_own_one_again(
    app: Flask, opened: Registry
) -> None:
    mei = owner(app, opened)
    page = f"{begun(mei)}/standard"
    mei.send(page, revision="1", go="next", std_no="Q/HZQY 0003-2026", std_name_zh="实木餐桌技术要求")
    mei.send(page, revision="2", go="next", std_no="GB/T 35607-2024")
    assert "实木餐桌技术要求" not in mei.text(page)
    mei.send(page, revision="3", go="next", std_no="Q/HZQY 0003-2026")
    assert value_of(mei.text(page), "std_name_zh") == "实木餐桌技术要求"


def test_well_formed_methods_are_taken_though_the_register_lacks_them(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei, effective_from=clock.today().isoformat())
    assert "Please check the following" not in mei.text(f"{draft}/check")  # GB/T 17657-2022, not on record


def test_suggested_english_is_no_answer_until_it_is_accepted(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = begun(mei)
    page = f"{draft}/product"
    suggested = pressed(
        mei, page, 1, "suggest-product_name_en", product_name_zh="实木餐桌", product_name_en=""
    )
    assert "from the glossary" in suggested
    assert value_of(suggested, "product_name_en") == ""
    assert "Solid-wood dining table" not in mei.text(f"{draft}/check")
    taken = pressed(mei, page, 2, "english-product_name_en", product_name_zh="实木餐桌", product_name_en="")
    assert value_of(taken, "product_name_en") == "Solid-wood dining table"
    assert "Solid-wood dining table" in mei.text(f"{draft}/check")


def test_pinyin_is_never_suggested_for_common_nouns(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    page = f"{begun(mei)}/product"
    asked = pressed(mei, page, 1, "suggest-product_name_en", product_name_zh="雕花八仙台", product_name_en="")
    assert "The glossary has no English for this." in asked
    assert "Diao" not in asked
    assert "english-product_name_en" not in asked


def test_english_of_a_table_comes_from_the_glossary_and_from_what_was_filed_before(
    app: Flask, opened: Registry
) -> None:
    mei = owner(app, opened)
    publish_draft(mei, fill_in_draft(mei))
    rows = [
        {**INDICATORS[0], "name_en": ""},
        {"name_zh": "静曲强度"},
        {"name_zh": "噪声", "name_en": "Noise level"},
    ]
    page = f"{begun(mei)}/indicators"
    suggested = pressed(mei, page, 1, "suggest-indicators", **cells(rows))
    assert "from your earlier declarations" in suggested
    assert "from the glossary" in suggested
    taken = pressed(mei, page, 2, "english-indicators", **cells(rows))
    names = [value_of(taken, f"indicators-{place}-name_en") for place in range(3)]
    assert names == ["Formaldehyde emission", "Modulus of rupture", "Noise level"]


def record_json(mei: Person, number: str) -> dict[str, Any]:
    """The record as the API gives it."""
    record: dict[str, Any] = json.loads(mei.text(f"/api/v1/registers/declarations/records/{number}"))
    return record


def test_a_name_without_english_is_published_in_chinese_only(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    number = publish_draft(mei, fill_in_draft(mei, product_name_zh="雕花八仙台", product_name_en=""))
    assert record_json(mei, number)["title"] == {"zh": "雕花八仙台", "en": None, "en_source": None}
    public = mei.text(f"declarations/{number}")
    assert (
        '<h1><span lang="zh-Hans">雕花八仙台</span> <span class="pz-rec__apart">QY-10, QY-20</span></h1>'
        in public
    )
    assert "not translated" in public
    assert "Diao" not in public


def test_accepted_suggestions_keep_their_source_row_by_row(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei, product_name_en="")
    revision = int(re.findall(r'name="revision" value="(\d+)"', mei.text(f"{draft}/product"))[0])
    product = {
        name: OWN_STANDARD[name] for name in ("product_name_zh", "models", "category", "production_mode")
    }
    pressed(mei, f"{draft}/product", revision, "english-product_name_en", product_name_en="", **product)
    rows = [
        {**INDICATORS[0], "name_en": "Formaldehyde"},
        {**INDICATORS[0], "name_zh": "稳定性", "name_en": ""},
    ]
    pressed(mei, f"{draft}/indicators", revision + 1, "english-indicators", **cells(rows))
    number = publish_draft(mei, draft)
    record = record_json(mei, number)
    assert record["title"]["en_source"] == "platform"
    sources = record["document"]["en_sources"]
    assert sources["product_name_en"] == sources["indicators[2].name_en"] == "platform"
    assert "indicators[1].name_en" not in sources
    assert record["en_sources"]["indicators[1].name_en"] == "enterprise"
    shown = mei.text(f"declarations/{number}")
    assert re.search(r"Stability</span> <span[^>]*>translated by the register", shown)


LOWER = {"name_zh": "甲醛释放量", "standard": "GB/T 35607-2024", "other_value": "≤ 0.03 mg/m³"}


def test_indicator_comparisons_are_shown_and_worse_values_are_bold(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei)
    rows = {f"benchmarks-0-{name}": cell for name, cell in LOWER.items()}
    revision = int(re.findall(r'name="revision" value="(\d+)"', mei.text(f"{draft}/comparison"))[0])
    said = "declared ≤ 0.04 mg/m³, compared ≤ 0.03 mg/m³: 33.3 % weaker"
    looked = mei.send(f"{draft}/comparison", revision=str(revision), go="look", **rows)
    assert looked.status_code == 400
    assert said in looked.get_data(as_text=True)
    assert "this must be stated plainly" in looked.get_data(as_text=True)
    assert said in mei.text(f"{draft}/check")
    plain = {
        "below_voluntary": "true",
        "compared_std": "GB/T 35607-2024",
        "below_statement": "甲醛释放量较低。",
    }
    mei.send(f"{draft}/comparison", revision=str(revision + 1), go="next", **rows, **plain)
    public = mei.text(f"declarations/{publish_draft(mei, draft)}")
    assert said in public
    assert re.search(r'class="pz-strong"[^>]*>甲醛释放量较低。<', public)


def test_test_methods_are_looked_up_and_never_block_a_filing(app: Flask, opened: Registry) -> None:
    mei = owner(app, opened)
    draft = fill_in_draft(mei)
    revision = re.findall(r'name="revision" value="(\d+)"', mei.text(f"{draft}/indicators"))[0]
    rows = [
        {**INDICATORS[0], "method": ENDED_STANDARD},
        {**INDICATORS[1], "method": "gb/t35607-2024"},
        {**INDICATORS[1], "name_zh": "密度", "method": "自有方法 Q/HZQY 0009"},
    ]
    looked = pressed(mei, f"{draft}/indicators", int(revision), "look", **cells(rows))
    assert f"the method {ENDED_STANDARD} is not in force any more" in looked
    assert "looks like the number" not in looked
    rows = [{**INDICATORS[0], "method": "GB/T 17657-20222"}, *INDICATORS[1:]]
    mei.send(f"{draft}/indicators", revision=str(int(revision) + 1), go="next", **cells(rows))
    page = mei.text(f"{draft}/check")
    assert "“GB/T 17657-20222” looks like the number of a standard" in page
    assert f'/{draft.split("/", 2)[2]}/indicators?checked=1&amp;back=check#indicators-0-method"' in page
    assert publish_draft(mei, draft)
