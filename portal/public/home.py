"""The way in: the address without a language, and the first page."""

from __future__ import annotations

from flask import Response, request

from portal.web.errors import lang_of_request
from portal.web.locale import NEGOTIATED
from portal.web.responses import Page, moved
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services.records import reading

COUNTS_MAY_LAG = 2.0  # seconds: the numbers on the first page and on lists


def entrance(site: Site) -> Response:  # noqa: ARG001
    """`/` leads to the reader's language."""
    return moved(f"/{lang_of_request()}/", 302, (("Vary", NEGOTIATED),))


def home_bare(site: Site, lang: Lang) -> Response:  # noqa: ARG001
    """`/zh` is `/zh/`."""
    return moved(f"/{lang}/")


def home(site: Site, lang: Lang) -> Response:
    def make() -> Page:
        return site.page(
            "public/home.html",
            lang,
            "/",
            registers=reading.registers(site.registry, ANONYMOUS),
            latest=reading.latest(site.registry, ANONYMOUS, lang),
        )

    return site.pages.get_or_make(("home", lang), make, COUNTS_MAY_LAG).answer(request)
