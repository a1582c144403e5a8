"""Whatever a command writes into the data directory can be read by its own account only, also under a generous umask."""

from __future__ import annotations

from pathlib import Path

import pytest

from registry.config import SECRET_FILE
from registry.services.operations import maintenance
from tests.processes import Run, organisations, run_apart, start

__all__ = ["run_apart", "start"]
pytestmark = pytest.mark.once
GENEROUS = 0o022


def shared(folder: Path) -> list[Path]:
    """What in a folder, and the folder itself, other accounts could read."""
    return [path for path in (folder, *folder.rglob("*")) if path.stat().st_mode & 0o077]


def test_the_store_is_readable_by_its_own_account_only(run_apart: Run, tmp_path: Path) -> None:
    data = tmp_path / "store"
    more = {
        "PINZHENG_DATA_DIR": str(data),
        "PINZHENG_DATABASE_URL": "",
        "PINZHENG_SECRET_KEY": "",
        "PINZHENG_SEARCH_MEANING": "off",
    }
    sheet, copy = organisations(tmp_path / "sheet.csv", 3), tmp_path / "copy.csv"
    sheet.write_text(sheet.read_text("utf-8") + "wrong,演示有限公司,330100,CN,active\n", "utf-8")
    for command in (("init",), ("import", "organisations", sheet), ("relay", "--once"), ("backup",)):
        done = run_apart(*command, more=more, umask=GENEROUS)
        assert (command, done.returncode) == (command, 1 if command[0] == "import" else 0), done.stderr
    assert {"pinzheng.sqlite3", SECRET_FILE, "index", "reports", "backups"} <= {
        path.name for path in data.iterdir()
    }
    assert shared(data) == []
    run_apart("export", "organisations", "--output", copy, more=more, umask=GENEROUS)
    assert copy.stat().st_mode & 0o777 == 0o644  # named by the caller, and meant for others


def test_an_existing_store_is_closed_and_another_directory_left_alone(tmp_path: Path) -> None:
    for name, holds, mode in (("empty", "", 0o700), ("store", SECRET_FILE, 0o700), ("home", "notes", 0o755)):
        folder = tmp_path / name
        folder.mkdir()
        folder.chmod(0o755)
        if holds:
            (folder / holds).touch()
        maintenance._make_private(folder, holds_store=holds == SECRET_FILE)
        assert (name, folder.stat().st_mode & 0o777) == (name, mode)
