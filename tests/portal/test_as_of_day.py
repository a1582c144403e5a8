"""The day of a record page as of a past day: its shape, days that do not exist, and the last day that may be shown."""

from __future__ import annotations

import datetime as dt

import pytest

from portal.public.as_of_day import PROBLEM_MESSAGES, from_address, from_inputs
from registry import clock

pytestmark = pytest.mark.once
SHAPE, NONE, FUTURE = (PROBLEM_MESSAGES[code] for code in ("shape", "none", "future"))


def typed(year: str, month: str, day: str) -> dict[str, str]:
    return {"at-y": year, "at-m": month, "at-d": day}


@pytest.mark.parametrize(
    ("year", "month", "day", "problem"),
    [
        ("26", "1", "1", SHAPE), ("202", "1", "1", SHAPE), ("2026", "", "1", SHAPE), ("2026", "x", "1", SHAPE),
        ("2026", "0", "1", NONE), ("2026", "13", "1", NONE), ("2026", "2", "29", NONE), ("2026", "2", "0", NONE),
        ("0000", "1", "1", NONE), ("9999", "12", "31", FUTURE),
        ("2024", "2", "29", ""), ("0001", "1", "1", ""), ("２０２４", "１", "１", ""),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_typed_day(year: str, month: str, day: str, problem: str) -> None:
    requested = from_inputs(typed(year, month, day))
    assert requested.problem == problem
    assert (requested.day is None) == bool(problem)


@pytest.mark.parametrize(
    ("at", "problem"),
    [
        ("2024-02-29", ""), ("2023-02-29", NONE), ("24-02-29", SHAPE), ("2024-2-9", SHAPE), ("20240229", SHAPE),
        ("２０２４-０２-２９", SHAPE), ("", SHAPE), ("2024-02-29 ", SHAPE), ("9999-12-31", FUTURE),
    ],
)  # fmt: skip
def test_what_is_wrong_with_the_day_of_an_address(at: str, problem: str) -> None:
    assert from_address(at).problem == problem


def test_today_in_shanghai_is_the_last_day_that_may_be_shown() -> None:
    with clock.frozen_at(dt.datetime(2026, 3, 31, 16, 0, tzinfo=dt.UTC)):  # midnight in Shanghai
        assert from_address("2026-04-01").day == dt.date(2026, 4, 1)
        assert from_address("2026-04-02").problem == FUTURE
        assert from_inputs(typed("2026", "4", "1")).day == dt.date(2026, 4, 1)
        assert from_inputs(typed("2026", "4", "2")).problem == FUTURE
    with clock.frozen_at(dt.datetime(2026, 3, 31, 15, 59, 59, tzinfo=dt.UTC)):
        assert from_address("2026-04-01").problem == FUTURE


def test_without_a_day_the_form_shows_today() -> None:
    with clock.frozen_at(dt.datetime(2026, 3, 31, 16, 0, tzinfo=dt.UTC)):
        requested = from_inputs({})
    assert (requested.day, requested.problem) == (None, "")
    assert dict(requested.typed) == {"y": "2026", "m": "4", "d": "1"}
