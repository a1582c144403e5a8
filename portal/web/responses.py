"""Responses prepared once: body, strong ETag and compressed body (RFC 9110, 8.8.3 and 12.5.3)."""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Mapping, Sequence

from flask import Request, Response
from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header, parse_etags

from portal.web.looks import dressed, wanted_look

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
CACHE_REVALIDATE = (
    "public, max-age=0, must-revalidate"  # stored, but asked about each time: a status may change
)
CACHE_IMMUTABLE = "public, max-age=31536000, immutable"  # the address changes with the content
CACHE_ONE_MINUTE = "public, max-age=60"
NO_STORE = "no-store"
MIN_COMPRESSED = 500  # below, the frame of gzip costs as much as it saves
GZIP_LEVEL = 6
ETAG_LENGTH = 24  # of the hash, 96 bits; processors have instructions for SHA-256


class Page:
    """A finished body with all that any request for it needs. Compressed at the first request that accepts gzip."""

    __slots__ = ("_cache", "_gzipped", "_gzipped_headers", "_headers", "_is_dressed", "_vary", "body", "etag")

    def __init__(
        self,
        body: bytes,
        content_type: str = HTML,
        cache: str = CACHE_REVALIDATE,
        *,
        vary: str = "",
        etag_prefix: str = "",
    ) -> None:
        """`vary`: request headers besides Accept-Encoding; `etag_prefix`: what stands before the hash in the entity tag.

        HTML varies by Cookie as well: it is shown in the look that the reader chose.
        """
        self._is_dressed = content_type == HTML
        self._cache, self._vary = cache, vary
        if self._is_dressed and "Cookie" not in vary:
            vary = f"{vary}, Cookie" if vary else "Cookie"
        self.body = body
        self.etag = etag_prefix + hashlib.sha256(body).hexdigest()[:ETAG_LENGTH]
        varies = f"Accept-Encoding, {vary}" if vary else "Accept-Encoding"
        common = [("Content-Type", content_type), ("Cache-Control", cache), ("Vary", varies)]
        self._headers = [*common, ("Content-Length", str(len(body))), ("ETag", f'"{self.etag}"')]
        self._gzipped: bytes | None = None
        self._gzipped_headers = [*common, ("Content-Encoding", "gzip"), ("ETag", f'"{self.etag}-gzip"')]

    @property
    def size(self) -> int:
        """The bytes held in memory, the compressed form counted before it is made."""
        return len(self.body) + len(self.body) // 4 + 1000

    def gzipped(self) -> bytes:
        """Return the compressed body."""
        if self._gzipped is None:
            self._gzipped = gzip.compress(self.body, GZIP_LEVEL, mtime=0)
        return self._gzipped

    def respond(self, request: Request, status: int = 200) -> Response:
        """Return the response to this request: 304 if the client has the page, compressed if it accepts gzip.

        This is the hot path of the portal, so the environment is read directly: `request.accept_encodings` and
        `make_conditional` cost more than the rest of a cached page together.
        """
        environ: Mapping[str, str] = request.environ
        if self._is_dressed and (look := wanted_look(environ)):
            return self._in_look(look).send(environ, status)
        return self.send(environ, status)

    def _in_look(self, look: str) -> Page:
        """Return the page in another look, made anew each time: few ask for one, and the cache counts bytes."""
        return Page(dressed(self.body, look), HTML, self._cache, vary=self._vary)

    def send(self, environ: Mapping[str, str], status: int = 200) -> Response:
        """Return the response to a request with this environment, in the look that the page has."""
        known = environ.get("HTTP_IF_NONE_MATCH")
        compress = len(self.body) >= MIN_COMPRESSED and accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if known and status == 200 and self._etag_matches(known):
            headers = self._gzipped_headers if compress else self._headers
            return Response(
                status=304,
                headers=[header for header in headers if header[0] in ("ETag", "Cache-Control", "Vary")],
            )
        if compress:
            body = self.gzipped()
            return Response(body, status, [*self._gzipped_headers, ("Content-Length", str(len(body)))])
        return Response(self.body, status, self._headers)

    def _etag_matches(self, header: str) -> bool:
        """Return True if `If-None-Match` names this page, compressed or not."""
        if header in (f'"{self.etag}"', f'"{self.etag}-gzip"'):  # as browsers send it: nothing to parse
            return True
        known = parse_etags(header)
        return known.contains_weak(self.etag) or known.contains_weak(f"{self.etag}-gzip")


@functools.lru_cache(maxsize=256)
def accepts_gzip(accepted: str) -> bool:
    """Return True if an `Accept-Encoding` header names gzip (or anything) and does not refuse it."""
    header = accepted.lower().replace("x-gzip", "gzip")  # the same coding (RFC 9110, 8.4.1.3)
    return bool(parse_accept_header(header, Accept).quality("gzip") > 0)


def redirect(
    location: str, status: int = 301, headers: Sequence[tuple[str, str]] = (), *, cache: str = ""
) -> Response:
    """Return a redirect without a body: 301 to the canonical address, 302 and 303 elsewhere.

    `cache`: the one `Cache-Control`; without it a minute for 301, and asked about each time for others.
    """
    cache = cache or (CACHE_ONE_MINUTE if status == 301 else CACHE_REVALIDATE)
    return Response(b"", status, [("Location", location), ("Cache-Control", cache), *headers])
