"""Slots for the examination of files: as many at a time as a machine can bear, over all processes of an installation."""

from __future__ import annotations

import contextlib
import fcntl
import os
import threading
import time
from collections.abc import Iterator
from pathlib import Path

from registry.errors import Unavailable

MAX_AT_A_TIME = 2
WAIT_SECONDS, POLL_SECONDS = 2.0, 0.05
_waiters = threading.BoundedSemaphore(
    1
)  # of this process: other threads are not made to wait, but told to come again


@contextlib.contextmanager
def hold_slot(folder: Path, name: str, *, busy: str) -> Iterator[None]:
    """Hold one of the slots of this name while the block runs. `folder`: shared by all processes.

    Raises `Unavailable` with the reason `busy` if none is free within `WAIT_SECONDS`, or another thread of this process
    waits already.
    """
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    handle = _free_slot(folder, name)
    if handle is None:
        handle = _wait_for_slot(folder, name)
    if handle is None:
        raise Unavailable(busy)
    try:
        yield
    finally:
        os.close(handle)


def _wait_for_slot(folder: Path, name: str) -> int | None:
    if not _waiters.acquire(blocking=False):
        return None
    try:
        deadline = time.monotonic() + WAIT_SECONDS
        while (handle := _free_slot(folder, name)) is None and time.monotonic() < deadline:
            time.sleep(POLL_SECONDS)
        return handle
    finally:
        _waiters.release()


def _free_slot(folder: Path, name: str) -> int | None:
    """A locked file of a free slot; the lock ends with the process."""
    for number in range(MAX_AT_A_TIME):
        handle = os.open(folder / f"{name}-{number}.slot", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
        else:
            return handle
    return None
