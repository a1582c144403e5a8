"""What is shown as an example is possible: products fit their category, standard and scheme, bodies their scope, days their order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from registry.demonstration.load import demonstration_rows
from registry.demonstration.staging import reference_stages
from registry.reference.code_lists.product_categories import all_categories
from registry.registers import catalogue, demonstration_of
from registry.registers.green_products import codes as green

Row = Mapping[str, Any]
REGISTERS = {slug: demonstration_rows(definition) for slug, definition in catalogue().items()}
CERTIFICATES, GRADES = REGISTERS["green-products"], REGISTERS["grades"]
DECLARATIONS, BRANDS = REGISTERS["declarations"], REGISTERS["brands"]
ORGANISATIONS = {str(row.get("uscc")): row for row in REGISTERS["organisations"]}
BODIES = {row["approval_no"]: row for row in REGISTERS["bodies"]}
LAST_STAGE = "2026-09-09"
ENDED_ON = {
    code: str(row["deregistered_on"])
    for code, row in ORGANISATIONS.items()
    if row["status"] == "deregistered"
}

# What a name says of its goods: the beginning of the category they belong to.
CATEGORY_WORDS = {
    "餐桌": "0701", "书柜": "0701", "沙发": "0702", "床垫": "0703", "乳胶漆": "0901", "木器漆": "0903", "坐便器": "1202",
    "洗面盆": "1203", "水嘴": "1204", "强化木地板": "0602", "复合地板": "0603", "胶合板": "0601", "儿童羽绒服": "0407",
    "羽绒服": "0406", "电冰箱": "1301", "洗衣机": "1302", "机器人": "1307", "复印纸": "0801", "面巾纸": "0802", "绿茶": "0211",
    "红茶": "0211", "养老": "8",
}  # fmt: skip
# What titles of standards and names of schemes are about.
SUBJECTS = {
    "木家具": ("0701",), "家具": ("07",), "床垫": ("0703",), "沙发": ("0702",), "水性涂料": ("09",), "涂料": ("09",),
    "坐便器": ("1202",), "卫生陶瓷": ("1202", "1203"), "洗面盆": ("1203",), "水嘴": ("1204",), "水效": ("12", "1302"),
    "人造板": ("06",), "木质地板": ("06",), "羽绒": ("0406", "0407"), "纺织": ("04", "03"), "制冷器具": ("1301",),
    "洗衣机": ("1302",), "扫地机器人": ("1307",), "家用电器": ("13",), "家电": ("13",), "纸": ("08",), "绿茶": ("0211",),
    "红茶": ("0211",), "茶叶": ("0211",), "养老": ("8",),
}  # fmt: skip
INDICATOR_CATEGORIES = {
    "甲醛释放量": ("06", "07"), "含水率": ("06", "0701"), "挥发性有机化合物含量": ("09",), "平均用水量": ("1202",),
    "吸水率": ("1203",), "流量": ("1204",), "绒子含量": ("0406", "0407"), "噪声": ("13",), "D65亮度": ("08",), "水分": ("02",),
    "呼叫响应时间": ("8",), "服务满意率": ("8",), "耐久性": ("07", "06", "12", "13"), "重金属（铅）": ("04", "06", "07", "08", "09", "12"),
    "检出禁用物质种数": ("0", "1"), "外观": ("0", "1"),
}  # fmt: skip
LOOKS_CATEGORIES = {
    "釉": ("1202", "1203"), "裂纹": ("06", "07", "12"), "面料": ("07",), "镀层": ("1204",), "硬块": ("09",), "钻绒": ("04",),
    "外壳": ("13",), "孔洞": ("08",), "异物": ("02",),
}  # fmt: skip
SCHEME_CATEGORIES = {
    "water_saving": ("12", "1302"), "energy_saving": ("13",), "rohs": ("13",), "organic": ("02",), "recycled": ("08",),
    "green_building_material": ("06", "09", "12"),
}  # fmt: skip
# Standards by their number, where no title stands in the record.
TITLES = {row["number"]: row.get("title_zh", "") for row in REGISTERS["standards"]}
GREEN_SUBJECTS = {
    "GB/T 35601": ("06",), "GB/T 35602": ("09",), "GB/T 35603": ("1202", "1203"), "GB/T 35607": ("07",), "GB/T 35611": ("04",),
    "GB/T 35613": ("08",),
}  # fmt: skip
ORDER = {
    "green-products": (
        ("report_date", "issued_on"), ("issued_on", "reissued_on"), ("reissued_on", "valid_to"), ("issued_on", "valid_to"),
        ("issued_on", "decided_on"), ("decided_on", "suspended_until"),
    ),
    "grades": (("graded_on", "mark_download"), ("graded_on", "valid_to"), ("graded_on", "objections_until"), ("graded_on", "decided_on")),
    "declarations": (
        ("issued_on", "in_force_on"), ("issued_on", "declared_on"), ("declared_on", "effective_from"), ("declared_on", "decided_on"),
        ("declared_on", "withdrawn_on"), ("declared_on", "correct_until"),
    ),
    "brands": (
        ("founded_year", "business_since"), ("founded_year", "holder_from"), ("holder_from", "holder_to"), ("notice_date", "recognised_on"),
        ("notice_date", "objections_until"), ("recognised_on", "decided_on"), ("decided_on", "rectify_until"), ("holder_to", "decided_on"),
    ),
    "standards": (("issued_on", "in_force_on"), ("in_force_on", "withdrawn_on")),
    "organisations": (),
    "bodies": (("valid_from", "valid_to"),),
}  # fmt: skip
MADE_ON = {"green-products": "issued_on", "grades": "graded_on", "declarations": "declared_on"}
HOLDERS = {
    "green-products": "applicant_uscc",
    "grades": "org_uscc",
    "declarations": "org_uscc",
    "brands": "holder_uscc",
}
OPEN_DECLARATIONS = (
    "active",
    "scheduled",
    "standard_ended",
    "under_check",
    "correction_ordered",
    "publicised",
)


def rows_of(row: Row, name: str) -> list[Row]:
    value = row.get(name) or ()
    return [each for each in value if isinstance(each, Mapping)]


def category_of(row: Row) -> str:
    """The category that the name of the product says, "" for other goods."""
    name = str(row.get("product_name_zh") or "")
    return next((code for word, code in CATEGORY_WORDS.items() if word in name), "")


def fits(category: str, beginnings: tuple[str, ...]) -> bool:
    return category.startswith(beginnings)


def subjects_of(text: str) -> tuple[str, ...]:
    """What the first subject that a title names is about; nothing for a general one."""
    found = [word for word in SUBJECTS if word in text]
    return SUBJECTS[max(found, key=len)] if found else ()


def with_known_goods(rows: list[Any]) -> Iterator[tuple[str, Row]]:
    for row in rows:
        if category := category_of(row):
            yield category, row


def test_the_tables_of_this_law_name_categories_that_exist() -> None:
    known = all_categories()
    assert {code for code in CATEGORY_WORDS.values() if len(code) > 2} <= set(known)


def test_declared_products_stand_in_their_category() -> None:
    codes = {each.zh: code for code, each in all_categories().items()}
    wrong = [
        (row["product_name_zh"], row["category"])
        for category, row in with_known_goods(DECLARATIONS)
        if not codes.get(row["category"], str(row["category"])).startswith(category)
    ]
    assert wrong == []


def test_standards_and_schemes_are_about_the_product() -> None:
    wrong = []
    for category, row in with_known_goods([*DECLARATIONS, *GRADES]):
        edition = str(row.get("standard_edition") or row.get("std_no") or "")
        for title in (row.get("std_name_zh"), TITLES.get(edition), row.get("scheme")):
            subjects = subjects_of(str(title or ""))
            if subjects and not fits(category, subjects):
                wrong.append((row["product_name_zh"], edition, title))
    for category, row in with_known_goods(CERTIFICATES):
        subjects = GREEN_SUBJECTS.get(str(row.get("standard_edition") or "").rpartition("-")[0], ())
        if subjects and not fits(category, subjects):
            wrong.append((row["product_name_zh"], row["standard_edition"], ""))
    assert wrong == []


def test_indicators_and_looks_are_those_of_the_product() -> None:
    wrong = []
    for category, row in with_known_goods([*CERTIFICATES, *GRADES, *DECLARATIONS]):
        for indicator in (
            *rows_of(row, "indicators"),
            *rows_of(row, "level_thresholds"),
            *rows_of(row, "benchmarks"),
        ):
            name = str(indicator["name_zh"])
            if not fits(category, INDICATOR_CATEGORIES.get(name, ("",))):
                wrong.append((row["product_name_zh"], name))
            for word, categories in LOOKS_CATEGORIES.items():
                if word in str(indicator.get("text") or "") and not fits(category, categories):
                    wrong.append((row["product_name_zh"], indicator["text"]))
    assert wrong == []


def test_schemes_of_green_certification_are_for_the_product() -> None:
    wrong = [
        (row["product_name_zh"], row["scheme"])
        for category, row in with_known_goods(CERTIFICATES)
        if not fits(category, SCHEME_CATEGORIES.get(str(row["scheme"]), ("",)))
    ]
    assert wrong == []


def test_bodies_certify_within_their_kind_scope_and_time() -> None:
    wrong = []
    for row in CERTIFICATES:
        body = BODIES.get(str(row.get("body_approval_no")))
        if body is None:  # the samples name one that is not there
            continue
        code = green.SCHEMES.get(str(row["scheme"])) or green.SCHEMES.get(
            green.SCHEMES.find(str(row["scheme"])) or ""
        )
        label = code.zh if code else str(row["scheme"])
        if body["kind"] != "certification" or (label not in body["scope"] and label != "其他"):
            wrong.append((row["cert_no"], body["name_zh"], label))
        if not body["valid_from"] <= row["issued_on"] <= body["valid_to"]:
            wrong.append((row["cert_no"], body["name_zh"], row["issued_on"]))
    assert wrong == []


def test_foreign_certificates_name_no_chinese_rule_or_standard() -> None:
    abroad = [row for row in CERTIFICATES if row["scheme"] in green.FOREIGN_SCHEMES]
    assert abroad
    assert [
        row["cert_no"]
        for row in abroad
        if row.get("rule_no") or str(row["standard_edition"]).startswith("GB")
    ] == []


@pytest.mark.parametrize("slug", sorted(ORDER))
def test_days_are_in_a_possible_order(slug: str) -> None:
    wrong = []
    for row in REGISTERS[slug]:
        for first, second in ORDER[slug]:
            earlier, later = str(row.get(first) or ""), str(row.get(second) or "")
            length = min(len(earlier), len(later))
            if length and earlier[:length] > later[:length]:
                wrong.append(
                    (
                        row.get("cert_no") or row.get("result_no") or row.get("brand_name_zh") or row,
                        first,
                        earlier,
                        second,
                        later,
                    )
                )
    assert wrong == []


def test_surveillances_lie_within_the_life_of_their_certificate() -> None:
    wrong = []
    for row in CERTIFICATES:
        ended = (
            str(row.get("decided_on") or "9")
            if row["status"] in ("revoked", "cancelled")
            else row["valid_to"]
        )
        for each in rows_of(row, "surveillance"):
            done = str(each.get("done_on") or "")
            outside = not row["issued_on"] <= each["due_on"] <= row["valid_to"] or (
                done and not row["issued_on"] <= done <= ended
            )
            to_come = each["result"] == "pending" and row["status"] in ("revoked", "cancelled", "expired")
            if outside or to_come or done > LAST_STAGE or bool(done) == (each["result"] == "pending"):
                wrong.append((row["cert_no"], row["status"], each))
    assert wrong == []


def test_nothing_is_done_after_the_holder_has_ended() -> None:
    assert ENDED_ON
    wrong = []
    for slug, holder in HOLDERS.items():
        for row in REGISTERS[slug]:
            ended = ENDED_ON.get(str(row.get(holder) or ""), "9")
            days = [
                str(row.get(MADE_ON.get(slug, "recognised_on")) or ""),
                str(row.get("mark_download") or ""),
            ]
            days += [str(each.get("done_on") or "") for each in rows_of(row, "surveillance")]
            days += [str(row.get("still_true_on") or ""), str(row.get("reissued_on") or "")]
            if max(days) > ended:
                wrong.append((slug, row))
    assert wrong == []


def test_only_what_belonged_to_a_holder_that_ended_has_ended_with_it() -> None:
    wrong = []
    for row in DECLARATIONS:
        gone = row["org_uscc"] in ENDED_ON
        if (row["status"] == "ended") > gone or (gone and row["status"] in OPEN_DECLARATIONS):
            wrong.append((row["org_name_zh"], row["status"]))
    wrong += [
        (row["cert_no"], row["status_reason"])
        for row in CERTIFICATES
        if row.get("status_reason") == "holder_deregistered" and row["applicant_uscc"] not in ENDED_ON
    ]
    wrong += [
        (row["brand_name_zh"], row["removed_reason"])
        for row in BRANDS
        if row.get("removed_reason") == "deregistered" and row.get("holder_uscc") not in ENDED_ON
    ]
    assert wrong == []


def test_no_standard_is_told_before_it_was_issued() -> None:
    definition = catalogue()["standards"]
    rows = demonstration_rows(definition)
    told = [
        (stage.moment.date().isoformat(), row)
        for stage in reference_stages(demonstration_of(definition), rows)
        for row in stage.rows
    ]
    assert len(told) == len(rows)
    assert [row["number"] for day, row in told if str(row.get("issued_on") or "") > day] == []


def test_former_holders_are_others_and_held_before() -> None:
    wrong = [
        row["brand_name_zh"]
        for row in BRANDS
        for each in rows_of(row, "former_holders")
        if each.get("uscc") == row.get("holder_uscc")
        or str(each.get("held_to", "")) > str(row.get("holder_from", "9"))
    ]
    assert wrong == []
