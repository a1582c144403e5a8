from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.cn import ric

from registry import clock
from registry.kit import fields as f
from registry.kit.issues import Issue
from registry.kit.schema import RecordSchema
from registry.reference.identifiers import personal

RESIDENT = "11010519491231002X"  # the worked example of GB 11643-1999


def test_resident_ids_are_recognised() -> None:
    assert personal.is_resident_id(RESIDENT)
    assert not personal.is_resident_id("110105194912310021")  # check character
    assert not personal.is_resident_id("11010519491331002X")  # no such month


def test_masked_numbers() -> None:
    assert personal.mask_mobile("13812345678") == "138****5678"
    assert personal.mask_resident_id(RESIDENT) == "1101**********002X"


@pytest.mark.parametrize(
    ("written", "masked"),
    [
        ("联系人张三，13812345678。", "联系人张三，138****5678。"),
        (f"身份证{RESIDENT}", "身份证1101**********002X"),
        ("6901234567892", "6901234567892"),
        ("CQC13812345678", "CQC13812345678"),
        ("914403001922038216", "914403001922038216"),  # a credit code of digits alone
        ("电话 010-12345678", "电话 010-12345678"),
    ],
)
def test_what_is_masked_in_a_text(written: str, masked: str) -> None:
    assert personal.mask_numbers(written) == masked
    assert personal.contains_masked(masked) is (masked != written)


@given(st.text())
def test_masking_twice_changes_nothing(text: str) -> None:
    once = personal.mask_numbers(f"{text} 13812345678 {RESIDENT} {text}")
    assert personal.mask_numbers(once) == once


def test_running_text_of_a_record_holds_no_identifier_of_a_person() -> None:
    class Trial(RecordSchema):
        address = f.text("Address", search="words")
        story = f.long_text("Story")
        models = f.many(f.text("Models", search="mention"))
        website = f.web_address("Website")

    raw = {"address": "杭州，13812345678", "story": f"店主\n{RESIDENT}", "models": "13812345678"}
    raw["website"] = "https://demo.example/?id=13812345678"
    loaded = Trial.load_values(raw, complete=True)
    assert loaded.values == {
        "address": "杭州，138****5678",
        "models": ["13812345678"],  # a model may look like a telephone
        "website": "https://demo.example/?id=13812345678",
    }
    assert [(issue.code, issue.field, issue.params) for issue in loaded.issues] == [
        ("personal_masked", "address", {}),
        ("personal_number", "story", {"value": "1101**********002X"}),
    ]


@pytest.mark.parametrize(
    "written",
    [
        "身份证号：110105194912310 02X",
        "110105 19491231 002x",
        "110105-19491231-002X",
        "１１０１０５１９４９１２３１００２Ｘ",
        "id=11010519491231002X&name=x",
        "1101\u200b0519491231002X",
    ],
)
def test_resident_ids_are_recognised_as_people_write_them(written: str) -> None:
    assert personal.find_resident_id(written)
    assert "1101**********002X" in personal.mask_resident_ids(written)


@pytest.mark.parametrize(
    "number",
    [
        "330106198001011235",  # born before Xihu became a district of that code; numbers were given from 1984 on
        "510202195001011120",  # Chongqing, when it belonged to Sichuan
        "44199919700101112X",  # a part of Dongguan, which has no counties
        "830000199001010127",  # a resident of Taiwan
    ],
)
def test_a_county_need_not_have_been_there_when_a_person_was_born(number: str) -> None:
    assert personal.is_resident_id(number)


@pytest.mark.parametrize(
    "number",
    [
        "110105205001010027",  # born in the future
        "999105194912310021",  # no such region
        "119905199001010012",  # a province, and no such county in it
        "100105199001010019",
        "911101057000000000",
        "20260608123456789012",
        "110105194912310021",
    ],
)
def test_other_long_numbers_are_no_resident_ids(number: str) -> None:
    assert personal.find_resident_id(number) is None


KINDS = {
    "text": f.text("Text"),
    "code": f.text("Number", search="code"),
    "choice": f.region_code("Region"),
    "uscc": f.credit_code("Credit code"),
    "day": f.day("Day"),
    "number": f.number("Number"),
    "many": f.many(f.text("Models", search="mention")),
    "rows": f.rows("Table", columns={"name": f.text("Name")}),
    "website": f.web_address("Website"),
    "flag": f.flag("Flag"),
}
Everything = type("Everything", (RecordSchema,), dict(KINDS))


@pytest.mark.parametrize("name", KINDS)
def test_a_field_of_any_kind_refuses_a_resident_id_and_never_repeats_it(name: str) -> None:
    given: object = [{"name": RESIDENT}] if name == "rows" else f"https://a.example/{RESIDENT}"
    loaded = Everything.load_values({name: given if name in ("rows", "website") else RESIDENT}, complete=True)
    assert loaded.values == {}
    assert [(issue.code, issue.field) for issue in loaded.issues] == [("personal_number", name)]
    assert RESIDENT not in str(loaded.issues)


def test_an_issue_masks_what_it_quotes() -> None:
    assert Issue("wrong_type", "x", {"value": f"a {RESIDENT}"}).params == {"value": "a 1101**********002X"}


def resident_id(first17: str) -> str:
    return first17 + ric.calc_check_digit(first17 + "0")


def test_the_day_of_birth_is_not_before_1850_and_not_in_the_future(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "today", lambda: dt.date(2026, 3, 15))
    for day, valid in (
        ("18491231", False), ("18500101", True), ("20260314", True), ("20260315", True), ("20260316", False),
    ):  # fmt: skip
        assert personal.is_resident_id(resident_id(f"110105{day}002")) is valid, day


def test_texts_shorter_than_a_number_hold_none() -> None:
    assert personal.find_resident_id(RESIDENT) == RESIDENT
    assert personal.find_resident_id(RESIDENT[:17]) is None
    assert personal.find_resident_id(f"1{RESIDENT}") is None  # part of a longer number
    assert personal.find_resident_id(f"{RESIDENT}1") is None
    other = resident_id("11010519491231004")
    assert personal.find_resident_id(f"110105194912310021 {other} {RESIDENT}") == other  # the first valid one
    assert (
        personal.mask_resident_ids(f"{RESIDENT}，110105194912310021")
        == "1101**********002X，110105194912310021"
    )


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("12812345678", "12812345678"),
        ("13000000000", "130****0000"),
        ("19999999999", "199****9999"),
        ("138123456789", "138123456789"),
        ("1381234567", "1381234567"),
        ("-13812345678", "-13812345678"),
        ("a13812345678", "a13812345678"),
        ("Call 13812345678.", "Call 138****5678."),
        ("Tel.13812345678.5", "Tel.13812345678.5"),
        ("Tel.13812345678", "Tel.138****5678"),
        ("0.13812345678", "0.13812345678"),
        ("13812345678.cn", "13812345678.cn"),
    ],
)
def test_mobile_numbers(number: str, masked: str) -> None:
    assert personal.mask_numbers(number) == masked


def test_what_is_left_of_masked_numbers_is_dropped() -> None:
    assert personal.drop_masked("电话138****5678号") == "电话 号"
    assert personal.drop_masked("1101**********002X") == " "
    assert personal.drop_masked("a ** b") == "a ** b"
    assert not personal.contains_masked("****")
    assert not personal.contains_masked("1138****5678")
