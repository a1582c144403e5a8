"""What those who watch the server request: whether it lives, whether it is ready, and its numbers."""

from __future__ import annotations

from typing import Any

import orjson
from flask import Response, abort, request

from portal.web.responses import NO_STORE, TEXT
from portal.web.site import Site
from registry.accounts import tokens_and_hashes
from registry.observing import metrics
from registry.services import operations
from registry.services.operations import OperationReport

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
BEARER = "Bearer "


def answer_alive(site: Site) -> Response:  # noqa: ARG001
    """Answer that the process is alive."""
    return Response(b"alive\n", 200, [("Content-Type", TEXT), ("Cache-Control", NO_STORE)])


def answer_ready(site: Site) -> Response:
    """Answer whether pages can be answered, 200 or 503, and apart from that what an operator should know.

    Only database, schema and index make a server unready. A relay that is silent, a database that takes no writes, or letters
    that wait do not: the pages are true all the same, and every server shares them.
    """
    parts = operations.check_readiness(site.registry)
    report = operations.report_operation(site.registry) if parts.schema.is_usable else None
    work = report.daily_work if report else None
    shown = {
        "ready": parts.is_ready,
        "database": parts.database,
        "index": parts.index,
        "relay_lag_seconds": round(report.lag_seconds, 3) if report else None,
        "daily_work": {
            "last_day": work.last_day.isoformat() if work and work.last_day else None,
            "refused": work.refused or None if work else None,
        },
        "schema": parts.schema._asdict(),
        "operation": _operation(report) if report else None,
    }
    status = 200 if parts.is_ready else 503
    headers = [("Content-Type", "application/json"), ("Cache-Control", NO_STORE)]
    return Response(orjson.dumps(shown), status, headers)


def _operation(report: OperationReport) -> dict[str, Any]:
    backup = report.backup
    return {
        "attention": report.attention,
        "writable": report.writable,
        "free_megabytes": report.free_bytes // 1_000_000,
        **{
            name: {
                "alive": report.is_alive(name),
                "seconds_since_last_turn": since,
                "lease_token": report.lease_tokens.get(name),
            }
            for name, since in report.seconds_since.items()
        },
        "waiting": {
            "letters": report.letters.number,
            "oldest_letter_seconds": report.letters.oldest_seconds,
            "sheets": report.sheets.number,
            "oldest_sheet_seconds": report.sheets.oldest_seconds,
            "examinations": report.examinations,
            "messages": report.outbox,
        },
        "index": {"documents": report.index.documents, "records": report.index.records},
        "entries": report.entries,
        "last_backup": backup.backup_at.isoformat() if backup.backup_at else None,
        "last_restore_drill": backup.drill_at.isoformat() if backup.drill_at else None,
    }


def show_metrics(site: Site) -> Response:
    """Answer the numbers of this machine in the text format of Prometheus; 404 where no token is set, 401 without it."""
    token = site.registry.settings.metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not tokens_and_hashes.constant_time_equal(given, BEARER + token):
        headers = [("Content-Type", TEXT), ("Cache-Control", NO_STORE), ("WWW-Authenticate", "Bearer")]
        return Response(b"a token is needed\n", 401, headers)
    body = metrics.exposition(operations.read_gauges(site.registry))
    return Response(body, 200, [("Content-Type", EXPOSITION), ("Cache-Control", NO_STORE)])
