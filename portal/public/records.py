"""Record pages: as of today, as of a past day, the history; and which kind of "not found" it is where there is none."""

from __future__ import annotations

import datetime as dt
from urllib.parse import quote

from flask import Response, request

from portal.public import as_of_day, record_files, schemes
from portal.public.as_of_day import DayRequest
from portal.web import qr
from portal.web.errors import request_lang
from portal.web.locale import VARY_BY_LANGUAGE
from portal.web.responses import CACHE_REVALIDATE, NO_STORE, Page, redirect
from portal.web.site import Site
from registry import clock, i18n
from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.i18n import Lang
from registry.services import random_checks, records, reports
from registry.services.records import MergedPointer, Pointer

HISTORY_SUFFIX = "/history"
SUFFIXES = (HISTORY_SUFFIX, *record_files.SUFFIXES)


def record(site: Site, lang: Lang, slug: str, number: str) -> Response:
    """Show a record. The usual request costs one statement and a look-up in the page cache."""
    if number.endswith("/"):
        return redirect(quote(f"/{lang}/{slug}/{number.rstrip('/')}"))
    if number.split("/", 1)[0] == schemes.SCHEMES and records.list_schemes(ANONYMOUS, slug):
        return schemes.scheme_page(site, lang, slug, number)
    suffix = next((each for each in SUFFIXES if number.endswith(each)), "")
    typed = number.removesuffix(suffix)
    try:
        pointer = records.locate_record(site.registry, ANONYMOUS, slug, typed)
    except NotFound:
        return _named_otherwise(site, lang, slug, typed)
    query = request.query_string
    if pointer.slug_number != typed:
        if merged := _merged(site, lang, slug, typed=typed, suffix=suffix):
            return merged
        tail = suffix + (f"?{query.decode('ascii', 'replace')}" if query else "")
        return redirect(record_url(lang, pointer) + tail)
    if suffix == HISTORY_SUFFIX:
        return _history(site, lang, pointer)
    if suffix:
        return record_files.record_file(site, lang, pointer, suffix)
    if b"at" in query:
        return _on_a_day(site, lang, pointer)
    return _today(site, lang, pointer)


def _merged(site: Site, lang: Lang, slug: str, *, typed: str, suffix: str) -> Response | None:
    """The history of a record that was merged, or its page of a day before; None for what its number names otherwise."""
    if suffix not in ("", HISTORY_SUFFIX) or (not suffix and b"at" not in request.query_string):
        return None
    try:
        merged = records.find_merged(site.registry, ANONYMOUS, slug, typed)
    except NotFound:
        return None
    if merged.slug_number != typed:
        return None
    if suffix:
        return _history(site, lang, merged)
    day = as_of_day.from_address(request.args.get("at", "")).day
    return _on_a_day(site, lang, merged) if day and day.isoformat() < merged.merged_on else None


def _today(site: Site, lang: Lang, pointer: Pointer) -> Response:
    today = clock.today()
    key = (lang, pointer.record_id, pointer.page_version, today, site.has_demo(), "record")
    page = site.pages.get(key)
    if page is None:
        page = _render(site, lang, pointer, DayRequest(None, "", as_of_day.day_parts(today)))
        site.pages.put(key, page)
    return page.respond(request)


def _on_a_day(site: Site, lang: Lang, pointer: Pointer) -> Response:
    """Show a record as of the day of `?at=`, of today as without it; the three inputs of the form redirect there."""
    arguments = request.args
    at = arguments.get("at")
    if at is None:
        if not any(f"at-{part}" in arguments for part in as_of_day.DATE_PARTS):
            return _today(site, lang, pointer)
        requested = as_of_day.from_inputs(arguments)
        if not requested.problem:
            tail = f"?at={requested.day.isoformat()}" if requested.day else ""
            return redirect(record_url(lang, pointer) + tail, 303)
    else:
        requested = as_of_day.from_address(at)
    if requested.day is None:
        page = _render(site, lang, pointer, requested)
        return page.respond(request, 400)
    day = requested.day
    if day == clock.today():
        return _today(site, lang, pointer)
    key = (lang, pointer.record_id, pointer.page_version, clock.today(), site.has_demo(), day)
    try:
        page = site.pages.get_or_make(key, lambda: _render(site, lang, pointer, requested))
    except NotFound:
        return not_found(site, lang, pointer.register, pointer.slug_number, at=day)
    return page.respond(request)


def _render(site: Site, lang: Lang, pointer: Pointer, requested: DayRequest) -> Page:
    """Render a record as of the requested day, or as of today where none was requested or it cannot be shown."""
    at, problem = requested.day, requested.problem
    registry, record_id = site.registry, pointer.record_id
    with records.one_moment(registry, ANONYMOUS):
        view = records.get_record(registry, ANONYMOUS, pointer, lang, at=at)
        checks = (
            random_checks.list_checks_of_record(registry, ANONYMOUS, record_id, at=at)
            if view.was_drawn
            else ()
        )
        challenge = None if view.at else reports.get_challenge(registry, ANONYMOUS, record_id, page=view)
    return site.page(
        "public/record.html",
        lang,
        view.path,
        kept_query=f"at={at.isoformat()}" if at else "",
        cache=NO_STORE if problem else CACHE_REVALIDATE,
        record=view,
        checks=checks,
        qr=qr.qr_code(view.permalink),
        cite=records.cite_record(view, lang, clock.today()),
        extra=site.templates.register_template(pointer.register),
        challenge=challenge,
        at_typed=dict(requested.typed),
        at_problem=i18n.gettext(problem, lang),
    )


def _history(site: Site, lang: Lang, pointer: Pointer) -> Response:
    def make() -> Page:
        view = records.get_history(site.registry, ANONYMOUS, pointer, lang)
        merged = pointer if isinstance(pointer, MergedPointer) else None
        return site.page("public/history.html", lang, view.path + HISTORY_SUFFIX, record=view, merged=merged)

    key = (lang, pointer.record_id, pointer.page_version, clock.today(), site.has_demo(), "history")
    return site.pages.get_or_make(key, make).respond(request)


def not_found(
    site: Site, lang: Lang, slug: str | None, typed: str, *, at: dt.date | None = None, vary: str = ""
) -> Response:
    """Return 404 with a page that says which kind of "not found" this is."""
    view = records.explain_not_found(site.registry, ANONYMOUS, slug, typed, lang=lang, at=at)
    path = f"/{slug}/{typed}" if slug else "/"
    query = f"at={at.isoformat()}" if at else ""
    page = site.page(
        "public/missing.html", lang, path, kept_query=query, cache=CACHE_REVALIDATE, vary=vary, missing=view
    )
    return page.respond(request, 404)


def _named_otherwise(site: Site, lang: Lang, slug: str, typed: str) -> Response:
    """Redirect to what a number means that is no record's own: the edition in force, or the list of those that carry it."""
    try:
        path = records.find_target(site.registry, ANONYMOUS, slug, typed)
    except NotFound:
        return not_found(site, lang, slug, typed)
    return redirect(f"/{lang}{_quoted(path)}{_day_tail(path)}", 303)


def permalink(site: Site, number: str) -> Response:
    """Redirect `/r/{number}`, printed in QR codes, to the record in the reader's language, as of the day of `?at=`."""
    lang = request_lang()
    try:
        path = records.find_permalink(site.registry, ANONYMOUS, number)
    except NotFound:
        return not_found(site, lang, None, number, vary=VARY_BY_LANGUAGE)
    return redirect(f"/{lang}{_quoted(path)}{_day_tail(path)}", 303, (("Vary", VARY_BY_LANGUAGE),))


def _day_tail(path: str) -> str:
    """The `?at=` of the request, for a redirect to one record."""
    at = request.args.get("at")
    if at is None or not records.leads_to_record(path):
        return ""
    return f"?at={quote(at[: as_of_day.MAX_DAY_LENGTH])}"


def _quoted(path: str) -> str:
    """Quote a path; a query behind it is quoted already."""
    address, sign, query = path.partition("?")
    return quote(address) + sign + query


def record_url(lang: Lang, pointer: Pointer) -> str:
    """Return the canonical address of a record."""
    return quote(f"/{lang}/{pointer.register}/{pointer.slug_number}")
