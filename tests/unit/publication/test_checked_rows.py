"""What one row makes of its record: its status, its number, its key, and the doubts that stay."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from sqlalchemy import Connection

from registry.kit.issues import Issue, without_repetition
from registry.kit.rules import RuleContext
from registry.reference.identifiers.register_numbers import make_number
from registry.registers import catalogue
from registry.services.publication import validation
from registry.services.publication.existing_records import ExistingRecord
from registry.services.publication.publishing import PreparedDocument
from registry.services.publication.validation import OtherRecords, RefusedRow, StatedRow
from tests.unit.publication.stored import add

ORGANISATIONS, STANDARDS, BRANDS, CERTIFICATES = (
    catalogue()[slug] for slug in ("organisations", "standards", "brands", "green-products")
)
CODE = "91110000101461180X"
TODAY = dt.date(2026, 11, 24)


class NoOthers:
    """A register in which no other record is."""

    def find_record(self, register: str, key: str) -> None:
        del register, key

    def find_group(self, register: str, key: str) -> list[Any]:
        del register, key
        return []


CONTEXT = RuleContext(TODAY, NoOthers())


def read(definition: Any, **raw: Any) -> StatedRow:
    return validation.read_row(definition, 1, raw)


def checked(
    definition: Any, existing: ExistingRecord | None = None, *, registrar: bool = True, **raw: Any
) -> PreparedDocument | RefusedRow:
    stated = read(definition, **raw)
    return validation.check_row(definition, stated, CONTEXT, registrar=registrar, existing=existing)


def codes(found: PreparedDocument | RefusedRow, *, severity: str = "") -> set[tuple[str, str]]:
    issues = found.issues if isinstance(found, RefusedRow) else found.warnings
    return {(issue.code, issue.field) for issue in issues if severity in ("", issue.severity)}


def firm(*doubts: Issue, status: str = "active", **values: Any) -> ExistingRecord:
    known = {"uscc": CODE, "name_zh": "杭州半行试样有限公司", "country": "CN", **values}
    return ExistingRecord(CODE, CODE, status, 3, known, doubts)


@pytest.mark.parametrize(
    ("written", "status", "told"),
    [
        ("", "", []),
        (None, "", []),
        (" active ", "active", []),
        ("存续", "active", []),
        ("x" * 61, "", [Issue("status_unknown", "status", {"value": "x" * 60})]),
    ],
)
def test_the_status_that_a_row_states(written: Any, status: str, told: list[Issue]) -> None:
    stated = read(ORGANISATIONS, status=written, uscc=CODE)
    assert (stated.status, list(stated.issues), stated.key) == (status, told, CODE)
    assert stated.fields == {"uscc"} | ({"status"} if status else set())


def test_a_new_record_without_a_status_is_told_which_it_gets() -> None:
    assert ("status_assumed", "status") in codes(checked(ORGANISATIONS, uscc=CODE, name_zh="甲"))
    assert ("status_assumed", "status") not in codes(
        checked(ORGANISATIONS, uscc=CODE, name_zh="甲", status="active")
    )
    unknown = codes(checked(ORGANISATIONS, uscc=CODE, name_zh="甲", status="gone"))
    assert ("status_unknown", "status") in unknown
    assert ("status_assumed", "status") not in unknown
    assert ("status_assumed", "status") not in codes(checked(ORGANISATIONS, firm(), uscc=CODE, name_zh="乙"))


OWN = make_number(BRANDS.numbering.prefix, 2026, 7, digits=BRANDS.numbering.digits)
WRONG = OWN[:-1] + ("A" if OWN[-1] != "A" else "B")


@pytest.mark.parametrize(
    ("written", "number", "told"),
    [
        (OWN, OWN, []),
        (OWN.lower().replace("-", " "), OWN, []),
        ("", "", []),
        (WRONG, "", [("number_check_digit", "blocks")]),
        ("7", "", [("number_shape", "blocks")]),
        (make_number("GP", 2026, 7, digits=6), "", [("number_of_other_register", "warns")]),
    ],
)
def test_the_number_that_a_row_states(written: str, number: str, told: list[tuple[str, str]]) -> None:
    stated = read(BRANDS, number=written, brand_name_zh="甲")
    assert stated.number == number
    assert [(issue.code, issue.severity) for issue in stated.issues] == told
    assert ("number" in stated.fields) is bool(number)


def test_a_number_that_is_derived_names_a_record_by_its_key() -> None:
    stated = read(ORGANISATIONS, number=f" {CODE.lower()} ", name_zh="甲")
    assert (stated.number, stated.number_key, stated.written_number) == ("", CODE, CODE.lower())
    refused = validation.check_row(ORGANISATIONS, stated, CONTEXT, registrar=True)
    assert isinstance(refused, RefusedRow)
    assert Issue("number_not_on_record", "number", {"value": CODE.lower()}) in refused.issues
    assert ("key_missing", "uscc") not in codes(refused)
    known = validation.check_row(ORGANISATIONS, stated, CONTEXT, registrar=True, existing=firm())
    assert isinstance(known, PreparedDocument)
    assert (known.key, known.values["name_zh"]) == (CODE, "甲")


def test_what_stands_in_the_place_of_the_key_refuses_the_row() -> None:
    assert ("key_missing", "uscc") in codes(checked(ORGANISATIONS, name_zh="甲"))
    wrong = codes(checked(ORGANISATIONS, name_zh="甲", uscc="911100001014611801"))
    assert ("credit_code_check_digit", "uscc") in wrong
    assert ("key_missing", "uscc") not in wrong


def test_a_row_may_not_give_its_record_the_key_of_another() -> None:
    other = "91330106MA2000000F"
    found = codes(checked(ORGANISATIONS, firm(), uscc=other))
    assert ("number_names_another", "uscc") in found
    assert ("number_names_another", "uscc") not in codes(checked(ORGANISATIONS, firm(), uscc=CODE))


@pytest.mark.parametrize(("length", "fits"), [(120, True), (121, False)])
def test_a_number_that_is_derived_has_a_length(length: int, *, fits: bool) -> None:
    values = {"number": "国" * length}
    issues = list(validation._number_issues(STANDARDS, None, values, "key"))
    assert [issue.code for issue in issues] == ([] if fits else ["number_shape"])
    assert list(validation._number_issues(STANDARDS, None, values, "")) == []


def test_a_doubt_about_a_source_stays_where_a_row_is_silent() -> None:
    def issue(code: str, field: str, *, of_source: bool = True) -> Issue:
        return Issue(code, field, {}, "warns", of_source)

    assert validation.is_kept(issue("date_shape", "founded_on"), {"address"})
    assert not validation.is_kept(issue("date_shape", "address"), {"address"})
    assert not validation.is_kept(issue("date_shape", "founded_on", of_source=False), {"address"})
    assert not validation.is_kept(issue("sources_differ", "founded_on"), {"address"})
    present = firm(issue("date_shape", "founded_on"), issue("date_shape", "address"))
    found = checked(ORGANISATIONS, present, uscc=CODE, address="一路")
    assert isinstance(found, PreparedDocument)
    assert found.kept_doubts == (issue("date_shape", "founded_on"),)
    assert found.amends is present


def test_the_tenth_of_a_kind_says_no_more_than_the_first() -> None:
    issues = [
        Issue("too_long", "name", {"row": 1}), Issue("required", "name"), Issue("too_long", "name", {"row": 2}),
        Issue("sources_differ", "name", {"source": "A"}), Issue("sources_differ", "name", {"source": "B"}),
    ]  # fmt: skip
    assert without_repetition(issues) == (issues[0], issues[1], issues[3], issues[4])
    assert without_repetition([]) == ()


def test_for_others_than_the_registrar_every_finding_blocks() -> None:
    raw = {"uscc": CODE, "name_zh": "甲", "status": "active", "region_code": "999999"}
    published = checked(ORGANISATIONS, **raw)
    assert isinstance(published, PreparedDocument)
    assert ("region_unknown", "region_code") in codes(published)
    assert isinstance(checked(ORGANISATIONS, registrar=False, **raw), RefusedRow)


def test_the_same_row_again_changes_nothing() -> None:
    values = {"uscc": CODE, "name_zh": "杭州半行试样有限公司", "country": "CN"}
    found = checked(ORGANISATIONS, firm(), **values)
    assert isinstance(found, PreparedDocument)
    assert (found.values, found.amendment_reason, found.status) == (firm().values, "", "")


def test_what_was_told_of_a_record_before_is_not_new() -> None:
    kept, new = Issue("date_shape", "founded_on"), Issue("date_shape", "address")
    document = PreparedDocument(1, CODE, {}, "", warnings=(kept, new))
    assert document.new_warnings == (kept, new)
    assert document.former_key == CODE
    amending = PreparedDocument(1, "other", {}, "", warnings=(kept, new), amends=firm(), kept_doubts=(kept,))
    assert amending.new_warnings == (new,)
    assert amending.former_key == CODE


OLD, NEW = {"source": "登记公报", "source_date": "2020"}, {"source": "企业年报", "source_date": "2022"}


def test_a_status_counts_unless_a_later_source_has_stated_one() -> None:
    new = checked(ORGANISATIONS, uscc=CODE, name_zh="甲", status="active", **OLD)
    assert isinstance(new, PreparedDocument)
    assert new.status == "active"
    for present, status in ((firm(**NEW), ""), (firm(**OLD), "deregistered"), (firm(), "deregistered")):
        found = checked(
            ORGANISATIONS, present, uscc=CODE, status="deregistered", deregistered_on="2021",
            source="注销公告", source_date="2021",
        )  # fmt: skip
        assert isinstance(found, PreparedDocument)
        assert (found.status, "status" in (found.stated or ())) == (status, bool(status))


def test_a_record_keeps_its_key_where_a_row_lacks_a_part_of_it() -> None:
    found = checked(ORGANISATIONS, firm(), name_zh="乙")
    assert isinstance(found, PreparedDocument)
    assert (found.key, found.former_key) == (CODE, CODE)


def test_a_row_that_states_a_whole_record() -> None:
    good = validation.validate_row(ORGANISATIONS, 7, {"uscc": CODE, "name_zh": "甲"}, CONTEXT, registrar=True)
    assert isinstance(good, PreparedDocument)
    assert (good.row, good.stated, good.key) == (7, None, CODE)
    bad = validation.validate_row(ORGANISATIONS, 7, {"name_zh": "甲"}, CONTEXT, registrar=True)
    assert isinstance(bad, RefusedRow)
    assert bad.row == 7
    # What only warns still warns beside what blocks.
    assert {(issue.code, issue.severity) for issue in bad.issues if issue.field == "status"} == {
        ("status_assumed", "warns")
    }
    doubtful = validation.validate_row(
        ORGANISATIONS, 7, {"name_zh": "甲", "founded_on": "soon"}, CONTEXT, registrar=True
    )
    assert isinstance(doubtful, RefusedRow)
    assert {issue.severity for issue in doubtful.issues if issue.field == "founded_on"} == {"blocks"}


FORMER = {"name_zh": "旧名称", "replaced_on": "2026-03-10"}
RENAMED = {"name_zh": "新名称", "former_names": [FORMER]}


def published(existing: ExistingRecord, **raw: Any) -> PreparedDocument:
    found = checked(ORGANISATIONS, existing, uscc=CODE, **raw)
    assert isinstance(found, PreparedDocument)
    return found


def test_another_name_goes_into_the_table_of_former_names() -> None:
    done = published(firm(**RENAMED), name_zh="第三名称")
    assert done.values["name_zh"] == "第三名称"
    assert done.values["former_names"] == [FORMER, {"name_zh": "新名称", "replaced_on": TODAY.isoformat()}]
    assert ("former_value_stated", "name_zh") not in codes(done)
    same = published(firm(**RENAMED), name_zh="新名称", address="一路")
    assert same.values["former_names"] == [FORMER]
    # A row that states the table says itself what was.
    table = published(firm(**RENAMED), name_zh="第三名称", former_names=[{"name_zh": "另一"}])
    assert table.values["former_names"] == [{"name_zh": "另一"}]


def test_a_former_name_does_not_come_back_and_is_told() -> None:
    done = published(firm(**RENAMED), name_zh="旧名称", address="一路")
    assert (done.values["name_zh"], done.values["address"]) == ("新名称", "一路")
    assert done.values["former_names"] == [FORMER]
    assert ("former_value_stated", "name_zh") in codes(done)
    table = published(firm(**RENAMED), name_zh="旧名称", former_names=[FORMER])
    assert (table.values["name_zh"], codes(table)) == ("旧名称", set())


def test_a_doubt_stands_when_the_row_of_its_record_comes_in_again() -> None:
    doubt = Issue(
        "sources_differ", "address", {"value": "一路", "source": "登记公报, 2020"}, "warns", of_source=True
    )
    stated = {"name_zh": "甲公司", "country": "CN", "address": "二路", **NEW}
    known = {"uscc": CODE, **stated}
    again = published(ExistingRecord(CODE, CODE, "active", 3, known, (doubt,)), **stated)
    assert ("sources_differ", "address") in codes(again)
    silent = published(ExistingRecord(CODE, CODE, "active", 3, known), **stated)
    assert codes(silent) == set()


def test_a_row_that_only_empties_a_field_brings_something() -> None:
    known = {
        "products": "糕点",
        "address": "一路",
        **NEW,
        "field_sources": {"products": {"source": "行业名录"}},
    }
    stated = validation.read_row(
        ORGANISATIONS,
        1,
        {"uscc": CODE, "products": "糕点", "source": "行业名录"},
        cleared=frozenset({"address"}),
    )
    done = validation.check_row(ORGANISATIONS, stated, CONTEXT, registrar=True, existing=firm(**known))
    assert isinstance(done, PreparedDocument)
    assert "address" not in done.values
    assert done.values["source"] == "行业名录"
    # One that empties what is not there does not.
    nothing = {name: value for name, value in known.items() if name != "address"}
    still = validation.check_row(ORGANISATIONS, stated, CONTEXT, registrar=True, existing=firm(**nothing))
    assert isinstance(still, PreparedDocument)
    assert still.values["source"] == NEW["source"]


def test_a_brand_that_changes_hands_is_transferred_where_its_state_allows_it() -> None:
    values = {
        "scheme": "national", "brand_name_zh": "甲号", "holder_name_zh": "甲公司", "holder_uscc": CODE, "holder_from": "2001",
    }  # fmt: skip
    other = {"holder_name_zh": "乙公司", "holder_uscc": "91330106MA2000000F", "holder_from": "2026-05-01"}
    for status, reason in (("listed", "transferred"), ("removed", "")):
        existing = ExistingRecord(OWN, "k", status, 1, values)
        found = checked(BRANDS, existing, **{**values, **other})
        assert isinstance(found, PreparedDocument)
        assert found.amendment_reason == reason
        (former,) = found.values["former_holders"]
        assert (former["name_zh"], former["uscc"], former["held_to"]) == ("甲公司", CODE, "2026-05-01")


OLD_HOLDER = {"holder_name_zh": "甲公司", "holder_uscc": CODE}
NEW_HOLDER = {"holder_name_zh": "乙纺织厂", "holder_uscc": "91330106MA2000000F"}


def brand(**values: Any) -> ExistingRecord:
    known = {"scheme": "national", "brand_name_zh": "甲号", "region_code": "330106", **values}
    return ExistingRecord(OWN, BRANDS.key.compute(known), "listed", 1, known)


def test_the_key_is_that_of_what_counts_not_of_what_the_row_states() -> None:
    """A source that still names the former holder does not give the brand its former key again."""
    former = [{"name_zh": "甲公司", "uscc": CODE, "replaced_on": "2026-03-10"}]
    present = brand(**NEW_HOLDER, former_holders=former)
    stated = {name: present.values[name] for name in ("scheme", "brand_name_zh", "region_code")}
    found = checked(BRANDS, present, **stated, **OLD_HOLDER, products="糕点")
    assert isinstance(found, PreparedDocument)
    assert ("former_value_stated", "holder_name_zh") in codes(found)
    assert found.key == present.natural_key
    assert found.values["holder_name_zh"] == "乙纺织厂"


def test_what_is_not_known_of_a_new_holder_is_told_where_it_is_required() -> None:
    present = brand(**OLD_HOLDER, holder_name_en="First", category="food", products=["糕点"])
    new_holder = {"holder_name_zh": "乙纺织厂", "holder_uscc": "", "holder_name_en": ""}
    moved = checked(BRANDS, present, **{**present.values, **new_holder})
    assert isinstance(moved, PreparedDocument)
    assert "holder_uscc" not in moved.values
    assert ("not_stated", "holder_uscc") in codes(moved)
    assert ("not_stated", "holder_name_en") not in codes(moved)


TOO_LARGE = "C" * 200_001


@pytest.mark.parametrize(
    ("raw", "absent"),
    [
        ({}, ["cert_no", "body_approval_no"]),
        ({"cert_no": "C-1"}, ["body_approval_no"]),
        ({"cert_no": TOO_LARGE}, ["body_approval_no"]),  # what is refused is not absent
        ({"cert_no": TOO_LARGE, "body_approval_no": "CNCA-R-2002-001"}, []),
    ],
)
def test_the_parts_of_a_key_that_are_missing(raw: dict[str, Any], absent: list[str]) -> None:
    refused = checked(CERTIFICATES, product_name_zh="桌", **raw)
    assert isinstance(refused, RefusedRow)
    missing = [issue for issue in refused.issues if issue.code == "key_missing"]
    assert missing == [Issue("key_missing", name) for name in absent]
    assert list(refused.issues[: len(missing)]) == missing  # what refuses the row comes first


def test_what_is_wrong_with_a_part_of_the_key_comes_first_and_blocks() -> None:
    refused = checked(ORGANISATIONS, name_en="A", country="ZZ", foreign_reg_no="1", region_code="999999")
    assert isinstance(refused, RefusedRow)
    assert (refused.issues[0].field, refused.issues[0].severity) == ("country", "blocks")
    assert "key_missing" not in {issue.code for issue in refused.issues}
    assert {issue.severity for issue in refused.issues if issue.field == "region_code"} == {"warns"}
    # A number names no record, and the part of the key that is there is wrong: that is told.
    stated = read(ORGANISATIONS, number="F-ZZ-1", name_en="A", country="ZZ", foreign_reg_no="1")
    again = validation.check_row(ORGANISATIONS, stated, CONTEXT, registrar=True)
    assert "number_not_on_record" not in {code for code, _field in codes(again)}


def test_a_long_number_is_quoted_with_its_beginning() -> None:
    [long] = validation._number_issues(STANDARDS, None, {"number": "国" * 121}, "key")
    assert long.params == {"value": "国" * 60}
    of_other = firm()
    issues = list(validation._number_issues(STANDARDS, of_other, {"number": "国" * 61}, "key"))
    assert [issue.params for issue in issues] == [{"number": CODE, "other": "国" * 60}]


def test_english_that_has_changed_loses_its_source() -> None:
    known = {"name_en": "First", "en_sources": {"name_en": "official"}, "address": "一路"}

    def sources(**raw: Any) -> Any:
        return published(firm(**known), **raw).values.get("en_sources")

    assert sources(name_en="Second") is None
    assert sources(address="二路") == {"name_en": "official"}
    assert sources(name_en="Second", en_sources={"name_en": "platform"}) == {"name_en": "platform"}


def test_other_records_are_read_once_in_a_transaction(connection: Connection) -> None:
    limits = {"product_categories": ["0701"], "indicators": [{"name_zh": "甲醛"}]}
    later, first = {"number": "GB 18584-2024", **limits}, {"number": "GB 18580-2017", **limits}
    add(connection, "standards", later, status="upcoming")
    others = OtherRecords(connection)
    assert others.find_record("standards", "gb18584—2024") == {**later, "status": "upcoming"}
    assert others.find_record("standards", "GB 18580-2017") is None
    assert others.find_record("bodies", "GB 18584-2024") is None
    assert others.find_group("standards", "0701") == ({**later, "status": "upcoming"},)
    assert others.find_group("standards", "0702") == ()
    add(connection, "standards", first, status="in_force")
    add(connection, "standards", later, status="in_force")
    assert others.find_record("standards", "GB 18580-2017") is None
    assert others.find_record("standards", "GB 18584-2024") == {**later, "status": "upcoming"}
    assert others.find_group("standards", "0701") == ({**later, "status": "upcoming"},)
    again = OtherRecords(connection)
    assert again.find_record("standards", "GB 18580-2017") == {**first, "status": "in_force"}
    assert again.find_group("standards", "0701") == (
        {**first, "status": "in_force"}, {**later, "status": "in_force"},
    )  # fmt: skip
    assert again.find_group("bodies", "0701") == ()
