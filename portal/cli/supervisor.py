"""A supervisor of child processes in the caller's process group: restarts them when they die, ends them in time."""

from __future__ import annotations

import logging
import signal
import subprocess
import time
from collections.abc import Callable

from portal.cli.children import Child
from registry.observing.metrics import CHILD_STARTS

POLL_SECONDS = 0.2
MIN_PAUSE, MAX_PAUSE = 1.0, 30.0  # seconds before a dead child is started again
STABLE_SECONDS = 60.0  # a child that lived that long has earned a fresh start
TERMINATE_TIMEOUT = 8.0  # of the ten that the contract gives from SIGTERM to silence
log = logging.getLogger(__name__)

StartChild = Callable[[], Child]


class Supervisor:
    """The child processes of one parent, by name. Linux and other POSIX systems only."""

    def __init__(self) -> None:
        self._running: dict[str, Child] = {}
        self._supervised: dict[str, StartChild] = {}
        self._since: dict[str, float] = {}
        self._pause: dict[str, float] = {}
        self._restart_at: dict[str, float] = {}

    def start(self, name: str, begin: StartChild) -> str:
        """Start a child, and do not restart it. Returns its name."""
        self._running[name] = begin()
        self._since[name] = time.monotonic()
        log.info("started", extra={"child": name, "child_pid": self._running[name].pid})
        return name

    def supervise(self, name: str, begin: StartChild) -> str:
        """Start a child, and restart it after ever longer pauses whenever it dies. Returns its name."""
        self._supervised[name] = begin
        self._pause[name] = MIN_PAUSE
        return self.start(name, begin)

    def exit_code(self, name: str) -> int | None:
        """Return the child's exit code, None while it runs."""
        return self._running[name].poll()

    def poll(self) -> None:
        """Wait a moment, then restart the children that have died."""
        time.sleep(POLL_SECONDS)
        now = time.monotonic()
        for name, begin in self._supervised.items():
            if (code := self._running[name].poll()) is None:
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
                        "exit_code": code,
                        "lived_seconds": round(now - self._since[name], 1),
                        "pause_seconds": self._pause[name],
                    },
                )
                self._pause[name] = min(2 * self._pause[name], MAX_PAUSE)
            elif now >= self._restart_at[name]:
                del self._restart_at[name]
                CHILD_STARTS.labels(name).inc()
                self.start(name, begin)

    def terminate(self, timeout: float = TERMINATE_TIMEOUT) -> None:
        """Send SIGTERM to all, and SIGKILL to those that have not ended in `timeout` seconds."""
        for child in self._running.values():
            child.send_signal(signal.SIGTERM)
        deadline = time.monotonic() + timeout
        for child in self._running.values():
            try:
                child.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                log.warning("a process did not end in time", extra={"child_pid": child.pid})
                child.kill()
                child.wait()
