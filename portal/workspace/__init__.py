"""The door of enterprises, their agents and bodies: the organisations and bodies that a user acts for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial, wraps
from typing import Any

from flask import Blueprint

from portal.web.access import login_required, start_page
from portal.web.site import Site
from portal.workspace import (
    applications,
    artwork,
    claims,
    draft_pages,
    draft_step,
    filed_records,
    organisations,
    own_records,
    pictures,
    sheets,
    tokens,
    watch_lists,
)
from registry.i18n import Lang
from registry.services.people import Represented, UserSession

View = Callable[..., Any]
GET_OR_POST = ("GET", "POST")
POST_ONLY = ("POST",)
REPRESENTED = "<represented_register:register>/<org>"
FILER = "<represented_register:of>/<org>"  # for whom something is filed
FILED = f"{FILER}/<filed_register:register>"
ORGANISATION = "organisations/<org>"
APPLIED = f"{ORGANISATION}/<applied_register:register>"
ROUTES: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("home", "home", organisations.home, ("GET",)),
    ("watch", "watch", watch_lists.show_lists, ("GET",)),
    ("watch.<kind>", "watch_file", watch_lists.download_lists, ("GET",)),
    ("claim", "claim", claims.claim, GET_OR_POST),
    ("claims/<int:claim>/withdraw", "withdraw_claim", claims.withdraw_claim, POST_ONLY),
    ("tokens", "tokens", tokens.list_tokens, GET_OR_POST),
    ("tokens/<int:token>/revoke", "revoke_token", tokens.revoke, POST_ONLY),
    ("artwork/<register:register>/<number>", "artwork", artwork.show_artwork, ("GET",)),
    ("artwork/<register:register>/<number>/<name>", "artwork_file", artwork.send_artwork, ("GET",)),
    ("records/<register:register>/<number>", "own_record", own_records.show_record, ("GET",)),
    ("records/<register:register>/<number>/ask/<key>", "ask", own_records.ask, GET_OR_POST),
    ("records/<register:register>/<number>/answer/<int:report>", "answer", own_records.answer, GET_OR_POST),
    (
        "records/<register:register>/<number>/requests/<int:asked>/withdraw",
        "withdraw_request",
        own_records.withdraw,
        POST_ONLY,
    ),
    (f"{REPRESENTED}/records", "own_records", own_records.list_records, ("GET",)),
    (f"{REPRESENTED}/people", "people", organisations.show_people, ("GET",)),
    (f"{REPRESENTED}/invite", "invite", organisations.invite, GET_OR_POST),
    (f"{REPRESENTED}/members/<int:member>", "member", organisations.change_member, GET_OR_POST),
    (f"{REPRESENTED}/members/<int:member>/remove", "remove", organisations.remove_member, POST_ONLY),
    (
        f"{REPRESENTED}/invitations/<int:invitation>/withdraw",
        "withdraw",
        organisations.withdraw_invitation,
        POST_ONLY,
    ),
    (f"{FILED}", "filed_records", filed_records.list_filed_records, ("GET",)),
    (f"{FILED}/begin", "begin", filed_records.begin, POST_ONLY),
    (f"{FILED}/<number>/receipt", "receipt", filed_records.receipt, ("GET",)),
    (
        f"{FILED}/<number>/receipt.txt",
        "receipt_file",
        filed_records.receipt_file,
        ("GET",),
    ),
    (f"{FILED}/<number>/text", "text", filed_records.full_text, ("GET",)),
    (
        f"{FILED}/<number>/withdraw",
        "withdraw_record",
        filed_records.withdraw,
        GET_OR_POST,
    ),
    (f"{FILED}/<number>/misfiled", "misfiled", filed_records.retract, GET_OR_POST),
    (
        f"{FILED}/<number>/still-true",
        "still_true",
        filed_records.confirm_one,
        GET_OR_POST,
    ),
    (APPLIED, "applications", applications.list_applications, ("GET",)),
    (f"{APPLIED}/begin", "apply", applications.begin, POST_ONLY),
    (f"{APPLIED}/applications/<int:application>", "application", applications.show_application, ("GET",)),
    (
        f"{APPLIED}/applications/<int:application>/correct",
        "correct_application",
        applications.correct,
        POST_ONLY,
    ),
    (
        f"{APPLIED}/applications/<int:application>/withdraw",
        "withdraw_application",
        applications.withdraw,
        GET_OR_POST,
    ),
    (f"{APPLIED}/<number>/report", "report_year", applications.report_year, GET_OR_POST),
    (f"{ORGANISATION}/files/<int:file>", "application_file", applications.send_file, ("GET",)),
    (f"{ORGANISATION}/drafts/<int:draft>/evidence", "evidence", applications.evidence, GET_OR_POST),
    (f"{FILER}/confirm", "confirm", filed_records.confirm_due, GET_OR_POST),
    (f"{FILED}.<kind>", "own_data", sheets.own_data, ("GET",)),
    (f"{FILER}/sheets", "sheets", sheets.list_sheets, GET_OR_POST),
    (f"{FILER}/sheets/template.<kind>", "sheet_template", sheets.template, ("GET",)),
    (f"{FILER}/sheets/<int:job>", "sheet", sheets.show_sheet, GET_OR_POST),
    (f"{FILER}/sheets/<int:job>/results.<kind>", "sheet_results", sheets.results, ("GET",)),
    (f"{FILER}/sheets/<int:job>/cancel", "cancel_sheet", sheets.cancel, POST_ONLY),
    (f"{FILER}/drafts/<int:draft>", "tasks", draft_pages.task_list, ("GET",)),
    (f"{FILER}/drafts/<int:draft>/check", "check", draft_pages.check, GET_OR_POST),
    (f"{FILER}/drafts/<int:draft>/discard", "discard", draft_pages.discard, GET_OR_POST),
    (f"{FILER}/drafts/<int:draft>/follow", "follow", draft_pages.take_over_changes, POST_ONLY),
    (f"{FILER}/drafts/<int:draft>/<key>", "step", draft_step.step, GET_OR_POST),
    (f"{FILER}/pictures", "pictures", pictures.show_pictures, GET_OR_POST),
    (f"{FILER}/pictures/<int:record>/remove", "remove_picture", pictures.remove_picture, POST_ONLY),
    (f"{REPRESENTED}/leave", "leave", organisations.leave, GET_OR_POST),
)


def _with_filer(view: View) -> View:
    """Return a view that is given who files as one argument `org` where its address names register and slug."""

    @wraps(view)
    def shown(site: Site, lang: Lang, user: UserSession, **parts: Any) -> Any:
        if "of" in parts:
            parts["org"] = Represented(parts.pop("of"), parts["org"])
        return view(site, lang, user, **parts)

    return shown


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the workspace; every view takes the site, the language and the signed-in user."""
    workspace = Blueprint("workspace", __name__)
    start = partial(start_page("/workspace/home"), site)
    workspace.add_url_rule("/<lang:lang>/workspace", "start", start, methods=["GET"])
    for rule, endpoint, view, methods in ROUTES:
        address = f"/<lang:lang>/workspace/{rule}"
        workspace.add_url_rule(
            address, endpoint, partial(login_required(_with_filer(view)), site), methods=list(methods)
        )
    return workspace
