"""One request answered in a thread: what of its answer the client has while the rest is still being made."""

from __future__ import annotations

import socket
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from gunicorn.config import Config
from gunicorn.glogging import Logger

from portal.server.exchange import Exchange
from portal.server.request_buffer import RequestBuffer
from portal.server.response_buffer import ResponseBuffer, SpaceTaken

pytestmark = pytest.mark.once
ADDRESSES = (("127.0.0.1", 1), ("127.0.0.1", 2))
SECONDS = 20  # until a test gives up
Application = Callable[[dict[str, Any], Callable[..., Any]], Iterable[bytes]]


@contextmanager
def answering(application: Application, request: bytes) -> Iterator[tuple[socket.socket, list[bool]]]:
    """The client of a request that a thread answers, and, when that is over, whether the connection is kept."""
    server, client = socket.socketpair()
    client.settimeout(SECONDS)
    received, response, kept = RequestBuffer(time.monotonic()), ResponseBuffer(server, SpaceTaken()), []
    received.feed(request, time.monotonic())
    assert received.complete
    received.rewind()

    def run() -> None:
        response.begin(time.monotonic() + 1_000)  # nothing is sent for having taken long
        kept.append(
            Exchange(application, Config(), Logger(Config())).answer(received, response, ADDRESSES, bool)
        )
        response.send_some()

    thread = threading.Thread(target=run)
    with server, client:
        server.setblocking(False)
        thread.start()
        try:
            yield client, kept
        finally:
            thread.join(SECONDS)
            response.close()
            received.close()


def heard_until(client: socket.socket, end: bytes) -> bytes:
    heard = b""
    while end not in heard:
        part = client.recv(65_536)
        assert part, heard
        heard += part
    return heard


@pytest.mark.parametrize(
    ("version", "first", "rest"),
    [(b"1.1", b"5\r\nfirst\r\n", b"4\r\nlast\r\n0\r\n\r\n"), (b"1.0", b"first", b"last")],
)
def test_the_first_piece_of_a_file_in_the_making_leaves_before_the_next_is_made(
    version: bytes, first: bytes, rest: bytes
) -> None:
    heard_first = threading.Event()
    waited: list[bool] = []

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", [("Content-Type", "text/csv")])
        yield b"first"
        waited.append(heard_first.wait(SECONDS))
        yield b"last"

    with answering(application, b"GET / HTTP/%s\r\nHost: x\r\n\r\n" % version) as (client, kept):
        assert heard_until(client, first).endswith(b"\r\n\r\n" + first)
        heard_first.set()
        assert heard_until(client, rest) == rest
    assert waited == [True]
    assert kept == [version == b"1.1"]


def test_a_page_whose_length_is_known_leaves_whole() -> None:
    first_made, go_on = threading.Event(), threading.Event()

    def application(_environ: dict[str, Any], start: Callable[..., Any]) -> Iterator[bytes]:
        start("200 OK", [("Content-Length", "9")])
        yield b"first"
        first_made.set()
        go_on.wait(SECONDS)
        yield b"last"

    with answering(application, b"GET / HTTP/1.1\r\nHost: x\r\n\r\n") as (client, kept):
        assert first_made.wait(SECONDS)
        client.setblocking(False)
        with pytest.raises(BlockingIOError):
            client.recv(100)
        client.settimeout(SECONDS)
        go_on.set()
        assert heard_until(client, b"last").endswith(b"\r\n\r\nfirstlast")
    assert kept == [True]
