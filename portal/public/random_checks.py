"""Random checks: the list, a page for each, and the files from which anybody recomputes a draw."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, request

from portal.web.responses import CACHE_REVALIDATE, Page, redirect
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.i18n import Lang
from registry.services import random_checks

PATH = "/checks"
JSON = "application/json; charset=utf-8"
MAX_AGE = 10.0  # seconds: the states of drawn records may change
MAX_PAGE_DIGITS = 5
SCRIPT_TYPE = "text/x-python; charset=utf-8"
SCRIPT_NAME = "recompute_draw.py"
FILES = ("check.json", "population.json")  # of a check


def list_checks(site: Site, lang: Lang) -> Response:
    """Show the checks, the newest first."""
    page = _page_number()

    def make() -> Page:
        checks, pages = random_checks.list_checks(site.registry, ANONYMOUS, page=page)
        return site.page(
            "public/checks.html",
            lang,
            PATH,
            kept_query=f"page={page}" if page > 1 else "",
            checks=checks,
            page=page,
            pages=pages,
        )

    return site.pages.get_or_make(("checks", lang, page), make, MAX_AGE).respond(request)


def show_check(site: Site, lang: Lang, check: str) -> Response:
    """Show a check: what was announced, what was drawn, what it came to. Raises `NotFound`."""
    line = random_checks.find_check(site.registry, ANONYMOUS, check)
    if line.number != check:
        return redirect(f"/{lang}{line.path}")

    def make() -> Page:
        view = random_checks.get_check(site.registry, ANONYMOUS, line.number)
        return site.page(
            "public/check.html",
            lang,
            line.path,
            check=view,
            script=SCRIPT_NAME,
            files=FILES,
            command=f"python3 {SCRIPT_NAME} {FILES[0]} {FILES[1]}",
        )

    key = ("check", lang, line.number, line.page_version)
    return site.pages.get_or_make(key, make, MAX_AGE).respond(request)


def list_file(site: Site) -> Response:
    """Serve a page of the list as JSON."""
    return _json(random_checks.checks_json(site.registry, ANONYMOUS, page=_page_number()))


def check_file(site: Site, check: str) -> Response:
    """Serve a check as JSON. Raises `NotFound`."""
    return _json(random_checks.check_json(site.registry, ANONYMOUS, check))


def population_file(site: Site, check: str) -> Response:
    """Serve the numbers among which a check draws as JSON. Raises `NotFound`."""
    return _json(random_checks.population_json(site.registry, ANONYMOUS, check))


def script_file(site: Site) -> Response:  # noqa: ARG001
    """Serve the program that recomputes a draw."""
    script = random_checks.recomputing_script(ANONYMOUS)
    return Page(script, SCRIPT_TYPE, CACHE_REVALIDATE).respond(request)


def _json(document: dict[str, Any]) -> Response:
    body = json.dumps(document, ensure_ascii=False, indent=1).encode()
    return Page(body, JSON, CACHE_REVALIDATE).respond(request)


def _page_number() -> int:
    typed = request.args.get("page", "")
    return int(typed) or 1 if typed.isascii() and typed.isdecimal() and len(typed) <= MAX_PAGE_DIGITS else 1
