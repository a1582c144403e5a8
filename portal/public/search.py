"""Searching all registers, and one register with its facets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.public.list_urls import ListUrl
from portal.web.responses import CACHE_REVALIDATE
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _
from registry.services import finding, records

SORT_CHOICES = (
    ("relevance", _("Relevance")),
    ("-date", _("Newest first")),
    ("date", _("Oldest first")),
    ("name", _("Name")),
)
RANK_SORT = ("rank", _("Grade"))
RANK_FACET = "grade"  # the facet of registers whose records have a rank


def search(site: Site, lang: Lang) -> Response:
    return _answer(site, lang, "", "/search", "public/search.html")


def register(site: Site, lang: Lang, slug: str) -> Response:
    return _answer(site, lang, slug, f"/{slug}", "public/register_list.html")


def _answer(site: Site, lang: Lang, slug: str, path: str, template: str) -> Response:
    asked = finding.parse_request(finding.search_scope(slug), request.args.items(multi=True))
    results = finding.find_records(site.registry, ANONYMOUS, asked, lang)
    registers = records.list_registers(site.registry, ANONYMOUS)
    pairs = asked.query_pairs()
    action = f"/{lang}{path}"
    more: dict[str, Any] = {"register": next(each for each in registers if each.slug == slug)} if slug else {}
    if not results.total and (
        records.classify_number(asked.q) == "check_digit" or records.has_our_prefix(asked.q)
    ):
        more["mistyped"] = records.explain_not_found(site.registry, ANONYMOUS, slug or None, asked.q, lang)
    page = site.page(
        template,
        lang,
        path,
        kept_query=urlencode([*pairs, *([("page", results.page)] if results.page > 1 else [])]),
        cache=CACHE_REVALIDATE,
        results=results,
        registers=registers,
        action=action,
        query=ListUrl(action, pairs),
        feed=ListUrl(f"/{lang}/feeds/{slug or 'search'}.atom", pairs)(drop=(("sort", None), ("ended", None))),
        keep=urlencode({"register": slug, "search": asked.query_string()}),
        sorts=(*SORT_CHOICES, RANK_SORT)
        if slug and RANK_FACET in records.available_facets(slug)
        else SORT_CHOICES,
        **more,
    )
    return page.respond(request)
