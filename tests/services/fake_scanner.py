"""A ClamAV daemon for tests: speaks INSTREAM on a socket of its own and gives a prepared answer."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator
from pathlib import Path


class FakeScanner:
    """`answer`: sent for every file; None: the connection is closed early. `received`: the files it was sent."""

    def __init__(self, answer: bytes | None, listening: socket.socket) -> None:
        self.answer = answer
        self.silent = False  # True: no answer until the client hangs up
        self.received: list[bytes] = []
        self.address = ""
        self._listening = listening

    def serve(self) -> None:
        while True:
            try:
                connection, _ = self._listening.accept()
            except OSError:  # the socket was shut down: the test has ended
                return
            with connection, connection.makefile("rb") as file, contextlib.suppress(OSError):
                self._answer_one(connection, file)

    def _answer_one(self, connection: socket.socket, file) -> None:
        assert file.read(10) == b"zINSTREAM\0"
        if self.answer is None:
            return
        data = b""
        while length := int.from_bytes(file.read(4), "big"):
            data += file.read(length)
        self.received.append(data)
        if self.silent:
            file.read()
        connection.sendall(self.answer)


@contextlib.contextmanager
def fake_scanner(socket_path: Path | None, answer: bytes | None) -> Iterator[FakeScanner]:
    """A scanner on a unix socket at this path, or on loopback for None."""
    listening = socket.socket(socket.AF_UNIX if socket_path else socket.AF_INET, socket.SOCK_STREAM)
    listening.bind(str(socket_path) if socket_path else ("127.0.0.1", 0))
    listening.listen()
    daemon = FakeScanner(answer, listening)
    daemon.address = f"unix:{socket_path}" if socket_path else f"tcp://127.0.0.1:{listening.getsockname()[1]}"
    thread = threading.Thread(target=daemon.serve)
    thread.start()
    try:
        yield daemon
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        thread.join()
