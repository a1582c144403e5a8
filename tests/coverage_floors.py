"""Print branch coverage by room and fail where a room has less than its floor: `python -m tests.coverage_floors REPORT`.

Reads the JSON report that SlipCover wrote in `make test`. A floor is what a room had when it was set, less two percent; raise it when a
room gets better. Lines that only other processes run (commands, workers) are not seen by the measurement.
"""

from __future__ import annotations

import collections
import json
import sys
from pathlib import Path

FLOORS = json.loads((Path(__file__).parent / "coverage_floors.json").read_text("utf-8"))
DEEP = (
    "registry/services",
    "registry/search",
    "registry/reference",
)  # each folder inside is a room of its own


def room_of(path: str) -> str:
    """The room of a source file: `registry/kit`, `registry/services/filing`, `portal/web`; `registry` for its own modules."""
    parts = Path(path).parts[:-1]
    depth = 3 if "/".join(parts[:2]) in DEEP else 2
    return "/".join(parts[:depth])


def coverage_by_room(files: dict[str, dict[str, dict[str, int]]]) -> dict[str, float]:
    """Percent of lines and branches that ran, for each room. `files`: the part of that name of a JSON report."""
    ran: collections.Counter[str] = collections.Counter()
    there: collections.Counter[str] = collections.Counter()
    for path, report in files.items():
        summary, room = report["summary"], room_of(path)
        covered = summary["covered_lines"] + summary["covered_branches"]
        ran[room] += covered
        there[room] += covered + summary["missing_lines"] + summary["missing_branches"]
    return {room: 100 * ran[room] / there[room] for room in sorted(there) if there[room]}


def main() -> int:
    """Print the table; 1 where a room is under its floor or has none, else 0."""
    files = json.loads(Path(sys.argv[1]).read_text("utf-8"))["files"]
    failed = 0
    for room, percent in coverage_by_room(files).items():
        floor = FLOORS.get(room)
        bad = floor is None or percent < floor
        failed |= bad
        print(
            f"{room:32} {percent:6.1f} %   floor {'none' if floor is None else floor}{'   TOO LOW' if bad else ''}"
        )
    return int(failed)


if __name__ == "__main__":
    sys.exit(main())
