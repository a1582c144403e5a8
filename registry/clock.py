"""The only module that reads the clock. Instants are UTC; days are days in Shanghai."""

from __future__ import annotations

import contextlib
import datetime as dt
import functools
from collections.abc import Iterator
from contextvars import ContextVar

# Asia/Shanghai has had no daylight saving time since 1991: a fixed offset needs no time-zone database.
SHANGHAI = dt.timezone(dt.timedelta(hours=8), "Asia/Shanghai")

_fixed: ContextVar[dt.datetime | None] = ContextVar("fixed_now", default=None)


def now() -> dt.datetime:
    """The current instant in UTC, aware."""
    return _fixed.get() or dt.datetime.now(dt.UTC)


def today() -> dt.date:
    """The current day in Shanghai."""
    return now().astimezone(SHANGHAI).date()


@functools.lru_cache(maxsize=64)  # all entries of one publication are of one instant
def day_of(instant: dt.datetime) -> dt.date:
    """The day in Shanghai of an instant."""
    return instant.astimezone(SHANGHAI).date()


def end_of_day(day: dt.date) -> dt.datetime:
    """The first instant after `day` in Shanghai, as UTC."""
    return dt.datetime.combine(day + dt.timedelta(days=1), dt.time(), SHANGHAI).astimezone(dt.UTC)


@contextlib.contextmanager
def frozen_at(instant: dt.datetime) -> Iterator[None]:
    """Freeze the clock of this context at `instant`, for demonstration data and tests."""
    token = _fixed.set(instant.astimezone(dt.UTC))
    try:
        yield
    finally:
        _fixed.reset(token)
