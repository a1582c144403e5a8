"""Several processes count in one directory; files do not become more with every restart."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from registry.observing import shared_files

COUNTING = """
import os, sys
from registry.observing import metrics
metrics.CHILD_STARTS.labels("relay").inc()
if sys.argv[1] == "fork":
    if os.fork() == 0:
        metrics.CHILD_STARTS.labels("relay").inc()
        os._exit(0)
    os.wait()
    metrics.CHILD_STARTS.labels("relay").inc()
print(metrics.exposition().decode())
"""


def count(directory: Path, how: str) -> str:
    environ = {"PROMETHEUS_MULTIPROC_DIR": str(directory)}
    done = subprocess.run(
        [sys.executable, "-c", COUNTING, how], env=environ, capture_output=True, text=True, check=True
    )
    return next(line for line in done.stdout.splitlines() if line.startswith("pinzheng_child_restarts_total"))


def test_processes_add_up_and_take_the_places_of_dead_ones(tmp_path: Path) -> None:
    for expected in (1, 2):
        assert count(tmp_path, "alone") == f'pinzheng_child_restarts_total{{child="relay"}} {expected}.0'
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_0.db"]
    assert count(tmp_path, "fork").endswith(" 5.0")
    assert sorted(path.name for path in tmp_path.glob("*.db")) == ["counter_0.db", "counter_1.db"]


def test_directories_of_dead_owners_are_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shared_files, "MEMORY_DIRECTORY", tmp_path)
    monkeypatch.delenv(shared_files.DIRECTORY_VARIABLE, raising=False)
    orphan = tmp_path / "pinzheng-metrics-orphan"
    orphan.mkdir()
    (orphan / shared_files.OWNER_FILE).touch()
    os.utime(orphan, (0, 0))
    foreign = tmp_path / "pinzheng-metrics-without-owner"
    foreign.mkdir()
    with shared_files.own_directory() as first:
        with shared_files.own_directory() as second:
            assert {first, second, foreign} == set(tmp_path.iterdir())
        assert {first, foreign} == set(tmp_path.iterdir())
    assert [foreign] == list(tmp_path.iterdir())
