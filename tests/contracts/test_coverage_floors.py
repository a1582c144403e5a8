"""Every room has a floor of coverage, so that a new one is not noticed only at the end of the whole run."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests import coverage_floors

pytestmark = pytest.mark.once
ROOT = Path(__file__).parents[2]


def test_every_room_has_a_floor_and_no_other() -> None:
    modules = (
        path for top in ("registry", "portal") for path in (ROOT / top).rglob("*.py") if path.stat().st_size
    )
    rooms = {coverage_floors.room_of(str(path.relative_to(ROOT))) for path in modules}
    assert rooms == set(coverage_floors.FLOORS)
