"""The home page, and the redirects that lead to it."""

from __future__ import annotations

from flask import Response, request

from portal.web.errors import request_lang
from portal.web.locale import VARY_BY_LANGUAGE
from portal.web.responses import Page, redirect
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services import records

COUNTS_MAX_AGE = 2.0  # seconds: the numbers on the first page and on lists


def redirect_to_language(site: Site) -> Response:  # noqa: ARG001
    """Redirect `/` to the home page in the reader's language."""
    return redirect(f"/{request_lang()}/", 302, (("Vary", VARY_BY_LANGUAGE),))


def home_without_slash(site: Site, lang: Lang) -> Response:  # noqa: ARG001
    """Redirect `/zh` to `/zh/`."""
    return redirect(f"/{lang}/")


def home(site: Site, lang: Lang) -> Response:
    """Show the home page: registers with their sizes, and the latest entries."""

    def make() -> Page:
        return site.page(
            "public/home.html",
            lang,
            "/",
            registers=records.list_registers(site.registry, ANONYMOUS),
            latest=records.list_latest_entries(site.registry, ANONYMOUS, lang),
        )

    return site.pages.get_or_make(("home", lang), make, COUNTS_MAX_AGE).respond(request)
