"""Saved searches: kept from a list of results, with letters or without; changed and forgotten on one page."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.registers import catalogue
from registry.services.finding import requests, saved_searches
from registry.services.finding.requests import SearchRequest
from registry.services.people.sessions import UserSession

LIST_PATH = "/account/searches"
MAIL_FREQUENCIES = (
    (saved_searches.DAILY, _("Every day, when there is something new")),
    (saved_searches.WEEKLY, _("Every week, when there is something new")),
    (saved_searches.NEVER, _("Never")),
)
SAVE = Form(
    _("Save a search"),
    _("Save"),
    (
        Field("name", _("Name of the search"), _("Only you see it.")),
        Field("mail", _("Tell me by e-mail"), kind="choice", choices=MAIL_FREQUENCIES),
    ),
    (_("You are told when a record that the search finds is entered, changed or ends."),),
    ((LIST_PATH, _("Saved searches")),),
)


def list_searches(site: Site, lang: Lang, user: UserSession) -> Response:
    return forms.private_page(
        site,
        lang,
        LIST_PATH,
        "account/searches.html",
        searches=saved_searches.list_saved_searches(site.registry, user.actor),
        rhythms=MAIL_FREQUENCIES,
    )


def save_search(site: Site, lang: Lang, user: UserSession) -> Response:
    asked = _asked()
    words = requests.describe_request(asked, lang)
    return forms.handle_form(
        site,
        lang,
        "/account/save-search",
        SAVE,
        lambda typed: saved_searches.save_search(
            site.registry, user.actor, asked, typed["name"], typed["mail"]
        ),
        lambda _made: redirect_see_other(f"/{lang}{LIST_PATH}"),
        forms.initial_state(name=words[: saved_searches.MAX_SAVED_NAME_LENGTH], mail=saved_searches.DAILY),
        about=words,
        held={"register": asked.register, "search": asked.query_string()},
    )


def _asked() -> SearchRequest:
    """The search that is to be saved, as the list of results handed it on."""
    register = request.values.get("register", "")
    return requests.parse_saved_query(
        register if register in catalogue() else "",
        request.values.get("search", "")[: saved_searches.MAX_SAVED_QUERY_LENGTH],
    )


def change_search(site: Site, lang: Lang, user: UserSession, search: int) -> Response:
    """Letters more or less often, or the search forgotten."""
    if request.form.get("forget") == "1":
        saved_searches.delete_saved_search(site.registry, user.actor, search)
    else:
        saved_searches.set_mail_interval(site.registry, user.actor, search, forms.field_text("mail"))
    return redirect_see_other(f"/{lang}{LIST_PATH}")
