"""How long a process waits for the database, and how many of its threads may wait to write.

A reader never waits for a writer; but a thread that waits to write answers no one else. So a web process gives up after
a few seconds, and some of its threads are kept for readers.
"""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from registry.errors import DatabaseBusy

STALLED_SECONDS = 0.5  # without any writer ending: those behind more than half of the threads give up
HURRIED_SECONDS = 0.1


@dataclass(frozen=True, slots=True)
class Patience:
    """What one kind of process waits for, in seconds.

    `write`: for a lock of another writer; `read`: for one statement, 0 without limit; `connect`: for a connection, to the
    server or in the pool; `idle`: how long a transaction may rest while the process does something else, 0 without limit.
    `threads`: those of the process that serve requests, 0 where nothing else waits for them.
    """

    write: float = 60.0
    read: float = 0.0
    connect: float = 10.0
    idle: float = 0.0
    threads: int = 0


LONG = Patience()  # of commands, relay and sheets: no reader waits for them


def web_patience(write: float, read: float, threads: int) -> Patience:
    """The patience of a web process whose readers wait for its threads."""
    return Patience(write, read, connect=3.0, idle=60.0, threads=threads)


class WriterGate:
    """Limits how many threads write at the same time; the others wait in order of arrival, or are refused.

    `seats`: how many may have a transaction. Half of the `threads` may wait for a seat as long as `seconds` say. A writer
    beyond them waits only while others end: once nothing has moved for `STALLED_SECONDS` it is refused immediately, and the
    other half of the threads is there for readers. Once one has waited for the database without success, those after
    it wait `STALLED_SECONDS` only, until one succeeds: a server that keeps requests waiting for a thread would else
    give each of them its own full time, one after another.
    """

    def __init__(self, seats: int, threads: int, seconds: float) -> None:
        self._seats = seats
        self._patient = max(1, threads // 2)
        self._seconds = seconds
        self._changed = threading.Condition()
        self._seated = 0
        self._waiting: deque[object] = deque()  # who comes first is seated first
        self._present = 0  # seated and waiting, without the hurried, who are gone in a moment
        self._moved_at = float("-inf")
        self._locked_out = False  # the last one could not write

    def waiting(self) -> int:
        """How many threads wait for a seat."""
        with self._changed:
            return len(self._waiting)

    @contextlib.contextmanager
    def turn(self, *, hurried: bool = False) -> Iterator[float]:
        """Wait for a seat and have it for the block; gives the seconds that are left to wait for the database.

        `hurried`: nothing is lost without this write, so it waits `HURRIED_SECONDS` only. Raises `DatabaseBusy`.
        """
        seconds = min(self._seconds, STALLED_SECONDS) if self._locked_out else self._seconds
        deadline = time.monotonic() + (min(HURRIED_SECONDS, seconds) if hurried else seconds)
        self._enter(deadline, counts=not hurried)
        try:
            yield max(0.0, deadline - time.monotonic())
            self._locked_out = False
        except DatabaseBusy:
            self._locked_out = self._locked_out or not hurried
            raise
        finally:
            with self._changed:
                self._seated -= 1
                self._present -= not hurried
                self._moved_at = time.monotonic()
                self._changed.notify_all()

    def _enter(self, deadline: float, *, counts: bool) -> None:
        with self._changed:
            patient = self._present < self._patient
            self._present += counts
            me = object()
            self._waiting.append(me)
            try:
                while self._seated >= self._seats or self._waiting[0] is not me:
                    until = deadline if patient else min(deadline, self._moved_at + STALLED_SECONDS)
                    left = until - time.monotonic()
                    if left <= 0:
                        self._present -= counts
                        raise DatabaseBusy("too many writers wait in this process")
                    self._changed.wait(left)
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
            self._seated += 1
            self._moved_at = time.monotonic()
