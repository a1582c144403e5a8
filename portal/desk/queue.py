"""The first page of the desk: what waits for the person, the box that finds a record, what their role decides."""

from __future__ import annotations

from urllib.parse import quote, unquote, urlsplit

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.registers import catalogue
from registry.services import applying, deciding, decision_sheets, importing, people, records
from registry.services.deciding import DeskRequest
from registry.services.issue_messages import issue_message
from registry.services.people import UserSession

PATH = "/desk"
CLAIMS_PATH = "/desk/claims"
CHECKS_PATH = "/desk/checks"
MAX_APPLICATIONS = 10  # on the first page; all of them have a page of their own
MAX_TYPED = 200  # characters of a number


def start(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show what waits for a decision; lead those who decide on no records to their own first page."""
    if not user.sees_desk:
        first = CLAIMS_PATH if user.may_decide else CHECKS_PATH if user.sees_checks else "/workspace/home"
        return redirect_see_other(f"/{lang}{first}")
    lacking = people.get_own_bounds(site.registry, user.actor).missing
    page = request.args.get("page", "")
    wanted = DeskRequest(
        lang,
        request.args.get("register", ""),
        request.args.get("kind", ""),
        int(page) if page.isascii() and page.isdecimal() and len(page) < 6 else 1,
    )
    return forms.private_page(
        site,
        lang,
        PATH,
        "desk/start.html",
        desk=deciding.get_desk(site.registry, user.actor, wanted),
        wanted=wanted,
        sheets_to_take=decision_sheets.list_sheets_to_take(site.registry, user.actor),
        imports_to_run=importing.count_imports_to_run(site.registry, user.actor),
        entered=deciding.list_entered_registers(site.registry, user.actor),
        entries=deciding.list_entries(site.registry, user.actor),
        applications=applying.list_applications(site.registry, user.actor, limit=MAX_APPLICATIONS),
        requests=deciding.list_requests(site.registry, user.actor),
        kinds=deciding.KINDS,
        saved_views=deciding.list_views(site.registry, user.actor),
        missing=request.args.get("missing", "")[:MAX_TYPED],
        lacks=issue_message(Issue(lacking), lang) if lacking else "",
    )


def find(site: Site, lang: Lang, user: UserSession) -> Response:
    """Lead to a record at the desk by its number in any spelling."""
    if not user.sees_desk:
        raise NotFound("desk")
    typed = request.args.get("number", "").strip()[:MAX_TYPED]
    path = ""
    if typed:
        if typed.startswith(("http://", "https://")):  # the address of its page
            typed = unquote(urlsplit(typed).path).rpartition("/")[2]
        try:
            path = records.find_target(site.registry, user.actor, None, typed)
        except NotFound:
            path = ""
    register, _slash, number = path.removeprefix("/").partition("/")
    if register not in catalogue() or not number:
        return redirect_see_other(f"/{lang}{PATH}?missing={quote(typed)}")
    return redirect_see_other(f"/{lang}{PATH}/{register}/{quote(number)}")
