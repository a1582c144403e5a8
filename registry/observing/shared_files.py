"""Metrics of several processes of one machine: each writes a file of its own, and the process that is asked adds them up.

A process takes the lowest place that no living one holds and goes on with the numbers of its predecessor there, so that
there are never more files than there were processes at one time.
"""

from __future__ import annotations

import contextlib
import datetime as dt
import fcntl
import itertools
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from prometheus_client import values

DIRECTORY_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"  # the library's own; children inherit it
OWN_PREFIX = "pinzheng-metrics-"  # of names of directories
NOT_YET_LOCKED = 60.0  # seconds after which a new directory has its owner's lock
OWNER_FILE = "owner"  # locked by who has made the directory
STARTED_FILE = "started"  # made when the first process of a server begins
MEMORY_DIRECTORY = Path("/dev/shm")  # noqa: S108 - a directory of our own is made in it, readable by us only


class _Place:
    """The place of this process in a directory; a fork takes another one."""

    def __init__(self, directory: Path) -> None:
        self._directory = directory
        self._pid = 0
        self._name = ""
        self._lock_file = -1

    def __call__(self) -> str:
        if self._pid != os.getpid():
            if self._lock_file >= 0:
                os.close(self._lock_file)  # inherited: the parent's
            self._name, self._lock_file = self._take()
            self._pid = os.getpid()
        return self._name

    def _take(self) -> tuple[str, int]:
        for number in itertools.count():
            handle = os.open(self._directory / f"{number}.lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                os.close(handle)
            else:
                return str(number), handle
        raise AssertionError  # counting has no end


def share_metrics(directory: Path) -> None:
    """Let this process, and those that it starts, count in files of this directory.

    To be called before the first number is counted: numbers from before stay in the process.
    """
    os.environ[DIRECTORY_VARIABLE] = str(directory)
    with contextlib.suppress(FileExistsError):
        (directory / STARTED_FILE).touch(0o600, exist_ok=False)
    values.ValueClass = values.MultiProcessValue(_Place(directory))  # type: ignore[no-untyped-call]


def shared_directory() -> Path | None:
    """The directory in which the processes of this machine count, None where this one counts alone."""
    given = os.environ.get(DIRECTORY_VARIABLE)
    return Path(given) if given else None


def started_at() -> dt.datetime:
    """Return when the processes of this machine began to count, or when this one did where it counts alone."""
    directory = shared_directory()
    if directory is not None and (path := directory / STARTED_FILE).exists():
        return dt.datetime.fromtimestamp(path.stat().st_mtime, dt.UTC)
    return _loaded_at


@contextlib.contextmanager
def own_directory() -> Iterator[Path]:
    """A new directory in memory for the block, or the one that the environment names, which stays."""
    if (given := shared_directory()) is not None:
        given.mkdir(parents=True, exist_ok=True)
        yield given
        return
    parent = MEMORY_DIRECTORY if os.access(MEMORY_DIRECTORY, os.W_OK | os.X_OK) else None
    made = Path(tempfile.mkdtemp(prefix=OWN_PREFIX, dir=parent))
    owner = os.open(made / OWNER_FILE, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    fcntl.flock(owner, fcntl.LOCK_EX)
    _remove_orphans(made.parent)
    try:
        yield made
    finally:
        os.close(owner)
        os.environ.pop(DIRECTORY_VARIABLE, None)
        shutil.rmtree(made, ignore_errors=True)


def _remove_orphans(parent: Path) -> None:
    """Remove directories of ours whose owner was killed: nothing holds the lock in them any more."""
    for directory in parent.glob(OWN_PREFIX + "*"):
        with contextlib.suppress(OSError):  # somebody else's, held, or gone meanwhile
            if time.time() - directory.stat().st_mtime < NOT_YET_LOCKED:
                continue
            handle = os.open(directory / OWNER_FILE, os.O_RDWR | os.O_CLOEXEC)
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
                shutil.rmtree(directory)
            finally:
                os.close(handle)


_loaded_at = dt.datetime.now(dt.UTC)
if (_given := shared_directory()) is not None and _given.is_dir():
    share_metrics(_given)
