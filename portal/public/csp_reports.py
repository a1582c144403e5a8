"""Reports of browsers that something on a page was against the content security policy (CSP Level 3, Reporting API)."""

from __future__ import annotations

import logging
import re
import threading
import time
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import urlsplit

import orjson
from flask import Response, abort, request

from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry.observing.metrics import CSP_REPORTS

MAX_REPORT = 16_000  # bytes of a body
MAX_REPORTS = 20  # in one body
LINES_AN_HOUR = 20  # of one process
DIRECTIVE = re.compile(
    r"(?:(?:child|connect|default|font|frame|img|manifest|media|object|worker)-src|(?:script|style)-src(?:-elem|-attr)?|base-uri|form-action|frame-ancestors)"
)
OTHER = "other"
log = logging.getLogger(__name__)


class HourlyAllowance:
    """So many in each hour, and no more."""

    def __init__(self, most: int, now: Callable[[], float] = time.monotonic) -> None:
        self._most, self._now = most, now
        self._lock = threading.Lock()
        self._ends_at = 0.0
        self._left = 0

    def take(self) -> bool:
        """True if there is still one left in this hour."""
        with self._lock:
            now = self._now()
            if now >= self._ends_at:
                self._ends_at, self._left = now + 3600.0, self._most
            self._left -= 1
            return self._left >= 0


ALLOWANCE = HourlyAllowance(LINES_AN_HOUR)


def take_csp_report(site: Site) -> Response:  # noqa: ARG001
    """Count the reports in a body, and log some of them: what was blocked by its origin only, never on which address."""
    request.max_content_length = MAX_REPORT
    try:
        given = orjson.loads(request.get_data())
    except orjson.JSONDecodeError:
        abort(400)
    reports = list(_reports_in(given))[:MAX_REPORTS]
    if not reports:
        abort(400)
    for directive, blocked in reports:
        CSP_REPORTS.labels(directive).inc()
        if ALLOWANCE.take():
            log.info(
                "against the content security policy", extra={"directive": directive, "blocked": blocked}
            )
    return Response(status=204, headers=[("Cache-Control", NO_STORE)])


def _reports_in(given: Any) -> Iterator[tuple[str, str]]:
    """Directive and origin of each report, in the form of `report-uri` or of `report-to`."""
    for each in given if isinstance(given, list) else [given]:
        body = (each.get("csp-report") or each.get("body")) if isinstance(each, dict) else None
        if not isinstance(body, dict):
            continue
        names = ("effectiveDirective", "effective-directive", "violated-directive")
        named = next((body[name] for name in names if isinstance(body.get(name), str)), "").split(" ")[0]
        blocked = body.get("blockedURL", body.get("blocked-uri"))
        yield (
            (named if DIRECTIVE.fullmatch(named) else OTHER),
            _origin(blocked if isinstance(blocked, str) else ""),
        )


def _origin(address: str) -> str:
    """The host of an address, or the word that stands for it: `inline`, `eval`."""
    try:
        host = urlsplit(address[:500]).hostname
    except ValueError:
        host = None
    word = host or address
    return word if re.fullmatch(r"[a-z0-9.:-]{1,100}", word) else OTHER
