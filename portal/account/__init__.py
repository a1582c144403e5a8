"""The door of accounts: signing up, signing in, and one's own account."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.account import entry, factor, own, searches
from portal.web.access import owner
from portal.web.site import Site

View = Callable[..., Any]
FORM = ("GET", "POST")
ROUTES: tuple[tuple[str, View, tuple[str, ...]], ...] = (
    ("sign-up", entry.sign_up, FORM),
    ("sent", entry.sent, ("GET",)),
    ("finish/<token>", entry.finish, FORM),
    ("sign-in", entry.sign_in, FORM),
    ("second-factor", entry.second_factor, FORM),
    ("forgotten", entry.forgotten, FORM),
    ("new-password/<token>", entry.new_password, FORM),
    ("confirm-address/<token>", entry.confirm_address, FORM),
    ("invitation/<token>", entry.invitation, FORM),
    ("sign-out", entry.sign_out, ("POST",)),
    ("overview", owner(own.overview), ("GET",)),
    ("session", owner(own.session_left), ("GET",)),
    ("my-data", owner(own.my_data), ("GET",)),
    ("name", owner(own.name), FORM),
    ("password", owner(own.password), FORM),
    ("address", owner(own.address), FORM),
    ("end-session", owner(own.end_session), ("POST",)),
    ("searches", owner(searches.listed), ("GET",)),
    ("searches/<int:search>", owner(searches.change), ("POST",)),
    ("save-search", owner(searches.save), FORM),
    ("set-up-factor", owner(factor.set_up, "set_up"), FORM),
    ("remove-factor", owner(factor.remove), FORM),
    ("recovery-codes", owner(factor.codes), FORM),
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
