"""What can be taken along from a record's page as a file: the record as PDF, and references to it."""

from __future__ import annotations

import datetime as dt

from flask import Response, request

from portal.public import as_of_day, printed_record
from portal.web.downloads import content_disposition
from portal.web.responses import CACHE_REVALIDATE, Page
from portal.web.site import Site
from registry import clock
from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.i18n import Lang
from registry.services import records
from registry.services.records import Pointer

PDF, BIBTEX, RIS = "/record.pdf", "/citation.bib", "/citation.ris"
SUFFIXES = (PDF, BIBTEX, RIS)  # of a record's address
CONTENT_TYPES = {
    PDF: "application/pdf",
    BIBTEX: "application/x-bibtex; charset=utf-8",
    RIS: "application/x-research-info-systems; charset=utf-8",
}


def record_file(site: Site, lang: Lang, pointer: Pointer, suffix: str) -> Response:
    """Send one of `SUFFIXES` of a record, as of today or of the day of `?at=`.

    Raises `NotFound` for a day that is none, has not come yet, or lies before the first entry.
    """
    day = _day(request.args.get("at"))

    def make() -> Page:
        view = records.get_record(site.registry, ANONYMOUS, pointer, lang, at=day)
        if suffix == PDF:
            picture = b""
            if view.picture:
                _kind, path = records.find_picture(site.registry, ANONYMOUS, view.picture.sha256)
                picture = path.read_bytes()
            content = printed_record.printed_record(view, lang, picture)
            return Page(records.typeset_record(ANONYMOUS, content), CONTENT_TYPES[PDF], CACHE_REVALIDATE)
        cite = records.cite_record(view, lang, clock.today())
        text = cite.bibtex if suffix == BIBTEX else cite.ris
        return Page(text.encode(), CONTENT_TYPES[suffix], CACHE_REVALIDATE)

    key = (lang, pointer.record_id, pointer.page_version, clock.today(), day, suffix)
    response = site.pages.get_or_make(key, make).respond(request)
    name = f"{pointer.slug_number}{suffix[suffix.index('.') :]}"
    response.headers.set(*content_disposition(name))
    return response


def _day(written: str | None) -> dt.date | None:
    if written is None:
        return None
    requested = as_of_day.from_address(written)
    if requested.day is None:
        raise NotFound("record", written[: as_of_day.MAX_DAY_LENGTH])
    return requested.day
