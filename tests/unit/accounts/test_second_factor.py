"""Codes of the second factor: time steps, use once, recovery codes as people type them."""

from __future__ import annotations

import datetime as dt

import pyotp
import pytest

from registry.accounts import second_factor

SECRET = pyotp.random_base32()
STEP = 57_000_000
NOW = dt.datetime.fromtimestamp(STEP * second_factor.STEP_SECONDS, dt.UTC)


@pytest.mark.parametrize(("offset", "accepted"), [(-2, False), (-1, True), (0, True), (1, True), (2, False)])
def test_codes_of_the_neighbouring_steps_are_accepted(offset: int, accepted: bool) -> None:
    code = pyotp.TOTP(SECRET).generate_otp(STEP + offset)
    step = second_factor.matching_step(SECRET, code, NOW, 0)
    assert step == (STEP + offset if accepted else None)


@pytest.mark.parametrize(("last_used", "accepted"), [(STEP - 1, True), (STEP, False), (STEP + 1, False)])
def test_a_code_is_accepted_once(last_used: int, accepted: bool) -> None:
    code = pyotp.TOTP(SECRET).generate_otp(STEP)
    assert (second_factor.matching_step(SECRET, code, NOW, last_used) == STEP) is accepted


def test_codes_in_full_width_figures_are_accepted() -> None:
    code = pyotp.TOTP(SECRET).generate_otp(STEP)
    wide = "".join(chr(ord(figure) + 0xFEE0) for figure in code)
    assert second_factor.matching_step(SECRET, f"{wide[:3]}\u3000{wide[3:]}", NOW, 0) == STEP
    assert second_factor.normalise_recovery_code(
        "Ｋ７ＱＭ－２ＸＰＤ"
    ) == second_factor.normalise_recovery_code("K7QM-2XPD")


def test_a_step_ends_with_its_last_second() -> None:
    code = pyotp.TOTP(SECRET).generate_otp(STEP - 1)
    last = NOW + dt.timedelta(seconds=second_factor.STEP_SECONDS - 1)
    assert second_factor.matching_step(SECRET, code, last, 0) == STEP - 1
    assert second_factor.matching_step(SECRET, code, last + dt.timedelta(seconds=1), 0) is None


@pytest.mark.parametrize("code", ["", "12345", "1234567", "١٢٣٤٥٦", "abcdef", "12 34 5", "-12345"])
def test_what_is_not_six_digits_is_no_code(code: str) -> None:
    assert second_factor.matching_step(SECRET, code, NOW, 0) is None


def test_recovery_codes_are_recognised_as_people_type_them() -> None:
    codes = second_factor.generate_recovery_codes()
    assert len(set(codes)) == second_factor.RECOVERY_CODE_COUNT
    for code in codes:
        for typed in (code, code.lower(), code.replace("-", ""), code.replace("-", " "), f" {code}\n"):
            assert second_factor.normalise_recovery_code(typed) == code
    assert second_factor.normalise_recovery_code("") == ""
