"""The table of coverage: which room a file counts for, and that lines and branches both count."""

from __future__ import annotations

import pytest

from tests.coverage_floors import FLOORS, coverage_by_room, room_of

pytestmark = pytest.mark.once


@pytest.mark.parametrize(
    ("path", "room"),
    [
        ("registry/clock.py", "registry"),
        ("registry/kit/rules.py", "registry/kit"),
        ("registry/registers/brands/rules.py", "registry/registers"),
        ("registry/services/bootstrap.py", "registry/services"),
        ("registry/services/filing/drafts.py", "registry/services/filing"),
        ("portal/web/forms.py", "portal/web"),
    ],
)
def test_a_file_counts_for_its_room(path: str, room: str) -> None:
    assert room_of(path) == room
    assert room in FLOORS


def test_lines_and_branches_count_together() -> None:
    half = {"covered_lines": 3, "missing_lines": 1, "covered_branches": 0, "missing_branches": 2}
    plain = {"covered_lines": 2, "missing_lines": 0, "covered_branches": 0, "missing_branches": 0}
    files = {"registry/kit/a.py": {"summary": half}, "registry/kit/b.py": {"summary": plain}}
    assert coverage_by_room(files) == {"registry/kit": 62.5}
