"""Every request is measured and may have a line in the log, whatever server stands before the application.

Lines and metrics name the pattern of an address, never the address itself: that may hold the key of a link in a letter.
"""

from __future__ import annotations

import functools
import logging
import re
import secrets
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Any

from flask import Flask, request

from portal.web.security import Application, Environ, StartResponse
from registry.accounts import networks
from registry.config import Settings
from registry.observing.log_lines import LogChoice, log_repeats
from registry.observing.metrics import METHODS, count_request
from registry.observing.work import Work, begin_work, end_work, work_at_hand

REQUEST_ID_HEADER = "X-Request-ID"
WELL_FORMED_ID = re.compile(r"[A-Za-z0-9._-]{8,64}")
ID_BYTES = 8
PLACEHOLDER = re.compile(r"<(?:[^<>]+:)?(\w+)>")
REPEATS_EVERY = 60.0  # seconds
log = logging.getLogger("portal.requests")


def note_routes(app: Flask) -> None:
    """Let the application say by which route it answers a request. To be called before other hooks are added."""

    def note_route() -> None:
        work, rule = work_at_hand(), request.url_rule
        if work is not None and rule is not None:
            work.path = pattern_of_rule(rule.rule)

    app.before_request(note_route)


def observe_requests(application: Application, settings: Settings) -> Application:
    """Return `application` with each request measured, and with a request id that the response gives back.

    The id is that of a trusted proxy if it is well formed, else a new one.
    """
    log.setLevel(logging.INFO)  # that a request has a line is a choice of its own
    trusted = settings.trusted_proxies
    observer = _Observer(settings.log)

    def answer(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        begun = time.perf_counter()
        work = begin_work(_request_id(environ, trusted))
        seen = _Seen(begun, environ, work)

        def start_with_id(status: str, headers: list[tuple[str, str]], *more: Any) -> Any:
            seen.status = int(status[:3])
            seen.is_whole = any(name.lower() == "content-length" for name, _ in headers)
            return start(status, [*headers, (REQUEST_ID_HEADER, work.request_id)], *more)

        try:
            body = application(environ, start_with_id)
        except BaseException:
            observer.finish(seen)
            raise
        if seen.is_whole or seen.status in (204, 304):
            observer.finish(seen)
            return body
        return _StreamedBody(body, observer, seen)

    return answer


@dataclass(slots=True)
class _Seen:
    """What is known of a request when its answer begins."""

    begun: float
    environ: Environ
    work: Work
    status: int = 500
    is_whole: bool = False


class _Observer:
    """Counts and logs finished requests."""

    def __init__(self, choice: LogChoice) -> None:
        self._choice = choice
        self._repeats_at = 0.0

    def finish(self, seen: _Seen) -> None:
        """Count a request, and log it where the operator wants a line for each or it was slow."""
        now = time.perf_counter()
        seconds = now - seen.begun
        work = seen.work
        method = seen.environ.get("REQUEST_METHOD", "")
        count_request(work, method, seen.status, seconds)
        is_slow = seconds * 1000 >= self._choice.slow_ms
        if self._choice.access or is_slow:
            fields = {
                "method": method if method in METHODS else "other",
                "path": work.path,
                "status": seen.status,
                "ms": round(seconds * 1000, 1),
                "user": work.user,
                "database_ms": round(work.database_seconds * 1000, 1),
                "statements": work.statements,
                "index_ms": round(work.index_seconds * 1000, 1),
            }
            if work.error_id:
                fields["error_id"] = work.error_id
            if is_slow:
                fields["slow"] = "yes"
            log.info("answered", extra=fields)
        end_work()
        if now > self._repeats_at:
            self._repeats_at = now + REPEATS_EVERY
            log_repeats()


class _StreamedBody:
    """A body that is made while it is sent; the request ends with it."""

    def __init__(self, body: Iterable[bytes], observer: _Observer, seen: _Seen) -> None:
        self._body, self._observer, self._seen = body, observer, seen

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._body)

    def close(self) -> None:
        """Close the body and finish the request."""
        try:
            if (close := getattr(self._body, "close", None)) is not None:
                close()
        finally:
            self._observer.finish(self._seen)


def _request_id(environ: Environ, trusted: tuple[networks.Network, ...]) -> str:
    given = environ.get("HTTP_X_REQUEST_ID")
    if (
        given
        and WELL_FORMED_ID.fullmatch(given)
        and networks.is_trusted(environ.get("REMOTE_ADDR", ""), trusted)
    ):
        return str(given)
    return secrets.token_hex(ID_BYTES)


@functools.lru_cache(maxsize=1000)
def pattern_of_rule(rule: str) -> str:
    """`/<lang:lang>/<register:slug>` → `/<lang>/<slug>`."""
    return PLACEHOLDER.sub(r"<\1>", rule)
