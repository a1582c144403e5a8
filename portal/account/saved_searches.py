"""Saved searches: stored from a list of results, with mails or without; changed and deleted on one page."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.registers import catalogue
from registry.services import finding
from registry.services.finding import SearchRequest
from registry.services.people import UserSession

LIST_PATH = "/account/searches"
MAIL_FREQUENCIES = (
    (finding.DAILY, _("Every day, when there is something new")),
    (finding.WEEKLY, _("Every week, when there is something new")),
    (finding.NEVER, _("Never")),
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
    """Show the user's saved searches."""
    return forms.private_page(
        site,
        lang,
        LIST_PATH,
        "account/searches.html",
        searches=finding.list_saved_searches(site.registry, user.actor),
        rhythms=MAIL_FREQUENCIES,
    )


def save_search(site: Site, lang: Lang, user: UserSession) -> Response:
    """Save a search under a name."""
    requested = _requested_search()
    words = finding.describe_request(requested, lang)
    return forms.handle_form(
        FormPage(
            site,
            lang,
            "/account/save-search",
            SAVE,
            context={
                "about": words,
                "hidden_fields": {"register": requested.scope.register, "search": requested.query_string()},
            },
        ),
        lambda typed: finding.save_search(
            site.registry, user.actor, requested, name=typed["name"], mail=typed["mail"]
        ),
        lambda _made: redirect_see_other(f"/{lang}{LIST_PATH}"),
        forms.initial_state(name=words[: finding.MAX_SAVED_NAME_LENGTH], mail=finding.DAILY),
    )


def _requested_search() -> SearchRequest:
    """Return the search to be saved, as the list of results passed it on."""
    register = request.values.get("register", "")
    return finding.parse_saved_query(
        register if register in catalogue() else "",
        request.values.get("search", "")[: finding.MAX_SAVED_QUERY_LENGTH],
    )


def change_search(site: Site, lang: Lang, user: UserSession, search: int) -> Response:
    """Change how often mails are sent, or delete the search."""
    if request.form.get("forget") == "1":
        finding.delete_saved_search(site.registry, user.actor, search)
    else:
        finding.set_mail_interval(site.registry, user.actor, search, forms.field_text("mail"))
    return redirect_see_other(f"/{lang}{LIST_PATH}")
