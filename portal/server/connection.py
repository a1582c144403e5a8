"""One connection of a client: whom it waits for, the request that arrives on it and the answer that leaves on it."""

from __future__ import annotations

import contextlib
import enum
import socket
from typing import Any

from portal.server.request_buffer import RequestBuffer
from portal.server.response_buffer import ResponseBuffer, SpaceTaken

RECEIVE_SIZE = 65_536
MAX_READS_PER_TURN = 16  # before other connections have their turn
MAX_PIPELINED = 100  # requests in a row that were there before the answer to the one before them had left
CONTINUE_RESPONSE = b"HTTP/1.1 100 Continue\r\n\r\n"
LINGER_SECONDS = (
    2.0  # for what a client still sends when it gets its last answer: else the system cuts the answer off
)
MAX_LINGER_BYTES = 1_000_000


class State(enum.Enum):
    """What a connection does. The client is waited for in all states but `ANSWERING`."""

    RECEIVING = enum.auto()
    ANSWERING = enum.auto()  # a thread has it
    SENDING = enum.auto()
    LINGERING = enum.auto()  # the last answer is sent


class Connection:
    """A connection; `addresses`: of client and server. In state `ANSWERING` a thread reads `request` and writes `response`."""

    def __init__(self, sock: socket.socket, addresses: Any, space: SpaceTaken, now: float) -> None:
        sock.setblocking(False)
        self.sock = sock
        self.addresses = addresses
        self.state = State.RECEIVING
        self.request = RequestBuffer(now)
        self.response = ResponseBuffer(sock, space)
        self.ahead = b""  # received bytes of the requests after this one
        self.pipelined = 0  # requests in a row
        self.keeps = True
        self.discarded = 0  # bytes, while lingering
        self.since = now  # of the state

    def receive(self, now: float) -> bool:
        """Take what the client has sent of its request; False when it sends no more.

        Raises `OSError` when the client has gone.
        """
        request = self.request
        with contextlib.suppress(BlockingIOError):
            for _turn in range(MAX_READS_PER_TURN):
                if request.complete or request.head_too_long:
                    break
                data = self.sock.recv(RECEIVE_SIZE)
                if not data:
                    return False
                self.ahead = request.feed(data, now)
        if request.expects_continue and not request.complete:
            request.expects_continue = False
            self.sock.send(CONTINUE_RESPONSE)
        return True

    def next_request(self, now: float) -> None:
        """Begin with the next request, of which there may be bytes already."""
        self.request.close()
        self.request = RequestBuffer(now, kept=True)
        self.state = State.RECEIVING
        self.since = now
        self.pipelined = self.pipelined + 1 if self.ahead else 0
        if self.ahead:
            self.ahead = self.request.feed(self.ahead, now)

    def is_last_request(self) -> bool:
        """Return True if the connection has to close after this request: its end is unknown, or too many were pipelined."""
        return self.request.cut_off or self.pipelined >= MAX_PIPELINED

    def waiting_since(self) -> float:
        """Return since when the client has been waited for."""
        return self.request.since if self.state is State.RECEIVING else self.since

    def linger(self, now: float) -> None:
        """Send no more, and wait for the client to close. Raises `OSError` when it has gone."""
        self.request.close()
        self.response.close()
        self.state = State.LINGERING
        self.since = now
        self.discarded = 0
        self.sock.shutdown(socket.SHUT_WR)

    def discard(self) -> bool:
        """Throw away what a client sends after its last answer; False when that is over."""
        with contextlib.suppress(BlockingIOError):
            for _turn in range(MAX_READS_PER_TURN):
                data = self.sock.recv(RECEIVE_SIZE)
                self.discarded += len(data)
                if not data or self.discarded > MAX_LINGER_BYTES:
                    return False
        return True

    def close(self) -> None:
        """Close the connection and throw away what is unread and unsent."""
        self.request.close()
        self.response.close()
        self.sock.close()
