"""The material beside a developer's checkout: real data with its faults, example sheets, judged queries.

A user's clone does not have it; tests over it are then deselected, with one line that says so (tests/conftest.py).
"""

from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest

SHARED = Path(__file__).resolve().parents[2] / "shared"

Test = TypeVar("Test", bound=Callable[..., object])


def needs_shared(test: Test) -> Test:
    """Mark a test that reads from `SHARED`."""
    return pytest.mark.shared(test)  # type: ignore[return-value]


def sheet(name: str) -> list[dict[str, str]]:
    """Rows of one of the example sheets, as written."""
    with (SHARED / "queries" / f"{name}.csv").open(encoding="utf-8-sig", newline="") as file:
        return list(csv.DictReader(file))
