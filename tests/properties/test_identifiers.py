"""Identifiers: one meaning, one spelling; and no slip of one character passes a check digit."""

from __future__ import annotations

import datetime as dt
import unicodedata

from hypothesis import assume, given
from hypothesis import strategies as st

from registry.reference.identifiers import credit_codes, register_numbers, standard_numbers
from registry.reference.text import folding, sparse_dates

CODE_CHARACTERS = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # GB 32100-2015: no I, O, S, V, Z
anything = st.text(st.characters(exclude_categories=["Cs"]), max_size=60)
first_17 = st.from_regex(f"[{CODE_CHARACTERS}]{{2}}[0-9]{{6}}[{CODE_CHARACTERS}]{{9}}", fullmatch=True)
numbers = st.builds(
    lambda code, main, year: f"{code} {main}-{year}",
    st.sampled_from(["GB", "GB/T", "GB/Z", "QB/T", "JGJ", "DB31/T", "T/ZLFJ", "Q/QYJJ"]),
    st.integers(1, 99_999),
    st.integers(1985, 2026),
)


@given(first_17, st.integers(0, 17), st.sampled_from(CODE_CHARACTERS))
def test_one_wrong_character_of_a_credit_code_is_detected(first: str, index: int, other: str) -> None:
    code = credit_codes.make_credit_code(first)
    assert credit_codes.error_code(code) is None
    assume(code[index] != other)
    wrong = code[:index] + other + code[index + 1 :]
    assert credit_codes.error_code(wrong) in ("credit_code_check_digit", "credit_code_characters")


@given(st.sampled_from(["TB", "GP", "QG"]), st.integers(2006, 2099), st.integers(1, 999_999), st.data())
def test_one_wrong_digit_of_a_register_number_is_detected(
    prefix: str, year: int, sequence: int, data: st.DataObject
) -> None:
    number = register_numbers.make_number(prefix, year, sequence)
    assert register_numbers.error_code(number) is None
    digits = [index for index, character in enumerate(number[:-1]) if character.isdigit()]
    index = data.draw(st.sampled_from(digits))
    other = data.draw(st.sampled_from("0123456789"))
    assume(number[index] != other)
    assert register_numbers.error_code(number[:index] + other + number[index + 1 :]) == "number_check_digit"


@given(numbers, st.sampled_from(["-", "—", "–", "－"]), st.booleans(), st.booleans(), st.booleans())
def test_every_spelling_of_a_standard_is_one_number(
    number: str, dash: str, lower: bool, wide: bool, tight: bool
) -> None:
    written = number.replace("-", dash)
    if lower:
        written = written.lower()
    if tight:
        written = written.replace(" ", "")
    if wide:
        written = "".join(chr(ord(c) + 0xFEE0) if "!" <= c <= "~" else c for c in written)
    assert standard_numbers.canonical_or_written(written) == (number, True)


@given(anything)
def test_normalising_twice_changes_nothing(text: str) -> None:
    for fold in (folding.fold_name, folding.fold_number, folding.clean_cell, credit_codes.normalise):
        assert fold(fold(text)) == fold(text)
    canonical, _known = standard_numbers.canonical_or_written(text)
    assert standard_numbers.canonical_or_written(canonical)[0] == canonical


@given(anything)
def test_names_fold_alike_in_either_normal_form(text: str) -> None:
    assert folding.fold_name(unicodedata.normalize("NFD", text)) == folding.fold_name(text)


@given(st.dates(dt.date(1600, 1, 1), dt.date(2100, 1, 1)))
def test_spellings_of_a_day_are_one_day(day: dt.date) -> None:
    iso = day.isoformat()
    chinese = f"{day.year}年{day.month}月{day.day}日"
    for written in (iso, chinese, iso.replace("-", "/"), iso.replace("-", "."), day):
        assert sparse_dates.parse(written) == iso
    assert sparse_dates.first_day(iso[:7]) <= day <= sparse_dates.last_day(iso[:7])
    assert sparse_dates.first_day(iso[:4]) <= day <= sparse_dates.last_day(iso[:4])
