"""Pages about the register itself: coverage and gaps, glossary, about."""

from __future__ import annotations

from flask import Response, request

from portal.public.home import COUNTS_MAY_LAG
from portal.web.responses import Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services.finding import synonym_admin
from registry.services.records import glossary as terms
from registry.services.records import quality as gaps
from registry.services.records import reading

GAPS_MAY_LAG = 30.0  # seconds: counting every warning reads a large table


def quality(site: Site, lang: Lang) -> Response:
    def make() -> Page:
        return site.page(
            "public/quality.html",
            lang,
            "/quality",
            registers=reading.registers(site.registry, ANONYMOUS),
            lines=gaps.quality(site.registry, ANONYMOUS, lang),
        )

    return site.pages.get_or_make(("quality", lang), make, GAPS_MAY_LAG).answer(request)


def glossary(site: Site, lang: Lang) -> Response:
    def make() -> Page:
        return site.page(
            "public/glossary.html",
            lang,
            "/glossary",
            groups=terms.glossary(),
            statuses=terms.statuses(),
            standings=terms.STANDINGS,
        )

    return site.pages.get_or_make(("glossary", lang), make, GAPS_MAY_LAG).answer(request)


def searches(site: Site, lang: Lang) -> Response:
    def make() -> Page:
        return site.page(
            "public/searches.html",
            lang,
            "/searches",
            missed=synonym_admin.missed(site.registry, ANONYMOUS),
            added=synonym_admin.added(site.registry, ANONYMOUS),
            given=synonym_admin.given(ANONYMOUS),
        )

    return site.pages.get_or_make(("searches", lang), make, GAPS_MAY_LAG).answer(request)


def about(site: Site, lang: Lang) -> Response:
    def make() -> Page:
        registers = reading.registers(site.registry, ANONYMOUS)
        return site.page("public/about.html", lang, "/about", registers=registers)

    return site.pages.get_or_make(("about", lang), make, COUNTS_MAY_LAG).answer(request)
