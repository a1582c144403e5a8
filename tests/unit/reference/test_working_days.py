"""Working days by the calendar of the State Council's notices."""

from __future__ import annotations

import datetime as dt

import pytest

from registry.reference import working_days


@pytest.mark.parametrize(
    ("day", "working"),
    [
        ("2023-06-21", True),
        ("2023-06-22", False),  # Dragon Boat Festival
        ("2023-06-25", True),  # a Sunday that was worked
        ("2024-02-10", False),  # Spring Festival
        ("2023-06-18", False),  # a plain Sunday
        ("1999-06-21", True),  # before the calendar: a Monday
        ("2099-06-20", False),  # beyond it: a Saturday
    ],
)
def test_working_days(day: str, working: bool) -> None:
    assert working_days.is_working_day(dt.date.fromisoformat(day)) is working


def test_a_period_begins_on_the_day_after_and_skips_holidays() -> None:
    notice = dt.date(2023, 6, 19)
    assert working_days.add_working_days(notice, 0) == notice
    assert working_days.add_working_days(notice, 3) == dt.date(2023, 6, 25)
    assert working_days.count_working_days(notice, dt.date(2023, 6, 25)) == 3
    assert working_days.count_working_days(notice, notice) == 0
    assert working_days.add_working_days(dt.date(2023, 12, 20), 15) == dt.date(2024, 1, 11)


def test_counts_are_bounded() -> None:
    assert working_days.add_working_days(dt.date(9999, 12, 30), 10) == dt.date.max
    far = working_days.count_working_days(dt.date(1, 1, 1), dt.date.max)
    assert far == working_days.MAX_COUNT


def test_the_last_known_year_is_told() -> None:
    assert working_days.is_known(dt.date(working_days.LAST_KNOWN_YEAR, 12, 31))
    assert not working_days.is_known(dt.date(working_days.LAST_KNOWN_YEAR + 1, 1, 1))
    assert working_days.FIRST_KNOWN_YEAR == 2004
