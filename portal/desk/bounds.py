"""Within what one's own account acts: its region or bodies, substitutes, and the conflicts of interest that it declares."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.kit.issues import Issue
from registry.services import people
from registry.services.issue_messages import issue_message
from registry.services.people import UserSession

PATH = "/desk/bounds"
DECLARE = Form(
    _("Declare a conflict of interest"),
    _("Declare it"),
    (
        Field(
            "number",
            _("Credit code or approval number"),
            _("Of the organisation or body on whose records you must not decide."),
            width="20",
        ),
        Field(
            "reason", _("Reason"), _("For example: a relative works there. Administrators see it."), "long"
        ),
    ),
)


def show_bounds(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show within what the user acts, and take the declaration of a conflict of interest."""
    bounds = people.get_own_bounds(site.registry, user.actor)
    return forms.handle_form(
        FormPage(
            site,
            lang,
            PATH,
            DECLARE,
            template="desk/bounds.html",
            context={
                "bounds": bounds,
                "role_label": people.ROLE_LABELS[bounds.role],
                "lacks": issue_message(Issue(bounds.missing), lang) if bounds.missing else "",
                "declared": "declared" in request.args,
            },
        ),
        lambda typed: people.declare_interest(site.registry, user.actor, typed["number"], typed["reason"]),
        lambda _done: redirect_see_other(f"/{lang}{PATH}?declared"),
    )
