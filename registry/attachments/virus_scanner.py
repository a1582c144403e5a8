"""Client of a ClamAV daemon: sends a file as `zINSTREAM`, in chunks preceded by their length (clamd(8), COMMANDS).

If a scanner is configured, no file is accepted without its verdict.
"""

from __future__ import annotations

import re
import socket
from pathlib import Path
from urllib.parse import urlsplit

from registry.errors import Unavailable

TIMEOUT_SECONDS = 30
CHUNK = 65_536
MAX_ANSWER_BYTES = 4_096
FOUND_ANSWER = re.compile(r"stream: (.+) FOUND")


def scan_file(address: str, path: Path) -> str:
    """Return the name of the signature that the scanner found in a file, or "" if the file is clean.

    `address`: `unix:/path` or `tcp://host:port`. Raises `Unavailable` if the scanner cannot be reached, takes longer
    than `TIMEOUT_SECONDS` for a step, or gives neither verdict.
    """
    try:
        with _connect(address) as connection:
            _send(connection, path)
            answer = _read_answer(connection)
    except OSError as problem:
        raise Unavailable("virus_scanner_unavailable", problem=str(problem)) from problem
    if answer == "stream: OK":
        return ""
    match = FOUND_ANSWER.fullmatch(answer)
    if match is None:
        raise Unavailable("virus_scanner_unavailable", problem=repr(answer))
    return match[1]


def _connect(address: str) -> socket.socket:
    if not address.startswith("unix:"):
        server = urlsplit(address)
        return socket.create_connection((server.hostname or "", server.port or 0), TIMEOUT_SECONDS)
    connection = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        connection.settimeout(TIMEOUT_SECONDS)
        connection.connect(address.removeprefix("unix:"))
    except OSError:
        connection.close()
        raise
    return connection


def _send(connection: socket.socket, path: Path) -> None:
    connection.sendall(b"zINSTREAM\0")
    with path.open("rb") as file:
        while chunk := file.read(CHUNK):
            connection.sendall(len(chunk).to_bytes(4, "big") + chunk)
    connection.sendall(bytes(4))


def _read_answer(connection: socket.socket) -> str:
    answer = b""
    while not answer.endswith(b"\0") and len(answer) < MAX_ANSWER_BYTES:
        received = connection.recv(MAX_ANSWER_BYTES)
        if not received:
            break
        answer += received
    return answer.rstrip(b"\0\n").decode("utf-8", "replace")
