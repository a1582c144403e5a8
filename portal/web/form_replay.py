"""Forms that came too late: the session had ended, or the form was from before another sign-in. Nothing typed is lost.

What was typed is carried in hidden fields, past the sign-in where one is needed, to a page with one button that sends it
to where it was meant for. Never passwords and codes, and never for a page that is not ours.
"""

from __future__ import annotations

from urllib.parse import quote, urlsplit

from flask import Flask, Response, request
from werkzeug.exceptions import HTTPException

from portal.web import access, forms
from portal.web.responses import NEVER, moved
from portal.web.site import Site
from registry.i18n import Lang, _

STALE = _(
    "The form was opened before you signed in, or signed out, in this browser. Nothing has been done yet."
)
SIGNED_IN = _("You are signed in again. Nothing has been done yet.")


def to_sign_in(lang: Lang) -> Response:
    """Where a form goes whose session has ended: to the sign-in page, with what was typed if the form has a page."""
    rule = request.url_rule
    if rule is not None and "GET" in (rule.methods or ()):
        here = quote(request.path, safe="/")
        # 307: the browser sends the form there as it is (RFC 9110, 15.4.8).
        return moved(f"/{lang}{access.SIGN_IN}?{forms.RESUME}={here}", 307, [("Cache-Control", NEVER)])
    before = urlsplit(request.headers.get("Referer", ""))
    back = before.path if before.netloc == request.host and access.LOCAL.fullmatch(before.path) else ""
    return access.see(f"/{lang}{access.SIGN_IN}" + (f"?next={quote(back, safe='/')}" if back else ""))


def signed_in(site: Site, lang: Lang, onward: str) -> Response | None:
    """After signing in: the page that sends what was carried; None where nothing is."""
    fields = forms.read_carried(request.form.get(forms.CARRIED, ""))
    return _page(site, lang, onward, SIGNED_IN, fields, 200) if fields else None


def stale(app: Flask, site: Site, lang: Lang) -> Response:
    """A form without the token of this browser: told why, and sent again with one button if it came from our page."""
    fields = forms.typed_so_far() if _ours() else []
    readable = False
    try:
        app.url_map.bind("").match(request.path, "GET")
        readable = True
    except HTTPException:
        pass
    page = request.path if readable else f"/{lang}{access.SIGN_IN}"
    return _page(site, lang, request.path, STALE, fields, 400, page)


def _ours() -> bool:
    """True where the browser says that the form was sent by a page of ours."""
    said = request.headers.get("Sec-Fetch-Site")
    if said:
        return said == "same-origin"
    return urlsplit(request.headers.get("Origin", "")).netloc == request.host


def _page(
    site: Site, lang: Lang, action: str, why: str, fields: list[tuple[str, str]], status: int, page: str = ""
) -> Response:
    path = request.path.removeprefix(f"/{lang}")
    return forms.page(
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
