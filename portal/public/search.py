"""Searching all registers, and one register with its facets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.public.list_urls import ListAddress
from portal.web.responses import FRESH
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _
from registry.services.finding import facets, requests
from registry.services.finding import search as finding
from registry.services.records import lookup, reading

SORTS = (
    ("relevance", _("Relevance")),
    ("-date", _("Newest first")),
    ("date", _("Oldest first")),
    ("name", _("Name")),
)
BY_RANK = ("rank", _("Grade"))
RANKED = "grade"  # the facet of registers whose records have a rank


def search(site: Site, lang: Lang) -> Response:
    return _answer(site, lang, "", "/search", "public/search.html")


def register(site: Site, lang: Lang, slug: str) -> Response:
    return _answer(site, lang, slug, f"/{slug}", "public/register_list.html")


def _answer(site: Site, lang: Lang, slug: str, path: str, template: str) -> Response:
    asked = requests.understood(slug, request.args.items(multi=True))
    results = finding.find(site.registry, ANONYMOUS, asked, lang)
    registers = reading.registers(site.registry, ANONYMOUS)
    pairs = asked.pairs()
    action = f"/{lang}{path}"
    more: dict[str, Any] = {"register": next(each for each in registers if each.slug == slug)} if slug else {}
    if not results.total and (lookup.diagnose(asked.q) == "check_digit" or lookup.ours(asked.q)):
        more["mistyped"] = lookup.missing(site.registry, ANONYMOUS, slug or None, asked.q, lang)
    page = site.page(
        template,
        lang,
        path,
        kept=urlencode([*pairs, *([("page", results.page)] if results.page > 1 else [])]),
        cache=FRESH,
        results=results,
        registers=registers,
        action=action,
        query=ListAddress(action, pairs),
        feed=ListAddress(f"/{lang}/feeds/{slug or 'search'}.atom", pairs)(
            drop=(("sort", None), ("ended", None))
        ),
        keep=urlencode({"register": slug, "search": asked.query()}),
        sorts=(*SORTS, BY_RANK) if slug and RANKED in facets.facets_of(slug) else SORTS,
        **more,
    )
    return page.answer(request)
