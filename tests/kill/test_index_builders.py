"""Processes that build an index: none outlives the build that was stopped, or the process that wanted it."""

from __future__ import annotations

import itertools
import multiprocessing
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from registry.search.analysis.document import SearchDocument
from registry.search.embedded import building
from registry.search.embedded.engine import open_engine
from registry.search.port import RebuildStopped
from tests.unit.search.sample_documents import record

pytestmark = pytest.mark.once
SECONDS = 60.0  # that a test waits at most
PROGRAM = """
import itertools, os, sys
from pathlib import Path
from registry.search.embedded import building
from registry.search.embedded.engine import open_engine
from tests.unit.search.sample_documents import record

building.MIN_PARALLEL_DOCUMENTS, building.MAX_SEGMENT_DOCUMENTS = 100, 50
os.cpu_count = lambda: 2
open_engine(Path(sys.argv[1]), 1).rebuild(record(number, "同仁堂") for number in itertools.count(1))
"""


def endless() -> Iterator[SearchDocument]:
    return (record(number, "同仁堂") for number in itertools.count(1))


@pytest.mark.parametrize("processes", [1, 2])
def test_a_build_that_is_stopped_leaves_the_old_index_and_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: int
) -> None:
    monkeypatch.setattr(building, "MIN_PARALLEL_DOCUMENTS", 100)
    monkeypatch.setattr(building, "MAX_SEGMENT_DOCUMENTS", 50)
    monkeypatch.setattr(os, "cpu_count", lambda: processes)
    engine = open_engine(tmp_path, 1)
    engine.rebuild([record(1, "全聚德")])
    before = set(tmp_path.glob("build-*"))
    stop = threading.Event()
    timer = threading.Timer(2.0, stop.set)
    timer.start()
    with pytest.raises(RebuildStopped):
        engine.rebuild(endless(), stop.is_set)
    timer.join()
    assert multiprocessing.active_children() == []
    assert set(tmp_path.glob("build-*")) == before
    assert engine.status().documents == 1


def test_builders_end_with_the_process_that_wanted_the_index(tmp_path: Path) -> None:
    parent = subprocess.Popen([sys.executable, "-c", PROGRAM, str(tmp_path)])
    try:
        builders: list[psutil.Process] = []
        end = time.monotonic() + SECONDS
        while not builders:
            assert parent.poll() is None
            assert time.monotonic() < end
            time.sleep(0.05)
            builders = psutil.Process(parent.pid).children(recursive=True)
    finally:
        parent.kill()
        parent.wait()
    _gone, left = psutil.wait_procs(builders, timeout=SECONDS)
    assert left == []
