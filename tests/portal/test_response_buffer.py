"""The buffer of answers: every byte arrives in order however slowly it is read, and who reads too slowly is known."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator

import pytest

from portal.server import response_buffer
from portal.server.response_buffer import ResponseBuffer, SpaceTaken

pytestmark = pytest.mark.once
MANY = bytes(range(256)) * 8192  # two megabytes
Pair = tuple[ResponseBuffer, socket.socket, SpaceTaken]


@pytest.fixture
def pair() -> Iterator[Pair]:
    """A buffer, the client at the other end, and the space that is taken."""
    server, client = socket.socketpair()
    with server, client:
        server.setblocking(False)
        client.settimeout(10)
        space = SpaceTaken()
        buffer = ResponseBuffer(server, space)
        buffer.begin(time.monotonic() + 1_000)  # nothing is late
        yield buffer, client, space
        buffer.close()


@pytest.mark.parametrize(
    "step", [1000, response_buffer.MAX_FIRST_SENT, response_buffer.MAX_IN_MEMORY, len(MANY)]
)
def test_all_bytes_arrive_in_order(pair: Pair, step: int) -> None:
    buffer, client, space = pair
    for position in range(0, len(MANY), step):
        buffer.sendall(MANY[position : position + step])
    assert 0 < buffer.size == space.bytes < len(MANY)
    heard = b""
    while not buffer.send_some():
        heard += client.recv(100_000)
    client.settimeout(0.1)
    while len(heard) < len(MANY):
        heard += client.recv(100_000)
    assert heard == MANY
    assert buffer.size == space.bytes == 0
    buffer.sendall(b"next")  # after a file
    assert buffer.send_some()
    assert client.recv(100) == b"next"


def test_an_answer_that_takes_longer_is_sent_as_it_comes(pair: Pair) -> None:
    buffer, client, _space = pair
    buffer.sendall(b"a page")
    assert buffer.size == 6  # more may come
    buffer.begin(time.monotonic() - 1)
    buffer.sendall(b" and its end")
    assert client.recv(100) == b"a page and its end"
    assert buffer.size == 0


def test_a_client_that_keeps_up_takes_no_space(pair: Pair) -> None:
    buffer, client, space = pair
    for _turn in range(50):
        buffer.sendall(MANY[:70_000])
        heard = 0
        while heard < 70_000:
            heard += len(client.recv(100_000))
    assert buffer.size == space.bytes == 0


def test_small_pieces_are_sent_together(pair: Pair) -> None:
    buffer, client, _space = pair
    for piece in (b"head", b"body", b""):
        buffer.sendall(piece)
    client.setblocking(False)
    with pytest.raises(BlockingIOError):
        client.recv(100)
    assert buffer.send_some()
    assert client.recv(100) == b"headbody"


def test_space_is_given_back_when_the_connection_ends(pair: Pair) -> None:
    buffer, _client, space = pair
    buffer.sendall(MANY)
    assert space.bytes > 0
    buffer.close()
    assert space.bytes == 0


def test_a_client_below_the_minimum_rate_is_too_slow(pair: Pair) -> None:
    buffer, client, _space = pair
    buffer.begin(0.0)
    buffer.sendall(MANY)
    sent = len(MANY) - buffer.size
    limit = response_buffer.GRACE + sent / response_buffer.MIN_BYTES_PER_SECOND
    assert not buffer.too_slow(limit)
    assert buffer.too_slow(limit + 0.1)
    client.recv(100_000)
    buffer.send_some()
    assert not buffer.too_slow(limit + 0.1)
    assert buffer.rate(10.0) == (len(MANY) - buffer.size) / 10
    assert buffer.too_slow(response_buffer.MAX_SECONDS + 1)


def test_a_client_that_was_given_up_or_has_gone_ends_the_answer(pair: Pair) -> None:
    buffer, client, _space = pair
    client.close()
    with pytest.raises(OSError, match="roken pipe"):
        buffer.sendall(MANY)
    buffer.given_up = True
    with pytest.raises(BrokenPipeError):
        buffer.sendall(b"x")
