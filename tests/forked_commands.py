"""Commands in processes that are forked from one which has imported them all: there in milliseconds instead of seconds.

The process that forks is a new interpreter (`multiprocessing`'s fork server), so that nothing which a test has patched is in it.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import subprocess
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path

from portal.cli import pinzheng

SERVER = multiprocessing.get_context("forkserver")
SERVER.set_forkserver_preload(["tests.imported_commands"])


class ForkedCommand:
    """A running command, to be used like `subprocess.Popen` with text from both of its outputs.

    `folder`: where the outputs are kept. `umask`: None for that of the tests.
    """

    def __init__(
        self,
        arguments: Sequence[str],
        environment: Mapping[str, str],
        folder: Path,
        *,
        umask: int | None = None,
    ) -> None:
        self.args = ["pinzheng", *arguments]
        self._outputs = [folder / name for name in ("out", "err")]
        self._process = SERVER.Process(
            target=_run, args=(list(arguments), dict(environment), self._outputs, umask)
        )
        self._process.start()

    @property
    def pid(self) -> int:
        assert self._process.pid is not None
        return self._process.pid

    @property
    def returncode(self) -> int | None:
        return self._process.exitcode

    def poll(self) -> int | None:
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Return the exit code, negative for a signal. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        if self._process.exitcode is None:
            raise subprocess.TimeoutExpired(self.args, timeout or 0.0)
        return self._process.exitcode

    def communicate(self, timeout: float | None = None) -> tuple[str, str]:
        """Wait for the end and return what the command wrote. Raises `subprocess.TimeoutExpired`."""
        self.wait(timeout)
        out, err = (path.read_text("utf-8") if path.exists() else "" for path in self._outputs)
        return out, err

    def send_signal(self, number: int) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)


def _run(arguments: list[str], environment: dict[str, str], outputs: list[Path], umask: int | None) -> None:
    os.environ.clear()
    os.environ.update(environment)
    for descriptor, path in zip((1, 2), outputs, strict=True):
        with path.open("wb") as file:
            os.dup2(file.fileno(), descriptor)
    sys.stdout = os.fdopen(1, "w", encoding="utf-8")
    sys.stderr = os.fdopen(2, "w", encoding="utf-8")
    if umask is not None:
        os.umask(umask)
    pinzheng(arguments, prog_name="pinzheng")
