"""Connections: as many as there is room for, spread over the web processes, and kept through a reload."""

from __future__ import annotations

import contextlib
import http.client
import resource
import signal
import socket
import threading
import time

import psutil
import pytest

from tests.attacks.conftest import Server
from tests.attacks.test_slow_clients import MOST_MEMORY, closing, get

pytestmark = pytest.mark.once
MANY = 48
RELOAD_SECONDS = 120


def web_processes(server: Server) -> list[psutil.Process]:
    """The processes below which there are no others."""
    return [
        child
        for child in server.children()
        if child.status() != psutil.STATUS_ZOMBIE and not child.children()
    ]


def test_connections_are_spread_over_the_web_processes(server: Server) -> None:
    before = server.memory() + server.database_bytes()
    held: list[socket.socket] = []
    with closing(held):
        for _ in range(MANY):
            held.append(server.connect())
            held[-1].sendall(get("/healthz"))
            assert held[-1].recv(4096).startswith(b"HTTP/1.1 200 OK")
        counts = [
            sum(each.status == psutil.CONN_ESTABLISHED for each in process.net_connections("tcp"))
            for process in web_processes(server)
        ]
        assert server.memory() + server.database_bytes() - before < MOST_MEMORY
    assert len(counts) == 2
    assert min(counts) >= MANY // 3, counts


def ask_again(server: Server, path: str) -> int:
    """The status of a page for a client that tries three times: a connection may be dropped while there is no room."""
    for _attempt in range(2):
        with contextlib.suppress(http.client.RemoteDisconnected, ConnectionResetError):
            return int(server.ask(path).status)
    return int(server.ask(path).status)


def test_a_process_without_descriptors_goes_on_and_has_room_for_a_new_client(server: Server) -> None:
    processes = web_processes(server)
    limits = [process.rlimit(resource.RLIMIT_NOFILE) for process in processes]
    before = server.memory() + server.database_bytes()
    held: list[socket.socket] = []
    with closing(held):
        try:
            for process in processes:
                hard = process.rlimit(resource.RLIMIT_NOFILE)[1]
                process.rlimit(resource.RLIMIT_NOFILE, (process.num_fds() + 8, hard))
            for _ in range(MANY):
                held.append(server.connect())
                held[-1].sendall(get("/en/")[:-2])
            for _ in range(5):
                assert ask_again(server, "/healthz") == 200
        finally:
            for process, limit in zip(processes, limits, strict=True):
                process.rlimit(resource.RLIMIT_NOFILE, limit)
    assert web_processes(server) == processes
    assert server.memory() + server.database_bytes() - before < MOST_MEMORY
    assert server.ask("/en/").status == 200


def test_a_reload_loses_no_request_and_the_new_processes_share_their_memory(server: Server) -> None:
    before = set(server.children())
    ends = threading.Event()
    problems: list[str] = []
    answered = [0]

    def ask_again_and_again() -> None:
        kept: http.client.HTTPConnection | None = None
        while not ends.is_set():
            try:
                kept = kept or http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
                kept.request("GET", "/en/about")
                answer = kept.getresponse()
                answer.read()
                answered[0] += answer.status == 200
                if answer.status != 200 or answer.will_close:
                    problems.extend([str(answer.status)] * (answer.status != 200))
                    kept.close()
                    kept = None
            except OSError as problem:
                problems.append(repr(problem))
                if kept is not None:
                    kept.close()
                kept = None
            time.sleep(0.02)
        if kept is not None:
            kept.close()

    clients = [threading.Thread(target=ask_again_and_again) for _ in range(4)]
    for client in clients:
        client.start()
    server.process.send_signal(signal.SIGHUP)
    end = time.monotonic() + RELOAD_SECONDS
    while any(child.is_running() and child.status() != psutil.STATUS_ZOMBIE for child in before):
        assert time.monotonic() < end
        time.sleep(0.2)
    ends.set()
    for client in clients:
        client.join(60)
    assert (problems, answered[0] > 0) == ([], True)
    processes = web_processes(server)
    assert len(processes) == 2
    for process in processes:
        memory = process.memory_full_info()
        assert memory.uss < memory.rss / 2, memory
