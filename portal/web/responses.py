"""Answers made ready once: body, strong ETag and compressed body (RFC 9110, 8.8.3 and 12.5.3)."""

from __future__ import annotations

import functools
import gzip
import hashlib
from collections.abc import Mapping, Sequence

from flask import Request, Response

HTML = "text/html; charset=utf-8"
TEXT = "text/plain; charset=utf-8"
CACHE_REVALIDATE = (
    "public, max-age=0, must-revalidate"  # kept, but asked about each time: a status may change
)
CACHE_IMMUTABLE = "public, max-age=31536000, immutable"  # the address changes with the content
CACHE_ONE_MINUTE = "public, max-age=60"
NO_STORE = "no-store"
MIN_COMPRESSED = 500  # below, the frame of gzip costs as much as it saves
GZIP_LEVEL = 6
ETAG_LENGTH = 24  # of the hash, 96 bits; processors have instructions for SHA-256


class Page:
    """A finished body with all that any request for it needs. Compressed at the first request that asks."""

    __slots__ = ("_headers", "_zipped", "_zipped_headers", "body", "etag")

    def __init__(
        self,
        body: bytes,
        content_type: str = HTML,
        cache: str = CACHE_REVALIDATE,
        vary: str = "",
        etag_prefix: str = "",
    ) -> None:
        """`mark`: what stands before the hash in the entity tag."""
        self.body = body
        self.etag = etag_prefix + hashlib.sha256(body).hexdigest()[:ETAG_LENGTH]
        varies = f"Accept-Encoding, {vary}" if vary else "Accept-Encoding"
        common = [("Content-Type", content_type), ("Cache-Control", cache), ("Vary", varies)]
        self._headers = [*common, ("Content-Length", str(len(body))), ("ETag", f'"{self.etag}"')]
        self._zipped: bytes | None = None
        self._zipped_headers = [*common, ("Content-Encoding", "gzip"), ("ETag", f'"{self.etag}-gzip"')]

    @property
    def size(self) -> int:
        """Bytes held in memory, the compressed form counted from the beginning."""
        return len(self.body) + len(self.body) // 4 + 1000

    def gzipped(self) -> bytes:
        if self._zipped is None:
            self._zipped = gzip.compress(self.body, GZIP_LEVEL, mtime=0)
        return self._zipped

    def respond(self, request: Request, status: int = 200) -> Response:
        """The response to this request: 304 where the reader has it, compressed where he takes that."""
        environ: Mapping[str, str] = request.environ
        known = environ.get("HTTP_IF_NONE_MATCH")
        compress = len(self.body) >= MIN_COMPRESSED and accepts_gzip(environ.get("HTTP_ACCEPT_ENCODING", ""))
        if known and status == 200 and self._is_known(known):
            kept = self._zipped_headers if compress else self._headers
            return Response(
                status=304, headers=[each for each in kept if each[0] in ("ETag", "Cache-Control", "Vary")]
            )
        if compress:
            body = self.gzipped()
            return Response(body, status, [*self._zipped_headers, ("Content-Length", str(len(body)))])
        return Response(self.body, status, self._headers)

    def _is_known(self, header: str) -> bool:
        if header.strip() == "*":
            return True
        tags = {each.strip().removeprefix("W/").strip('"') for each in header.split(",")}
        return self.etag in tags or f"{self.etag}-gzip" in tags


@functools.lru_cache(maxsize=256)
def accepts_gzip(accepted: str) -> bool:
    """True where `Accept-Encoding` names gzip (or anything) and does not refuse it."""
    verdict: dict[str, bool] = {}
    for part in accepted.lower().split(","):
        coding, _semicolon, parameters = part.strip().partition(";")
        weight = parameters.replace(" ", "").removeprefix("q=")
        verdict[coding.strip()] = not weight or weight.strip("0.") != ""
    return verdict.get("gzip", verdict.get("x-gzip", verdict.get("*", False)))


def redirect(location: str, status: int = 301, headers: Sequence[tuple[str, str]] = ()) -> Response:
    """A redirect without a body: 301 to the canonical address, 302 and 303 elsewhere."""
    cache = CACHE_ONE_MINUTE if status == 301 else CACHE_REVALIDATE
    return Response(b"", status, [("Location", location), ("Cache-Control", cache), *headers])
