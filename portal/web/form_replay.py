"""Replay of forms sent after their session had ended, or from before another sign-in: nothing typed is lost.

What was typed is carried in hidden fields, past the sign-in where one is needed, to a page with one button that sends it
to its own address. Never passwords and codes, and never for a page of another site.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
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
            cache=NO_STORE,
        )
    before = urlsplit(request.headers.get("Referer", ""))
    back = before.path if before.netloc == request.host and access.LOCAL_PATH.fullmatch(before.path) else ""
    return access.redirect_see_other(
        f"/{lang}{access.SIGN_IN_PATH}" + (f"?next={quote(back, safe='/')}" if back else "")
    )


@dataclass(frozen=True, slots=True)
class PendingForm:
    """A form to be sent again. `action`: its address; `page`: where it is shown; `why`: message id."""

    action: str
    page: str
    why: str
    fields: Sequence[tuple[str, str]]


def replay_after_sign_in(site: Site, lang: Lang, action: str) -> Response | None:
    """Return the page that sends the form which waited for this sign-in; None if there is none."""
    fields = forms.parse_pending_form(request.form.get(forms.PENDING_FORM_FIELD, ""))
    return (
        _replay_page(site, lang, PendingForm(action, action, SIGNED_IN_MESSAGE, fields)) if fields else None
    )


def stale_form_page(app: Flask, site: Site, lang: Lang) -> Response:
    """Return the page for a form without a valid CSRF token: it says why and, for a form of this site, sends it again."""
    fields = forms.replayable_fields() if _is_same_origin() else []
    try:
        app.url_map.bind("").match(request.path, "GET")
        page = request.path
    except HTTPException:
        page = f"/{lang}{access.SIGN_IN_PATH}"
    return _replay_page(site, lang, PendingForm(request.path, page, STALE_MESSAGE, fields), status=400)


def _is_same_origin() -> bool:
    """Return True if the browser says that the form was sent by a page of this site."""
    fetch_site = request.headers.get("Sec-Fetch-Site")
    if fetch_site:
        return fetch_site == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _replay_page(site: Site, lang: Lang, pending: PendingForm, status: int = 200) -> Response:
    return forms.private_page(
        site,
        lang,
        request.path.removeprefix(f"/{lang}"),
        "account/again.html",
        status=status,
        action=pending.action,
        why=pending.why,
        fields=pending.fields,
        page=pending.page,
        with_files=bool(request.files),
    )
