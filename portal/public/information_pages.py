"""Pages about the register itself: coverage and gaps, glossary, search words, about."""

from __future__ import annotations

from flask import Response, request

from portal.public.home import COUNTS_MAX_AGE
from portal.web.responses import Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services import finding, records

QUALITY_MAX_AGE = 30.0  # seconds: counting every warning reads a large table


def quality(site: Site, lang: Lang) -> Response:
    """Show how complete the registers are, and which gaps and warnings their records have."""

    def make() -> Page:
        return site.page(
            "public/quality.html",
            lang,
            "/quality",
            registers=records.list_registers(site.registry, ANONYMOUS),
            lines=records.list_quality_gaps(site.registry, ANONYMOUS, lang),
        )

    return site.pages.get_or_make(("quality", lang), make, QUALITY_MAX_AGE).respond(request)


def glossary(site: Site, lang: Lang) -> Response:
    """Show the terms, and statuses in both languages."""

    def make() -> Page:
        return site.page(
            "public/glossary.html",
            lang,
            "/glossary",
            groups=records.load_glossary(),
            statuses=records.statuses_by_register(),
        )

    return site.pages.get_or_make(("glossary", lang), make, QUALITY_MAX_AGE).respond(request)


def searches(site: Site, lang: Lang) -> Response:
    """Show the synonyms of the search, and searches without a result."""

    def make() -> Page:
        return site.page(
            "public/searches.html",
            lang,
            "/searches",
            missed=finding.list_zero_results(site.registry, ANONYMOUS),
            added=finding.list_staff_synonyms(site.registry, ANONYMOUS),
            given=finding.list_built_in_synonyms(ANONYMOUS),
        )

    return site.pages.get_or_make(("searches", lang), make, QUALITY_MAX_AGE).respond(request)


def about(site: Site, lang: Lang) -> Response:
    """Show what the register is and where its data come from."""

    def make() -> Page:
        registers = records.list_registers(site.registry, ANONYMOUS)
        return site.page("public/about.html", lang, "/about", registers=registers)

    return site.pages.get_or_make(("about", lang), make, COUNTS_MAX_AGE).respond(request)
