"""Working days in mainland China, with the holidays and the working weekends of the State Council's notices.

The calendar is that of the package `chinesecalendar`. A notice is made for one year at the end of the year before: beyond
the last year that the calendar knows, Monday to Friday count as working days, and a count that reaches there is estimated.
"""

from __future__ import annotations

import datetime as dt

from chinese_calendar import constants, is_workday

FIRST_KNOWN_YEAR: int = min(constants.holidays).year
LAST_KNOWN_YEAR: int = max(constants.holidays).year
MAX_COUNT = 2_000  # working days in one count
SATURDAY = 5


def is_known(day: dt.date) -> bool:
    """True if the calendar knows the holidays of that year."""
    return FIRST_KNOWN_YEAR <= day.year <= LAST_KNOWN_YEAR


def is_working_day(day: dt.date) -> bool:
    """True for a day on which authorities work; outside the known years, for Monday to Friday."""
    return bool(is_workday(day)) if is_known(day) else day.weekday() < SATURDAY


def add_working_days(day: dt.date, count: int) -> dt.date:
    """The last of `count` working days that begin on the day after `day` (as periods are counted: Civil Code, Art. 201).

    At most `MAX_COUNT`; never beyond the calendar's last day.
    """
    left = min(count, MAX_COUNT)
    while left > 0 and day < dt.date.max:
        day += dt.timedelta(days=1)
        left -= is_working_day(day)
    return day


def count_working_days(after: dt.date, last: dt.date) -> int:
    """How many working days lie after `after`, up to and with `last`; counting ends at `MAX_COUNT`."""
    count = 0
    while after < last and count < MAX_COUNT:
        after += dt.timedelta(days=1)
        count += is_working_day(after)
    return count
