"""The command line as processes of their own, over the database of the test."""

from __future__ import annotations

import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from registry.config import Settings
from registry.reference.identifiers import credit_codes

Start = Callable[..., subprocess.Popen[str]]
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def start(settings: Settings) -> Iterator[Start]:
    """Start a command, with `more` variables; whatever still runs is ended with the test."""
    running: list[subprocess.Popen[str]] = []
    environment = {
        **os.environ,
        "LC_ALL": "C.UTF-8",
        "PINZHENG_DATA_DIR": str(settings.data_dir),
        "PINZHENG_DATABASE_URL": settings.database_url.replace("postgresql+psycopg", "postgresql"),
        "PINZHENG_SECRET_KEY": settings.secret_key,
    }

    def started(
        *command: str | Path, more: Mapping[str, str] | None = None, **options: Any
    ) -> subprocess.Popen[str]:
        process = subprocess.Popen(
            [sys.executable, "-m", "portal.cli", *map(str, command)],
            env=environment | dict(more or {}),
            **{
                "stdin": subprocess.DEVNULL,
                "stdout": subprocess.PIPE,
                "stderr": subprocess.PIPE,
                "text": True,
                **options,
            },
        )
        running.append(process)
        return process

    yield started
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def run(start: Start) -> Run:
    """Run a command to its end."""

    def done(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        process = start(*command, **options)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.returncode, out, err)

    return done


def organisations(path: Path, rows: int, first: int = 0) -> Path:
    """A sheet of invented organisations."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(("uscc", "name_zh", "region_code", "country", "status"))
        for number in range(first, first + rows):
            code = credit_codes.make_credit_code(f"91330100MA{number:07d}")
            writer.writerow((code, f"演示{number}有限公司", "330100", "CN", "active"))
    return path
