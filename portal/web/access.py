"""Who is signed in at this browser: the cookie's key, the session it stands for, and the guards of forms.

One signed cookie, set only by the pages of accounts: it holds the key of the session (the table has its hash) and the
token against forged forms. Public pages neither read nor set it.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any
from urllib.parse import quote

from flask import Flask, Request, Response, abort, g, request, session
from flask_wtf.csrf import CSRFProtect, generate_csrf
from werkzeug.exceptions import RequestEntityTooLarge

from portal.server.sizes import MAX_BUFFERED_BODY
from portal.web.responses import NO_STORE, redirect
from portal.web.site import Site
from registry.accounts import networks
from registry.accounts.policy import ANONYMOUS
from registry.config import Settings
from registry.i18n import Lang
from registry.services import people
from registry.services.people import SessionStage, UserSession

SESSION_KEY = "key"
SESSION_COOKIE = "pinzheng"
LOCAL_PATH = re.compile(
    r"/(?:zh|en)/[^/\\\x00-\x1f][^\\\x00-\x1f]*"
)  # a page of ours: where to go on after signing in
FOREIGN_FETCH_SITES = ("cross-site", "same-site")  # of Sec-Fetch-Site: sent by a page that is not ours
UNSAFE_METHODS = ("POST", "PUT", "PATCH", "DELETE")
MAX_UPLOAD_MEGABYTES = {
    "workspace.claim": 20,
    "workspace.step": 20,
    "workspace.sheets": 60,
}  # megabytes that a file may have
TOO_LARGE_PARAMETER = "too_large"  # in an address: more was sent than is read
SIGN_IN_PATH = "/account/sign-in"
SET_UP_FACTOR_PATH = "/account/set-up-factor"

View = Callable[..., Response]


class SessionEnded(Exception):
    """A form was sent by who is not signed in any more."""


def install(app: Flask, settings: Settings, api_prefix: str) -> None:
    """Cookie and forms made safe: `api`, which is asked without cookies, is left alone.

    Only forms of `UPLOADS` take more than a request usually may, and only from who is signed in.
    """
    secure = settings.base_url.startswith("https:")
    app.secret_key = settings.secret_key or None
    app.config.update(
        SESSION_COOKIE_NAME=f"__Host-{SESSION_COOKIE}" if secure else SESSION_COOKIE,
        SESSION_COOKIE_SECURE=secure,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        WTF_CSRF_TIME_LIMIT=None,  # as long as the cookie: nobody loses a form to a clock
        WTF_CSRF_FIELD_NAME="form",
        WTF_CSRF_CHECK_DEFAULT=False,
    )
    guard = CSRFProtect(app)

    def refuse_forged() -> Response | None:
        if (
            request.method not in UNSAFE_METHODS
            or request.url_rule is None
            or request.path.startswith(api_prefix)
        ):
            return None
        if request.headers.get("Sec-Fetch-Site") in FOREIGN_FETCH_SITES:
            abort(403)
        if request.endpoint in MAX_UPLOAD_MEGABYTES and session_key():
            request.max_content_length = (
                MAX_BUFFERED_BODY  # a file that is too large is told so beside its question
            )
        try:
            guard.protect()
        except RequestEntityTooLarge:
            if request.endpoint not in MAX_UPLOAD_MEGABYTES or not session_key():
                raise
            return redirect_see_other(f"{request.path}?{TOO_LARGE_PARAMETER}=1")
        return None

    app.before_request(refuse_forged)


def csrf_token() -> str:
    """What every form of this browser must send back."""
    return str(generate_csrf())


def session_key() -> str:
    return str(session.get(SESSION_KEY, ""))


def start_session(new_key: str) -> None:
    """This browser goes on with another session, and with nothing of the one before (ASVS 3.2.1)."""
    session.clear()
    session[SESSION_KEY] = new_key
    g.pop("signed", None)


def clear_session() -> None:
    session.clear()
    g.pop("signed", None)


def current_user(site: Site) -> UserSession | None:
    """Whose session this request comes from."""
    if "signed" not in g:
        g.signed = people.resolve_session(site.registry, ANONYMOUS, session_key()) if session_key() else None
    found: UserSession | None = g.signed
    return found


def login_required(view: View, required_stage: SessionStage = "complete") -> View:
    """A view for who is signed in, who is handed to it; anybody else is led to where he can be."""

    @wraps(view)
    def guarded(site: Site, lang: Lang, **arguments: Any) -> Response:
        who = current_user(site)
        if who is not None and who.stage in (required_stage, "complete"):
            return view(site, lang, who, **arguments)
        if who is not None and who.stage == "set_up":
            return redirect_see_other(f"/{lang}{SET_UP_FACTOR_PATH}")
        if request.method != "GET":
            raise SessionEnded
        back = quote(request.full_path.rstrip("?"), safe="/")
        return redirect_see_other(f"/{lang}{SIGN_IN_PATH}?next={back}")

    return guarded


def next_url(lang: Lang, default: str) -> str:
    """Where `next` leads, if it is a page of ours; else the page `default` (without the language)."""
    wanted = request.values.get("next", "")[:500]
    return wanted if LOCAL_PATH.fullmatch(wanted) and "//" not in wanted else f"/{lang}{default}"


def redirect_see_other(location: str) -> Response:
    """After a form: another page (RFC 9110, 15.4.4), which nobody keeps."""
    return redirect(location, 303, [("Cache-Control", NO_STORE)])


def client_network(site: Site, asked: Request) -> str:
    """The network of who asks, as limits tell places apart; proxies that are trusted are believed about it."""
    forwarded = ",".join(asked.headers.getlist("X-Forwarded-For"))[-1000:]
    trusted = site.registry.settings.trusted_proxies
    return networks.network_of(networks.client_address(asked.remote_addr or "", forwarded, trusted))
