"""What holder and issuing body may print beside goods and papers: the page, and the files."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.downloads import content_disposition
from portal.web.responses import NO_STORE, Page
from portal.web.site import Site
from registry.errors import Conflict, Forbidden
from registry.i18n import Lang
from registry.services import own_records
from registry.services.own_records import RecordAddress
from registry.services.people import UserSession

SHOWN = "shown.svg"
SHOWN_FILE = "medium.svg"


def show_artwork(site: Site, lang: Lang, user: UserSession, *, register: str, number: str) -> Response:
    """Show what may be printed for a record, the files, and what the rules ask; or why nothing today."""
    return _render(site, lang, user, RecordAddress(register, number))


def send_artwork(
    site: Site, lang: Lang, user: UserSession, *, register: str, number: str, name: str
) -> Response:
    """Send the artwork as a file to save; `shown.svg` is the picture on the page."""
    address, is_shown = RecordAddress(register, number), name == SHOWN
    try:
        file = own_records.draw_artwork(
            site.registry, user.actor, address, SHOWN_FILE if is_shown else name, seen=is_shown
        )
    except (Forbidden, Conflict):
        return _render(site, lang, user, address, status=409)
    response = Page(file.body, file.kind, NO_STORE).respond(request)
    if not is_shown:
        response.headers.set(*content_disposition(file.name))
    return response


def _render(
    site: Site, lang: Lang, user: UserSession, address: RecordAddress, *, status: int = 200
) -> Response:
    path = f"/workspace/artwork/{address.register}/{address.number}"
    try:
        view = own_records.get_artwork(site.registry, user.actor, address, lang)
    except Forbidden:
        return record_of_others(site, lang, path, address)
    return forms.private_page(
        site,
        lang,
        path,
        "workspace/artwork.html",
        status=status,
        artwork=view,
        kinds=tuple(own_records.KINDS),
        shown=SHOWN,
    )


def record_of_others(site: Site, lang: Lang, path: str, address: RecordAddress) -> Response:
    """Return the page that says that the reader acts for no party of the record: 404, as every page of others."""
    return forms.private_page(site, lang, path, "workspace/others.html", status=404, address=address)
