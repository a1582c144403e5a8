"""Slow senders do not block others: a real server with more slow requests than threads, and readers between them."""

from __future__ import annotations

import contextlib
import http.client
import socket
import time
from collections.abc import Iterator

import pytest

from portal.server import request_buffer
from portal.server.sizes import THREADS
from tests.portal.test_commands import waited_for
from tests.processes import Start

pytestmark = pytest.mark.once
WORKERS = 1
SLOW = 3 * WORKERS * THREADS
PROMPT = 2.0  # seconds; a thread that waits for a slow sender would take five times as long
HEAD = b"POST /api/v1/check HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: application/json\r\n"


@pytest.fixture
def port(start: Start) -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        found: int = free.getsockname()[1]
    start("serve", "--port", str(found), "--workers", str(WORKERS), "--no-relay")
    waited_for(f"http://127.0.0.1:{found}/healthz")
    return found


@contextlib.contextmanager
def sending(port: int, *begun: bytes) -> Iterator[list[socket.socket]]:
    """Connections, `SLOW` for each beginning of a request, that go on with nothing."""
    with contextlib.ExitStack() as held:
        opened = []
        for beginning in begun * SLOW:
            opened.append(held.enter_context(socket.create_connection(("127.0.0.1", port), 30)))
            opened[-1].sendall(beginning)
        yield opened


def asked(port: int, method: str, path: str, body: object = None, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    connection.request(
        method, path, body, headers, encode_chunked=headers.get("Transfer-Encoding") == "chunked"
    )
    answer = connection.getresponse()
    answer.read()
    connection.close()
    return answer


def test_requests_are_served_while_many_clients_send_slowly_and_time_out(port: int) -> None:
    half_a_body = HEAD + b"Content-Length: 1000\r\n\r\n{"
    chunk = HEAD + b"Transfer-Encoding: chunked\r\n\r\n3e8\r\n{"
    with sending(port, half_a_body, chunk, HEAD, b"") as slow:
        for _turn in range(10):
            begun = time.monotonic()
            assert asked(port, "GET", "/en/about").status == 200
            assert (
                asked(
                    port,
                    "POST",
                    "/api/v1/check",
                    b'{"numbers": ["x"]}',
                    **{"Content-Type": "application/json"},
                ).status
                == 200
            )
            assert time.monotonic() - begun < PROMPT
        deadline = time.monotonic() + request_buffer.HEAD_TIMEOUT + 10
        answers = []
        for connection in slow:
            connection.settimeout(max(0.1, deadline - time.monotonic()))
            answers.append(connection.recv(65536))
    status_lines = [answer.partition(b"\r\n")[0] for answer in answers]
    assert sorted(status_lines) == [b""] * SLOW + [b"HTTP/1.1 408 Request Timeout"] * 3 * SLOW
    assert b"Content-Security-Policy: default-src 'none'" in answers[0]


def test_a_request_in_pieces_is_answered_like_a_whole_one(port: int) -> None:
    body = b'{"numbers": ["91330100MAWY010175"]}'
    json = {"Content-Type": "application/json"}
    at_once = asked(port, "POST", "/api/v1/check", body, **json)
    pieces = asked(
        port,
        "POST",
        "/api/v1/check",
        iter([body[:5], body[5:6], body[6:]]),
        **json,
        **{"Transfer-Encoding": "chunked"},
    )
    assert (at_once.status, pieces.status) == (200, 200)
    with socket.create_connection(("127.0.0.1", port), 30) as one:
        for piece in (
            HEAD[:9],
            HEAD[9:],
            b"Expect: 100-continue\r\nContent-Length: %d\r\n" % len(body),
            b"\r\n",
        ):
            one.sendall(piece)
            time.sleep(0.05)
        assert one.recv(1000).startswith(b"HTTP/1.1 100 Continue\r\n\r\n")
        two = b"GET /healthz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
        one.sendall(
            body + two + two + b"GET /en/about HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n"
        )
        heard = b"".join(iter(lambda: one.recv(65536), b""))
    assert heard.count(b"HTTP/1.1 200 OK\r\n") == 4
    assert heard.count(b"\r\n\r\nalive\n") == 2


def test_a_head_without_end_is_refused(port: int) -> None:
    with socket.create_connection(("127.0.0.1", port), 30) as one:
        with contextlib.suppress(OSError):
            for _turn in range(request_buffer.MAX_HEAD // 1000 + 100):
                one.sendall(b"x" * 1000)
        with contextlib.suppress(ConnectionResetError):
            assert one.recv(100).startswith(b"HTTP/1.1 431 ")
    assert asked(port, "GET", "/en/about").status == 200
