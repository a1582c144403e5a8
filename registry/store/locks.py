"""Locks between processes: one holder for a data directory and, on PostgreSQL, for a database."""

from __future__ import annotations

import contextlib
import fcntl
import math
import threading
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Engine, text

from registry.errors import Conflict
from registry.store.error_translation import translate_errors

WAIT_SECONDS = 0.5
# A killed process keeps its lock in the database until the server has seen its connection end.
KILL_DETECTION_SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class Lock:
    """A named lock. `advisory_key`: a number that no other program uses for advisory locks of this database."""

    name: str
    advisory_key: int


@contextlib.contextmanager
def hold_lock(
    lock: Lock, data_dir: Path, engine: Engine, stop: threading.Event | None = None
) -> Iterator[None]:
    """Hold a lock that only one process of a data directory and database can have.

    Waits until `stop` is set; without `stop`, only as long as a killed holder may still seem to live. Raises `Conflict`
    (`lock_held`) when another process still has it then, and `DatabaseUnavailable`.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / f"{lock.name}.lock").open("a") as file:
        while not _try_lock(file):
            if stop is None or stop.wait(WAIT_SECONDS):
                raise Conflict("lock_held", name=lock.name)
        with _advisory_lock(lock, engine, stop):
            yield


@contextlib.contextmanager
def _advisory_lock(lock: Lock, engine: Engine, stop: threading.Event | None) -> Iterator[None]:
    """Lock the database too, because data directories on several machines may share one (PostgreSQL only)."""
    if engine.dialect.name != "postgresql":
        yield
        return
    key = {"key": lock.advisory_key}
    # Outside any transaction: one that stayed open for so long would keep dead rows from being vacuumed.
    with translate_errors(), engine.connect().execution_options(isolation_level="AUTOCOMMIT") as guard:
        deadline = time.monotonic() + KILL_DETECTION_SECONDS if stop is None else math.inf
        pause = stop or threading.Event()
        while not guard.scalar(text("SELECT pg_try_advisory_lock(:key)"), key):
            if pause.wait(WAIT_SECONDS) or time.monotonic() > deadline:
                raise Conflict("lock_held", name=lock.name)
        try:
            yield
        finally:
            guard.execute(text("SELECT pg_advisory_unlock(:key)"), key)


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
