"""The request buffer: the end of a request is found in chunks of any size, and no later than its last byte."""

from __future__ import annotations

from urllib.parse import quote

import pytest

from portal.server import request_buffer, sizes
from portal.server.request_buffer import RequestBuffer

GET = b"GET /zh/ HTTP/1.1\r\nHost: x\r\n\r\n"
POST = b"POST /x HTTP/1.1\r\nHost: x\r\ncontent-length:  11\r\nA: b\r\n\r\nhello world"
CHUNKED = (
    b"POST /x HTTP/1.1\r\nTransfer-Encoding: gzip, Chunked\r\n\r\n"
    b"5;x=y\r\nhello\r\n6\r\n\r\n0\r\n\r\r\n0\r\nTrailer: t\r\n\r\n"
)


def read(request: RequestBuffer) -> bytes:
    request.rewind()
    return b"".join(iter(lambda: request.recv(7), b""))


@pytest.mark.parametrize("request_", [GET, POST, CHUNKED])
@pytest.mark.parametrize("step", [1, 2, 3, 1000])
def test_the_end_of_a_request_is_found_in_chunks_of_any_size(request_: bytes, step: int) -> None:
    buffer = RequestBuffer(0.0)
    sent = request_ + GET
    ahead = b""
    for position in range(0, len(sent), step):
        if buffer.complete:
            break
        assert position < len(request_)
        ahead = buffer.feed(sent[position : position + step], 0.0)
    assert buffer.complete
    assert read(buffer) == request_
    assert sent.startswith(request_ + ahead)
    buffer.close()


@pytest.mark.parametrize("line", [b"zz\r\n", b"-5\r\n", b"x" * 9000])
def test_an_invalid_chunk_completes_the_request(line: bytes) -> None:
    arrives = RequestBuffer(0.0)
    arrives.feed(b"POST / HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + line, 0.0)
    assert arrives.complete
    arrives.close()


def test_the_time_limit_grows_with_the_received_bytes() -> None:
    arrives = RequestBuffer(100.0)
    arrives.feed(b"POST / HTTP/1.1\r\n", 100.0)
    assert not arrives.timed_out(100.0 + request_buffer.HEAD_TIMEOUT)
    assert arrives.timed_out(100.1 + request_buffer.HEAD_TIMEOUT)
    arrives.feed(b"Content-Length: 1000000\r\n\r\n", 105.0)
    assert not arrives.timed_out(105.0 + request_buffer.BODY_TIMEOUT)
    assert arrives.timed_out(105.1 + request_buffer.BODY_TIMEOUT)
    arrives.feed(b"x" * 10 * request_buffer.MIN_BYTES_PER_SECOND, 110.0)
    assert not arrives.timed_out(115.0 + request_buffer.BODY_TIMEOUT)
    assert arrives.timed_out(115.1 + request_buffer.BODY_TIMEOUT)
    arrives.close()


def test_a_body_over_the_limit_is_not_stored() -> None:
    arrives = RequestBuffer(0.0)
    arrives.feed(b"POST / HTTP/1.1\r\nContent-Length: 99999999999\r\n\r\n", 0.0)
    piece = b"x" * 1_000_000
    for _turn in range(request_buffer.MAX_DISCARDED_BODY // len(piece)):
        assert not arrives.complete
        arrives.feed(piece, 0.0)
    arrives.feed(piece, 0.0)
    assert arrives.complete
    assert sizes.MAX_BUFFERED_BODY <= arrives.size <= sizes.MAX_BUFFERED_BODY + 100
    arrives.close()


def test_an_endless_head_is_too_long() -> None:
    arrives = RequestBuffer(0.0)
    for _turn in range(request_buffer.MAX_HEAD // 1000 + 1):
        arrives.feed(b"x" * 1000, 0.0)
    assert arrives.head_too_long
    arrives.close()


def test_expect_continue_is_answered_or_refused() -> None:
    head = b"POST / HTTP/1.1\r\nExpect: 100-continue\r\nContent-Length: %d\r\n\r\n"
    for length, word, whole in ((1000, True, False), (sizes.MAX_BUFFERED_BODY + 1, False, True)):
        arrives = RequestBuffer(0.0)
        arrives.feed(head % length, 0.0)
        assert (arrives.expects_continue, arrives.complete) == (word, whole)
        arrives.close()


@pytest.mark.parametrize("encoding", ["utf-8", "gb18030"])
def test_octets_beyond_ascii_in_the_request_line_are_percent_encoded(encoding: str) -> None:
    line = "GET /zh/search?q=冰箱 HTTP/1.1".encode(encoding)
    request = line + b"\r\nHost: 127.0.0.1\r\n\r\n"
    for cut in (0, 18, len(line), len(request) - 1):  # within a character, too
        buffer = request_buffer.RequestBuffer(0.0)
        buffer.feed(request[:cut], 0.0)
        buffer.feed(request[cut:], 0.0)
        assert buffer.complete
        buffer.rewind()
        quoted = quote("冰箱".encode(encoding))
        assert buffer.recv(1000) == f"GET /zh/search?q={quoted} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        buffer.close()
