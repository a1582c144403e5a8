"""Pages of grading schemes: all of a register, and one with its levels and thresholds."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Response, request

from portal.web.responses import Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services import records

SCHEMES = "schemes"  # last part of the address of the list, below that of the register
MAX_AGE = 30.0  # seconds: the linked standards may change


def scheme_page(site: Site, lang: Lang, slug: str, path: str) -> Response:
    """Show the schemes of a register (`schemes`), or one of them (`schemes/furniture`).

    Raises `NotFound` for a scheme that does not exist.
    """
    _schemes, _slash, code = path.partition("/")

    def make() -> Page:
        return _one(site, lang, slug, code) if code else _all(site, lang, slug)

    return site.pages.get_or_make(("scheme", lang, slug, code), make, MAX_AGE).respond(request)


def _all(site: Site, lang: Lang, slug: str) -> Page:
    register = next(view for view in records.list_registers(site.registry, ANONYMOUS) if view.slug == slug)
    return site.page(
        "public/schemes.html",
        lang,
        f"/{slug}/{SCHEMES}",
        register=register,
        schemes=records.list_schemes(ANONYMOUS, slug),
    )


def _one(site: Site, lang: Lang, slug: str, code: str) -> Page:
    scheme = records.get_scheme(site.registry, ANONYMOUS, slug, code, lang=lang)
    return site.page(
        "public/scheme.html",
        lang,
        scheme.path,
        scheme=scheme,
        records_path=f"/{slug}?{urlencode(scheme.records_query)}",
    )
