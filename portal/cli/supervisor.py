"""A supervisor of child processes in the caller's process group: restarts them when they die or hang, ends them in time."""

from __future__ import annotations

import contextlib
import logging
import os
import signal
import subprocess
import time
from collections.abc import Callable

from portal.cli.children import Child
from registry.observing.metrics import CHILD_STARTS
from registry.observing.recent_trouble import note_trouble

POLL_SECONDS = 0.2
MIN_PAUSE, MAX_PAUSE = 1.0, 30.0  # seconds before a dead child is started again
STABLE_SECONDS = 60.0  # a child that lived that long has earned a fresh start
TERMINATE_TIMEOUT = 8.0  # of the ten that the contract gives from SIGTERM to silence
SILENT_SECONDS = 60.0  # a supervised child without a sign for so long hangs
ASLEEP_SECONDS = 10.0  # between two looks: this process was stopped itself, and its children perhaps with it
log = logging.getLogger(__name__)

StartChild = Callable[[], Child]
StartSupervised = Callable[[int], Child]  # given the descriptor of the pipe for its signs of life


class Supervisor:
    """The child processes of one parent, by name. Linux and other POSIX systems only."""

    def __init__(self) -> None:
        self._running: dict[str, Child] = {}
        self._supervised: dict[str, StartSupervised] = {}
        self._pipes: dict[str, int] = {}  # by which supervised children give signs
        self._heard: dict[str, float] = {}
        self._looked_at = time.monotonic()
        self._since: dict[str, float] = {}
        self._pause: dict[str, float] = {}
        self._restart_at: dict[str, float] = {}

    def start(self, name: str, begin: StartChild) -> str:
        """Start a child, and do not restart it. Returns its name."""
        self._running[name] = begin()
        self._since[name] = time.monotonic()
        log.info("started", extra={"child": name, "child_pid": self._running[name].pid})
        return name

    def supervise(self, name: str, begin: StartSupervised) -> str:
        """Start a child, and restart it after ever longer pauses whenever it dies. Returns its name.

        One that gives no sign for `SILENT_SECONDS` is killed, which is a way to die.
        """
        self._supervised[name] = begin
        self._pause[name] = MIN_PAUSE
        return self._start_supervised(name)

    def _start_supervised(self, name: str) -> str:
        reads, writes = os.pipe()
        os.set_blocking(reads, False)
        if name in self._pipes:
            os.close(self._pipes[name])
        self._pipes[name], self._heard[name] = reads, time.monotonic()
        try:
            return self.start(name, lambda: self._supervised[name](writes))
        finally:
            os.close(writes)

    def _kill_silent(self, now: float) -> None:
        """Kill supervised children that hang, and say which and why."""
        awake = now - self._looked_at < ASLEEP_SECONDS
        self._looked_at = now
        for name, pipe in self._pipes.items():
            with contextlib.suppress(BlockingIOError):
                if os.read(pipe, 4096):
                    self._heard[name] = now
            if not awake:
                self._heard[name] = now
            silent = now - self._heard[name]
            if silent > SILENT_SECONDS and self._running[name].poll() is None:
                log.error(
                    "the process %s gives no sign of life and is killed",
                    name,
                    extra={
                        "child": name,
                        "child_pid": self._running[name].pid,
                        "silent_seconds": round(silent, 1),
                    },
                )
                self._running[name].kill()

    def exit_code(self, name: str) -> int | None:
        """Return the child's exit code, None while it runs."""
        return self._running[name].poll()

    def poll(self) -> None:
        """Wait a moment, then restart the children that have died."""
        time.sleep(POLL_SECONDS)
        now = time.monotonic()
        self._kill_silent(now)
        for name in self._supervised:
            if (code := self._running[name].poll()) is None:
                continue
            if name not in self._restart_at:
                if now - self._since[name] > STABLE_SECONDS:
                    self._pause[name] = MIN_PAUSE
                self._restart_at[name] = now + self._pause[name]
                note_trouble("process_died")
                log.error(
                    "the process %s has died and is started again",
                    name,  # in the message: each child has a line of its own
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
                self._start_supervised(name)

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
