"""A register that runs: `pinzheng serve` with a log that is kept, and what it tells of itself while faults are done to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

import psutil
from prometheus_client.parser import text_string_to_metric_families

from registry.config import Settings
from tests.databases import SECRET
from tests.faults.databases import Database, end_with_this_process

ROOT = Path(__file__).resolve().parents[2]
METRICS_TOKEN = "for tests of faults only"
START_SECONDS = 120.0
STARTED = re.compile(r"message=started child=(\w+) child_pid=(\d+)")
LOOK_SECONDS = 0.3  # between two looks at the server


@dataclass(frozen=True, slots=True)
class Look:
    """What a server said at one moment: `/readyz` and the metrics by name and labels; empty where it did not answer."""

    ready: Mapping[str, Any]
    metrics: Mapping[tuple[str, str], float]

    @property
    def attention(self) -> set[str]:
        return set((self.ready.get("operation") or {}).get("attention", ()))

    def sum_of(self, name: str, label: str = "") -> float:
        """The sum of all series of a metric, or of those with this value of a label."""
        return sum(
            value for (each, of), value in self.metrics.items() if each == name and (not label or label in of)
        )


@dataclass(slots=True)
class Seen:
    """What was seen of a server since some moment."""

    looks: list[Look] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)


class Server:
    """A register with its processes. `log`: where their lines are kept; `more`: further variables of its environment."""

    def __init__(
        self, database: Database, folder: Path, mail_port: int, log: Path | None = None, **more: str
    ) -> None:
        self.folder = folder
        self._log = log.open("a", encoding="utf-8") if log else None
        self.database = database
        url = database.url(folder)
        address = url.replace("postgresql:", "postgresql+psycopg:")
        self.settings = Settings(
            folder,
            address,
            SECRET,
            "http://127.0.0.1:8000",
            search_url=address if database.name == "postgresql" else "",
        )
        self.clock_file = folder.parent / "clock"
        self.set_clock(0)
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = int(free.getsockname()[1])
        self._environment = {
            **os.environ,
            "LC_ALL": "C.UTF-8",
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parent / "shifted_clock"), str(ROOT))),
            "PINZHENG_TEST_CLOCK": str(self.clock_file),
            "PINZHENG_DATA_DIR": str(folder),
            "PINZHENG_DATABASE_URL": url,
            "PINZHENG_SECRET_KEY": SECRET,
            "PINZHENG_METRICS_TOKEN": METRICS_TOKEN,
            "PINZHENG_MAIL_URL": f"smtp://127.0.0.1:{mail_port}?from=register@example.org",
            "PINZHENG_SEARCH_MEANING": "off",
            **more,
        }
        self._environment.pop("PROMETHEUS_MULTIPROC_DIR", None)
        self._seen = Seen()
        self._children: dict[str, int] = {}  # pid by name
        self._readers: list[threading.Thread] = []  # of logs
        self._processes: list[subprocess.Popen[str]] = []
        self._ended = threading.Event()

    def set_clock(self, days: int) -> None:
        """Shift the clock of all processes by so many days."""
        handle = os.open(self.clock_file, os.O_WRONLY | os.O_CREAT, 0o600)
        os.pwrite(handle, f"{days:+05d}".encode(), 0)  # always as long
        os.close(handle)

    def command(self, *arguments: str) -> None:
        """Run a command of `pinzheng` to its end."""
        self.run("portal.cli", *arguments)

    def run(self, module: str, *arguments: str) -> None:
        """Run a module to its end, with the environment of the server."""
        line = [sys.executable, "-m", module, *arguments]
        done = subprocess.run(
            line, cwd=ROOT, env=self._environment, capture_output=True, text=True, check=False
        )
        if done.returncode:
            raise RuntimeError(done.stderr)

    @staticmethod
    def _line(*arguments: str) -> list[str]:
        return [sys.executable, "-m", "portal.cli", *arguments]

    def start(self, *arguments: str, **more: str) -> subprocess.Popen[str]:
        """Start a command that runs until it is told to end; its log is kept with that of all others."""
        process = subprocess.Popen(
            self._line(*arguments),
            cwd=ROOT,
            env=self._environment | more,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            preexec_fn=end_with_this_process,  # noqa: PLW1509 - it calls the system only
        )
        self._processes.append(process)
        assert process.stderr is not None
        reader = threading.Thread(target=self._keep_log, args=(process.stderr,), daemon=True)
        reader.start()
        self._readers.append(reader)
        return process

    def serve(self, workers: int = 2) -> None:
        """Start the server and wait until it is ready."""
        self.parent = self.start("serve", "--port", str(self.port), "--workers", str(workers))
        self.wait_until_ready(START_SECONDS)
        threading.Thread(target=self._look_again_and_again, daemon=True).start()

    def wait_until_ready(self, seconds: float) -> None:
        until = time.monotonic() + seconds
        while not self.look().ready.get("ready"):
            if time.monotonic() > until or self.parent.poll() is not None:
                raise RuntimeError("the server is not ready:\n" + "".join(self._seen.lines[-40:]))
            time.sleep(LOOK_SECONDS)

    def wait_for_line(self, words: str, seconds: float) -> None:
        """Wait until the log of what is watched has a line with these words, at most for some seconds."""
        until = time.monotonic() + seconds
        while time.monotonic() < until and not any(words in line for line in list(self._seen.lines)):
            time.sleep(LOOK_SECONDS)

    def stop(self) -> None:
        self._ended.set()
        for process in self._processes:
            if process.poll() is None:
                process.send_signal(signal.SIGCONT)
                process.terminate()
        for process in self._processes:
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        for thread in self._readers:
            thread.join(10)
        if self._log is not None:
            self._log.close()

    # What it tells

    def _keep_log(self, stream: IO[str]) -> None:
        with stream:
            self._keep_lines(stream)

    def _keep_lines(self, stream: IO[str]) -> None:
        for line in stream:
            self._seen.lines.append(line)
            if self._log is not None:
                self._log.write(line)
                self._log.flush()
            if started := STARTED.search(line):
                self._children[started[1]] = int(started[2])

    def _look_again_and_again(self) -> None:
        while not self._ended.wait(LOOK_SECONDS):
            self._seen.looks.append(self.look())

    def look(self) -> Look:
        """Ask for readiness and metrics."""
        ready, metrics = {}, {}
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            ready = json.loads(self.ask("GET", "/readyz")[1])
        with contextlib.suppress(OSError, http.client.HTTPException, ValueError):
            status, body = self.ask("GET", "/metrics", Authorization=f"Bearer {METRICS_TOKEN}")
            if status == 200:
                metrics = {
                    (sample.name, ",".join(sample.labels.values())): sample.value
                    for family in text_string_to_metric_families(body.decode())
                    for sample in family.samples
                    if "_bucket" not in sample.name
                }
        return Look(ready, metrics)

    @contextlib.contextmanager
    def watched(self) -> Iterator[Seen]:
        """What is seen during the block."""
        self._seen = seen = Seen()
        yield seen

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
        """Status and body of the answer to one request on a connection of its own. Raises OSError and HTTPException."""
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)) as connection:
            connection.request(method, path, body, named)
            answer = connection.getresponse()
            return answer.status, answer.read()

    # Its processes

    def processes(self) -> list[psutil.Process]:
        """All processes below the parent."""
        found: list[psutil.Process] = psutil.Process(self.parent.pid).children(recursive=True)
        return found

    def child(self, name: str) -> psutil.Process:
        """The process of this name: `web` (the parent of those that answer requests), `relay` or `sheets`."""
        return psutil.Process(self._children[name])

    def web_processes(self) -> list[psutil.Process]:
        """The processes that answer requests."""
        found: list[psutil.Process] = self.child("web").children()
        return found
