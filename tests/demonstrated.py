"""The demonstration with short sheets in SQLite, indexed: loaded once for all processes of a run, then copied."""

from __future__ import annotations

import fcntl
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.databases import settings
from tests.processes import environment_of


@pytest.fixture(scope="session")
def demonstrated(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data directory with the demonstration records, for all tests of this process."""
    base = tmp_path_factory.getbasetemp()
    first = (base.parent if "PYTEST_XDIST_WORKER" in os.environ else base) / "demonstration"
    first.mkdir(exist_ok=True)
    with (first / "made.lock").open("w") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        if not (first / "made").exists():
            _load(first / "data")
            (first / "made").touch()
    return Path(shutil.copytree(first / "data", tmp_path_factory.mktemp("demonstration") / "data"))


def _load(folder: Path) -> None:
    """As an operator does, by commands: no coverage is measured there."""
    folder.mkdir()
    for command in (("portal.cli", "init"), ("tests.short_demonstration", str(folder.parent / "sheets"))):
        subprocess.run(
            [sys.executable, "-m", *command],
            env={**os.environ, **environment_of(settings(folder))},
            stdout=subprocess.DEVNULL,
            check=True,
        )
