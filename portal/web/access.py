"""Sessions of browsers: the session cookie, who is signed in, and the protection of forms against forgery (CSRF).

One signed cookie, set only by the pages of accounts: it holds the key of the session (the table has its hash) and the
CSRF token. Public pages neither read nor set it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, abort, g, request, session
from flask.sessions import SecureCookieSession, SecureCookieSessionInterface
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.exceptions import RequestEntityTooLarge

from portal.server.sizes import MAX_BUFFERED_BODY
from portal.web.responses import NO_STORE, redirect
from portal.web.site import Site
from registry.accounts import networks
from registry.accounts.policy import ANONYMOUS
from registry.config import Settings
from registry.i18n import Lang
from registry.observing.work import note_user
from registry.services import people
from registry.services.people import SessionStage, UserSession

SESSION_KEY = "key"
SESSION_COOKIE = "pinzheng"
LOCAL_PATH = re.compile(
    r"/(?:zh|en)/[^/\\\x00-\x1f][^\\\x00-\x1f]*"
)  # a page of this site, to which a sign-in may lead
FOREIGN_FETCH_SITES = ("cross-site", "same-site")  # values of Sec-Fetch-Site: sent by a page of another site
UNSAFE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
MAX_UPLOAD_MEGABYTES = {
    "workspace.claim": 20,
    "workspace.evidence": 20,
    "workspace.pictures": 10,
    "workspace.step": 20,
    "workspace.sheets": 60,
    "desk.decision_files": 20,
    "desk.imports": 60,
    "desk.decision_sheets": 60,
    "public.report": 10,
}  # megabytes that a file may have
# Forms that only ask, or choose how pages look: they change no record and read no session, so that no other site can misuse them. Endpoint → the
# megabytes that a request may have.
FORMS_THAT_ASK = {"public.verify": 13, "public.display": 1, "public.csp_reports": 1}
# Forms with a file that need no account: their size is held before they are read, and they need the token.
FILES_WITHOUT_ACCOUNT = frozenset({"public.report"})
TOO_LARGE_PARAMETER = "too_large"  # in an address: the request before it was too large
SIGN_IN_PATH = "/account/sign-in"
SET_UP_FACTOR_PATH = "/account/set-up-factor"

DESK_COOKIE = "desk"  # read by the script of record pages, which every cache may hold: whether to show the way to the desk

View = Callable[..., Response]


class SessionEnded(Exception):
    """A form was sent by a browser whose session has ended."""


class CookieSessions(SecureCookieSessionInterface):
    """Flask's sessions in a signed cookie; a request without one, as most are, makes no signer to check it with."""

    def open_session(self, app: Flask, request: Request) -> SecureCookieSession | None:
        """Return the session of the cookie, an empty one without it."""
        if app.secret_key and not request.cookies.get(self.get_cookie_name(app)):
            return self.session_class()
        return super().open_session(app, request)


def install(app: Flask, settings: Settings, api_prefix: str) -> None:
    """Configure the session cookie and check every form for forgery; paths below `api_prefix`, used without cookies, are exempt.

    Only forms of `MAX_UPLOAD_MEGABYTES` may exceed the usual size of a request, and only in a session, but for those of
    `FILES_WITHOUT_ACCOUNT`; and those of `FORMS_THAT_ASK`, which need no token.
    """
    secure = settings.base_url.startswith("https:")
    app.secret_key = settings.secret_key or None
    app.session_interface = CookieSessions()
    app.config.update(
        SECRET_KEY_FALLBACKS=[*reversed(settings.former_secret_keys)],
        # Of a list the last one signs (itsdangerous).
        WTF_CSRF_SECRET_KEY=[*reversed(settings.secret_keys)] if settings.secret_key else None,
        SESSION_COOKIE_NAME=f"__Host-{SESSION_COOKIE}" if secure else SESSION_COOKIE,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the cookie: no form is lost to a time limit
        WTF_CSRF_FIELD_NAME="form",
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    csrf = CSRFProtect(app)

    def refuse_forged() -> Response | None:
        if (
            request.method not in UNSAFE_METHODS
            or request.url_rule is None
            or request.path.startswith(api_prefix)
        ):
            return None
        if request.headers.get("Sec-Fetch-Site") in FOREIGN_FETCH_SITES:
            abort(403)
        if request.endpoint in FORMS_THAT_ASK:
            request.max_content_length = FORMS_THAT_ASK[request.endpoint] * 1_000_000
            return None
        may_be_large = request.endpoint in MAX_UPLOAD_MEGABYTES and bool(session_key())
        if may_be_large:
            request.max_content_length = (
                MAX_BUFFERED_BODY  # the form shows beside its question that a file is too large
            )
        elif request.endpoint in FILES_WITHOUT_ACCOUNT:
            may_be_large = True
            request.max_content_length = (MAX_UPLOAD_MEGABYTES[request.endpoint] + 1) * 1_000_000
        try:
            csrf.protect()
        except RequestEntityTooLarge:
            if not may_be_large:
                raise
            return redirect_see_other(f"{request.path}?{TOO_LARGE_PARAMETER}=1")
        return None

    def mark_staff(response: Response) -> Response:
        """Keep the mark beside the session: of who sees the desk, while they are signed in. It opens nothing."""
        if response.headers.get("Cache-Control") != NO_STORE:
            return response
        if "signed" in g or (request.endpoint == "account.sign_out" and not session_key()):
            signed = g.get("signed")
            sees = signed is not None and signed.stage == "complete" and signed.sees_desk
            if sees and DESK_COOKIE not in request.cookies:
                response.set_cookie(DESK_COOKIE, "1", secure=secure, samesite="Lax")
            elif not sees and DESK_COOKIE in request.cookies:
                response.delete_cookie(DESK_COOKIE, secure=secure, samesite="Lax")
        return response

    app.before_request(refuse_forged)
    app.after_request(mark_staff)


def csrf_token() -> str:
    """Return the token that every form of this browser must send back."""
    return str(generate_csrf())


def session_key() -> str:
    """Return the key in the session cookie, "" if there is none."""
    return str(session.get(SESSION_KEY, ""))


def start_session(new_key: str) -> None:
    """Give this browser a new session, with nothing of the one before (ASVS 3.2.1)."""
    session.clear()
    session[SESSION_KEY] = new_key
    g.pop("signed", None)


def clear_session() -> None:
    """End the session at this browser."""
    session.clear()
    g.pop("signed", None)


def current_user(site: Site) -> UserSession | None:
    """Return the session of this request, None if it has none; looked up once a request."""
    if "signed" not in g:
        g.signed = people.resolve_session(site.registry, ANONYMOUS, session_key()) if session_key() else None
        if g.signed is not None:
            note_user("staff" if g.signed.actor.is_staff else "enterprise")
    current: UserSession | None = g.signed
    return current


def login_required(view: View, required_stage: SessionStage = "complete") -> View:
    """Return a view that is called with the signed-in user; anyone else is redirected to where they can sign in.

    The redirected form of a session that has ended raises `SessionEnded`. `required_stage`: the stage of signing in that
    the view needs.
    """

    @wraps(view)
    def checked_view(site: Site, lang: Lang, **arguments: Any) -> Response:
        user = current_user(site)
        if user is not None and user.stage in (required_stage, "complete"):
            return view(site, lang, user, **arguments)
        if user is not None and user.stage == "set_up":
            return redirect_see_other(f"/{lang}{SET_UP_FACTOR_PATH}")
        if request.method != "GET":
            raise SessionEnded
        back = quote(request.full_path.rstrip("?"), safe="/")
        return redirect_see_other(f"/{lang}{SIGN_IN_PATH}?next={back}")

    return checked_view


def next_url(lang: Lang, default: str) -> str:
    """Return the parameter `next` if it is a page of this site, else the page `default` (without the language)."""
    requested = request.values.get("next", "")[:500]
    return requested if LOCAL_PATH.fullmatch(requested) and "//" not in requested else f"/{lang}{default}"


def start_page(path: str) -> Callable[..., Response]:
    """Return the view of an address above pages of a user, which leads to their first one, or to where they sign in."""

    def lead_there(site: Site, lang: Lang, user: UserSession) -> Response:  # noqa: ARG001
        return redirect_see_other(f"/{lang}{path}")

    return login_required(lead_there)


def redirect_see_other(location: str) -> Response:
    """Return the redirect that follows a form (RFC 9110, 15.4.4); no cache keeps it."""
    return redirect(location, 303, cache=NO_STORE)


def client_network(site: Site, incoming: Request) -> str:
    """Return the network of the client, by which rate limits count; trusted proxies are believed about it."""
    forwarded = ",".join(incoming.headers.getlist("X-Forwarded-For"))[-1000:]
    trusted = site.registry.settings.trusted_proxies
    return networks.network_of(networks.client_address(incoming.remote_addr or "", forwarded, trusted))
