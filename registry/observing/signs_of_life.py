"""Signs of life: whether the work of a process goes on, for a parent that restarts one that hangs.

A loop gives a sign when it asks whether to stop, and long work with each batch. Work without any is taken for hung.
"""

from __future__ import annotations

import contextlib
import os
import threading
import time

STUCK_SECONDS = 900.0  # without a sign of the work itself; no batch takes so long
TELL_SECONDS = 5.0  # between two signs to the parent
SIGN = b"."
_last = time.monotonic()


def give_sign() -> None:
    """Say that the work of this process goes on."""
    global _last  # noqa: PLW0603 - one clock for all that works in this process
    _last = time.monotonic()


def is_stuck() -> bool:
    """Return True if nothing in this process has given a sign for `STUCK_SECONDS`."""
    return time.monotonic() - _last > STUCK_SECONDS


class WatchedStop(threading.Event):
    """An event that tells a loop to stop; a loop that asks for it is alive."""

    def is_set(self) -> bool:
        """Return True if the loop is to stop."""
        give_sign()
        return super().is_set()

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for `timeout` seconds; True if the loop is to stop."""
        give_sign()
        return super().wait(timeout)


class LifeLine:
    """Passes signs on to the parent through a pipe, as long as the work is not stuck. `descriptor`: -1 without a parent."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._told_at = float("-inf")
        give_sign()
        if descriptor >= 0:
            os.set_blocking(descriptor, False)

    def tell(self) -> None:
        """Give a sign if it is time for one. Costs next to nothing else."""
        now = time.monotonic()
        if self._descriptor < 0 or now - self._told_at < TELL_SECONDS or is_stuck():
            return
        self._told_at = now
        with contextlib.suppress(OSError):
            os.write(self._descriptor, SIGN)
