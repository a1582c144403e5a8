"""How late a filing is: counted from the day on which it began to apply."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest

from registry.kit.filing import Disclosure

DISCLOSURE = Disclosure("begins_on", 30, "late")


@pytest.mark.parametrize(
    ("begun", "late"),
    [
        ("2026-10-25", 0),  # the thirtieth day
        ("2026-10-24", 31),
        ("2026-11-24", 0),
        ("2026-12-24", 0),
        ("2026-10", 0),  # no day
        ("", 0),
        (None, 0),
    ],
)
def test_days_late(begun: Any, late: int) -> None:
    assert DISCLOSURE.days_late({"begins_on": begun}, dt.date(2026, 11, 24)) == late
