"""Very long sheets in flat memory; a full disk refuses what does not fit and leaves the rest whole."""

from __future__ import annotations

import resource
import sqlite3
import time
from pathlib import Path

import psutil
import pytest

from registry.config import Settings
from registry.services.bootstrap import Registry
from registry.services.exchange import export
from registry.services.exchange.importer import CHUNK_SIZE
from tests.kill.test_killed import last_line
from tests.processes import Run, Start, organisations

GROWTH = 20_000_000  # bytes; 40,000 rows kept would take several times as many
FULL = 4_000_000  # bytes that a file may have: a small disk


def peak(start: Start, *command: str | Path) -> int:
    """Highest resident memory in bytes of a command that is expected to refuse every row."""
    process, highest = start(*command), 0
    watched = psutil.Process(process.pid)
    while process.poll() is None:
        highest = max(highest, watched.memory_info().rss)
        time.sleep(0.05)
    out, err = process.communicate()
    assert "Traceback" not in err
    assert last_line(out).startswith("created 0, updated 0, unchanged 0, refused ")
    return highest


@pytest.mark.once
def test_a_sheet_of_50_000_rows_is_read_in_flat_memory(start: Start, tmp_path: Path) -> None:
    sizes = {}
    for rows in (10_000, 50_000):
        sheet = tmp_path / f"{rows}.csv"
        with sheet.open("w", encoding="utf-8") as file:
            file.write("name_zh,region_code\n")
            file.writelines(f"演示{number}有限公司,330100\n" for number in range(rows))
        report = tmp_path / f"{rows}-report.csv"
        sizes[rows] = peak(start, "import", "organisations", sheet, "--report", report)
        with report.open(encoding="utf-8-sig") as file:
            assert sum(1 for _line in file) == rows + 1
    assert sizes[50_000] - sizes[10_000] < GROWTH


@pytest.mark.sqlite
def test_a_full_disk(registry: Registry, settings: Settings, run_apart: Run, tmp_path: Path) -> None:
    sheet = organisations(tmp_path / "organisations.csv", 8000)

    def small_disk() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (FULL, FULL))

    refused = run_apart("import", "organisations", sheet, preexec_fn=small_disk)
    assert (refused.returncode, refused.stderr) == (1, "")
    assert "[storage_full]" in refused.stdout
    held = sum(1 for _each in export.iterate_documents(registry, "organisations"))
    assert held % CHUNK_SIZE == 0
    assert 0 < held < 8000
    assert last_line(refused.stdout) == f"created {held}, updated 0, unchanged 0, refused {8000 - held}"
    with sqlite3.connect(settings.data_dir / "pinzheng.sqlite3") as database_file:
        assert database_file.execute("PRAGMA integrity_check").fetchone() == ("ok",)
    again = run_apart("import", "organisations", sheet)
    assert last_line(again.stdout) == f"created {8000 - held}, updated 0, unchanged {held}, refused 0"
