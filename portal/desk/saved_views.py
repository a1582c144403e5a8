"""Saved views at the desk: a list with its filters gets a name, and stands on the first page from then on."""

from __future__ import annotations

from urllib.parse import parse_qsl

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry import i18n
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.services import deciding
from registry.services.people import UserSession

PATH = "/desk/views/new"
SHOWN_AT = "/desk#views"
PAGE, FILTERS = "of", "filters"  # hidden fields of the form; PAGE is in the address that leads to it, too
SAVE = Form(
    _("Save this view"),
    _("Save"),
    (
        Field(
            "name",
            _("Name of the view"),
            _("Only you see it. A view that has this name is replaced."),
            width="20",
        ),
    ),
)


def save(site: Site, lang: Lang, user: UserSession) -> Response:
    """Ask for the name of a view, and save it."""
    if not user.sees_desk:
        raise NotFound("desk")
    page = request.values.get(PAGE, "")
    given = parse_qsl(request.form[FILTERS]) if FILTERS in request.form else request.args.items()
    query = deciding.filters_of(page, given)
    words = i18n.gettext(deciding.SAVED_PAGES[page][0], lang)
    return forms.handle_form(
        FormPage(
            site, lang, PATH, SAVE, context={"about": words, "hidden_fields": {PAGE: page, FILTERS: query}}
        ),
        lambda typed: deciding.save_view(site.registry, user.actor, page, query, name=typed["name"]),
        lambda _view: redirect_see_other(f"/{lang}{SHOWN_AT}"),
    )


def remove(site: Site, lang: Lang, user: UserSession, view: int) -> Response:
    """Remove a saved view."""
    if not user.sees_desk:
        raise NotFound("desk")
    deciding.remove_view(site.registry, user.actor, view)
    return redirect_see_other(f"/{lang}{SHOWN_AT}")
