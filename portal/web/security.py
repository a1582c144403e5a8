"""Security headers of every response, and the check of the `Host` header."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import urlsplit

from portal.web.query_encoding import repair_query
from registry.config import LOOPBACK_HOSTS, Settings

Environ = dict[str, Any]
StartResponse = Callable[..., Any]
Application = Callable[[Environ, StartResponse], Iterable[bytes]]

CSP_REPORT_PATH = "/csp-reports"
CONTENT_SECURITY_POLICY = (
    "default-src 'none'; script-src 'self'; connect-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
    "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; "
    f"report-uri {CSP_REPORT_PATH}; report-to csp"
)
SECURITY_HEADERS = (
    ("Content-Security-Policy", CONTENT_SECURITY_POLICY),
    ("Reporting-Endpoints", f'csp="{CSP_REPORT_PATH}"'),
    ("X-Content-Type-Options", "nosniff"),
    ("Referrer-Policy", "strict-origin-when-cross-origin"),
    ("Permissions-Policy", "camera=(self), geolocation=(), microphone=(), payment=(), usb=()"),
    ("Cross-Origin-Opener-Policy", "same-origin"),
)
STRICT_TRANSPORT_SECURITY = ("Strict-Transport-Security", "max-age=31536000; includeSubDomains")
PROBE_PATHS = frozenset(
    {"/healthz", "/readyz", "/metrics"}
)  # requested by IP address, whatever the name of the host
MAX_DRAINED_BODY = 32_000_000  # bytes of a refused body
UNKNOWN_HOST_BODY = b"421 this host is not served here\n"


def security_headers(settings: Settings) -> tuple[tuple[str, str], ...]:
    """Return the headers of every response."""
    secure = settings.production and settings.base_url.startswith("https:")
    return (*SECURITY_HEADERS, STRICT_TRANSPORT_SECURITY) if secure else SECURITY_HEADERS


def secure_application(application: Application, settings: Settings) -> Application:
    """Return `application` behind a check of `Host` (RFC 9110, 7.4), every response with the security headers.

    In production only the host of the base URL is answered, else loopback hosts on any port: nothing on a page
    is ever made from `Host`, but a cache in front might be led astray by it.
    """
    common = security_headers(settings)
    served = frozenset({str(urlsplit(settings.base_url).hostname)} if settings.production else LOOPBACK_HOSTS)

    def answer(environ: Environ, start: StartResponse) -> Iterable[bytes]:
        def start_with_headers(status: str, given: list[tuple[str, str]], *more: Any) -> Any:
            return start(status, [*given, *common], *more)

        if (
            hostname(environ.get("HTTP_HOST", "")) not in served
            and environ.get("PATH_INFO") not in PROBE_PATHS
        ):
            start_with_headers(
                "421 Misdirected Request",
                [
                    ("Content-Type", "text/plain; charset=utf-8"),
                    ("Content-Length", str(len(UNKNOWN_HOST_BODY))),
                ],
            )
            return [UNKNOWN_HOST_BODY]
        if environ.get("QUERY_STRING"):
            repair_query(environ)
        body = application(environ, start_with_headers)
        if "CONTENT_LENGTH" in environ or "HTTP_TRANSFER_ENCODING" in environ:
            drain_body(environ)
        return body

    return answer


def drain_body(environ: Environ) -> None:
    """Read the rest of a body that was refused: a server that closes on a sender cuts off its own response.

    Up to `MAX_DRAINED_BODY` bytes, and only if the server marks the end of a body (PEP 3333 leaves that open).
    """
    if not environ.get("wsgi.input_terminated"):
        return
    left = MAX_DRAINED_BODY
    with contextlib.suppress(OSError):
        while left > 0 and (chunk := environ["wsgi.input"].read(min(left, 65_536))):
            left -= len(chunk)


def hostname(host: str) -> str:
    """Return the name in a `Host` header, without port, in lower case; "" for a malformed one."""
    if host.startswith("["):
        name, closed, _port = host[1:].partition("]")
        return name.lower() if closed else ""
    name, _colon, port = host.partition(":")
    return name.lower() if not port or port.isdecimal() else ""
