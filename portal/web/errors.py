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
from portal.web.locale import LANG_COOKIE, negotiate, path_lang
from portal.web.responses import NO_STORE, redirect
from portal.web.site import Site
from registry import clock
from registry.errors import (
    Conflict,
    DatabaseUnavailable,
    Forbidden,
    Invalid,
    NotFound,
    Refusal,
    RegistryError,
    Stale,
    TooManyAttempts,
    Unavailable,
)
from registry.i18n import Lang
from registry.services import records
from registry.services.issue_messages import issues_as_json, refusal_issue, refusal_message

log = logging.getLogger(__name__)
PAGE_STATUSES = frozenset({400, 404, 405, 409, 410, 413, 429, 500, 503})
STATUS_BY_ERROR: dict[type[RegistryError], int] = {
    NotFound: 404,
    Invalid: 400,
    Forbidden: 404,
    Conflict: 409,
    Stale: 409,
    TooManyAttempts: 429,
    Unavailable: 503,
}
PARAMETER_BY_KIND = {"record": "number"}  # what is not there → the part of the address that names it
RETRY_AFTER = "10"  # seconds, where something is away for the moment


def request_lang() -> Lang:
    """The language of the address, else of the reader."""
    of_address = path_lang(request.path)
    return of_address or negotiate(
        request.cookies.get(LANG_COOKIE), request.headers.get("Accept-Language", "")
    )


def install(app: Flask, site: Site) -> None:
    """Let the application answer every error in the form of the door it came through."""

    def by_http(error: HTTPException) -> Response:
        if isinstance(error, RequestRedirect):
            return redirect(error.new_url)
        if error.code == 404 and (location := path_without_slash(app)):
            return redirect(location)
        response = error_response(site, error.code or 500, detail=error.description or "")
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    def by_token(error: CSRFError) -> Response:
        del error
        return form_replay.stale_form_page(app, site, request_lang())

    def by_session(error: SessionEnded) -> Response:
        del error
        return form_replay.redirect_to_sign_in(request_lang())

    def by_registry(error: RegistryError) -> Response:
        status = next((code for kind, code in STATUS_BY_ERROR.items() if isinstance(error, kind)), 500)
        if status == 500 or isinstance(error, DatabaseUnavailable):
            log.error("unexpected %s", type(error).__name__, exc_info=error)
        return error_response(site, status, error)

    def by_accident(error: Exception) -> Response:
        log.error("unexpected %s", type(error).__name__, exc_info=error)
        return error_response(site, 500)

    app.register_error_handler(HTTPException, by_http)
    app.register_error_handler(CSRFError, by_token)
    app.register_error_handler(SessionEnded, by_session)
    app.register_error_handler(RegistryError, by_registry)
    app.register_error_handler(Exception, by_accident)


def error_response(site: Site, status: int, error: RegistryError | None = None, detail: str = "") -> Response:
    """The error as this reader can use it."""
    if request.path.startswith("/api/"):
        response = problem_response(status, error, detail)
    else:
        shown = status if status in PAGE_STATUSES else (400 if status < 500 else 500)
        reason = error if status == 409 and isinstance(error, Refusal) else None
        response = site.error_page(shown, request_lang(), request.path, reason).respond(request, status)
    if status == 503:
        response.headers["Retry-After"] = RETRY_AFTER
    if isinstance(error, TooManyAttempts):
        response.headers["Retry-After"] = str(max(1, round((error.retry_at - clock.now()).total_seconds())))
    return response


def issues_json(error: RegistryError | None) -> list[dict[str, Any]]:
    """Which input is meant, and what is wrong with it."""
    if isinstance(error, Invalid):
        return issues_as_json(error.issues)
    if isinstance(error, NotFound):
        field = PARAMETER_BY_KIND.get(error.what, error.what)
        message = records.not_found_sentence(error, "en")
        return [{"code": error.code, "field": field, "params": error.params, "message": message}]
    if isinstance(error, Refusal):
        return issues_as_json([refusal_issue(error)], lang=request_lang())
    return []


def error_detail(error: RegistryError | None) -> str:
    """The reason of an error in one sentence, in the reader's language where it has a message."""
    if isinstance(error, Refusal):
        return refusal_message(error, request_lang())
    return str(error or "")


def problem_response(
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
        "detail": detail or error_detail(error),
        "issues": issues_json(error) if issues is None else issues,
    }
    return Response(
        orjson.dumps(document),
        status,
        [
            ("Content-Type", "application/problem+json"),
            ("Cache-Control", NO_STORE),
            ("Access-Control-Allow-Origin", "*"),
        ],
    )


def path_without_slash(app: Flask) -> str:
    """This address without its last slash, if a page is there; only `/{lang}/` ends in one."""
    path = request.path
    if request.method not in ("GET", "HEAD") or not path.endswith("/") or path_lang(path) is None:
        return ""
    shorter = path.rstrip("/")
    if not app.url_map.bind("").test(shorter, "GET"):
        return ""
    query = request.query_string.decode("ascii", "replace")
    return quote(shorter) + (f"?{query}" if query else "")
