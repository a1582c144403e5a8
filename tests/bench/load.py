"""Load on a server: as many requests as its answers allow, over kept connections, from one process.

Written with plain sockets so that the client costs little beside the server and needs nothing installed.
"""

from __future__ import annotations

import selectors
import socket
import statistics
import time
from collections.abc import Sequence
from dataclasses import dataclass

CONNECTIONS = 8


@dataclass(frozen=True, slots=True)
class Result:
    """`rate` requests a second; `median` and `slow` (99 of 100 are faster) in milliseconds; `bad` wrong statuses."""

    rate: float
    median: float
    slow: float
    bad: int


def request(path: str, **headers: str) -> bytes:
    """The bytes of a GET request."""
    lines = [f"GET {path} HTTP/1.1", "Host: 127.0.0.1"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()


def drive(port: int, requests: Sequence[bytes], seconds: float, status: int = 200) -> Result:
    """Send the requests in turn, over and over, until the time is up."""
    chooser = selectors.DefaultSelector()
    waits: list[float] = []
    place = bad = 0
    for _ in range(CONNECTIONS):
        connection = socket.create_connection(("127.0.0.1", port))
        connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        chooser.register(connection, selectors.EVENT_READ, [b"", 0.0])
    start = time.perf_counter()
    for key in chooser.get_map().values():
        key.data[1] = time.perf_counter()
        key.fileobj.sendall(requests[place % len(requests)])  # type: ignore[union-attr]
        place += 1
    until = start + seconds
    while time.perf_counter() < until or not waits:  # a cold server may need longer for its first answer
        for key, _events in chooser.select(1.0):
            connection, data = key.fileobj, key.data
            chunk = connection.recv(262_144)  # type: ignore[union-attr]
            if not chunk:
                raise ConnectionError(f"the server on port {port} closed a connection")
            data[0] += chunk
            if (got := finished(data[0])) is None:
                continue
            now = time.perf_counter()
            waits.append(now - data[1])
            bad += got != status
            data[0], data[1] = b"", now
            connection.sendall(requests[place % len(requests)])  # type: ignore[union-attr]
            place += 1
    passed = time.perf_counter() - start
    for key in list(chooser.get_map().values()):
        key.fileobj.close()  # type: ignore[union-attr]
    chooser.close()
    ranked = sorted(waits)
    return Result(
        len(ranked) / passed, statistics.median(ranked) * 1000, ranked[int(len(ranked) * 0.99)] * 1000, bad
    )


def finished(answer: bytes) -> int | None:
    """The status of an answer that has come in whole, else None."""
    end = answer.find(b"\r\n\r\n")
    if end < 0:
        return None
    head = answer[:end].lower()
    status = int(head[9:12])
    at = head.find(b"content-length:")
    length = 0 if status == 304 or at < 0 else int(head[at + 15 :].split(b"\r\n", 1)[0])
    return status if len(answer) - end - 4 >= length else None
