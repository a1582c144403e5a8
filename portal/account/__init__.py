"""The door of accounts: signing up, signing in, and the user's own account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.account import deletion, own_account, saved_searches, second_factor, sign_in
from portal.web.access import login_required, start_page
from portal.web.site import Site

View = Callable[..., Any]
GET_OR_POST = ("GET", "POST")
ROUTES: tuple[tuple[str, View, tuple[str, ...]], ...] = (
    ("sign-up", sign_in.sign_up, GET_OR_POST),
    ("sent", sign_in.sent, ("GET",)),
    ("finish/<token>", sign_in.finish, GET_OR_POST),
    ("sign-in", sign_in.sign_in, GET_OR_POST),
    ("second-factor", sign_in.second_factor, GET_OR_POST),
    ("forgotten", sign_in.forgotten_password, GET_OR_POST),
    ("new-password/<token>", sign_in.new_password, GET_OR_POST),
    ("confirm-address/<token>", sign_in.confirm_address, GET_OR_POST),
    ("invitation/<token>", sign_in.invitation, GET_OR_POST),
    ("sign-out", sign_in.sign_out, ("POST",)),
    ("overview", login_required(own_account.overview), ("GET",)),
    ("session", login_required(own_account.remaining_session_time), ("GET",)),
    ("my-data", login_required(own_account.personal_data), ("GET",)),
    ("name", login_required(own_account.change_name), GET_OR_POST),
    ("due-letters", login_required(own_account.choose_due_letters), GET_OR_POST),
    ("password", login_required(own_account.change_password), GET_OR_POST),
    ("address", login_required(own_account.change_address), GET_OR_POST),
    ("delete", login_required(deletion.delete), GET_OR_POST),
    ("deleted", deletion.deleted, ("GET",)),
    ("end-session", login_required(own_account.end_session), ("POST",)),
    ("searches", login_required(saved_searches.list_searches), ("GET",)),
    ("searches/<int:search>", login_required(saved_searches.change_search), ("POST",)),
    ("save-search", saved_searches.save_or_follow, GET_OR_POST),
    ("follow-search", saved_searches.follow, GET_OR_POST),
    ("follow/<token>", saved_searches.followed, GET_OR_POST),
    ("set-up-factor", login_required(second_factor.set_up, "set_up"), GET_OR_POST),
    ("remove-factor", login_required(second_factor.remove), GET_OR_POST),
    ("recovery-codes", login_required(second_factor.renew_recovery_codes), GET_OR_POST),
)


def blueprint(site: Site) -> Blueprint:
    """Return the blueprint of the pages of accounts; every view takes the site first."""
    account = Blueprint("account", __name__)
    start = partial(start_page(sign_in.OVERVIEW_PATH), site)
    account.add_url_rule("/<lang:lang>/account", "start", start, methods=["GET"])
    for rule, view, methods in ROUTES:
        endpoint = rule.partition("/<")[0].replace("-", "_") + (
            "_change" if rule.endswith("<int:search>") else ""
        )
        account.add_url_rule(
            f"/<lang:lang>/account/{rule}", endpoint, partial(view, site), methods=list(methods)
        )
    return account
