"""No thread waits for a client: who sends or reads slowly, or asks much without reading, keeps nobody from an answer."""

from __future__ import annotations

import contextlib
import socket
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.attacks.conftest import Server

pytestmark = pytest.mark.once
ATTACK_SECONDS = 6.0
SMALL_BUFFER = 2048
MOST_MEMORY = 64_000_000
HOST = b"Host: 127.0.0.1\r\n"


def get(path: str) -> bytes:
    return f"GET {path} HTTP/1.1\r\n".encode() + HOST + b"\r\n"


def ask_during(server: Server, begin: Callable[[], socket.socket], clients: int) -> list[socket.socket]:
    """Ask pages while as many clients hold connections that were begun so; return what is left of these."""
    asked = server.pages()
    for path in asked * 3:  # in both processes what is opened at first use is open
        assert server.ask(path).status == 200
    before = server.memory() + server.database_bytes()
    held = [begin() for _ in range(clients)]
    until = time.monotonic() + ATTACK_SECONDS
    while time.monotonic() < until:
        server.ask_in_turn(asked)
        time.sleep(0.05)
    assert server.memory() + server.database_bytes() - before < MOST_MEMORY
    return held


@contextlib.contextmanager
def closing(held: list[socket.socket]) -> Iterator[None]:
    try:
        yield
    finally:
        for each in held:
            each.close()


@pytest.mark.parametrize("clients", [16, 64])
def test_clients_that_never_read_hold_up_no_other(server: Server, clients: int) -> None:
    wanted = get("/sitemap.xml") + get("/static/pinzheng.css") * 50  # six megabytes, pipelined

    def begin() -> socket.socket:
        client = server.connect(SMALL_BUFFER)
        client.sendall(wanted)
        return client

    with closing(ask_during(server, begin, clients)):
        pass


def test_clients_that_send_heads_and_bodies_slowly_hold_up_no_other(server: Server) -> None:
    beginnings = [
        get("/en/")[:-2],
        b"POST /api/v1/check HTTP/1.1\r\n"
        + HOST
        + b"Content-Type: application/json\r\nContent-Length: 1000\r\n\r\n{",
    ]

    def begin() -> socket.socket:
        client = server.connect()
        beginnings.append(beginnings.pop(0))
        client.sendall(beginnings[0])
        return client

    with closing(ask_during(server, begin, 60)):
        pass


def test_a_slow_reader_gets_every_byte_of_what_was_pipelined(server: Server) -> None:
    with server.connect(SMALL_BUFFER) as client:
        client.sendall(get("/static/pinzheng.css") * 20 + b"GET /healthz HTTP/1.0\r\n" + HOST + b"\r\n")
        time.sleep(1)
        heard = b"".join(iter(lambda: client.recv(65536), b""))
    assert heard.count(b"HTTP/1.1 200 OK") == 20
    bodies = {part.partition(b"\r\n\r\n")[2] for part in heard.split(b"HTTP/1.1 200 OK")[1:20]}
    assert bodies == {(Path("portal/static/pinzheng.css")).read_bytes()}
    assert heard.endswith(b"\r\n\r\nalive\n")


@pytest.mark.parametrize("size", [b"-1", b"0x2", b"1_0", b"2;\n", b"zz", b"ffffffffffffffffffff"])
def test_a_malformed_chunk_is_a_bad_request(server: Server, size: bytes) -> None:
    head = b"POST /api/v1/check HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"
    with server.connect() as client:
        client.sendall(head + size + b"\r\n{}\r\n0\r\n\r\n")
        heard = b"".join(iter(lambda: client.recv(65536), b""))
    assert heard.startswith(b"HTTP/1.1 400 Bad Request\r\n")
    assert b"Content-Security-Policy: default-src 'none'" in heard
    assert heard.count(b"HTTP/1.1") == 1


def test_a_client_changes_neither_path_nor_scheme_nor_host(server: Server) -> None:
    plain = server.ask("/en/about")
    with contextlib.closing(socket.create_connection(("127.0.0.1", server.port), 30)) as client:
        for name in (
            "SCRIPT_NAME: /en",
            "SCRIPT_NAME: /nope",
            "PATH_INFO: /en/x",
            "REMOTE_USER: admin",
            "X-Forwarded-Prefix: /x",
        ):
            client.sendall(b"GET /en/about HTTP/1.1\r\n" + HOST + name.encode() + b"\r\n\r\n")
            heard = client.recv(200)
            assert heard.startswith(b"HTTP/1.1 200 OK\r\n"), name
            while not heard.endswith(b"</html>\n") and not heard.endswith(b"</html>"):
                heard += client.recv(65536)
    forwarded = server.ask("/en/about", **{"X-Forwarded-Proto": "https", "X-Forwarded-Host": "evil.example"})
    assert plain.getheader("ETag") == forwarded.getheader("ETag")


def test_requests_that_no_parser_takes_are_refused_with_the_security_headers(server: Server) -> None:
    for request, status in (
        (b"NONSENSE\r\n\r\n", b"400"),
        (b"GET / HTTP/9.9\r\n" + HOST + b"\r\n", b"400"),
        (b"GET /" + b"x" * 9000 + b" HTTP/1.1\r\n" + HOST + b"\r\n", b"414"),
        (b"GET / HTTP/1.1\r\n" + HOST + b"A: " + b"x" * 9000 + b"\r\n\r\n", b"431"),
        (
            b"POST / HTTP/1.1\r\n"
            + HOST
            + b"Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
            b"400",
        ),
    ):
        with server.connect() as client:
            client.sendall(request)
            heard = b"".join(iter(lambda: client.recv(65536), b""))
        assert heard.startswith(b"HTTP/1.1 " + status), request[:40]
        assert b"X-Content-Type-Options: nosniff" in heard
