"""What holders ask for at the desk: the list, and one request with the decision that would grant it, or the reply that refuses it."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import Conflict, Forbidden
from registry.i18n import Lang, _
from registry.services import deciding
from registry.services.issue_messages import refusal_message
from registry.services.people import UserSession

LIST_PATH = "/desk/requests"
REQUESTS_ON_PAGE = 25
REFUSE = Form(
    _("Do not grant it"),
    _("Refuse the request"),
    (
        Field(
            "reply",
            _("Reasons"),
            hint=_("The holder reads them, with how to appeal. Not public."),
            kind="long",
        ),
    ),
)


def list_requests(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the open requests within the bounds of the account, the oldest first, page by page."""
    token = request.args.get("next")
    asked, following = deciding.list_requests_from(site.registry, user.actor, token, limit=REQUESTS_ON_PAGE)
    return forms.private_page(
        site,
        lang,
        LIST_PATH,
        "desk/requests.html",
        requests=asked,
        following=following,
        first=token is None,
    )


def show_request(site: Site, lang: Lang, user: UserSession, asked: int) -> Response:
    """Show a request, or refuse it with reasons."""
    path = f"{LIST_PATH}/{asked}"
    view = deciding.get_request(site.registry, user.actor, asked)
    state, told, status = None, "", 200
    if forms.is_submitted():
        typed = forms.submitted_values(REFUSE)
        try:
            result = forms.attempt(
                lang, typed, lambda: deciding.refuse_request(site.registry, user.actor, asked, typed["reply"])
            )
            if not isinstance(result, FormState):
                return redirect_see_other(f"/{lang}{path}?done=refused")
            state = result
        except (Conflict, Forbidden) as refusal:  # of two people who act, one is told
            told, status = refusal_message(refusal, lang), 409 if isinstance(refusal, Conflict) else 403
    return forms.show_form(
        FormPage(
            site,
            lang,
            path,
            REFUSE,
            template="desk/request.html",
            context={"asked": view, "told": told, "done": request.args.get("done") == "refused"},
        ),
        state or FormState({}, {}, status),
    )
