"""The page of all registers, with their sizes."""

from __future__ import annotations

from flask import Response, request

from portal.public.home import COUNTS_MAX_AGE
from portal.web.responses import Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services import records


def registers(site: Site, lang: Lang) -> Response:
    """Show every register: what it holds, and how many records by standing."""

    def make() -> Page:
        return site.page(
            "public/registers.html",
            lang,
            "/registers",
            registers=records.list_registers(site.registry, ANONYMOUS),
        )

    return site.pages.get_or_make(("registers", lang), make, COUNTS_MAX_AGE).respond(request)
