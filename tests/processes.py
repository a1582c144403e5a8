"""The command line over the database of the test: in processes of their own, or, much sooner, in this one."""

from __future__ import annotations

import contextvars
import csv
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from portal.cli import pinzheng
from registry.config import Settings
from registry.reference.identifiers import credit_codes
from tests.forked_commands import ForkedCommand
from tests.logging_state import kept_logging

START_SECONDS = 180  # that a server may need to answer on a busy machine

Process = subprocess.Popen[str] | ForkedCommand
Start = Callable[..., Process]
Run = Callable[..., subprocess.CompletedProcess[str]]


def environment_of(settings: Settings) -> dict[str, str]:
    """The variables with which a command finds the database of a test."""
    return {
        "LC_ALL": "C.UTF-8",
        "PINZHENG_DATA_DIR": str(settings.data_dir),
        "PINZHENG_DATABASE_URL": settings.database_url.replace("postgresql+psycopg", "postgresql"),
        "PINZHENG_SECRET_KEY": settings.secret_key,
        "PINZHENG_SEARCH_MEANING": "on" if settings.search_meaning else "off",
    }


@pytest.fixture
def start(settings: Settings, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Start]:
    """Start a command, with `more` variables; whatever still runs is ended with the test.

    A server, and a command with options of `subprocess.Popen`, is started as it is from a shell, others are forked.
    """
    running: list[Process] = []
    environment = {**os.environ, **environment_of(settings)}

    def started(
        *command: str | Path,
        more: Mapping[str, str] | None = None,
        umask: int | None = None,
        **options: Any,
    ) -> Process:
        arguments, variables = list(map(str, command)), environment | dict(more or {})
        process: Process
        if options or arguments[0] == "serve":
            process = subprocess.Popen(
                [sys.executable, "-m", "portal.cli", *arguments],
                env=variables,
                **{
                    "stdin": subprocess.DEVNULL,
                    "stdout": subprocess.PIPE,
                    "stderr": subprocess.PIPE,
                    "text": True,
                    **options,
                },
            )
        else:
            folder = tmp_path_factory.mktemp("command")
            process = ForkedCommand(arguments, variables, folder, umask=umask)
        running.append(process)
        return process

    yield started
    for process in running:
        if process.poll() is None:
            process.kill()
        process.communicate()


@pytest.fixture
def run(settings: Settings) -> Run:
    """Run a command to its end in this process, with `more` variables: for what it says and how it ends."""

    def done(*command: str | Path, more: Mapping[str, str] | None = None) -> subprocess.CompletedProcess[str]:
        arguments = list(map(str, command))
        with kept_logging():
            result = contextvars.copy_context().run(  # the language that a command sets ends with it
                CliRunner().invoke,
                pinzheng,
                arguments,
                env=environment_of(settings) | dict(more or {}),
                prog_name="pinzheng",
            )
        if result.exception and not isinstance(result.exception, SystemExit):
            raise result.exception
        return subprocess.CompletedProcess(arguments, result.exit_code, result.stdout, result.stderr)

    return done


@pytest.fixture
def run_apart(start: Start) -> Run:
    """Run a command to its end in a process of its own: for locks, signals and what a process leaves behind."""

    def done(*command: str | Path, **options: Any) -> subprocess.CompletedProcess[str]:
        process = start(*command, **options)
        out, err = process.communicate(timeout=300)
        return subprocess.CompletedProcess(process.args, process.wait(), out, err)

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
