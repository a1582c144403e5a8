"""The desk of staff: claims that wait for a decision, and the words by which records are found."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import Blueprint

from portal.desk import claims, synonyms
from portal.web.access import owner
from portal.web.site import Site

View = Callable[..., Any]
ROUTES: tuple[tuple[str, str, View, tuple[str, ...]], ...] = (
    ("claims", "claims", claims.waiting, ("GET",)),
    ("claims/<int:claim>", "claim", claims.one, ("GET", "POST")),
    ("claims/<int:claim>/proof", "proof", claims.proof, ("GET",)),
    ("words", "words", synonyms.listed, ("GET", "POST")),
    ("words/<int:synonym>/remove", "word_remove", synonyms.remove, ("POST",)),
    ("words/hide", "search_hide", synonyms.hide, ("POST",)),
)


def blueprint(site: Site) -> Blueprint:
    """The desk over this site; every view takes the site first, and who is signed in."""
    made = Blueprint("desk", __name__)
    for rule, endpoint, view, methods in ROUTES:
        made.add_url_rule(
            f"/<lang:lang>/desk/{rule}", endpoint, partial(owner(view), site), methods=list(methods)
        )
    return made
