"""The home page, and the redirects that lead to it."""

from __future__ import annotations

from flask import Response, request

from portal.web.errors import request_lang
from portal.web.locale import VARY_BY_LANGUAGE
from portal.web.responses import Page, redirect
from portal.web.site import Site
from registry import clock
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
    """Show the home page: search, check of numbers, registers with their sizes, changes, the brand of the day.

    It is made anew when there is a new entry or a new day; else it costs at most one statement in two seconds.
    """
    newest = records.get_newest_entry(site.registry, ANONYMOUS)

    def make() -> Page:
        recorded = newest.recorded_at.astimezone(clock.SHANGHAI) if newest else None
        return site.page(
            "public/home.html",
            lang,
            "/",
            registers=records.list_registers(site.registry, ANONYMOUS, counted_now=True),
            changes=records.list_changes(site.registry, ANONYMOUS, lang),
            recent=records.count_recent_changes(site.registry, ANONYMOUS),
            of_the_day=records.find_record_of_the_day(site.registry, ANONYMOUS, lang),
            newest=newest,
            today=clock.today().isoformat(),
            recorded_on=recorded.date().isoformat() if recorded else "",
            recorded_at=f"{recorded:%H:%M}" if recorded else "",
            most=records.MAX_CHECKED_NUMBERS,
            megabytes=records.MAX_PICTURE_MEGABYTES,
        )

    key = ("home", lang, newest, clock.today())  # the first invented record is an entry too
    return site.pages.get_or_make(key, make).respond(request)
