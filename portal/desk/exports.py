"""Lists of the desk as files: what the page of a queue shows, on all of its pages, with its filters."""

from __future__ import annotations

from flask import Response, request

from portal.web.downloads import table_file, table_format
from portal.web.site import Site
from registry import clock
from registry.i18n import Lang
from registry.services import desk_exports
from registry.services.people import UserSession

MAX_TYPED = 60  # characters of a filter


def download_list(site: Site, lang: Lang, user: UserSession, *, queue: str, kind: str) -> Response:
    """Send what a queue holds for the person, with the filters of the address, as CSV or XLSX."""
    file_format = table_format(kind)
    filters = {name: value.strip()[:MAX_TYPED] for name, value in request.args.items()}
    chunks = desk_exports.export_list(
        site.registry, user.actor, queue, file_format, filters=filters, lang=lang
    )
    return table_file(chunks, f"pinzheng-{queue}-{clock.today().isoformat()}", file_format)
