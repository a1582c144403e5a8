"""A server started with the command over demonstration records, and a client that asks it while others attack."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import psutil
import pytest

from tests.databases import SECRET
from tests.demonstrated import demonstrated
from tests.processes import START_SECONDS

__all__ = ["demonstrated"]

ROOT = Path(__file__).resolve().parents[2]
WAITS = "waits of another client"
PATIENCE = 10.0  # seconds for one answer under attack, on a busy machine


@dataclass(frozen=True)
class Server:
    """A running server. `waits`: seconds that another client waited for each of its pages during an attack."""

    process: subprocess.Popen[bytes]
    port: int
    data_dir: Path
    waits: list[float] = field(default_factory=list)

    def ask(self, path: str, method: str = "GET", **headers: str) -> http.client.HTTPResponse:
        """The answer to one request on a connection of its own."""
        with contextlib.closing(
            http.client.HTTPConnection("127.0.0.1", self.port, timeout=PATIENCE)
        ) as connection:
            connection.request(method, path, headers=headers)
            answer = connection.getresponse()
            answer.read()
            return answer

    def pages(self) -> tuple[str, ...]:
        """What another client asks for during an attack: the probe, the first page, a list, a file, a record."""
        records = f"http://127.0.0.1:{self.port}/api/v1/registers/brands/records"
        with urllib.request.urlopen(records, timeout=PATIENCE) as answer:
            number = json.load(answer)["items"][0]["number"]
        return ("/healthz", "/en/", "/zh/brands", "/static/favicon.svg", f"/zh/brands/{number}")

    def ask_in_turn(self, pages: Sequence[str]) -> None:
        """Ask for these pages during an attack; each comes before patience ends."""
        for path in pages:
            begun = time.monotonic()
            assert self.ask(path).status == 200, path
            self.waits.append(time.monotonic() - begun)
            assert self.waits[-1] < PATIENCE, path

    def connect(self, receive_buffer: int | None = None) -> socket.socket:
        """A connection; with a small receive buffer the server soon has to wait for its reader."""
        client = socket.socket()
        client.settimeout(30)
        if receive_buffer is not None:
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        client.connect(("127.0.0.1", self.port))
        return client

    def children(self) -> list[psutil.Process]:
        """All processes below the parent."""
        found: list[psutil.Process] = psutil.Process(self.process.pid).children(recursive=True)
        return found

    def database_bytes(self) -> int:
        """Bytes of the database, with what was written to it and waits in its log."""
        return sum(path.stat().st_size for path in self.data_dir.glob("pinzheng.sqlite3*"))

    def memory(self) -> int:
        """Bytes that the processes of the server have for themselves."""
        return sum(child.memory_full_info().uss for child in self.children())


@pytest.fixture(autouse=True)
def report_waits(server: Server, record_property: Callable[[str, object], None]) -> Iterator[None]:
    """Have the summary of `python -m pytest -n 0 tests/attacks` say how long another client waited during each attack."""
    server.waits.clear()
    yield
    if server.waits:
        record_property(WAITS, sorted(server.waits))


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the waits. Their limit is that of the issue, not of a test, since a machine may be busy."""
    for report in terminalreporter.getreports(""):  # of the ends of tests, where fixtures record
        for waits in (value for name, value in report.user_properties if name == WAITS):
            parts = (f"{waits[int(share * (len(waits) - 1))] * 1000:.0f}" for share in (0.5, 0.99, 1))
            test = report.nodeid.rpartition("::")[2]
            terminalreporter.write_line(
                f"{test}: {len(waits)} answers; median, 99 of 100, longest ms: {', '.join(parts)}"
            )


@pytest.fixture(scope="package")
def server(demonstrated: Path) -> Iterator[Server]:
    """A server with two web processes."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    environment = {
        **os.environ,
        "PINZHENG_DATA_DIR": str(demonstrated),
        "PINZHENG_SECRET_KEY": SECRET,
        "PINZHENG_SEARCH_MEANING": "off",
    }
    environment.pop("PINZHENG_DATABASE_URL", None)
    command = [sys.executable, "-m", "portal.cli", "serve", "--port", str(port), "--no-relay"]
    log = demonstrated / "server.log"
    with log.open("wb") as stderr:
        process = subprocess.Popen(
            command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=stderr
        )
    started = Server(process, port, demonstrated)
    try:
        wait_until_ready(started)
        yield started
    finally:
        process.terminate()
        process.wait(15)


def wait_until_ready(server: Server) -> None:
    """Wait until the server answers."""
    until = time.monotonic() + START_SECONDS
    while time.monotonic() < until and server.process.poll() is None:
        with contextlib.suppress(OSError):
            if server.ask("/healthz").status == 200:
                return
        time.sleep(0.2)
    raise AssertionError("the server does not answer")
