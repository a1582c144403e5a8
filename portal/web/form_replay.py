"""Replay of forms sent after their session had ended, or from before another sign-in: nothing typed is lost.

What was typed is carried in hidden fields, past the sign-in where one is needed, to a page with one button that sends it
to its own address. Never passwords and codes, and never for a page of another site.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from portal.web import access, forms
from portal.web.responses import NO_STORE, redirect
from portal.web.site import Site
from registry.i18n import Lang, _

STALE_MESSAGE = _(
    "The form was opened before you signed in, or signed out, in this browser. Nothing has been done yet."
)
SIGNED_IN_MESSAGE = _("You are signed in again. Nothing has been done yet.")


def redirect_to_sign_in(lang: Lang) -> Response:
    """Return the redirect of a form whose session has ended: to the sign-in page, with what was typed if the form has a page."""
    rule = request.url_rule
    if rule is not None and "GET" in (rule.methods or ()):
        here = quote(request.path, safe="/")
        # 307: the browser sends the form there as it is (RFC 9110, 15.4.8).
        return redirect(
            f"/{lang}{access.SIGN_IN_PATH}?{forms.RESUME_PARAMETER}={here}",
            307,
            [("Cache-Control", NO_STORE)],
        )
    before = urlsplit(request.headers.get("Referer", ""))
    back = before.path if before.netloc == request.host and access.LOCAL_PATH.fullmatch(before.path) else ""
    return access.redirect_see_other(
        f"/{lang}{access.SIGN_IN_PATH}" + (f"?next={quote(back, safe='/')}" if back else "")
    )


def replay_after_sign_in(site: Site, lang: Lang, onward: str) -> Response | None:
    """Return the page that sends the form which waited for this sign-in; None if there is none."""
    fields = forms.parse_pending_form(request.form.get(forms.PENDING_FORM_FIELD, ""))
    return _page(site, lang, onward, SIGNED_IN_MESSAGE, fields, 200) if fields else None


def stale_form_page(app: Flask, site: Site, lang: Lang) -> Response:
    """Return the page for a form without a valid CSRF token: it says why and, for a form of this site, sends it again."""
    fields = forms.replayable_fields() if _is_same_origin() else []
    readable = False
    try:
        app.url_map.bind("").match(request.path, "GET")
        readable = True
    except HTTPException:
        pass
    page = request.path if readable else f"/{lang}{access.SIGN_IN_PATH}"
    return _page(site, lang, request.path, STALE_MESSAGE, fields, 400, page)


def _is_same_origin() -> bool:
    """Return True if the browser says that the form was sent by a page of this site."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site:
        return fetch_site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _page(
    site: Site, lang: Lang, action: str, why: str, fields: list[tuple[str, str]], status: int, page: str = ""
) -> Response:
    path = request.path.removeprefix(f"/{lang}")
    return forms.private_page(
        site,
        lang,
        path,
        "account/again.html",
        status,
        action=action,
        why=why,
        fields=fields,
        page=page or action,
        with_files=bool(request.files),
    )
