"""New connections spread evenly over the web processes of one listening socket.

The system wakes all processes that wait for a connection, and the first one takes it: often the same one, again and again.
Each process therefore tells the others how many connections it has, in memory that all of them share; one that has more
than another leaves a new connection to it for a moment.
"""

from __future__ import annotations

import mmap

MAX_PROCESSES = 256
FREE = -1  # the count of a place that no process has
LEAVING = 2**31 - 1  # of a process that takes no connections any more
SLACK = 1  # connections by which a process may have more than another
LEAVE_SECONDS = 0.01  # how long a connection is left to others; then it is taken in any case


class AcceptBalance:
    """Places for the connection counts of processes. Made before the first process is forked."""

    def __init__(self) -> None:
        self._counts = memoryview(mmap.mmap(-1, 4 * MAX_PROCESSES)).cast("i")
        for place in range(MAX_PROCESSES):
            self._counts[place] = FREE

    def claim(self) -> int | None:
        """Return a place for a process, None when all are taken."""
        for place, count in enumerate(self._counts):
            if count == FREE:
                self._counts[place] = 0
                return place
        return None

    def release(self, place: int | None) -> None:
        """Give the place of a process back that has ended."""
        if place is not None:
            self._counts[place] = FREE

    def tell(self, place: int | None, connections: int) -> None:
        """Say how many connections the process of this place has."""
        if place is not None:
            self._counts[place] = connections

    def has_more_than_others(self, place: int | None) -> bool:
        """Return True if another process should take the next connection."""
        if place is None:
            return False
        most = self._counts[place] - SLACK
        return any(FREE < count < most for count in self._counts)
