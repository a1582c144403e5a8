"""The page on which a reader chooses larger text or the simple view (适老化), for all pages of this browser."""

from __future__ import annotations

from urllib.parse import urlencode, urlsplit

from flask import Response, request

from portal.web import access, looks
from portal.web.locale import OTHER_LANG
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry.i18n import Lang, _

PATH = "/display"
SIZE_NAMES = ((looks.ORDINARY, _("Ordinary")), ("large", _("Larger")), ("largest", _("Largest")))
VIEW_NAMES = (
    (looks.ORDINARY, _("Everything is shown")),
    ("simple", _("Simple: less on a page, larger buttons")),
)


def display_page(site: Site, lang: Lang) -> Response:
    """Show the choices, or keep them in a cookie and lead back to the page that the reader came from; a form without a choice keeps nothing."""
    back = _page_before(lang)
    if request.method == "POST" and {"size", "view"} & set(request.form):
        look = looks.look_value(request.form.get("size", ""), request.form.get("view", ""))
        response = access.redirect_see_other(back)
        secure = site.registry.settings.base_url.startswith("https:")
        if look:
            response.set_cookie(
                looks.LOOK_COOKIE, look, looks.SECONDS_KEPT, secure=secure, httponly=True, samesite="Lax"
            )
        else:
            response.delete_cookie(looks.LOOK_COOKIE, secure=secure, httponly=True, samesite="Lax")
        return response
    size, view = looks.parse_look(request.cookies.get(looks.LOOK_COOKIE, ""))
    page = site.page(
        "public/display.html",
        lang,
        PATH,
        kept_query=urlencode({"next": f"/{OTHER_LANG[lang]}{back[3:]}"}),
        cache=NO_STORE,
        back=back,
        size=size,
        view=view,
        sizes=SIZE_NAMES,
        views=VIEW_NAMES,
    )
    return page.respond(request, 400 if request.method == "POST" else 200)


def _page_before(lang: Lang) -> str:
    """Return the page of this site to lead back to: `next`, else the page with the link that was followed, else the home page."""
    named = access.next_url(lang, "/")
    before = urlsplit(request.headers.get("Referer", ""))
    if "next" in request.values or before.netloc != request.host:
        return named
    address = before.path + (f"?{before.query}" if before.query else "")
    if not access.LOCAL_PATH.fullmatch(address) or "//" in address or before.path == f"/{lang}{PATH}":
        return named
    return address[:2000]
