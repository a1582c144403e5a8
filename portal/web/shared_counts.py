"""How much of their allowance networks have used, in one small file that all web processes of a machine share.

Counting in the store would cost each page a write; counting in memory would give each process an allowance of its own. A
file of fixed size is read and written in two system calls, under a lock that is held for some microseconds.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import logging
import os
import struct
import threading
import time
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

ENTRY = struct.Struct(
    "=Qd"
)  # hash of the key; when its allowance is whole again (seconds of the machine's clock)
ENTRIES_OF_BUCKET = 8
BUCKET = ENTRY.size * ENTRIES_OF_BUCKET
BUCKETS = 8192  # one megabyte, 65,536 networks
MAX_WINDOW = 3600.0  # seconds, of an allowance
SLACK = 1e-6  # of numbers with a point
log = logging.getLogger(__name__)


class Allowance(NamedTuple):
    """`quota` requests in `window` seconds, all in one go or spread (generic cell rate algorithm)."""

    quota: int
    window: float


class Usage(NamedTuple):
    """What is left of an allowance. `reset`: seconds until it is whole again; `wait`: until one request is free, 0: now."""

    left: int
    reset: float
    wait: float


class SharedCounts:
    """The counts of one machine. `secret`: keys are hashed with it, so that the file tells no addresses.

    Where the file cannot be used, nothing is counted and everything is allowed: readers come first.
    """

    def __init__(self, path: Path, secret: str) -> None:
        self._secret = hashlib.sha256(f"counts of readers\n{secret}".encode()).digest()
        self._threads = threading.Lock()
        self._path = path
        self._file: int | None = None  # opened by the first who is counted

    def use(self, key: str, allowance: Allowance) -> Usage:
        """Take one request from the allowance of a key, unless none is left."""
        digest = hashlib.blake2b(key.encode("utf-8", "replace"), key=self._secret, digest_size=16).digest()
        bucket, name = divmod(int.from_bytes(digest, "big"), 1 << 64)
        offset = bucket % BUCKETS * BUCKET
        name = name or 1  # 0 is an empty entry
        now = time.monotonic()  # of the machine since it was started: the same in all processes
        with self._locked() as file:
            try:
                entries = list(ENTRY.iter_unpack(os.pread(file, BUCKET, offset).ljust(BUCKET, b"\0")))
            except OSError:
                return Usage(allowance.quota, 0.0, 0.0)
            # What no running clock can have written is of a time before the machine was started anew.
            entries = [(known, at if at <= now + MAX_WINDOW else 0.0) for known, at in entries]
            found = next((place for place, (known, _at) in enumerate(entries) if known == name), None)
            place = min(range(len(entries)), key=lambda each: entries[each][1]) if found is None else found
            whole_at = now if found is None else max(entries[place][1], now)
            if whole_at > now + allowance.window + SLACK:
                whole_at = now
            step = allowance.window / allowance.quota
            used_until = whole_at + step
            wait = used_until - now - allowance.window
            if wait > SLACK:
                return Usage(0, whole_at - now, wait)
            with contextlib.suppress(OSError):
                os.pwrite(file, ENTRY.pack(name, used_until), offset + place * ENTRY.size)
        return Usage(int((allowance.window - (used_until - now)) / step + SLACK), used_until - now, 0.0)

    @contextlib.contextmanager
    def _locked(self) -> Iterator[int]:
        with self._threads:  # the lock is of the open file, which all threads share
            if self._file is None:
                self._file = _open(self._path)
                if self._file >= 0:
                    weakref.finalize(self, os.close, self._file)
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX)
            except (OSError, ValueError):
                yield self._file
                return
            try:
                yield self._file
            finally:
                fcntl.flock(self._file, fcntl.LOCK_UN)


def _open(path: Path) -> int:
    """The file, made if it is not there; -1 where it cannot be made: every use of it fails then."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        os.posix_fallocate(file, 0, BUCKET * BUCKETS)
    except OSError as problem:
        log.warning("readers are not counted: %s", problem)
        return -1
    return file
