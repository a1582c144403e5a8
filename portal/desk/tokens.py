"""Tokens with which programs work at the desk for one's own account: those in use, and a new one."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from portal.web import forms
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.services import people
from registry.services.people import DESK_SCOPES, SCOPE_LABELS, TokenRequest, UserSession

PATH = "/desk/tokens"
API_DESK = "/api/v1/desk"
DOCUMENTS = (("/api/v1/docs#get_desk_registers", _("Description of the API")),)
LIFETIMES = {30: _("30 days"), 90: _("90 days")}
READ_ONLY = "see_desk"
FORM = Form(
    _("Tokens for programs at the desk"),
    _("Make the token"),
    (
        Field("name", _("What it is for"), _("For example: our case system"), width="30"),
        Field("scope", _("What it may do"), kind="choice"),
        Field(
            "days",
            _("How long it holds"),
            kind="choice",
            choices=tuple((str(days), LIFETIMES[days]) for days in people.DESK_TOKEN_LIFETIMES),
        ),
        Field("password", _("Your password"), kind="password", autocomplete="current-password", width="30"),
        Field("code", _("Code of your authenticator app"), autocomplete="one-time-code", width="10"),
    ),
)


def list_tokens(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the tokens of the account and the form for a new one, whose key is shown only once."""
    if not user.sees_desk:
        raise NotFound("desk")
    form = _form(user)
    state, key = forms.initial_state(scope=READ_ONLY, days=str(people.DESK_TOKEN_LIFETIMES[0])), ""
    if forms.is_submitted():
        values = forms.submitted_values(form)
        days = next((days for days in people.DESK_TOKEN_LIFETIMES if str(days) == values["days"]), 0)
        wanted = TokenRequest(values["name"], values["scope"], days)
        if not wanted.is_of_desk:
            wanted = replace(wanted, scope="")  # one that files is made in the workspace
        created = forms.attempt(
            lang,
            values,
            lambda: people.create_token(
                site.registry, user.actor, values["password"], wanted, code=values["code"]
            ),
        )
        if isinstance(created, FormState):
            state = created
        else:
            key = created
    return forms.show_form(
        FormPage(
            site,
            lang,
            PATH,
            form,
            template="workspace/tokens.html",
            context={
                "tokens": people.list_tokens(site.registry, user.actor),
                "key": key,
                "of_desk": True,
                "example": _example(site, key),
                "documents": DOCUMENTS,
            },
        ),
        state,
    )


def _form(user: UserSession) -> Form:
    """The form with what a token may do for this person."""
    scopes = [scope for scope in DESK_SCOPES if user.takes_decisions or scope == READ_ONLY]
    choices = tuple((scope, SCOPE_LABELS[scope]) for scope in reversed(scopes))
    fields = (replace(field, choices=choices) if field.name == "scope" else field for field in FORM.fields)
    return replace(FORM, fields=tuple(fields))


def _example(site: Site, key: str) -> str:
    address = f"{site.registry.settings.base_url}{API_DESK}/cases?limit=20"
    return f"curl '{address}' \\\n  -H 'Authorization: Bearer {key or 'pz_…'}'"
