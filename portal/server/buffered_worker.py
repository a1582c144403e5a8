"""The web process: one event loop that waits for clients, and threads that never do.

A request goes to a thread when all of it has arrived, and its answer leaves through a buffer: a client that sends or reads
slowly occupies an entry in the loop and no thread, and below a minimum rate it is disconnected (CWE-400).
"""

from __future__ import annotations

import contextlib
import errno
import heapq
import os
import selectors
import time
from collections import deque
from functools import partial
from typing import Any

from gunicorn.workers.base import Worker

from portal.server.accept_balance import LEAVE_SECONDS, LEAVING, AcceptBalance
from portal.server.connection import LINGER_SECONDS, Connection, State
from portal.server.exchange import Exchange, refusal
from portal.server.response_buffer import SpaceTaken
from portal.server.threads import Job, Threads, kind_of
from registry.observing.recent_trouble import note_trouble

CHECK_INTERVAL = 0.5  # seconds
MAX_PENDING_BYTES = 500_000_000  # of incomplete requests of one process
MAX_UNSENT_BYTES = 500_000_000  # of the answers of one process that clients have not taken yet
MAX_WAIT = 15.0  # seconds that a request may wait for a thread
STOP_IDLE_SECONDS = 2.0  # how long a process that stops waits for a request on a kept connection
ACCEPT_PAUSE = 0.1  # seconds without new connections when the system has no more descriptors
OUT_OF_DESCRIPTORS = (errno.EMFILE, errno.ENFILE, errno.ENOBUFS, errno.ENOMEM)
BALANCE = AcceptBalance()


class BufferedWorker(Worker):  # type: ignore[misc] # Gunicorn has no types
    """A worker of Gunicorn. It is made in the parent and forked; `init_process` is the first that runs in the child."""

    alive: bool  # False after SIGTERM

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.place = BALANCE.claim()
        self._connections: dict[Connection, None] = {}  # oldest first
        self._answered: deque[Connection] = deque()
        self._last_check = 0.0
        self._accept_again = 0.0  # when to accept again, 0 while accepting
        self._take_until = 0.0  # until then a new connection is not left to other processes
        self._stop_began = float("inf")
        self._stop_at = 0.0

    def init_process(self) -> None:
        self._poller = selectors.DefaultSelector()
        self._space = SpaceTaken()
        self._threads = Threads(self.cfg.threads)
        super().init_process()

    def run(self) -> None:
        """Serve until SIGTERM, then until the requests that were begun are answered."""
        self._exchange = Exchange(self.wsgi, self.cfg, self.log)
        self._poller.register(self.PIPE[0], selectors.EVENT_READ, self._woken)
        for listener in self.sockets:
            listener.setblocking(False)
        self._accepts(True)
        while self.alive or self._stopping():
            for key, _events in self._poller.select(self._patience()):
                if self._poller.get_map().get(key.fd) is key:  # not dropped in this turn
                    self._handle(key)
            while self._answered:
                self._finish(self._answered.popleft())
            self._check(time.monotonic())

    def _handle(self, key: selectors.SelectorKey) -> None:
        """Do what an event asks for; a fault costs its connection, never the process with all others."""
        try:
            key.data(key.fileobj)
        except Exception:
            self.log.exception("The event loop of the web server failed")
            conn = key.data.args[0] if isinstance(key.data, partial) else None
            if conn is None:
                if not self._accept_again:
                    self._pause_accepting(time.monotonic() + ACCEPT_PAUSE)
            elif conn in self._connections and conn.state is not State.ANSWERING:
                with contextlib.suppress(KeyError):
                    self._poller.unregister(conn.sock)
                self._close(conn)

    # New connections

    def _accepts(self, accepts: bool) -> None:
        for listener in self.sockets:
            if accepts:
                self._poller.register(listener, selectors.EVENT_READ, self._accept)
            else:
                self._poller.unregister(listener)

    def _accept(self, listener: Any) -> None:
        now = time.monotonic()
        if now > self._take_until and BALANCE.has_more_than_others(self.place):
            self._pause_accepting(now + LEAVE_SECONDS)
            self._take_until = now + 5 * LEAVE_SECONDS
            return
        self._take_until = 0.0
        try:
            sock, peer = listener.accept()
        except (BlockingIOError, ConnectionAbortedError):
            return
        except OSError as problem:
            if problem.errno not in OUT_OF_DESCRIPTORS:
                raise
            self.log.warning("No new connections for a moment: %s", problem.strerror)
            note_trouble("descriptors_used_up")
            self._make_room(len(self._connections) // 8)
            self._pause_accepting(now + ACCEPT_PAUSE)
            return
        if len(self._connections) >= self.cfg.worker_connections:
            self._make_room()
        conn = Connection(sock, (peer, listener.getsockname()), self._space, now)
        self._connections[conn] = None
        self._tell()
        self._wait(conn, selectors.EVENT_READ, self._receive)
        self._receive(conn, sock)

    def _pause_accepting(self, until: float) -> None:
        self._accepts(False)
        self._accept_again = until

    def _make_room(self, count: int = 1) -> None:
        """Drop the connections whose clients have been waited for longest: an honest one is waited for some milliseconds."""
        waiting = [conn for conn in self._connections if conn.state is not State.ANSWERING]
        for conn in heapq.nsmallest(max(1, count), waiting, key=Connection.waiting_since):
            self._drop(conn)

    # Requests

    def _receive(self, conn: Connection, _sock: Any) -> None:
        try:
            open_ = conn.receive(time.monotonic())
        except OSError as problem:
            if problem.errno in (*OUT_OF_DESCRIPTORS, errno.ENOSPC):
                self.log.warning("A request could not be kept: %s", problem.strerror)
                self._refuse(conn, 503)
            else:  # the client has gone
                self._drop(conn)
            return
        if conn.request.head_too_long:
            self._refuse(conn, 431)
        elif conn.request.complete:
            self._poller.unregister(conn.sock)
            self._give_to_thread(conn)
        elif not open_:
            self._drop(conn)

    def _give_to_thread(self, conn: Connection) -> None:
        conn.state = State.ANSWERING
        conn.since = time.monotonic()
        conn.request.rewind()
        request = conn.request
        self._threads.submit(Job(partial(self._answer, conn), kind_of(request.first_line), not request.safe))

    def _answer(self, conn: Connection) -> None:
        """Answer a request, in a thread."""
        now = time.monotonic()
        conn.response.begin(now)
        try:
            if now - conn.since > MAX_WAIT:
                conn.keeps = False
                conn.response.sendall(refusal(503))
            else:
                conn.keeps = self._exchange.answer(
                    conn.request,
                    conn.response,
                    conn.addresses,
                    lambda: not self.alive or conn.is_last_request(),
                )
            conn.response.send_some()
        except OSError:
            conn.keeps = False
            conn.response.given_up = True
        except BaseException:
            self.log.exception("A thread of the web server failed")
            conn.keeps = False
            conn.response.given_up = True
        self._answered.append(conn)
        with contextlib.suppress(OSError):  # full: the loop is awake
            os.write(self.PIPE[1], b".")

    def _woken(self, pipe: int) -> None:
        with contextlib.suppress(BlockingIOError):
            os.read(pipe, 4096)

    # Answers

    def _finish(self, conn: Connection) -> None:
        """Go on with a connection that comes back from a thread."""
        now = time.monotonic()
        conn.since = now
        conn.response.begin(now)
        conn.state = State.SENDING
        if conn.response.given_up:
            self._close(conn)
        elif conn.response.size:
            self._wait(conn, selectors.EVENT_WRITE, self._send)
        else:
            self._sent(conn)

    def _send(self, conn: Connection, _sock: Any) -> None:
        try:
            whole = conn.response.send_some()
        except OSError:  # the client has gone
            self._drop(conn)
            return
        if whole:
            self._poller.unregister(conn.sock)
            self._sent(conn)

    def _sent(self, conn: Connection) -> None:
        """Go on with a connection whose answer is sent."""
        if not conn.keeps:
            self._linger(conn)
            return
        conn.next_request(time.monotonic())
        if conn.request.complete:
            self._give_to_thread(conn)
        else:
            self._wait(conn, selectors.EVENT_READ, self._receive)
            if conn.request.head_too_long:
                self._refuse(conn, 431)

    def _refuse(self, conn: Connection, status: int) -> None:
        """Send a plain response, as far as it can be sent without waiting, and close the connection."""
        with contextlib.suppress(OSError):
            conn.sock.send(refusal(status))
        self._poller.unregister(conn.sock)
        self._linger(conn)

    def _linger(self, conn: Connection) -> None:
        try:
            conn.linger(time.monotonic())
        except OSError:
            self._close(conn)
            return
        self._tell()
        self._wait(conn, selectors.EVENT_READ, self._discard)

    def _discard(self, conn: Connection, _sock: Any) -> None:
        try:
            more = conn.discard()
        except OSError:
            more = False
        if not more:
            self._drop(conn)

    def _wait(self, conn: Connection, event: int, then: Any) -> None:
        self._poller.register(conn.sock, event, partial(then, conn))

    def _drop(self, conn: Connection) -> None:
        """Close a connection that the loop waits for."""
        self._poller.unregister(conn.sock)
        self._close(conn)

    def _close(self, conn: Connection) -> None:
        del self._connections[conn]
        conn.close()
        self._tell()

    def _tell(self) -> None:
        if self.alive:
            BALANCE.tell(self.place, len(self._connections))

    # Time and space

    def _patience(self) -> float:
        """Return the seconds until there is something to do in any case."""
        if not self._accept_again:
            return CHECK_INTERVAL
        return min(CHECK_INTERVAL, max(0.0, self._accept_again - time.monotonic()))

    def _check(self, now: float) -> None:
        """End what takes too long or too much space."""
        if self._accept_again and now >= self._accept_again and self.alive:
            self._accept_again = 0.0
            self._accepts(True)
        if now - self._last_check < CHECK_INTERVAL and self.alive:
            return
        self._last_check = now
        self.notify()
        if self.ppid != os.getppid():
            self.alive = False
        for conn in list(self._connections):
            self._check_time(conn, now)
        self._limit_pending()
        self._limit_unsent(now)

    def _check_time(self, conn: Connection, now: float) -> None:
        if conn.state is State.RECEIVING:
            started = conn.request.started
            if conn.request.timed_out(now):
                if started:
                    self._refuse(conn, 408)
                else:
                    self._drop(conn)
            elif not started and not self.alive and now - self._stop_began > STOP_IDLE_SECONDS:
                self._drop(conn)
        elif conn.state is State.SENDING:
            if conn.response.too_slow(now):
                self._drop(conn)
        elif conn.state is State.LINGERING and now - conn.since > LINGER_SECONDS:
            self._drop(conn)

    def _limit_pending(self) -> None:
        receiving = [conn for conn in self._connections if conn.state is State.RECEIVING]
        pending = sum(conn.request.size for conn in receiving)
        while pending > MAX_PENDING_BYTES:
            largest = max(receiving, key=lambda conn: conn.request.size)
            receiving.remove(largest)
            pending -= largest.request.size
            self._refuse(largest, 503)

    def _limit_unsent(self, now: float) -> None:
        while self._space.bytes > MAX_UNSENT_BYTES:
            sending = [conn for conn in self._connections if conn.state is State.SENDING]
            if not sending:
                break
            self._drop(min(sending, key=lambda conn: conn.response.rate(now)))
        excess = self._space.bytes - MAX_UNSENT_BYTES
        answering = [conn for conn in self._connections if conn.state is State.ANSWERING]
        for conn in sorted(answering, key=lambda conn: -conn.response.size):
            if excess <= 0:
                break
            excess -= conn.response.size
            conn.response.given_up = True

    # The end

    def _stopping(self) -> bool:
        """Return True while a process that stops still has something to finish."""
        now = time.monotonic()
        if not self._stop_at:
            self._stop_began = now
            self._stop_at = now + self.cfg.graceful_timeout - CHECK_INTERVAL  # before it is killed
            self._last_accepts()
            BALANCE.tell(self.place, LEAVING)
        return bool(self._connections) and now < self._stop_at

    def _last_accepts(self) -> None:
        """Take the connections that the system has made already, and no more."""
        if not self._accept_again:
            self._accepts(False)
        self._accept_again = 0.0
        now = time.monotonic()
        for listener in self.sockets:
            with contextlib.suppress(OSError):
                while len(self._connections) < self.cfg.worker_connections:
                    sock, peer = listener.accept()
                    conn = Connection(sock, (peer, listener.getsockname()), self._space, now)
                    self._connections[conn] = None
                    self._wait(conn, selectors.EVENT_READ, self._receive)
            listener.close()
