"""A supervisor of child processes in the caller's process group: restarts them when they die, ends them in time."""

from __future__ import annotations

import ctypes
import logging
import signal
import subprocess
import sys
import time
from collections.abc import Sequence

from registry.observing.metrics import CHILD_STARTS

POLL_SECONDS = 0.2
MIN_PAUSE, MAX_PAUSE = 1.0, 30.0  # seconds before a dead child is started again
STABLE_SECONDS = 60.0  # a child that lived that long has earned a fresh start
TERMINATE_TIMEOUT = 8.0  # of the ten that the contract gives from SIGTERM to silence
log = logging.getLogger(__name__)
PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)


class Supervisor:
    """The child processes of one parent, by name. Linux and other POSIX systems only."""

    def __init__(self) -> None:
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._supervised: dict[str, Sequence[str]] = {}
        self._since: dict[str, float] = {}
        self._pause: dict[str, float] = {}
        self._restart_at: dict[str, float] = {}

    def start(self, name: str, command: Sequence[str], pass_fds: Sequence[int] = ()) -> str:
        """Start a child, and do not restart it. Returns its name."""
        self._running[name] = subprocess.Popen(  # noqa: S603 - our own program with our own arguments
            list(command),
            stdin=subprocess.DEVNULL,
            pass_fds=tuple(pass_fds),
            preexec_fn=_end_with_parent,  # noqa: PLW1509 - the parent has no threads at this point
        )
        self._since[name] = time.monotonic()
        log.info("started", extra={"child": name, "child_pid": self._running[name].pid})
        return name

    def supervise(self, name: str, command: Sequence[str]) -> str:
        """Start a child, and restart it after ever longer pauses whenever it dies. Returns its name."""
        self._supervised[name] = command
        self._pause[name] = MIN_PAUSE
        return self.start(name, command)

    def exit_code(self, name: str) -> int | None:
        """Return the child's exit code, None while it runs."""
        return self._running[name].poll()

    def poll(self) -> None:
        """Wait a moment, then restart the children that have died."""
        time.sleep(POLL_SECONDS)
        now = time.monotonic()
        for name, command in self._supervised.items():
            if self._running[name].poll() is None:
                continue
            if name not in self._restart_at:
                if now - self._since[name] > STABLE_SECONDS:
                    self._pause[name] = MIN_PAUSE
                self._restart_at[name] = now + self._pause[name]
                log.error(
                    "a process has died and is started again",
                    extra={
                        "child": name,
                        "child_pid": self._running[name].pid,
                        "exit_code": self._running[name].returncode,
                        "lived_seconds": round(now - self._since[name], 1),
                        "pause_seconds": self._pause[name],
                    },
                )
                self._pause[name] = min(2 * self._pause[name], MAX_PAUSE)
            elif now >= self._restart_at[name]:
                del self._restart_at[name]
                CHILD_STARTS.labels(name).inc()
                self.start(name, command)

    def terminate(self) -> None:
        """Send SIGTERM to all, and SIGKILL to those that have not ended in `TERMINATE_TIMEOUT`."""
        for child in self._running.values():
            if child.poll() is None:
                child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + TERMINATE_TIMEOUT
        for child in self._running.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a process did not end in time", extra={"child_pid": child.pid})
                child.kill()
                child.wait()


def _end_with_parent() -> None:
    """Ask Linux to end this child when its parent is killed: no worker is left on the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
