"""Searching all registers, and one register with its facets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.public.addresses import ListAddress
from portal.web.responses import FRESH
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _
from registry.services import facets, finding, lookup, reading
from registry.services.finding import SearchRequest

SORTS = (
    ("relevance", _("Relevance")),
    ("-date", _("Newest first")),
    ("date", _("Oldest first")),
    ("name", _("Name")),
)
BY_RANK = ("rank", _("Grade"))
RANKED = "grade"  # the facet of registers whose records have a rank
AS_WORDS = "as_words"  # words of the search that are not to be taken for filters
MOST_VALUES = 50  # of one filter: more than any facet shows


def search(site: Site, lang: Lang) -> Response:
    return _answer(site, lang, "", "/search", "public/search.html")


def register(site: Site, lang: Lang, slug: str) -> Response:
    return _answer(site, lang, slug, f"/{slug}", "public/register_list.html")


def _answer(site: Site, lang: Lang, slug: str, path: str, template: str) -> Response:
    asked = understood(slug)
    results = finding.find(site.registry, ANONYMOUS, asked, lang)
    registers = reading.registers(site.registry, ANONYMOUS)
    pairs = _pairs(asked)
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
        sorts=(*SORTS, BY_RANK) if slug and RANKED in facets.facets_of(slug) else SORTS,
        **more,
    )
    return page.answer(request)


def understood(slug: str) -> SearchRequest:
    """The search of this request; what is not understood is left out."""
    arguments = request.args
    known = (*facets.facets_of(slug), "linked")
    filters = {}
    for name in known:
        values = dict.fromkeys(value.strip()[:100] for value in arguments.getlist(name)[:MOST_VALUES])
        if chosen := tuple(value for value in values if value):
            filters[name] = chosen
    sort = arguments.get("sort", "")
    page = arguments.get("page", "")
    return SearchRequest(
        q=" ".join(arguments.get("q", "").split()),
        register=slug,
        filters=filters,
        sort=sort if sort in finding.SORTS else "",
        page=int(page) if page.isascii() and page.isdigit() and len(page) < 7 else 1,
        ended=arguments.get("ended", "") == "1",
        as_words=tuple(dict.fromkeys(word[:100] for word in arguments.getlist(AS_WORDS)[:MOST_VALUES])),
    )


def _pairs(asked: SearchRequest) -> tuple[tuple[str, str], ...]:
    """What was understood as the pairs of an address, without the page."""
    pairs = [("q", asked.q[: finding.LONGEST_QUERY])] if asked.q else []
    pairs += [(name, value) for name, values in asked.filters.items() for value in values]
    pairs += [("sort", asked.sort)] if asked.sort else []
    pairs += [("ended", "1")] if asked.ended else []
    pairs += [(AS_WORDS, word) for word in asked.as_words]
    return tuple(pairs)
