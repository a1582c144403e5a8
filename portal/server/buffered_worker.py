"""The web worker: Gunicorn's threaded worker, which hands a request to a thread only when it is complete.

A slow sender, of head or body, occupies an entry in one event loop and no thread; below a minimum rate it gets 408 and
is disconnected (CWE-400). A proxy that buffers requests does the same; this works without one.
"""

from __future__ import annotations

import contextlib
import errno
import selectors
import socket
import struct
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from portal.server.request_buffer import RequestBuffer
from portal.web.security import SECURITY_HEADERS

RECEIVE_SIZE = 65_536
MAX_READS_PER_TURN = 16  # from one connection before the others have their turn
CHECK_INTERVAL = 0.5  # seconds
MAX_PENDING_BYTES = 500_000_000  # of incomplete requests of one worker
CONTINUE_RESPONSE = b"HTTP/1.1 100 Continue\r\n\r\n"
SEND_TIMEOUT = struct.pack("ll", 20, 0)  # a `timeval`: seconds without any progress
REASONS = {408: "Request Timeout", 431: "Request Header Fields Too Large", 503: "Service Unavailable"}


class BufferedWorker(ThreadWorker):  # type: ignore[misc] # Gunicorn has no types
    """Buffers requests in `enqueue_req`, where Gunicorn would take a thread: for new, kept-alive and pipelining connections."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._buffers: dict[Any, RequestBuffer] = {}  # by connection, oldest first
        self._last_check = 0.0

    def enqueue_req(self, conn: Any) -> None:
        """Begin to receive a request; it goes to a thread when it is complete."""
        now = time.monotonic()
        self._buffers[conn] = buffer = RequestBuffer(now)
        conn.ahead = b""  # received bytes of the request after this one
        if conn.parser is not None and (ahead := conn.parser.unreader.take_buffered()):
            conn.ahead = buffer.feed(ahead, now)
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))
        self._receive(conn, conn.sock)

    def _receive(self, conn: Any, sock: Any) -> None:
        buffer = self._buffers[conn]
        try:
            with contextlib.suppress(BlockingIOError):
                for _turn in range(MAX_READS_PER_TURN):
                    if buffer.complete or buffer.head_too_long:
                        break
                    data = sock.recv(RECEIVE_SIZE)
                    if not data:
                        self._drop(conn)
                        return
                    conn.ahead = buffer.feed(data, time.monotonic())
            if buffer.expects_continue and not buffer.complete:
                buffer.expects_continue = False
                sock.send(CONTINUE_RESPONSE)
        except OSError:  # the client has gone
            self._drop(conn)
            return
        if buffer.head_too_long:
            self._refuse(conn, 431)
        elif buffer.complete:
            self.poller.unregister(sock)
            del self._buffers[conn]
            buffer.rewind()
            conn.buffer = buffer
            super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """Handle a request in a thread, reading from its buffer and never from the connection."""
        conn.data_ready = True
        conn.init()
        conn.sock.setsockopt(socket.SOL_SOCKET, socket.SO_SNDTIMEO, SEND_TIMEOUT)
        conn.parser.unreader.sock = conn.buffer
        try:
            keep_alive = super().handle(conn)
        finally:
            conn.buffer.close()
        if keep_alive and conn.ahead:
            conn.parser.unreader.unread(conn.ahead)  # where `finish_request` looks
        return keep_alive

    def handle_request(self, req: Any, conn: Any) -> Any:
        """Answer a request; a client that takes nothing of its answer for some time is as good as gone."""
        try:
            return super().handle_request(req, conn)
        except BlockingIOError as stalled:  # what the system reports after `SEND_TIMEOUT`
            raise BrokenPipeError(errno.EPIPE, "the client takes nothing") from stalled

    def murder_pending(self) -> None:
        """End requests that take too long, and those that would fill the disk; called once a turn of the event loop."""
        super().murder_pending()
        now = time.monotonic()
        if now - self._last_check < CHECK_INTERVAL and self.alive:
            return
        self._last_check = now
        for conn, buffer in list(self._buffers.items()):
            if not buffer.started and not self.alive:
                self._drop(conn)
            elif buffer.timed_out(now):
                if buffer.started:
                    self._refuse(conn, 408)
                else:
                    self._drop(conn)
        pending = sum(buffer.size for buffer in self._buffers.values())
        while pending > MAX_PENDING_BYTES:
            conn, largest = max(self._buffers.items(), key=lambda pair: pair[1].size)
            pending -= largest.size
            self._refuse(conn, 503)

    def _refuse(self, conn: Any, status: int) -> None:
        """Send a plain response, as far as it can be sent without waiting, and close the connection."""
        words = f"{status} {REASONS[status]}"
        body = f"{words}\n".encode()
        fields = (
            ("Content-Type", "text/plain; charset=utf-8"),
            ("Content-Length", str(len(body))),
            ("Cache-Control", "no-store"),
            ("Connection", "close"),
            *SECURITY_HEADERS,
        )
        head = "".join(f"{name}: {value}\r\n" for name, value in fields)
        with contextlib.suppress(OSError):
            conn.sock.send(f"HTTP/1.1 {words}\r\n{head}\r\n".encode() + body)
            conn.sock.shutdown(socket.SHUT_WR)
        self._drop(conn)

    def _drop(self, conn: Any) -> None:
        self.poller.unregister(conn.sock)
        self._buffers.pop(conn).close()
        self.nr_conns -= 1
        conn.close()
