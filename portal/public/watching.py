"""What those who watch the server request: metrics, for who has the token of the settings."""

from __future__ import annotations

from flask import Response, abort, request

from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry.accounts import tokens_and_hashes
from registry.observing import metrics

EXPOSITION = "text/plain; version=0.0.4; charset=utf-8"
BEARER = "Bearer "


def show_metrics(site: Site) -> Response:
    """Answer the numbers of this machine in the text format of Prometheus; 404 where no token is set, 401 without it."""
    token = site.registry.settings.metrics_token
    if not token:
        abort(404)
    given = request.headers.get("Authorization", "")
    if not tokens_and_hashes.constant_time_equal(given, BEARER + token):
        return Response(
            b"a token is needed\n",
            401,
            [("Content-Type", "text/plain"), ("Cache-Control", NO_STORE), ("WWW-Authenticate", "Bearer")],
        )
    return Response(metrics.exposition(), 200, [("Content-Type", EXPOSITION), ("Cache-Control", NO_STORE)])
