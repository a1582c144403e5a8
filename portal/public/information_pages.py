"""Pages about the register itself: coverage and gaps, glossary, search words, about, operator and terms."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Response, request

from portal.public.home import COUNTS_MAX_AGE
from portal.web.responses import Page
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _
from registry.services import confidential, finding, records, reports

OPERATOR_PAGES = {
    "contact": "public/contact.html",
    "privacy": "public/privacy.html",
    "accessibility": "public/accessibility.html",
    "terms": "public/terms.html",
    "licence": "public/licence.html",
    "security": "public/security.html",
}
QUALITY_MAX_AGE = 30.0  # seconds: counting every warning reads a large table
MAX_WORD = 60  # characters of a word that is looked up


@dataclass(frozen=True, slots=True)
class LicensedWork:
    """A work of others that is part of the site. `what`: a message; the rest as the work names itself."""

    what: str
    name: str
    licence: str
    url: str


# What readers see or search by; NOTICE names every file.
LICENSED_WORKS = (
    LicensedWork(
        _("Chinese-English dictionary for searching"),
        "CC-CEDICT",
        "CC BY-SA 4.0",
        "https://creativecommons.org/licenses/by-sa/4.0/",
    ),
    LicensedWork(
        _("Names of countries, radicals of characters"),
        "Unicode CLDR, Unicode Character Database",
        "Unicode License v3",
        "https://www.unicode.org/license.txt",
    ),
    LicensedWork(
        _("Traditional forms of characters"),
        "OpenCC",
        "Apache License 2.0",
        "https://www.apache.org/licenses/LICENSE-2.0",
    ),
    LicensedWork(
        _("Fonts"),
        "Source Sans 3, Source Serif 4",
        "SIL Open Font License 1.1",
        "https://openfontlicense.org/",
    ),
    LicensedWork(_("Style sheet"), "GOV.UK Frontend", "MIT License", "https://opensource.org/license/mit"),
)


def quality(site: Site, lang: Lang) -> Response:
    """Show which sources are loaded, which gaps and warnings the records have, and where else to look."""

    def make() -> Page:
        return site.page(
            "public/quality.html",
            lang,
            "/quality",
            coverage=finding.list_coverage(site.registry, ANONYMOUS, lang),
            platforms=records.list_platforms(ANONYMOUS),
            lines=records.list_quality_gaps(site.registry, ANONYMOUS, lang),
            reported=reports.list_report_figures(site.registry, ANONYMOUS),
            looked=confidential.list_look_figures(site.registry, ANONYMOUS),
        )

    return site.pages.get_or_make(("quality", lang), make, QUALITY_MAX_AGE).respond(request)


def glossary(site: Site, lang: Lang) -> Response:
    """Show the terms and statuses in both languages, part by part, or those that have a word or begin with a letter."""
    word = request.args.get("q", "").strip()
    added = finding.list_staff_terms(site.registry, ANONYMOUS)
    letters = records.list_letters(lang, added)
    letter = request.args.get("letter", "").upper()
    letter = letter if letter in letters and not word else ""
    if word:
        shown = records.look_up_words(word, added)
    else:
        shown = records.words_by_letter(letter, lang, added) if letter else records.read_glossary(added)
    opened = {"statuses", *(group.key for group in shown.groups)} & {request.args.get("part", "")}

    def make() -> Page:
        return site.page(
            "public/glossary.html",
            lang,
            "/glossary",
            glossary=shown,
            word=word[:MAX_WORD],
            letter=letter,
            letters=letters,
            opened="".join(opened),
        )

    if word:
        return make().respond(request)
    key = ("glossary", lang, letter, added, *opened)
    return site.pages.get_or_make(key, make, QUALITY_MAX_AGE).respond(request)


def searches(site: Site, lang: Lang) -> Response:
    """Show how search works: what it understands, the synonyms, and searches without a result."""

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


def operator_page(site: Site, name: str, lang: Lang) -> Response:
    """Show one of `OPERATOR_PAGES`: who runs the register, on which terms, and what is kept of people."""

    def make() -> Page:
        base_url = site.registry.settings.base_url
        return site.page(
            OPERATOR_PAGES[name],
            lang,
            f"/{name}",
            base_url=base_url,
            works=LICENSED_WORKS,
            report_days=reports.RETENTION.days,
            kept_days=site.registry.settings.retention_days,
        )

    return site.pages.get_or_make((name, lang), make, QUALITY_MAX_AGE).respond(request)
