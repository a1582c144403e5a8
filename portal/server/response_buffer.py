"""A buffer for the answers of one connection: a thread writes into it and never waits for the client that reads.

What the client does not take goes to memory, then to a temporary file, and from there to the client when it can take
more. A client that takes less than a minimum rate is given up (CWE-400); so is the slowest where all answers of a process
take too much space.
"""

from __future__ import annotations

import os
import socket
import tempfile
import threading
import time
from collections import deque
from itertools import islice
from typing import IO

MAX_IN_MEMORY = 128 * 1024  # bytes of an answer held in memory; the rest is in a temporary file
MAX_FIRST_SENT = 64 * 1024  # bytes that are gathered before the first are sent: most pages are sent whole
FIRST_AFTER = 0.05  # seconds: what takes longer to be made is sent as it comes
MAX_SENT_AT_ONCE = 256 * 1024  # bytes for one client before the others have their turn
MAX_PARTS_AT_ONCE = 64  # pieces given to the system in one call
GRACE = 20.0  # seconds, plus the time that the bytes taken so far may take
MIN_BYTES_PER_SECOND = 8_000  # a poor telephone line
MAX_SECONDS = 1_800.0  # for one answer, however long it is


class SpaceTaken:
    """The bytes that the unsent answers of a process take, counted by many threads."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self.bytes = 0

    def add(self, count: int) -> None:
        """Count more bytes; fewer, if negative."""
        with self._lock:
            self.bytes += count


class ResponseBuffer:
    """The unsent bytes of one connection. At any time either one thread uses it or the event loop."""

    def __init__(self, sock: socket.socket, space: SpaceTaken) -> None:
        self._sock = sock
        self._space = space
        self._parts: deque[memoryview] = deque()
        self._in_memory = 0
        self._file: IO[bytes] | None = None
        self._file_read = 0  # bytes of the file that are sent
        self._file_size = 0
        self._since = 0.0
        self._sent = 0  # bytes since `begin`
        self.given_up = False  # set by the event loop while a thread writes

    @property
    def size(self) -> int:
        """The bytes that wait."""
        return self._in_memory + self._file_size - self._file_read

    def sendall(self, data: bytes) -> None:
        """Take bytes, and send those that the client takes immediately.

        Raises `BrokenPipeError` when the client has gone or was given up, `OSError` when there is no space for them.
        """
        if self.given_up:
            raise BrokenPipeError("the client is too slow")
        if not data:
            return
        if self._file is not None:
            self.send_some()
        self._space.add(len(data))
        if self._file is not None:
            self._write_to_file(data)
            return
        self._parts.append(memoryview(data))
        self._in_memory += len(data)
        if self._in_memory >= MAX_FIRST_SENT or time.monotonic() - self._since > FIRST_AFTER:
            self.send_some()
        if self._in_memory > MAX_IN_MEMORY:
            last = self._parts.pop()
            self._in_memory -= len(last)
            self._file = tempfile.TemporaryFile(buffering=0)  # noqa: SIM115 - closed by `close`
            self._write_to_file(last)

    def send(self, data: bytes) -> int:
        """Take nothing: the one answer that is sent in this way is `100 Continue`, which the event loop has sent already."""
        return len(data)

    def begin(self, now: float) -> None:
        """Begin to count the time of an answer. `now`: on the monotonic clock."""
        self._since, self._sent = now, 0

    def send_some(self) -> bool:
        """Send what the client takes without waiting, up to `MAX_SENT_AT_ONCE`; return True when nothing waits any more.

        Raises `OSError` when the client has gone.
        """
        limit = self._sent + MAX_SENT_AT_ONCE
        try:
            while self._parts and self._sent < limit:
                self._count_sent(self._sock.sendmsg(islice(self._parts, MAX_PARTS_AT_ONCE)))
            while not self._parts and self._file is not None and self._sent < limit:
                self._send_from_file()
        except BlockingIOError:
            return False
        return not self._parts and self._file is None

    def too_slow(self, now: float) -> bool:
        """Return True if the client takes its answer more slowly than a poor but honest one."""
        seconds = now - self._since
        return seconds > MAX_SECONDS or seconds > GRACE + self._sent / MIN_BYTES_PER_SECOND

    def rate(self, now: float) -> float:
        """Return the bytes a second that the client has taken of its answer so far."""
        return self._sent / max(now - self._since, 1.0)

    def close(self) -> None:
        """Throw away what is unsent."""
        self._space.add(-self.size)
        self._parts.clear()
        self._in_memory = self._file_size = self._file_read = 0
        if self._file is not None:
            self._file.close()
            self._file = None

    def _write_to_file(self, data: bytes | memoryview) -> None:
        assert self._file is not None
        left = memoryview(data)
        while left:
            written = os.write(self._file.fileno(), left)
            self._file_size += written
            left = left[written:]

    def _count_sent(self, count: int) -> None:
        self._sent += count
        self._in_memory -= count
        self._space.add(-count)
        while count:
            first = self._parts[0]
            if count < len(first):
                self._parts[0] = first[count:]
                return
            count -= len(first)
            self._parts.popleft()

    def _send_from_file(self) -> None:
        assert self._file is not None
        waiting = self._file_size - self._file_read
        count = os.sendfile(
            self._sock.fileno(), self._file.fileno(), self._file_read, min(waiting, MAX_SENT_AT_ONCE)
        )
        if not count:
            raise OSError("the temporary file of an answer is cut off")
        self._sent += count
        self._file_read += count
        self._space.add(-count)
        if self._file_read == self._file_size:  # a client that keeps up takes no space
            self._file.close()
            self._file = None
            self._file_read = self._file_size = 0
