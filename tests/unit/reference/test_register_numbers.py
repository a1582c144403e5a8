from __future__ import annotations

import string

import pytest
from hypothesis import given
from hypothesis import strategies as st
from stdnum.iso7064 import mod_37_36

from registry.reference.identifiers import register_numbers

numbers = st.builds(
    register_numbers.make_number,
    st.sampled_from(["TB", "GP", "QG", "SD"]),
    st.integers(1900, 2999),
    st.integers(1, 9_999_999),
    digits=st.sampled_from([5, 6]),
)


def test_a_number_is_made_with_its_check_character() -> None:
    assert register_numbers.make_number("GP", 2026, 123) == "GP-2026-000123-3"
    assert register_numbers.make_number("TB", 2006, 1, digits=5).startswith("TB-2006-00001-")
    assert register_numbers.make_number("TB", 2006, 1_234_567, digits=5).startswith("TB-2006-1234567-")


@pytest.mark.parametrize(
    "written",
    [
        "gp-2026-000123-3",
        "GP20260001233",
        "ＧＰ－２０２６－０００１２３－３",
        " GP 2026 000123 3 ",
        "GP—2026—000123—3",
    ],
)
def test_typed_numbers_are_normalised(written: str) -> None:
    assert register_numbers.normalise(written) == "GP-2026-000123-3"
    assert register_numbers.error_code(written) is None


@pytest.mark.parametrize(
    "written",
    ["", "GP", "GP-2026-123-3", "2026-000123-3", "GP-26-000123-3", "GB/T 35607-2024", "GP-2026-00012a3-3"],
)
def test_other_texts_are_not_numbers(written: str) -> None:
    assert register_numbers.normalise(written) is None
    assert register_numbers.error_code(written) == "number_shape"


def test_a_wrong_check_character_is_told_apart() -> None:
    assert register_numbers.error_code("GP-2026-000124-3") == "number_check_digit"
    assert not register_numbers.check_digit_ok("GP-2026-000124-3")
    assert not register_numbers.check_digit_ok("")


@given(numbers)
def test_made_numbers_are_valid(number: str) -> None:
    assert register_numbers.normalise(number) == number
    assert register_numbers.normalise(number.replace("-", "").lower()) == number
    assert register_numbers.check_digit_ok(number)


@given(numbers, st.data())
def test_any_single_changed_character_is_detected(number: str, data: st.DataObject) -> None:
    index = data.draw(st.sampled_from([index for index, character in enumerate(number) if character != "-"]))
    wrong = data.draw(
        st.sampled_from([c for c in string.digits + string.ascii_uppercase if c != number[index]])
    )
    assert register_numbers.error_code(number[:index] + wrong + number[index + 1 :]) is not None


@pytest.mark.parametrize(
    ("body", "shape"),
    [
        ("A2026000123", False), ("AB2026000123", True), ("ABCD2026000123", True), ("ABCDE2026000123", False),
        ("GP20261234", False), ("GP202612345", True), ("GP2026123456789", True), ("GP20261234567890", False),
    ],
)  # fmt: skip
def test_lengths_of_prefix_and_sequence(body: str, shape: bool) -> None:
    written = body + mod_37_36.calc_check_digit(body)
    assert (register_numbers.error_code(written) is None) is shape


def test_separators_may_be_any() -> None:
    assert register_numbers.compact("gp_2026/000123.3\u2212\u200b") == "GP20260001233"
    assert register_numbers.make_number("GP", 26, 1) == register_numbers.make_number("GP", 26, 1, digits=6)
    assert register_numbers.make_number("GP", 26, 1).startswith("GP-0026-000001-")
