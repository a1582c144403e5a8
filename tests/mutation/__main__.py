"""`python -m tests.mutation registry/kit/rules.py`: try small changes of modules, and tell which no test notices."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.mutation.running import ROOT, SURVIVED, UNREACHED, Choice, Trial

QUIET = ("-W", "ignore:Module already imported")  # hypothesis, by the plugin


class Room(NamedTuple):
    """The tests that are asked about the modules of a room. `plain`: they need none of the fixtures for all tests."""

    tests: tuple[str, ...]
    plain: bool = False


UNIT = "tests/unit"
ROOMS = {
    "registry/reference": Room((f"{UNIT}/reference", "tests/properties/test_identifiers.py")),
    "registry/reference/identifiers": Room(
        (
            *(
                f"{UNIT}/reference/test_{name}.py"
                for name in (
                    "credit_codes", "register_numbers", "certificate_numbers", "foreign_numbers", "personal", "lookalikes",
                    "standard_numbers", "recognition",
                )
            ),
        ),
        plain=True,
    ),
    "registry/kit": Room((f"{UNIT}/kit",), plain=True),
    "registry/registers": Room((f"{UNIT}/registers",), plain=True),
    "registry/services/publication": Room((f"{UNIT}/publication",)),
}  # fmt: skip
LEFT_OUT = ("demonstration.py", "samples.py")  # invented data: any value would do


def modules_of(paths: list[str]) -> list[Path]:
    """The modules at some paths: files, or all in a folder."""
    found: list[Path] = []
    for path in map(Path, paths):
        found += [path] if path.is_file() else sorted(path.rglob("*.py"))
    return [path for path in found if path.name not in LEFT_OUT]


def room_of(module: Path) -> Room:
    """The room of a module, by the longest beginning of its path; one without tests where `ROOMS` has none."""
    beginnings = [beginning for beginning in ROOMS if module.as_posix().startswith(f"{beginning}/")]
    return ROOMS[max(beginnings, key=len)] if beginnings else Room(())


def main() -> int:
    """Try the changes, print those that survived and the counts; 0 if none survived."""
    parser = argparse.ArgumentParser(prog="python -m tests.mutation", description=__doc__)
    parser.add_argument("modules", nargs="+", help="modules, or folders of them")
    parser.add_argument("--tests", nargs="*", help="tests to ask; else those that are named for the room")
    parser.add_argument("--every", type=int, default=1, help="try only each n-th change")
    parser.add_argument(
        "--boundaries", action="store_true", help="only of numbers, comparisons and conditions"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="of tests for one change at most")
    parser.add_argument(
        "--plain", action="store_true", help="the tests given need no fixtures of tests/conftest.py"
    )
    parser.add_argument(
        "--into", type=Path, default=ROOT / "build/mutation.jsonl", help="a line of JSON each"
    )
    asked = parser.parse_args()
    modules = modules_of(asked.modules)
    rooms = [room_of(module) for module in modules]
    tests = asked.tests or list(dict.fromkeys(test for room in rooms for test in room.tests))
    if not tests:
        parser.error("no tests are named for these modules: give some with --tests")
    plain = ["--noconftest"] if asked.plain or (not asked.tests and all(room.plain for room in rooms)) else []
    trial = Trial(modules, asked.into, Choice(asked.every, asked.boundaries, asked.seconds, not plain))
    failed = pytest.main(
        ["-p", "no:xdist", "--capture=no", "--no-header", *QUIET, *plain, *tests], plugins=[trial]
    )
    if failed:
        return int(failed)
    left = 0
    for row in map(json.loads, asked.into.read_text("utf-8").splitlines()):
        if row["status"] in (SURVIVED, UNREACHED):
            left += 1
            print(f"{row['module']}:{row['line']}: {row['status']}: {row['before']}  →  {row['after']}")
    return int(bool(left))


if __name__ == "__main__":
    sys.exit(main())
