"""The door of accounts: signing up, signing in, and one's own account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.account import own_account, saved_searches, second_factor, sign_in
from portal.web.access import owner
from portal.web.site import Site

View = Callable[..., Any]
FORM = ("GET", "POST")
ROUTES: tuple[tuple[str, View, tuple[str, ...]], ...] = (
    ("sign-up", sign_in.sign_up, FORM),
    ("sent", sign_in.sent, ("GET",)),
    ("finish/<token>", sign_in.finish, FORM),
    ("sign-in", sign_in.sign_in, FORM),
    ("second-factor", sign_in.second_factor, FORM),
    ("forgotten", sign_in.forgotten, FORM),
    ("new-password/<token>", sign_in.new_password, FORM),
    ("confirm-address/<token>", sign_in.confirm_address, FORM),
    ("invitation/<token>", sign_in.invitation, FORM),
    ("sign-out", sign_in.sign_out, ("POST",)),
    ("overview", owner(own_account.overview), ("GET",)),
    ("session", owner(own_account.session_left), ("GET",)),
    ("my-data", owner(own_account.my_data), ("GET",)),
    ("name", owner(own_account.name), FORM),
    ("password", owner(own_account.password), FORM),
    ("address", owner(own_account.address), FORM),
    ("end-session", owner(own_account.end_session), ("POST",)),
    ("searches", owner(saved_searches.listed), ("GET",)),
    ("searches/<int:search>", owner(saved_searches.change), ("POST",)),
    ("save-search", owner(saved_searches.save), FORM),
    ("set-up-factor", owner(second_factor.set_up, "set_up"), FORM),
    ("remove-factor", owner(second_factor.remove), FORM),
    ("recovery-codes", owner(second_factor.codes), FORM),
)


def blueprint(site: Site) -> Blueprint:
    """The pages of accounts over this site; every view takes the site first."""
    made = Blueprint("account", __name__)
    for rule, view, methods in ROUTES:
        endpoint = rule.partition("/<")[0].replace("-", "_") + (
            "_change" if rule.endswith("<int:search>") else ""
        )
        made.add_url_rule(
            f"/<lang:lang>/account/{rule}", endpoint, partial(view, site), methods=list(methods)
        )
    return made
