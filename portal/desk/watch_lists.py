"""Watch lists at the desk: what is due on the records within the bounds of the account."""

from __future__ import annotations

from flask import Response

from portal.web import forms, watch_lists
from portal.web.downloads import table_format
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang
from registry.services.people import UserSession
from registry.services.watch_lists import export_desk_watch_lists, get_desk_watch_lists

PATH = "/desk/watch"


def show_lists(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show what is due, the longest overdue first."""
    if not user.sees_desk:
        raise NotFound("desk")
    query = watch_lists.asked()
    view = get_desk_watch_lists(site.registry, user.actor, query)
    context = watch_lists.page_context(view, query)
    return forms.private_page(site, lang, PATH, "desk/watch.html", **context)


def download_lists(site: Site, lang: Lang, user: UserSession, kind: str) -> Response:
    """Send what the page lists, on all of its pages, as CSV or XLSX."""
    file_format = table_format(kind)
    if not user.sees_desk:
        raise NotFound("desk")
    query = watch_lists.asked()
    chunks = export_desk_watch_lists(site.registry, user.actor, query, lang, file_format=file_format)
    return watch_lists.list_file(chunks, file_format)
