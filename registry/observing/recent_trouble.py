"""What went wrong on this machine a moment ago, for `/readyz` and the metrics: kinds of trouble, and when each came last.

The processes below one `pinzheng serve` share a page of memory beside their metrics: the one that is asked knows what the
others have met. Times are those of the monotonic clock, which all processes share and which no wrong clock moves.
"""

from __future__ import annotations

import errno
import mmap
import os
import time
from typing import Literal, get_args

from registry.observing.shared_files import shared_directory

Trouble = Literal["writes_refused", "descriptors_used_up", "process_died", "index_rebuilt"]
KINDS: tuple[Trouble, ...] = get_args(Trouble)
RECENT_SECONDS = 120.0  # several probes and scrapes
OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE)
OUT_OF_SPACE = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EROFS)
FILE_NAME = "troubles"
SLOT_BYTES = 8  # one number of double precision; such a write is not torn


def _map() -> mmap.mmap:
    size = SLOT_BYTES * len(KINDS)
    directory = shared_directory()
    if directory is None or not directory.is_dir():
        return mmap.mmap(-1, size)
    handle = os.open(directory / FILE_NAME, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        if os.fstat(handle).st_size < size:
            os.ftruncate(handle, size)
        return mmap.mmap(handle, size)
    finally:
        os.close(handle)


# Mapped when the program is loaded: a process without a free descriptor could not open it any more.
_last = memoryview(_map()).cast("d")


def note_trouble(kind: Trouble) -> None:
    """Note that this has come now."""
    _last[KINDS.index(kind)] = time.monotonic()


def note_system_error(error: BaseException) -> bool:
    """Note that the system had nothing left of what an operation needed; False where the error says something else."""
    number = error.errno if isinstance(error, OSError) else None
    if number in OUT_OF_DESCRIPTORS:
        note_trouble("descriptors_used_up")
    elif number in OUT_OF_SPACE:
        note_trouble("writes_refused")
    else:
        return False
    return True


def seconds_since_trouble() -> dict[Trouble, float]:
    """Return how many seconds ago each kind of trouble came last; those that have never come are left out."""
    now = time.monotonic()
    return {kind: now - at for kind, at in zip(KINDS, _last, strict=True) if at}


def recent_troubles() -> frozenset[Trouble]:
    """Return what has come within the last `RECENT_SECONDS`."""
    return frozenset(kind for kind, since in seconds_since_trouble().items() if since <= RECENT_SECONDS)


def forget_troubles() -> None:
    """Forget all that has come."""
    for place in range(len(KINDS)):
        _last[place] = 0.0
