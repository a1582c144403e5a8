"""Locks between processes: one holder for a data directory and for a database."""

from __future__ import annotations

import contextlib
import fcntl
import logging
import threading
import uuid
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from sqlalchemy import Engine

from registry.errors import Conflict, DatabaseUnavailable
from registry.store.leases import Lease, LeaseLost, hold_lease

WAIT_SECONDS = 0.5
UNAVAILABLE_SECONDS = 2.0  # until a database that was away is tried again
log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Lock:
    """A named lock."""

    name: str


def work_in_turn(
    lock: Lock, data_dir: Path, engine: Engine, stop: threading.Event, *, work: Callable[[Lease], None]
) -> None:
    """Call `work` while this process has the lock, until `stop` is set.

    Waits for its turn while another process has it, also after one has taken over from this one, and while the database
    is away.
    """
    while not stop.is_set():
        try:
            with hold_lock(lock, data_dir, engine, stop) as lease:
                work(lease)
        except LeaseLost as lost:
            log.warning("another %s has taken over, this one waits: %s", lock.name, lost)
        except DatabaseUnavailable as problem:
            log.warning("the database cannot be used, will try again: %s", problem)
            stop.wait(UNAVAILABLE_SECONDS)
        except Conflict:
            if not stop.is_set():
                raise


@contextlib.contextmanager
def hold_lock(
    lock: Lock, data_dir: Path, engine: Engine, stop: threading.Event | None = None
) -> Iterator[Lease]:
    """Hold a lock that only one process of a data directory and database can have; gives the lease in the database.

    Data directories on several machines may share a database: the lease says which of them has the lock, and what works
    under it checks the lease in each transaction, because it can be lost. The file tells processes of one directory
    apart: the lease of one that was killed goes to the next one immediately.

    Waits until `stop` is set; without `stop`, only as long as a killed holder may still seem to live. Raises `Conflict`
    (`lock_held`) when another process still has it then, and `DatabaseUnavailable`.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / f"{lock.name}.lock").open("a+") as file:
        while not _try_lock(file):
            if stop is None or stop.wait(WAIT_SECONDS):
                raise Conflict("lock_held", name=lock.name)
        with hold_lease(engine, lock.name, _id_in(file), stop) as lease:
            yield lease


def is_held(lock: Lock, data_dir: Path) -> bool:
    """Return True if a process of this data directory holds the lock."""
    path = data_dir / f"{lock.name}.lock"
    if not path.exists():
        return False
    with path.open("a") as file:
        return not _try_lock(file)


@contextlib.contextmanager
def hold_file_lock(lock: Lock, data_dir: Path, stop: threading.Event | None = None) -> Iterator[None]:
    """Hold a lock for work on files of a data directory, which concerns no other one.

    Waits until `stop` is set, without `stop` not at all. Raises `Conflict` (`lock_held`) when another process has it.
    """
    data_dir.mkdir(parents=True, exist_ok=True)
    with (data_dir / f"{lock.name}.lock").open("a+") as file:
        while not _try_lock(file):
            if stop is None or stop.wait(WAIT_SECONDS):
                raise Conflict("lock_held", name=lock.name)
        yield


@contextlib.contextmanager
def claim_file(path: Path) -> Iterator[bool]:
    """Say whether this process has a file for itself meanwhile; False too when it is gone.

    Reaches all machines of a shared folder whose file system locks for all of them (NFS 4 does).
    """
    try:
        file = path.open("r+")  # NFS gives exclusive locks only to who could write
    except FileNotFoundError:
        yield False
        return
    with file:
        yield _try_lock(file)


def _id_in(file: IO[str]) -> str:
    """The id of the data directory, written into its lock file by the first process that has locked it."""
    file.seek(0)
    known = file.read(80).strip()
    if known:
        return known
    made = uuid.uuid4().hex
    file.write(made + "\n")
    file.flush()
    return made


def _try_lock(file: IO[str]) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        return False
    return True
