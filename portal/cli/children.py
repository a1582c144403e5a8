"""Child processes: programs that are started, and forks of this process, which share its memory."""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Sequence
from typing import Protocol

from registry.observing.log_lines import log_repeats

PARENT_DEATH_SIGNAL = 1  # PR_SET_PDEATHSIG of prctl(2)
POLL_SECONDS = 0.05
HANDLED_SIGNALS = (signal.SIGTERM, signal.SIGINT, signal.SIGCHLD)


class Child(Protocol):
    """What a supervisor needs of a child; as `subprocess.Popen` has it."""

    pid: int

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""

    def send_signal(self, sig: int) -> None:
        """Send a signal, if it still runs."""

    def kill(self) -> None:
        """End it immediately."""

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""


def start_program(command: Sequence[str], pass_fds: Sequence[int] = ()) -> Child:
    """Start a program that ends when this process ends."""
    parent = os.getpid()
    return subprocess.Popen(  # noqa: S603 - our own program with our own arguments
        list(command),
        stdin=subprocess.DEVNULL,
        pass_fds=tuple(pass_fds),
        preexec_fn=lambda: _end_with(parent),  # noqa: PLW1509 - the parent has no threads of its own at this point
    )


class Fork:
    """A fork of this process that calls a function and ends with it. Where this process ends, it gets SIGTERM.

    The caller has no open connections of databases and no threads of its own: a fork could use neither.
    """

    def __init__(self, work: Callable[[], None]) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        parent = os.getpid()
        self._code: int | None = None
        self.pid = os.fork()
        if self.pid == 0:
            for number in HANDLED_SIGNALS:
                signal.signal(number, signal.SIG_DFL)
            _end_with(parent)
            os._exit(_exit_code_of(work))

    def poll(self) -> int | None:
        """Return the exit code, None while it runs."""
        if self._code is None:
            pid, status = os.waitpid(self.pid, os.WNOHANG)
            if pid:
                self._code = os.waitstatus_to_exitcode(status)
        return self._code

    def send_signal(self, sig: int) -> None:
        """Send a signal, if it still runs."""
        if self.poll() is None:
            os.kill(self.pid, sig)

    def kill(self) -> None:
        """End it immediately."""
        self.send_signal(signal.SIGKILL)

    def wait(self, timeout: float | None = None) -> int:
        """Wait for its end. Raises `subprocess.TimeoutExpired`."""
        end = None if timeout is None else time.monotonic() + timeout
        while (code := self.poll()) is None:
            if end is not None and time.monotonic() > end:
                raise subprocess.TimeoutExpired(str(self.pid), timeout or 0.0)
            time.sleep(POLL_SECONDS)
        return code


def _exit_code_of(work: Callable[[], None]) -> int:
    code: object = 0
    try:
        work()
    except SystemExit as ended:
        code = ended.code
    except BaseException:  # noqa: BLE001 - the end of a process
        traceback.print_exc()
        code = 1
    log_repeats(everything=True)  # the end of a fork calls nothing that waits for the end of a program
    with contextlib.suppress(OSError, ValueError):
        sys.stdout.flush()
        sys.stderr.flush()
    return code if isinstance(code, int) else int(code is not None)


def _end_with(parent: int) -> None:
    """Ask Linux to end this child when its parent is killed: no worker is left on the port."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(PARENT_DEATH_SIGNAL, signal.SIGTERM)
        if os.getppid() != parent:  # it has gone already
            os._exit(1)
