"""The web worker: Gunicorn's threads, but a request has one only when it is whole.

Whoever sends slowly, head or body, keeps a place in one loop waiting and no thread; below a floor rate he is told
408 and goes (CWE-400). A proxy that buffers requests does the same; without one this does.
"""

from __future__ import annotations

import contextlib
import selectors
import socket
import time
from functools import partial
from typing import Any

from gunicorn.workers.gthread import ThreadWorker

from portal.server.request_buffer import RequestBuffer
from portal.web.security import SECURITY_HEADERS

RECEIVE_SIZE = 65_536
MAX_READS_PER_TURN = 16  # pieces from one connection before others have their turn
CHECK_INTERVAL = 0.5  # seconds
MAX_PENDING_BYTES = 500_000_000  # bytes of requests that are not whole, of one worker
CONTINUE_RESPONSE = b"HTTP/1.1 100 Continue\r\n\r\n"
REASONS = {408: "Request Timeout", 431: "Request Header Fields Too Large", 503: "Service Unavailable"}


class BufferedWorker(ThreadWorker):  # type: ignore[misc] # Gunicorn has no types
    """`enqueue_req` is where Gunicorn would take a thread: for a new, a kept and a pipelining connection."""

    def __init__(self, *given: Any, **named: Any) -> None:
        super().__init__(*given, **named)
        self._arriving: dict[Any, RequestBuffer] = {}  # by connection, oldest first
        self._looked_at = 0.0

    def enqueue_req(self, conn: Any) -> None:
        """Begin to receive a request; it goes to a thread when it is whole."""
        now = time.monotonic()
        self._arriving[conn] = arriving = RequestBuffer(now)
        conn.ahead = b""  # what has come of the request after this one
        if conn.parser is not None and (ahead := conn.parser.unreader.take_buffered()):
            conn.ahead = arriving.feed(ahead, now)
        conn.sock.setblocking(False)
        self.poller.register(conn.sock, selectors.EVENT_READ, partial(self._receive, conn))
        self._receive(conn, conn.sock)

    def _receive(self, conn: Any, sock: Any) -> None:
        arriving = self._arriving[conn]
        try:
            with contextlib.suppress(BlockingIOError):
                for _turn in range(MAX_READS_PER_TURN):
                    if arriving.complete or arriving.head_too_long:
                        break
                    data = sock.recv(RECEIVE_SIZE)
                    if not data:
                        self._drop(conn)
                        return
                    conn.ahead = arriving.feed(data, time.monotonic())
            if arriving.expects_continue and not arriving.complete:
                arriving.expects_continue = False
                sock.send(CONTINUE_RESPONSE)
        except OSError:  # the other end has gone
            self._drop(conn)
            return
        if arriving.head_too_long:
            self._refuse(conn, 431)
        elif arriving.complete:
            self.poller.unregister(sock)
            del self._arriving[conn]
            arriving.rewind()
            conn.arrived = arriving
            super().enqueue_req(conn)

    def handle(self, conn: Any) -> Any:
        """In a thread: the request is read from what has arrived, never from the connection."""
        conn.data_ready = True
        conn.init()
        conn.parser.unreader.sock = conn.arrived
        try:
            kept = super().handle(conn)
        finally:
            conn.arrived.close()
        if kept and conn.ahead:
            conn.parser.unreader.unread(conn.ahead)  # `finish_request` looks there
        return kept

    def murder_pending(self) -> None:
        """Called once a turn of the loop: end what takes too long, and what would fill the disk."""
        super().murder_pending()
        now = time.monotonic()
        if now - self._looked_at < CHECK_INTERVAL and self.alive:
            return
        self._looked_at = now
        for conn, arriving in list(self._arriving.items()):
            if not arriving.started and not self.alive:
                self._drop(conn)
            elif arriving.timed_out(now):
                if arriving.started:
                    self._refuse(conn, 408)
                else:
                    self._drop(conn)
        kept = sum(arriving.size for arriving in self._arriving.values())
        while kept > MAX_PENDING_BYTES:
            conn, largest = max(self._arriving.items(), key=lambda pair: pair[1].size)
            kept -= largest.size
            self._refuse(conn, 503)

    def _refuse(self, conn: Any, status: int) -> None:
        """A plain answer, as far as it can be sent without waiting; then the connection is closed."""
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
        self._arriving.pop(conn).close()
        self.nr_conns -= 1
        conn.close()
