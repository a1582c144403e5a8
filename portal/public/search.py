"""The search over all registers, and the list of one register with its facets."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from flask import Response, request

from portal.public.list_urls import ListUrl
from portal.web.access import current_user
from portal.web.responses import CACHE_REVALIDATE, NO_STORE
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang, _
from registry.services import exchange, finding, records
from registry.services.finding import ResultsView

SORT_CHOICES = (
    ("relevance", _("Relevance")),
    ("-date", _("Newest first")),
    ("date", _("Oldest first")),
    ("name", _("Name")),
)
FILE_FORMATS = (("csv", "CSV"), ("xlsx", "XLSX"), ("jsonl", "JSON Lines"))
RANK_SORT = ("rank", _("Grade"))
NEWEST = ("relevance", _("Newest first"))
DEMO_LAST = ("relevance", _("Real records first, newest first"))


def search(site: Site, lang: Lang) -> Response:
    """Show a search over all registers."""
    return _results_page(site, lang, "")


def register(site: Site, lang: Lang, slug: str) -> Response:
    """Show one register as a list with facets."""
    return _results_page(site, lang, slug)


def _sorts(results: ResultsView, *, has_demo: bool) -> tuple[tuple[str, str], ...]:
    """Return the orders that a list can have, with their labels: without words none is more relevant than another."""
    choices: tuple[tuple[str, str], ...] = SORT_CHOICES
    if not results.query:
        choices = (DEMO_LAST, *SORT_CHOICES[1:]) if has_demo else (NEWEST, *SORT_CHOICES[2:])
    return (*choices, RANK_SORT) if results.may_rank else choices


def _results_page(site: Site, lang: Lang, slug: str) -> Response:
    requested = finding.parse_request(finding.search_scope(slug), request.args.items(multi=True))
    # The one case in which a public page looks who is signed in; no cache keeps it then.
    user = current_user(site) if requested.explain else None
    actor = user.actor if user else ANONYMOUS
    results = finding.find_records(site.registry, actor, requested, lang)
    registers = records.list_registers(site.registry, ANONYMOUS)
    pairs = requested.query_pairs()
    path = f"/{slug or 'search'}"
    action = f"/{lang}{path}"
    more: dict[str, Any] = {}
    if slug:
        more["register"] = next(view for view in registers if view.slug == slug)
        more["has_schemes"] = bool(records.list_schemes(ANONYMOUS, slug))
    page = site.page(
        "public/register_list.html" if slug else "public/search.html",
        lang,
        path,
        kept_query=urlencode(
            [*pairs, *requested.find_pairs(), *([("page", results.page)] if results.page > 1 else [])]
        ),
        cache=NO_STORE if requested.explain else CACHE_REVALIDATE,
        results=results,
        registers=registers,
        action=action,
        query=ListUrl(action, pairs),
        feed=ListUrl(f"/{lang}/feeds/{slug or 'search'}.atom", pairs)(drop=(("sort", None), ("ended", None))),
        keep=urlencode({"register": slug, "search": requested.query_string()}),
        files=_files(slug, lang, requested.query_pairs()),
        max_results=exchange.MAX_RESULTS,
        sorts=_sorts(results, has_demo=site.has_demo()),
        **more,
    )
    return page.respond(request)


def _files(slug: str, lang: Lang, pairs: tuple[tuple[str, str], ...]) -> tuple[tuple[str, str], ...]:
    """Return the files of a list: name of the format, and address."""
    query = urlencode([*pairs, ("lang", lang)])
    return tuple((name, f"/exports/{slug or 'search'}.{suffix}?{query}") for suffix, name in FILE_FORMATS)
