"""One request answered, in a thread: from a buffer that holds the whole request to one that holds the answer."""

from __future__ import annotations

import contextlib
import datetime as dt
import tempfile
from collections.abc import Callable, Iterable
from typing import IO, Any

from gunicorn.http.errors import (
    ConfigurationProblem,
    ExpectationFailed,
    ForbiddenProxyRequest,
    InvalidResponseHeader,
    InvalidResponseHeaderName,
    LimitRequestHeaders,
    LimitRequestLine,
    NoMoreData,
    ParseException,
    UnsupportedTransferCoding,
)
from gunicorn.http.parser import RequestParser
from gunicorn.http.wsgi import create

from portal.server.request_buffer import MAX_IN_MEMORY, RequestBuffer
from portal.server.response_buffer import ResponseBuffer
from portal.web.security import SECURITY_HEADERS
from registry.observing.metrics import count_refusal

Address = tuple[Any, ...]
Application = Callable[..., Iterable[bytes]]
REASONS = {
    400: "Bad Request",
    403: "Forbidden",
    408: "Request Timeout",
    414: "URI Too Long",
    417: "Expectation Failed",
    431: "Request Header Fields Too Large",
    500: "Internal Server Error",
    501: "Not Implemented",
    503: "Service Unavailable",
}
STATUSES: dict[type[Exception], int] = {
    ConfigurationProblem: 500,
    InvalidResponseHeader: 500,
    InvalidResponseHeaderName: 500,
    ForbiddenProxyRequest: 403,
    LimitRequestLine: 414,
    ExpectationFailed: 417,
    LimitRequestHeaders: 431,
    UnsupportedTransferCoding: 501,
}
RETRY_AFTER = 5  # seconds
BODY_STEP = 65_536


def refusal(status: int) -> bytes:
    """Return a plain answer that closes the connection, with the security headers of every answer; counts it."""
    count_refusal(status)
    words = f"{status} {REASONS[status]}"
    body = f"{words}\n".encode()
    fields = [
        ("Content-Type", "text/plain; charset=utf-8"),
        ("Content-Length", str(len(body))),
        ("Cache-Control", "no-store"),
        ("Connection", "close"),
        *SECURITY_HEADERS,
    ]
    if status == 503:
        fields.append(("Retry-After", str(RETRY_AFTER)))
    head = "".join(f"{name}: {value}\r\n" for name, value in fields)
    return f"HTTP/1.1 {words}\r\n{head}\r\n".encode() + body


def refusal_status(problem: Exception) -> int:
    """Return the status for a request that could not be read."""
    return STATUSES.get(type(problem), 400 if isinstance(problem, ParseException) else 500)


class Exchange:
    """Answers requests with a WSGI application. `cfg`, `log`: of Gunicorn, whose parser and response it uses."""

    def __init__(self, application: Application, cfg: Any, log: Any) -> None:
        self._application = application
        self._cfg = cfg
        self._log = log

    def answer(
        self,
        request: RequestBuffer,
        response: ResponseBuffer,
        addresses: tuple[Address, Address],
        closes: Callable[[], bool],
    ) -> bool:
        """Answer one request; return True if the connection is kept.

        `addresses`: of the client and of the server; `closes` says whether the server wants the connection closed.
        Raises `OSError` when the client has gone.
        """
        started: Any = None
        body: IO[bytes] | None = None
        try:
            message = next(RequestParser(self._cfg, request, addresses[0]))
            body = self._body_of_chunks(request, message)
            started, environ = create(message, response, *addresses, self._cfg)
            if body is not None:
                environ["wsgi.input"] = body
            del environ["gunicorn.socket"]
            environ["wsgi.multithread"] = True
            return self._run(started, environ, response, closes)
        except (NoMoreData, StopIteration):  # the client closed in the middle of its request
            return False
        except OSError as problem:
            if not isinstance(problem, ConnectionError):  # no space, or too many open files
                self._log.error("An answer could not be kept for a slow client: %s", problem)
            raise
        except Exception as problem:
            status = refusal_status(problem)
            if status < 500:
                self._log.warning(
                    "Refused a request of %s with %s: %s", addresses[0][0], status, describe(problem)
                )
            else:
                self._log.exception("An answer failed")
            if started is not None and started.headers_sent:
                raise BrokenPipeError("the answer broke off") from problem
            response.sendall(refusal(status))
            return False
        finally:
            if body is not None:
                body.close()

    def _run(
        self, started: Any, environ: dict[str, Any], response: ResponseBuffer, closes: Callable[[], bool]
    ) -> bool:
        begun = dt.datetime.now()  # noqa: DTZ005 - Gunicorn's log wants a difference only
        parts = self._application(environ, started.start_response)
        try:
            if closes():
                started.force_close()
            for part in parts:
                started.write(part)
                if started.response_length is None:  # a file in the making, whose next piece may take long
                    response.send_some()
            started.close()
        finally:
            with contextlib.ExitStack() as closing:
                if hasattr(parts, "close"):
                    closing.callback(parts.close)
                self._log.access(started, started.req, environ, dt.datetime.now() - begun)  # noqa: DTZ005
        return not started.should_close()

    @staticmethod
    def _body_of_chunks(request: RequestBuffer, message: Any) -> IO[bytes] | None:
        """Return a body in chunks decoded, so that a malformed one is refused before the application begins.

        Raises `ParseException` when it is malformed.
        """
        if not request.chunked:
            return None
        body: IO[bytes] = tempfile.SpooledTemporaryFile(MAX_IN_MEMORY)  # noqa: SIM115 - closed by `answer`
        try:
            while data := message.body.read(BODY_STEP):
                body.write(data)
        except (ParseException, NoMoreData) as problem:
            if not request.body_too_long:  # else the application refuses it in the language of its reader
                body.close()
                raise problem if isinstance(problem, ParseException) else ParseException("cut off") from None
        except BaseException:
            body.close()
            raise
        body.seek(0)
        return body


def describe(problem: Exception) -> str:
    """Return what is wrong with a request in one line, without control characters."""
    text = f"{type(problem).__name__}: {problem}"
    return "".join(sign if sign.isprintable() else "?" for sign in text)[:200]
