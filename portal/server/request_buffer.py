"""A buffer for one HTTP request: when it is complete, and when it takes too long (RFC 9112, 2.1, 6.3, 7.1).

Whether a request is valid is decided by the server that parses it; here only its end is looked for. A request that
cannot be followed counts as complete immediately: the server refuses it and has nothing more to wait for.
"""

from __future__ import annotations

import re
import tempfile
from typing import IO

from portal.server.sizes import MAX_BUFFERED_BODY

MAX_HEAD = 128 * 1024  # bytes
MAX_CHUNK_LINE = 8_190  # of the lines between the chunks of a body
MAX_IN_MEMORY = 128 * 1024  # bytes of a request held in memory; the rest is in a temporary file
MAX_DISCARDED_BODY = (
    100_000_000  # bytes read of a body that is too long, so that its sender gets the response
)
IDLE_TIMEOUT = (
    75.0  # of a kept connection; longer than proxies keep theirs, so that the proxy is the one that closes
)
HEAD_TIMEOUT = 10.0  # of a new connection, or after the first byte
BODY_TIMEOUT = 10.0  # plus the time that the bytes received so far may take
MIN_BYTES_PER_SECOND = 8_000  # a poor telephone line
HEAD_END = b"\r\n\r\n"
CONTENT_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*([0-9]{1,15})[ \t]*\r\n", re.IGNORECASE)
CHUNKED_ENCODING = re.compile(rb"\r\ntransfer-encoding:[^\r\n]*chunked", re.IGNORECASE)
CHUNK_SIZE = re.compile(rb"[0-9A-Fa-f]{1,15}")
SAFE_METHOD = re.compile(rb"(?:GET|HEAD|OPTIONS) ")
EXPECT_CONTINUE = re.compile(rb"\r\nexpect:[ \t]*100-continue[ \t]*\r\n", re.IGNORECASE)


class ChunkedBodyScanner:
    """Finds the end of a body in chunks, without decoding it."""

    def __init__(self) -> None:
        self._left = 0  # bytes of this chunk, with the end of line behind it
        self._line = b""
        self._trailers = False
        self.ended = False
        self.malformed = False

    def scan(self, data: bytes) -> int:
        """Return how many of these bytes belong to the body."""
        position = 0
        while position < len(data) and not self.ended:
            if self._left:
                step = min(self._left, len(data) - position)
                self._left -= step
                position += step
                continue
            end = data.find(b"\n", position)
            stop = end + 1 if end >= 0 else len(data)
            self._line += data[position:stop]
            position = stop
            if len(self._line) > MAX_CHUNK_LINE:
                self.ended = self.malformed = True
            elif end >= 0:
                self._read_line(self._line.strip())
                self._line = b""
        return position

    def _read_line(self, line: bytes) -> None:
        if self._trailers:
            self.ended = not line
            return
        digits = line.partition(b";")[0].rstrip(b" \t")
        size = int(digits, 16) if CHUNK_SIZE.fullmatch(digits) else -1
        self.ended = self.malformed = size < 0
        self._trailers = size == 0
        self._left = size + 2 if size > 0 else 0


def with_ascii_request_line(head: bytes) -> bytes:
    """Return the head of a request with every octet beyond ASCII in its first line percent-encoded (RFC 3986, 2.1).

    Some programs send Chinese in an address as it is; the server would refuse it without a page.
    """
    line, end, fields = head.partition(b"\r\n")
    if line.isascii():
        return head
    encoded = b"".join(b"%%%02X" % octet if octet > 127 else bytes((octet,)) for octet in line)
    return encoded + end + fields


class RequestBuffer:
    """The bytes of one request, in memory or in a file.

    `since`: when waiting for the first began (monotonic seconds); `kept`: there was a request before on its connection.
    """

    def __init__(self, since: float, *, kept: bool = False) -> None:
        self._file: IO[bytes] = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY)  # noqa: SIM115 - closed by `close`
        self._head = bytearray()
        self._chunks: ChunkedBodyScanner | None = None
        self._since = since
        self._idle_timeout = IDLE_TIMEOUT if kept else HEAD_TIMEOUT
        self._left = 0  # of a body whose length is known
        self._body = 0  # bytes of it received
        self.complete = False
        self.cut_off = False  # complete before its end: where the next request begins is unknown
        self.head_too_long = False
        self.expects_continue = False  # the client waits for 100 Continue (RFC 9110, 10.1.1)
        self.size = 0  # bytes

    @property
    def started(self) -> bool:
        return self.size > 0

    @property
    def since(self) -> float:
        """When the client was waited for first: for the request, then for its first byte, then for its body."""
        return self._since

    @property
    def first_line(self) -> bytes:
        """The beginning of the request line."""
        return bytes(self._head[:200])

    @property
    def safe(self) -> bool:
        """True if the method only reads (RFC 9110, 9.2.1)."""
        return SAFE_METHOD.match(self._head) is not None

    @property
    def chunked(self) -> bool:
        """True if the body comes in chunks."""
        return self._chunks is not None

    @property
    def body_too_long(self) -> bool:
        """True if the body is not stored to its end."""
        return self._body > MAX_BUFFERED_BODY

    def feed(self, data: bytes, now: float) -> bytes:
        """Store received bytes; return those that belong to the next request."""
        if self._head.endswith(HEAD_END):
            return self._take_body(data)
        before = len(self._head)
        if not before:
            self._since = now
        self._head += data
        end = self._head.find(HEAD_END, max(0, before - len(HEAD_END) + 1))
        if end < 0:
            self.size += len(data)
            self.head_too_long = len(self._head) > MAX_HEAD
            return b""
        rest = bytes(self._head[end + len(HEAD_END) :])
        del self._head[end + len(HEAD_END) :]
        self.size -= before
        self._store(with_ascii_request_line(bytes(self._head)))
        self._read_head(now)
        return self._take_body(rest)

    def timed_out(self, now: float) -> bool:
        """Return True if the request has taken longer than a slow but honest client needs."""
        if not self._head:
            allowed = self._idle_timeout
        elif not self._head.endswith(HEAD_END):
            allowed = HEAD_TIMEOUT
        else:
            allowed = BODY_TIMEOUT + self._body / MIN_BYTES_PER_SECOND
        return now - self._since > allowed

    def rewind(self) -> None:
        """Go to the beginning of the request, to read it."""
        self._file.seek(0)

    def recv(self, size: int) -> bytes:
        """Return the next bytes as a socket does; b"" at the end, where a socket would wait."""
        return self._file.read(size)

    def close(self) -> None:
        """Delete the buffer."""
        self._file.close()

    def _read_head(self, now: float) -> None:
        self._since = now
        if CHUNKED_ENCODING.search(self._head):
            self._chunks = ChunkedBodyScanner()
        elif length := CONTENT_LENGTH.search(self._head):
            self._left = int(length[1])
        self.complete = self._chunks is None and self._left == 0
        # A client whose body is too long is refused before it sends it.
        self.expects_continue = bool(EXPECT_CONTINUE.search(self._head)) and self._left <= MAX_BUFFERED_BODY
        if EXPECT_CONTINUE.search(self._head) and not self.expects_continue:
            self.complete = self.cut_off = True

    def _take_body(self, data: bytes) -> bytes:
        if self.complete or not data:
            return data
        if self._chunks is not None:
            stop = self._chunks.scan(data)
            self.complete = self._chunks.ended
            self.cut_off = self._chunks.malformed
        else:
            stop = min(len(data), self._left)
            self._left -= stop
            self.complete = self._left == 0
        self._store(data[: min(stop, max(0, MAX_BUFFERED_BODY - self._body))])
        self._body += stop
        if not self.complete and self._body > MAX_DISCARDED_BODY:
            self.complete = self.cut_off = True
        return data[stop:]

    def _store(self, data: bytes) -> None:
        self._file.write(data)
        self.size += len(data)
