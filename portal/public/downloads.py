"""Files to take along: every register, all of them, and what a list shows; and the page that says what there is."""

from __future__ import annotations

import contextlib
import threading
import time
import weakref
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Literal

from flask import Blueprint, Response, request
from werkzeug.exceptions import ServiceUnavailable

from portal.web.downloads import CSV, JSON_LINES, XLSX, content_disposition
from portal.web.responses import CACHE_REVALIDATE, NO_STORE, Page
from portal.web.site import Site
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.i18n import LOCALES, Lang
from registry.services import exchange, finding, records
from registry.services.exchange import Download

FileFormat = Literal["csv", "jsonl", "xlsx"]
CONTENT_TYPES: dict[str, str] = {
    "csv": CSV,
    "jsonl": JSON_LINES,
    "xlsx": XLSX,
    "jsonl.gz": "application/gzip",
}
FORMATS = "<any(csv,jsonl,xlsx):file_format>"
MAX_AT_ONCE = 2  # files that one process makes at the same time, of its four threads
MAX_SECONDS = 1800.0  # that one file may take, however slowly it is read
LOG_SIZE_HEADER = "Pinzheng-Log-Size"
COUNTS_HEADER = "Pinzheng-Records"  # in the file and found: "10000 of 13461"
OPEN_DATA_MAX_AGE = 30.0  # seconds


@dataclass(frozen=True, slots=True)
class DownloadDoor:
    """Makes files for everybody, few at a time: a file takes a thread as long as its reader needs."""

    site: Site
    places: threading.BoundedSemaphore = field(
        default_factory=lambda: threading.BoundedSemaphore(MAX_AT_ONCE)
    )

    def register(self, slug: str, file_format: FileFormat) -> Response:
        """Send a register, or with a query what its list shows."""
        if request.query_string:
            return self._results(slug, file_format)
        return self._send(
            slug,
            file_format,
            lambda: exchange.download_register(self.site.registry, ANONYMOUS, slug, file_format),
        )

    def results(self, file_format: FileFormat) -> Response:
        """Send what a search over all registers shows."""
        return self._results("", file_format)

    def everything(self) -> Response:
        """Send all registers in one file."""
        return self._send("all", "jsonl.gz", lambda: exchange.download_all(self.site.registry, ANONYMOUS))

    def _results(self, slug: str, file_format: FileFormat) -> Response:
        requested = finding.parse_request(finding.search_scope(slug), request.args.items(multi=True))
        lang = request.args.get("lang", "")
        return self._send(
            f"{slug or 'search'}-results",
            file_format,
            lambda: exchange.download_results(
                self.site.registry,
                ANONYMOUS,
                requested,
                lang if lang in LOCALES else "zh",
                file_format=file_format,
            ),
            cache=NO_STORE,
        )

    def _send(
        self, name: str, suffix: str, make: Callable[[], Download], *, cache: str = CACHE_REVALIDATE
    ) -> Response:
        if not self.places.acquire(blocking=False):
            raise ServiceUnavailable
        release = _once(self.places.release)
        try:
            download = make()
        except BaseException:
            release()
            raise
        if request.method == "HEAD":
            release()
        day = clock.today().isoformat()
        filename = f"pinzheng-{name}-{day}-log{download.log_size}.{suffix}"
        response = Response(
            _within(download.chunks, MAX_SECONDS, release),
            200,
            [
                ("Content-Type", CONTENT_TYPES[suffix]),
                content_disposition(filename),
                ("Cache-Control", cache),
                ("Access-Control-Allow-Origin", "*"),
                (LOG_SIZE_HEADER, str(download.log_size)),
            ],
        )
        if download.records is not None:
            response.headers[COUNTS_HEADER] = f"{download.records} of {download.total}"
        response.call_on_close(release)  # also of a file that is never begun
        weakref.finalize(response, release)  # and of one that is thrown away unread
        return response


def _within(chunks: Iterator[bytes], seconds: float, at_the_end: Callable[[], None]) -> Iterator[bytes]:
    """Yield chunks; a file that is not read within `seconds` breaks off, so that its reader sees that it is not whole."""
    end = time.monotonic() + seconds
    try:
        for chunk in chunks:
            if time.monotonic() > end:
                raise TimeoutError("the file was read too slowly")
            yield chunk
    finally:
        at_the_end()


def _once(release: Callable[[], None]) -> Callable[[], None]:
    """Return a function that releases at its first call only."""
    places = [release]

    def release_first_time() -> None:
        with contextlib.suppress(IndexError):  # `pop` is one step for all threads
            places.pop()()

    return release_first_time


def open_data(site: Site, lang: Lang) -> Response:
    """Show what can be downloaded, in which formats and on which terms."""

    def make() -> Page:
        return site.page(
            "public/open_data.html",
            lang,
            "/open-data",
            registers=records.list_registers(site.registry, ANONYMOUS),
            log_size=exchange.current_log_size(site.registry, ANONYMOUS),
            max_results=exchange.MAX_RESULTS,
            base_url=site.registry.settings.base_url,
        )

    return site.pages.get_or_make(("open-data", lang), make, OPEN_DATA_MAX_AGE).respond(request)


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the files."""
    door = DownloadDoor(site)
    files = Blueprint("exports", __name__)
    files.add_url_rule("/exports/all.jsonl.gz", "all", door.everything, methods=["GET"])
    files.add_url_rule(f"/exports/search.{FORMATS}", "search", door.results, methods=["GET"])
    files.add_url_rule(f"/exports/<register:slug>.{FORMATS}", "register", door.register, methods=["GET"])
    return files
