"""The audit log at the desk: a question, the entries that answer it, and both as files."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from urllib.parse import urlencode

from flask import Response, request

from portal.desk import looks
from portal.desk.looks import LookPage
from portal.web import forms
from portal.web.downloads import CSV, JSON_LINES, content_disposition
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry import clock
from registry.errors import Invalid, NotFound
from registry.i18n import Lang, _
from registry.services import auditing
from registry.services.auditing import AuditQuery, AuditTrailView
from registry.services.confidential import LookReason
from registry.services.issue_messages import issue_message
from registry.services.people import UserSession

PATH = "/desk/audit"
PARTS = ("since", "until", "account", "subject", "action", "role", "door")
MAX_TYPED = 200
MAX_DIGITS = 18  # of the number of an entry


def show_trail(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the entries that a question asks for; without a question, the newest."""
    query, problems, trail = _asked(), {}, AuditTrailView((), 0)
    try:
        trail = auditing.get_audit_trail(site.registry, user.actor, query)
    except Invalid as wrong:
        problems = {issue.field: issue_message(issue, lang) for issue in wrong.issues}
    pairs = [(name, value) for name in PARTS if (value := getattr(query, name))]
    return forms.private_page(
        site,
        lang,
        PATH,
        "desk/audit.html",
        status=400 if problems else 200,
        trail=trail,
        query=query,
        pairs=urlencode(pairs),
        problems=problems,
        actions=auditing.known_actions(),
        roles=auditing.ROLE_LABELS,
        doors=auditing.DOOR_LABELS,
        days=auditing.list_days(site.registry, user.actor),
    )


def download_trail(site: Site, lang: Lang, user: UserSession) -> Response:
    """Send the entries that a question asks for as CSV; a question that cannot be answered leads back to its page."""
    try:
        chunks = auditing.export_trail(site.registry, user.actor, _asked(), lang)
    except Invalid:
        return show_trail(site, lang, user)
    return _file(chunks, CSV, f"pinzheng-audit-{clock.today().isoformat()}.csv")


def download_day(site: Site, lang: Lang, user: UserSession, day: str) -> Response:
    """Send the lines that the hash of a finished day is made of."""
    del lang
    try:
        wanted = dt.date.fromisoformat(day)
    except ValueError as wrong:
        raise NotFound("audit_day", day[:MAX_TYPED]) from wrong
    chunks = auditing.export_day(site.registry, user.actor, wanted)
    return _file(chunks, JSON_LINES, f"pinzheng-audit-{wanted.isoformat()}.jsonl")


def show_account(site: Site, lang: Lang, user: UserSession, account: int) -> Response:
    """Show name and address of an account, which the entries mask."""

    def look(reason: LookReason) -> tuple[tuple[str, str], ...]:
        person = auditing.open_account(site.registry, user.actor, account, reason=reason)
        return ((_("Name"), person.name or "–"), (_("E-mail address"), person.email))

    path = f"{PATH}/accounts/{account}"
    return looks.show_confidential(LookPage(site, lang, path, PATH, _("Account"), f"#{account}"), look)


def _asked() -> AuditQuery:
    """Return the question of the address."""
    parts = {name: request.args.get(name, "").strip()[:MAX_TYPED] for name in PARTS}
    before = request.args.get("before", "")
    known = before.isascii() and before.isdecimal() and len(before) <= MAX_DIGITS
    return AuditQuery(**parts, before=int(before) if known else 0)


def _file(chunks: Iterator[bytes], content_type: str, name: str) -> Response:
    headers = [("Content-Type", content_type), content_disposition(name), ("Cache-Control", NO_STORE)]
    return Response(chunks, 200, headers)
