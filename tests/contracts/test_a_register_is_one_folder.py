"""A register is one folder: no migration, no route, no other file."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from registry.config import Settings

HERE = Path(__file__).parent
ROOT = HERE.parents[1]


@pytest.fixture
def trial(settings: Settings, tmp_path: Path) -> dict[str, Any]:
    shutil.copytree(HERE / "eighth" / "recalls", tmp_path / "registers" / "recalls")
    environment = {
        **os.environ,
        "PINZHENG_REGISTERS": str(tmp_path / "registers"),
        "PINZHENG_DATA_DIR": str(settings.data_dir),
        "PINZHENG_DATABASE_URL": settings.database_url,
        "PINZHENG_SECRET_KEY": settings.secret_key,
    }
    done = subprocess.run(
        [sys.executable, "-m", "tests.contracts.eighth.trial", str(tmp_path)],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    found: dict[str, Any] = json.loads(done.stdout)
    return found


def test_one_folder_gives_import_pages_api_search_and_export(trial: dict[str, Any]) -> None:
    assert trial["first"] == [1, "created 2, updated 0, unchanged 0, refused 1"]
    assert trial["second"] == [1, "created 0, updated 0, unchanged 2, refused 1"]
    items = trial["api"]["items"]
    assert [item["title"]["zh"] for item in items] == ["折叠童车", "电热水壶"]
    assert items[0]["number"].startswith("RC-2026-00001-")
    assert items[0]["document"]["measure"] == "replace"
    assert items[0]["identifiers"] == {"notice_no": "ZH-2026-1"}
    for path, (status, text) in trial["pages"].items():
        assert status == 200, path
        assert "折叠童车" in text or "Folding pram" in text, path
    assert "召回中" in trial["pages"]["/zh/recalls"][1]
    assert "Product recalls" in trial["pages"]["/en/recalls"][1]
    assert trial["search"]["total"] == 1
    assert {facet["value"] for facet in trial["search"]["facets"]["measure"]} == {"replace"}
    assert "折叠童车" in trial["exported"]
    assert "number" in trial["exported"].splitlines()[0]
