"""The door of enterprises and their agents: the organisations that one acts for."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.web.access import owner
from portal.web.site import Site
from portal.workspace import draft_pages, draft_step, filed_records, organisations, sheets, tokens

View = Callable[..., Any]
FORM = ("GET", "POST")
ORDER = ("POST",)
ONE = "organisations/<org>"
ROUTES: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("home", "home", organisations.home, ("GET",)),
    ("claim", "claim", organisations.claim, FORM),
    ("claims/<int:claim>/withdraw", "withdraw_claim", organisations.withdraw_claim, ORDER),
    ("tokens", "tokens", tokens.listed, FORM),
    ("tokens/<int:token>/revoke", "revoke_token", tokens.revoke, ORDER),
    (f"{ONE}/people", "people", organisations.people, ("GET",)),
    (f"{ONE}/invite", "invite", organisations.invite, FORM),
    (f"{ONE}/members/<int:member>", "member", organisations.member, FORM),
    (f"{ONE}/members/<int:member>/remove", "remove", organisations.remove, ORDER),
    (f"{ONE}/invitations/<int:invitation>/withdraw", "withdraw", organisations.withdraw, ORDER),
    (f"{ONE}/declarations", "declarations", filed_records.listed, ("GET",)),
    (f"{ONE}/declarations/begin", "begin", filed_records.begin, ORDER),
    (f"{ONE}/declarations/<number>/receipt", "receipt", filed_records.receipt, ("GET",)),
    (f"{ONE}/declarations/<number>/receipt.txt", "receipt_file", filed_records.receipt_file, ("GET",)),
    (f"{ONE}/declarations/<number>/text", "text", filed_records.text, ("GET",)),
    (f"{ONE}/declarations/<number>/withdraw", "withdraw_declaration", filed_records.withdraw, FORM),
    (f"{ONE}/declarations/<number>/misfiled", "misfiled", filed_records.misfiled, FORM),
    (f"{ONE}/declarations/<number>/still-true", "still_true", filed_records.still_true, FORM),
    (f"{ONE}/confirm", "confirm", filed_records.confirm, FORM),
    (f"{ONE}/declarations.<kind>", "own_data", sheets.own_data, ("GET",)),
    (f"{ONE}/sheets", "sheets", sheets.listed, FORM),
    (f"{ONE}/sheets/template.<kind>", "sheet_template", sheets.template, ("GET",)),
    (f"{ONE}/sheets/<int:job>", "sheet", sheets.sheet, FORM),
    (f"{ONE}/sheets/<int:job>/results.<kind>", "sheet_results", sheets.results, ("GET",)),
    (f"{ONE}/sheets/<int:job>/cancel", "cancel_sheet", sheets.cancel, ORDER),
    (f"{ONE}/drafts/<int:draft>", "tasks", draft_pages.tasks, ("GET",)),
    (f"{ONE}/drafts/<int:draft>/check", "check", draft_pages.check, FORM),
    (f"{ONE}/drafts/<int:draft>/discard", "discard", draft_pages.discard, FORM),
    (f"{ONE}/drafts/<int:draft>/follow", "follow", draft_pages.follow, ORDER),
    (f"{ONE}/drafts/<int:draft>/<key>", "step", draft_step.step, FORM),
    (f"{ONE}/leave", "leave", organisations.leave, FORM),
)


def blueprint(site: Site) -> Blueprint:
    """The workspace over this site; every view takes the site first, and who is signed in."""
    made = Blueprint("workspace", __name__)
    for rule, endpoint, view, methods in ROUTES:
        address = f"/<lang:lang>/workspace/{rule}"
        made.add_url_rule(address, endpoint, partial(owner(view), site), methods=list(methods))
    return made
