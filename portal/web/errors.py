"""Errors at the door: a page in both languages, or `application/problem+json` below /api (RFC 9457)."""

from __future__ import annotations

import logging
from http import HTTPStatus
from typing import Any
from urllib.parse import quote

import orjson
from flask import Flask, Response, request
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from portal.web import form_replay
from portal.web.access import SessionEnded
from portal.web.locale import COOKIE, negotiate, of_path
from portal.web.responses import NEVER, moved
from portal.web.site import Site
from registry import clock
from registry.errors import (
    Conflict,
    Forbidden,
    Invalid,
    NotFound,
    RegistryError,
    Stale,
    TooOften,
    Unavailable,
)
from registry.i18n import Lang
from registry.services.issue_messages import as_json
from registry.services.records import lookup

log = logging.getLogger(__name__)
PAGES = frozenset({400, 404, 405, 409, 410, 413, 429, 500, 503})
STATUS: dict[type[RegistryError], int] = {
    NotFound: 404,
    Invalid: 400,
    Forbidden: 404,
    Conflict: 409,
    Stale: 409,
    TooOften: 429,
    Unavailable: 503,
}
FIELDS = {"record": "number"}  # what is not there → the part of the address that names it
RETRY_AFTER = "10"  # seconds, where something is away for the moment


def lang_of_request() -> Lang:
    """The language of the address, else of the reader."""
    of_address = of_path(request.path)
    return of_address or negotiate(request.cookies.get(COOKIE), request.headers.get("Accept-Language", ""))


def install(app: Flask, site: Site) -> None:
    """Let the application answer every error in the form of the door it came through."""

    def by_http(error: HTTPException) -> Response:
        if isinstance(error, RequestRedirect):
            return moved(error.new_url)
        if error.code == 404 and (location := without_slash(app)):
            return moved(location)
        response = answer(site, error.code or 500, detail=error.description or "")
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    def by_token(error: CSRFError) -> Response:
        del error
        return form_replay.stale(app, site, lang_of_request())

    def by_session(error: SessionEnded) -> Response:
        del error
        return form_replay.to_sign_in(lang_of_request())

    def by_registry(error: RegistryError) -> Response:
        status = next((code for kind, code in STATUS.items() if isinstance(error, kind)), 500)
        if status == 500:
            log.error("unexpected %s", type(error).__name__, exc_info=error)
        return answer(site, status, error)

    def by_accident(error: Exception) -> Response:
        if type(error).__name__ == "IntegrityError":  # SQLAlchemy's name: two requests at one moment
            return answer(site, 409)
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return answer(site, 500)

    app.register_error_handler(HTTPException, by_http)
    app.register_error_handler(CSRFError, by_token)
    app.register_error_handler(SessionEnded, by_session)
    app.register_error_handler(RegistryError, by_registry)
    app.register_error_handler(Exception, by_accident)


def answer(site: Site, status: int, error: RegistryError | None = None, detail: str = "") -> Response:
    """The error as this reader can use it."""
    if request.path.startswith("/api/"):
        response = problem(status, error, detail)
    else:
        shown = status if status in PAGES else (400 if status < 500 else 500)
        response = site.error_page(shown, lang_of_request(), request.path).answer(request, status)
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if isinstance(error, TooOften):
        response.headers["Retry-After"] = str(max(1, round((error.until - clock.now()).total_seconds())))
    return response


def issues_of(error: RegistryError | None) -> list[dict[str, Any]]:
    """Which input is meant, and what is wrong with it."""
    if isinstance(error, Invalid):
        return as_json(error.issues)
    if isinstance(error, NotFound):
        field = FIELDS.get(error.what, error.what)
        message = lookup.in_words(error, "en")
        return [{"code": error.code, "field": field, "params": error.params, "message": message}]
    return []


def problem(
    status: int,
    error: RegistryError | None = None,
    detail: str = "",
    issues: list[dict[str, Any]] | None = None,
) -> Response:
    """A problem document; `issues` say which input is meant (in English, unless they are given in words)."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code if error else HTTPStatus(status).name.lower(),
        "detail": detail or str(error or ""),
        "issues": issues_of(error) if issues is None else issues,
    }
    return Response(
        orjson.dumps(document),
        status,
        [
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", NEVER),
            ("Access-Control-Allow-Origin", "*"),
        ],
    )


def without_slash(app: Flask) -> str:
    """This address without its last slash, if a page is there; only `/{lang}/` ends in one."""
    path = request.path
    if request.method not in ("GET", "HEAD") or not path.endswith("/") or of_path(path) is None:
        return ""
    shorter = path.rstrip("/")
    if not app.url_map.bind("").test(shorter, "GET"):
        return ""
    query = request.query_string.decode("ascii", "replace")
    return quote(shorter) + (f"?{query}" if query else "")
