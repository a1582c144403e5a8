"""`make mutants` on two small files: which changes it makes, and which of them it says that no test notices."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

from tests.mutation.changes import changes_of
from tests.mutation.running import ROOT

MODULE = """\
import functools

LIMIT = 3


@functools.cache
def fits(length: int) -> bool:
    return length <= LIMIT


class Box:
    @property
    def is_full(self) -> bool:
        return len(self.things) >= 2

    def __init__(self) -> None:
        self.things: list[int] = []

    def add(self, thing: int) -> None:
        if thing > 0:
            self.things.append(thing)


def untested() -> int:
    return 1
"""
TESTS = """\
from sample import Box, fits


def test_boxes() -> None:
    box = Box()
    for thing in (-1, 1, 2):
        assert not box.is_full
        box.add(thing)
    assert box.is_full


def test_lengths(shelf: list[int]) -> None:
    assert fits(3)
    assert not fits(4)
    assert not shelf
"""
FIXTURES = """\
from pathlib import Path

import pytest

@pytest.fixture(scope="session")
def shelf():
    with Path(__file__).with_name("made").open("a") as file:
        file.write("once")
    return []
"""


def test_changes_stand_in_for_functions_under_decorators_too(tmp_path: Path) -> None:
    module = tmp_path / "sample.py"
    module.write_text(MODULE, encoding="utf-8")
    made = {
        (each.line, each.before, each.after): each
        for each in changes_of(module, str(module), boundaries=True)
    }
    assert made[8, "<= LIMIT", "< LIMIT"].codes[0][0].co_qualname == "fits"
    assert made[14, ">= 2", "> 2"].codes[0][0].co_qualname == "Box.is_full"
    assert made[3, "3", "4"].codes == ()
    assert {after for line, _before, after in made if line == 20} == {">= 0", "1"}
    everything = {each.after for each in changes_of(module, str(module))}
    assert {"pass", "return None", "self.things.append(None)"} <= everything


def test_what_no_test_notices_is_told(tmp_path: Path) -> None:
    module, tests, told = tmp_path / "sample.py", tmp_path / "test_sample.py", tmp_path / "told.jsonl"
    module.write_text(MODULE, encoding="utf-8")
    tests.write_text(TESTS, encoding="utf-8")
    tests.with_name("conftest.py").write_text(FIXTURES, encoding="utf-8")
    command = [sys.executable, "-m", "tests.mutation", str(module), "--boundaries"]
    done = subprocess.run(
        [*command, "--tests", str(tests), "--into", str(told)],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1, done.stderr
    rows = [json.loads(line) for line in told.read_text("utf-8").splitlines()]
    assert [(row["line"], row["after"]) for row in rows if row["status"] == "survived"] == [(20, ">= 0")]
    assert {(row["line"], row["status"]) for row in rows if row["status"] != "survived"} == {
        (3, "at import"), (8, "killed"), (14, "killed"), (20, "killed"), (25, "no test"),
    }  # fmt: skip
    assert f"{module.name}:20: survived: > 0  →  >= 0" in done.stdout
    assert (tmp_path / "made").read_text(
        "utf-8"
    ) == "once"  # for all changes, although the first test does not take it
