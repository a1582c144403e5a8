"""Saved searches: kept from a list of results, with letters or without; changed and forgotten on one page."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.registers import catalogue
from registry.services.finding import requests, saved_searches
from registry.services.finding.requests import SearchRequest
from registry.services.people.sessions import Signed

LIST = "/account/searches"
RHYTHMS = (
    (saved_searches.DAILY, _("Every day, when there is something new")),
    (saved_searches.WEEKLY, _("Every week, when there is something new")),
    (saved_searches.NEVER, _("Never")),
)
SAVE = Form(
    _("Save a search"),
    _("Save"),
    (
        Field("name", _("Name of the search"), _("Only you see it.")),
        Field("mail", _("Tell me by e-mail"), kind="choice", choices=RHYTHMS),
    ),
    (_("You are told when a record that the search finds is entered, changed or ends."),),
    ((LIST, _("Saved searches")),),
)


def listed(site: Site, lang: Lang, who: Signed) -> Response:
    return forms.page(
        site,
        lang,
        LIST,
        "account/searches.html",
        searches=saved_searches.saved(site.registry, who.actor),
        rhythms=RHYTHMS,
    )


def save(site: Site, lang: Lang, who: Signed) -> Response:
    asked = _asked()
    words = requests.in_words(asked, lang)
    return forms.run(
        site,
        lang,
        "/account/save-search",
        SAVE,
        lambda typed: saved_searches.save(site.registry, who.actor, asked, typed["name"], typed["mail"]),
        lambda _made: see(f"/{lang}{LIST}"),
        forms.untouched(name=words[: saved_searches.LONGEST_NAME], mail=saved_searches.DAILY),
        about=words,
        held={"register": asked.register, "search": asked.query()},
    )


def _asked() -> SearchRequest:
    """The search that is to be saved, as the list of results handed it on."""
    register = request.values.get("register", "")
    return requests.read(
        register if register in catalogue() else "",
        request.values.get("search", "")[: saved_searches.LONGEST_QUERY],
    )


def change(site: Site, lang: Lang, who: Signed, search: int) -> Response:
    """Letters more or less often, or the search forgotten."""
    if request.form.get("forget") == "1":
        saved_searches.forget(site.registry, who.actor, search)
    else:
        saved_searches.change(site.registry, who.actor, search, forms.text_of("mail"))
    return see(f"/{lang}{LIST}")
