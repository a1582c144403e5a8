"""The page on which the service measures itself: whether it works, since when, how quickly it answers."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

from flask import Response, request

from portal.web.responses import Page
from portal.web.site import Site
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _
from registry.observing.metrics import Durations, read_durations
from registry.observing.shared_files import started_at
from registry.services import auditing, operations

MEASURED_EVERY = 15.0  # seconds
# Kind of page → the patterns of its addresses; the first that matches counts.
KINDS = (
    (_("Record"), re.compile(r"/<lang>/<slug>/<number>")),
    (_("Search"), re.compile(r"/<lang>/search")),
    (_("List of a register"), re.compile(r"/<lang>/<slug>")),
    (_("First page"), re.compile(r"/<lang>/")),
    (_("Check numbers"), re.compile(r"/<lang>/verify")),
    (_("Statistics"), re.compile(r"/<lang>/statistics.*")),
    (_("Account and workspace"), re.compile(r"/<lang>/(?:account|workspace|desk)/.*")),
    (_("API: reading"), re.compile(r"/api/v1/.*")),
    (_("Other pages"), re.compile(r"/<lang>/.*")),
)


@dataclass(frozen=True, slots=True)
class KindOfPage:
    """How quickly pages of one kind were made. `label`: a message."""

    label: str
    durations: Durations


def service_status(site: Site, lang: Lang) -> Response:
    """Show the state of the service, as it is known to itself."""

    def make() -> Page:
        parts = operations.check_readiness(site.registry)
        report = operations.report_operation(site.registry) if parts.schema.is_usable else None
        days = auditing.list_days(site.registry, ANONYMOUS, limit=1) if report else ()
        measured = read_durations(_kind_of)
        return site.page(
            "public/service_status.html",
            lang,
            "/status",
            parts=parts,
            report=report,
            audit_day=next(iter(days), None),
            measured_at=_in_shanghai(clock.now()),
            started=_in_shanghai(started_at()),
            backup=_in_shanghai(report.backup.backup_at) if report else "",
            drill=_in_shanghai(report.backup.drill_at) if report else "",
            kinds=[KindOfPage(label, measured[label]) for label, _pattern in KINDS if label in measured],
        )

    return site.pages.get_or_make(("status", lang), make, MEASURED_EVERY).respond(request)


def _kind_of(path: str) -> str:
    return next((label for label, pattern in KINDS if pattern.fullmatch(path)), "")


def _in_shanghai(moment: dt.datetime | None) -> str:
    return f"{moment.astimezone(clock.SHANGHAI):%Y-%m-%d %H:%M}" if moment else ""
