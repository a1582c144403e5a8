from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from registry.reference.identifiers import credit_codes
from tests.shared_data import needs_shared, sheet

GENUINE = [
    "91110000101461180X",
    "9152000071430580XT",
    "914403001922038216",
    "91440400192548256N",
    "91370200264574251E",
    "911000001000013428",  # registered at national level: region 100000
    "91350100M000100Y43",  # worked example of the standard
]

first8 = st.text(credit_codes.ALPHABET, min_size=8, max_size=8)
first17 = st.builds(
    "{}{}{}".format,
    st.text(credit_codes.ALPHABET, min_size=2, max_size=2),
    st.text("0123456789", min_size=6, max_size=6),
    st.text(credit_codes.ALPHABET, min_size=9, max_size=9),
)


@pytest.mark.parametrize("code", GENUINE)
def test_real_codes_have_right_check_characters(code: str) -> None:
    assert credit_codes.error_code(code) is None
    assert not credit_codes.organisation_code_is_suspect(code)
    assert credit_codes.make_credit_code(code[:17]) == code
    assert credit_codes.make_organisation_code(code[8:16]) == credit_codes.organisation_code(code)


@pytest.mark.parametrize(
    ("code", "problem"),
    [
        ("91350100M000100Y4Z", "credit_code_characters"),
        ("91350100M000100Y44", "credit_code_check_digit"),
        ("914403001922038217", "credit_code_check_digit"),
        ("91440300I922038216", "credit_code_characters"),
        ("9144A3001922038216", "credit_code_characters"),
        ("91440300192203821", "credit_code_length"),
        ("192203821", "credit_code_length"),  # an organisation code alone is a search key, no credit code
        ("440301103097413", "credit_code_length"),  # nor is a 15-digit licence number
        ("", "credit_code_length"),
    ],
)
def test_wrong_codes_say_why(code: str, problem: str) -> None:
    assert credit_codes.error_code(code) == problem


@pytest.mark.parametrize(
    "written", ["91110000101461180x", "９１１１００００１０１４６１１８０Ｘ", " 91110000 1014 61180-X\u200b"]
)
def test_written_forms_are_normalised(written: str) -> None:
    assert credit_codes.normalise(written) == "91110000101461180X"


def test_a_department_may_be_a_letter() -> None:
    code = credit_codes.make_credit_code("N2110105" + credit_codes.make_organisation_code("MA0XK5Y1"))
    assert credit_codes.error_code(code) is None


def test_a_wrong_check_character_of_the_organisation_code_is_only_a_warning() -> None:
    code = credit_codes.make_credit_code("91110000101461181")  # 10146118 wants 0 after it
    assert credit_codes.error_code(code) is None
    assert credit_codes.organisation_code_is_suspect(code)


test_a_wrong_check_character_of_the_organisation_code_is_only_a_warning.__doc__ = (
    "101461180 wants X as its last character."
)


@pytest.mark.parametrize("wrong", ["", "9111000010146118", "9111000010146118I"])
def test_codes_are_made_from_allowed_characters_only(wrong: str) -> None:
    with pytest.raises(ValueError, match="17 characters"):
        credit_codes.make_credit_code(wrong)
    with pytest.raises(ValueError, match="8 characters"):
        credit_codes.make_organisation_code(wrong)


@given(first17)
def test_made_codes_are_valid(first: str) -> None:
    assert credit_codes.error_code(credit_codes.make_credit_code(first)) is None


@given(first17, st.integers(0, 17), st.sampled_from(credit_codes.ALPHABET))
def test_one_changed_character_is_detected(first: str, index: int, character: str) -> None:
    code = credit_codes.make_credit_code(first)
    changed = code[:index] + character + code[index + 1 :]
    assert (credit_codes.error_code(changed) is None) == (changed == code)


@given(first8)
def test_made_organisation_codes_are_valid(first: str) -> None:
    assert not credit_codes.organisation_code_is_suspect(
        "91110000" + credit_codes.make_organisation_code(first) + "0"
    )


@given(st.text())
def test_normalising_twice_changes_nothing(text: str) -> None:
    once = credit_codes.normalise(text)
    assert credit_codes.normalise(once) == once


@needs_shared
def test_codes_of_the_example_sheets_are_valid() -> None:
    codes = [row["uscc"] for row in sheet("organisations") if row["uscc"]]
    assert len(codes) > 50
    assert [code for code in codes if credit_codes.error_code(credit_codes.normalise(code))] == []


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (credit_codes.make_credit_code("91330100MA0000001"), None),
        (credit_codes.make_credit_code("91100000MA0000001"), None),  # registered at national level
        (credit_codes.make_credit_code("91100001MA0000001"), "credit_code_region"),  # which has no counties
        (credit_codes.make_credit_code("91109900MA0000001"), "credit_code_region"),
        (credit_codes.make_credit_code("91339900MA0000001"), None),  # a county of another time, perhaps
        (credit_codes.make_credit_code("91990100MA0000001"), "credit_code_region"),
        (credit_codes.make_credit_code("91000000MA0000001"), "credit_code_region"),
        (credit_codes.make_credit_code("D1330100MA0000001"), "credit_code_department"),
        ("192203821", "organisation_code_given"),
        ("440301103097413", "licence_number_given"),
        ("9.14403E+17", "digits_lost"),
        ("91330100", "credit_code_length"),
    ],
)
def test_what_is_no_code_of_an_organisation_is_named(code: str, found: str | None) -> None:
    assert credit_codes.refusal_code(code) == found


@pytest.mark.parametrize(
    ("start", "unknown"), [("91", False), ("93", False), ("54", False), ("97", True), ("81", False)]
)
def test_the_class_belongs_to_the_registering_department(start: str, unknown: bool) -> None:
    code = credit_codes.make_credit_code(f"{start}330100MA0000001")
    assert credit_codes.refusal_code(code) is None
    assert credit_codes.class_is_unknown(code) is unknown


@pytest.mark.parametrize(
    "written",
    ["统一社会信用代码：{}", "'{}", '="{}"', "{}（1-1）", "{} （副本）", "USCC: {}", "【{}】"],
)
def test_labels_and_marks_around_a_code_do_not_count(written: str) -> None:
    assert credit_codes.normalise(written.format("91110000101461180x")) == "91110000101461180X"


def test_two_codes_in_a_text_are_not_made_one() -> None:
    first, second = GENUINE[:2]
    for written in (f"{first}、{second}", f"{first} / {second}", f"{first[:8]} {first[8:]} 和 {second}"):
        assert credit_codes.refusal_code(credit_codes.normalise(written)) == "credit_code_several"
    assert credit_codes.normalise(f"代码{first}号") == first
    assert credit_codes.refusal_code(first + second) == "credit_code_length"  # nothing between them


@pytest.mark.parametrize(
    ("written", "normalised"), [("'192203821'", "192203821"), ('""', '""'), ("=", "="), ("a" * 18, "A" * 18)]
)
def test_marks_around_a_text_go_but_not_the_whole_text(written: str, normalised: str) -> None:
    assert credit_codes.normalise(written) == normalised


@pytest.mark.parametrize(
    ("code", "found"),
    [
        (GENUINE[0] + "0", "credit_code_length"),  # one more
        (GENUINE[0][:17], "credit_code_length"),  # one less
        ("44030110309741", "credit_code_length"),  # a licence number has 15 figures
        ("4403011030974131", "credit_code_length"),
        ("19220382", "credit_code_length"),  # an organisation code has 9 characters
        ("19220382X", "organisation_code_given"),
        ("19220382Y", "credit_code_length"),
        ("X92203821", "organisation_code_given"),
        ("1922038210", "credit_code_length"),
        ("9E17", "digits_lost"),
        ("9.1E+17", "digits_lost"),
        ("91E17", "credit_code_length"),
        ("9E+177", "credit_code_length"),
    ],
)
def test_lengths_and_shapes_of_other_numbers(code: str, found: str) -> None:
    assert credit_codes.refusal_code(code) == found


@pytest.mark.parametrize(
    ("code", "wrong"),
    [
        ("9111000A10146118IO", "A, I, O"),  # the eighth character is the last of the region
        ("91110000A01461180X", ""),  # a letter from the ninth on
        ("9AA1", "A"),  # the region begins with the third
        ("A1", ""),
        ("IO1A00001O1461180Z", "I, O, A, Z"),  # each once, in their order
        ("", ""),
    ],
)
def test_wrong_characters_are_named_by_their_place(code: str, wrong: str) -> None:
    assert credit_codes.wrong_characters(code) == wrong


@pytest.mark.parametrize(
    ("code", "unknown"),
    [
        ("", False),
        ("9", False),
        ("B1", False),
        ("BI", True),
        ("A1", False),
        ("A9", False),
        ("A3", True),
        ("Y3", True),
    ],
)
def test_a_class_of_a_department_that_is_not_known_may_be_any(code: str, unknown: bool) -> None:
    assert credit_codes.class_is_unknown(code) is unknown


@pytest.mark.parametrize("code", ["", "9111000010146118", "91110000１01461180X", "91110000 01461180X"])
def test_a_code_without_an_organisation_code_is_suspect(code: str) -> None:
    assert credit_codes.organisation_code_is_suspect(code)


@pytest.mark.parametrize(
    ("first8", "code"),
    [
        ("00000000", "000000000"),  # 11 is written 0
        ("00000006", "00000006X"),  # 10 is written X
        ("00000001", "000000019"),
        ("00000005", "000000051"),
        ("MA00000A", "MA00000A9"),  # A counts 10, M 22
    ],
)
def test_check_characters_of_organisation_codes(first8: str, code: str) -> None:
    assert credit_codes.make_organisation_code(first8) == code
    assert credit_codes.organisation_code(f"91110000{code}X") == code
