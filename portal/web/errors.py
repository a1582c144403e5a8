"""Error responses: a page in both languages, or `application/problem+json` below /api (RFC 9457)."""

from __future__ import annotations

import logging
from dataclasses import dataclass
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
    DatabaseBusy,
    DatabaseUnavailable,
    Forbidden,
    Invalid,
    Malformed,
    NotFound,
    Refusal,
    RegistryError,
    Stale,
    TooManyAttempts,
    Unavailable,
)
from registry.i18n import Lang, _, gettext
from registry.kit.issues import first_issues
from registry.observing.metrics import ERRORS
from registry.observing.recent_trouble import note_system_error
from registry.observing.repeats import report_error
from registry.observing.work import work_at_hand
from registry.services import records
from registry.services.issue_messages import issues_as_json, refusal_issue, refusal_message

log = logging.getLogger(__name__)
PAGE_STATUSES = frozenset({400, 404, 405, 409, 410, 413, 429, 500, 503})
STATUS_BY_ERROR: dict[type[RegistryError], int] = {
    NotFound: 404,
    Malformed: 400,
    Invalid: 400,
    Forbidden: 404,
    Conflict: 409,
    Stale: 409,
    TooManyAttempts: 429,
    Unavailable: 503,
}
PARAMETER_BY_KIND = {"record": "number"}  # what was not found → the part of the address that names it
RETRY_AFTER = 10  # seconds, where a part of the service is away for the moment
RETRY_SOON = 3  # where it is busy
API_DOCS = "/api/v1/docs"
MAX_QUOTED = 200  # characters of an address in a sentence about it


def request_lang() -> Lang:
    """Return the language of the address, by its path or its `lang`, else of the reader."""
    asked = path_lang(f"/{request.args.get('lang', '')}/")
    return (
        path_lang(request.path)
        or asked
        or negotiate(request.cookies.get(LANG_COOKIE), request.headers.get("Accept-Language", ""))
    )


def install(app: Flask, site: Site) -> None:
    """Let the application answer every error in the form of the door it came through."""
    handlers = ErrorHandlers(app, site)
    app.register_error_handler(HTTPException, handlers.handle_http)
    app.register_error_handler(CSRFError, handlers.handle_forged_form)
    app.register_error_handler(SessionEnded, handlers.handle_ended_session)
    app.register_error_handler(RegistryError, handlers.handle_refusal)
    app.register_error_handler(Exception, handlers.handle_unexpected)


@dataclass(frozen=True, slots=True)
class ErrorHandlers:
    """The error handlers of one application, a method for each kind of error."""

    app: Flask
    site: Site

    def handle_http(self, error: HTTPException) -> Response:
        """Answer an error of the web framework: a redirect where only the slash is wrong."""
        if isinstance(error, RequestRedirect):
            return redirect(error.new_url)
        if error.code == 404 and (location := path_without_slash(self.app) or permalink_in_capitals()):
            return redirect(location)
        detail = error.description or ""
        if error.code == 404 and request.path.startswith("/api/"):
            # The framework's own words ask for the spelling, which is no help to a program.
            path = request.path[:MAX_QUOTED]
            words = _("The API has no address %(path)s. All of them: %(docs)s")
            detail = gettext(words, request_lang(), path=path, docs=API_DOCS)
        response = error_response(self.site, error.code or 500, detail=detail)
        for name, value in error.get_headers():
            if name in ("Allow", "Retry-After"):
                response.headers[name] = value
        return response

    def handle_forged_form(self, _error: CSRFError) -> Response:
        """Offer to send again a form without the token of this browser."""
        return form_replay.stale_form_page(self.app, self.site, request_lang())

    def handle_ended_session(self, _error: SessionEnded) -> Response:
        """Lead a form whose session has ended to the sign-in page."""
        return form_replay.redirect_to_sign_in(request_lang())

    def handle_refusal(self, error: RegistryError) -> Response:
        """Answer an error that a service raised on purpose."""
        status = next((code for kind, code in STATUS_BY_ERROR.items() if isinstance(error, kind)), 500)
        if status == 500:
            note_error(error)
        elif isinstance(error, DatabaseUnavailable):  # no fault of the program: one line
            ERRORS.labels(type(error).__name__).inc()
            log.warning("refused with 503: %s", error)
        return error_response(self.site, status, error)

    def handle_unexpected(self, error: Exception) -> Response:
        """Answer a fault of the program: 500, with the details in the log only; 503 where the system has nothing left."""
        if note_system_error(error):  # no fault of the program: one line
            ERRORS.labels(type(error).__name__).inc()
            log.warning("refused with 503: %s", error)
            return error_response(self.site, 503)
        note_error(error)
        return error_response(self.site, 500)


def note_error(error: Exception) -> None:
    """Count and log a fault; the response names the id of its line in the log."""
    ERRORS.labels(type(error).__name__).inc()
    error_id = report_error(log, "unexpected", error)
    if (work := work_at_hand()) is not None:
        work.error_id = error_id


def noted_error_id() -> str:
    """Return the id under which the log tells of the fault that this request has met, "" if it has met none."""
    work = work_at_hand()
    return work.error_id if work else ""


def permalink_in_capitals() -> str:
    """Return the address of a permalink that was printed in capitals, as QR codes in their denser mode are; else ""."""
    return quote(f"/r/{request.path[3:]}") if request.path.startswith("/R/") and request.path[3:] else ""


def error_response(site: Site, status: int, error: RegistryError | None = None, detail: str = "") -> Response:
    """Return the error as a page or, below /api, as a problem document."""
    wait = seconds_to_wait(status, error)
    if request.path.startswith("/api/"):
        response = problem_response(status, error, detail)
    else:
        shown = status if status in PAGE_STATUSES else (400 if status < 500 else 500)
        telling = status == 409 or isinstance(error, DatabaseBusy)
        reason = error if telling and isinstance(error, Refusal) else None
        page = site.error_page(
            shown, request_lang(), request.path, reason, error_id=noted_error_id(), wait=wait
        )
        response = page.respond(request, status)
    if wait:
        response.headers["Retry-After"] = str(wait)
    return response


def seconds_to_wait(status: int, error: RegistryError | None) -> int:
    """Return after how many seconds a refused request may be sent again; 0 where that is not known."""
    if isinstance(error, TooManyAttempts):
        return max(1, round((error.retry_at - clock.now()).total_seconds()))
    if status == 503:
        return RETRY_SOON if isinstance(error, DatabaseBusy) else RETRY_AFTER
    return 0


def issues_json(error: RegistryError | None) -> list[dict[str, Any]]:
    """Return the issues of an error as the API shows them: input, code, parameters, message."""
    if isinstance(error, Invalid):
        return issues_as_json(first_issues(error.issues))
    if isinstance(error, NotFound):
        field = PARAMETER_BY_KIND.get(error.what, error.what)
        message = records.not_found_sentence(error, "en")
        return [{"code": error.code, "field": field, "params": error.params, "message": message}]
    if isinstance(error, Refusal):
        return issues_as_json([refusal_issue(error)], lang=request_lang())
    return []


def error_detail(error: RegistryError | None) -> str:
    """Return the reason of an error in one sentence, in the reader's language where it has a message."""
    if isinstance(error, Refusal):
        return refusal_message(error, request_lang())
    return str(error or "")


def problem_response(
    status: int,
    error: RegistryError | None = None,
    detail: str = "",
    issues: list[dict[str, Any]] | None = None,
) -> Response:
    """Return a problem document. `issues` name the inputs in question (in English, unless they are given with messages)."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "code": error.code if error else HTTPStatus(status).name.lower(),
        "detail": detail or error_detail(error),
        "issues": issues_json(error) if issues is None else issues,
    }
    if error_id := noted_error_id():
        document["error_id"] = error_id
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
    """Return this address without its last slash if there is a page, else ""; only `/{lang}/` ends in a slash."""
    path = request.path
    if request.method not in ("GET", "HEAD") or not path.endswith("/") or path_lang(path) is None:
        return ""
    shorter = path.rstrip("/")
    if not app.url_map.bind("").test(shorter, "GET"):
        return ""
    query = request.query_string.decode("ascii", "replace")
    return quote(shorter) + (f"?{query}" if query else "")
