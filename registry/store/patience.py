"""How long a process waits for the database, and how many of its threads may wait to write.

A reader never waits for a writer; but a thread that waits to write answers no one else. So a web process gives up after
a few seconds, and some of its threads are kept for readers.
"""

from __future__ import annotations

import contextlib
import enum
import threading
import time
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from registry.errors import DatabaseBusy, DatabaseUnavailable

STALLED_SECONDS = (
    0.5  # at least, without any writer ending: those behind more than half of the threads give up
)
STALL_TIMES_USUAL = 4.0  # what a write usually takes
NEWEST_WEIGHT = 0.2  # of the newest write in what one usually takes
MOST_WAITS = 3.0  # times the patience of one, while others end
HURRIED_SECONDS = 0.1
GIVE_WAY_SECONDS = 0.01


class Urgency(enum.Enum):
    """How a writer of a web process waits. `HURRIED`: little is lost without this write; `UNHEARD`: no reader needs its thread."""

    USUAL = enum.auto()
    HURRIED = enum.auto()
    UNHEARD = enum.auto()


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

    `seats`: how many may have a transaction. Who waits is refused when writing has stopped, not because it is slow: one of
    the first half of the `threads` once no writer of the process has ended well for `seconds`, or the length of a stall if
    that is longer; one beyond them after the shorter of the two, so that the other half of the threads is there for readers;
    each of them after `MOST_WAITS` times `seconds`. A stall is `STALL_TIMES_USUAL` times what a write has usually taken of
    late, `STALLED_SECONDS` at least.

    With the seat comes the same time again to wait for the database. Once one has had it in vain, those after it wait for
    the shorter of the two, until one succeeds: a server that keeps requests waiting for a thread would else give each of them its
    own full time, one after another.

    `gives_way`: who follows another one of this process lets those of other processes go first, where the database keeps
    no order among them.
    """

    def __init__(self, seats: int, threads: int, seconds: float, *, gives_way: bool = False) -> None:
        self._seats = seats
        self._patient = max(1, threads // 2)
        self._seconds = seconds
        self._gives_way = gives_way
        self._changed = threading.Condition()
        self._seated = 0
        self._waiting: deque[object] = deque()  # who comes first is seated first
        self._present = 0  # seated and waiting, of those for whom a reader could need the thread
        self._ended_at = float("-inf")  # when the last one ended well
        self._usual = 0.0  # seconds, mean of those that ended well
        self._locked_out = False  # the last one had all its time and could not write

    def waiting(self) -> int:
        """How many threads wait for a seat."""
        with self._changed:
            return len(self._waiting)

    def stall(self) -> float:
        """After how many seconds without an end writing has stopped, as far as the last writes tell."""
        slow = min(MOST_WAITS * self._seconds, STALL_TIMES_USUAL * self._usual)
        return max(STALLED_SECONDS, slow)

    def _patience(self, *, is_patient: bool) -> float:
        """Seconds without an end after which one is refused."""
        if is_patient and not self._locked_out:
            return max(self._seconds, self.stall())
        return min(self._seconds, self.stall())

    @contextlib.contextmanager
    def turn(self, urgency: Urgency = Urgency.USUAL) -> Iterator[float]:
        """Wait for a seat and have it for the block; gives the seconds that are left to wait for the database.

        Raises `DatabaseBusy`.
        """
        arrived = time.monotonic()
        self._enter(arrived, urgency)
        seated = time.monotonic()
        was_written = True  # or the writer decided otherwise: the database did its part
        try:
            if self._gives_way and seated - self._ended_at < GIVE_WAY_SECONDS:
                time.sleep(GIVE_WAY_SECONDS)
            if urgency is Urgency.HURRIED:
                seconds = max(0.0, arrived + HURRIED_SECONDS - seated)
            else:
                seconds = self._patience(is_patient=True)
            yield seconds
        except DatabaseUnavailable as problem:
            was_written = False
            if isinstance(problem, DatabaseBusy) and urgency is not Urgency.HURRIED:
                self._locked_out = True
            raise
        finally:
            with self._changed:
                if was_written:
                    self._locked_out = False
                    self._note_end(time.monotonic() - seated)
                self._seated -= 1
                self._present -= urgency is Urgency.USUAL
                self._changed.notify_all()

    def _note_end(self, seconds: float) -> None:
        self._usual += NEWEST_WEIGHT * (seconds - self._usual)
        self._ended_at = time.monotonic()

    def _enter(self, arrived: float, urgency: Urgency) -> None:
        with self._changed:
            is_patient = urgency is Urgency.UNHEARD or self._present < self._patient
            self._present += urgency is Urgency.USUAL
            me = object()
            self._waiting.append(me)
            try:
                while self._seated >= self._seats or self._waiting[0] is not me:
                    if urgency is Urgency.HURRIED:
                        until = arrived + HURRIED_SECONDS
                    else:
                        until = self._end_of_wait(arrived, is_patient=is_patient)
                    left = until - time.monotonic()
                    if left <= 0:
                        self._present -= urgency is Urgency.USUAL
                        raise DatabaseBusy("too many writers wait in this process")
                    self._changed.wait(left)
            finally:
                self._waiting.remove(me)
                self._changed.notify_all()
            self._seated += 1

    def _end_of_wait(self, arrived: float, *, is_patient: bool) -> float:
        since = max(arrived, self._ended_at)
        return min(since + self._patience(is_patient=is_patient), arrived + MOST_WAITS * self._seconds)
