"""API tokens: those in use, creating one, revoking one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from flask import Response

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.registers import filed_registers
from registry.services import filing, people
from registry.services.filing import filing_of
from registry.services.people import SCOPE_LABELS, FilerAddress, OrganisationView, Represented, UserSession

TOKENS_PATH = "/workspace/tokens"
API_PREFIX = "/api/v1"
LIFETIMES = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")))
FORM = Form(
    _("API tokens"),
    _("Make the token"),
    (
        Field("name", _("What it is for"), _("For example: our ERP"), width="30"),
        Field("organisation", _("Organisation"), kind="choice"),
        Field(
            "scope",
            _("What it may do"),
            kind="choice",
            choices=tuple((scope, SCOPE_LABELS[scope]) for scope in people.FILING_SCOPES),
        ),
        Field(
            "days",
            _("How long it holds"),
            kind="choice",
            choices=tuple((str(days), words) for days, words in LIFETIMES),
        ),
        Field("password", _("Your password"), kind="password", autocomplete="current-password", width="30"),
    ),
)
ALL_ORGANISATIONS = _("All organisations for which I file")


def list_tokens(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the tokens in use and the form for a new one, whose key is shown only once."""
    view = people.list_tokens(site.registry, user.actor)
    names = tuple(
        (f"{choice.register}/{choice.slug}", choice.name.in_language(lang)) for choice in view.organisations
    )
    fields = tuple(
        replace(field, choices=(*names, ("", ALL_ORGANISATIONS))) if field.name == "organisation" else field
        for field in FORM.fields
    )
    form = replace(FORM, fields=fields)
    state, key = forms.initial_state(scope="declare", days="90"), ""
    if forms.is_submitted():
        values = forms.submitted_values(form)
        days = next((days for days in people.TOKEN_LIFETIMES if str(days) == values["days"]), 0)
        created = forms.attempt(
            lang,
            values,
            lambda: people.create_token(
                site.registry,
                user.actor,
                values["password"],
                people.TokenRequest(values["name"], values["scope"], days, _filer(values["organisation"])),
            ),
        )
        if isinstance(created, FormState):
            state = created
        else:
            key, view = created, people.list_tokens(site.registry, user.actor)
    return forms.show_form(
        FormPage(
            site,
            lang,
            TOKENS_PATH,
            form,
            template="workspace/tokens.html",
            context={
                "tokens": view,
                "key": key,
                "of_desk": False,
                "example": _example(site, key, view.organisations),
                "documents": [
                    *((f"{API_PREFIX}/registers/{each.slug}", each.label) for each in filed_registers()),
                    (f"{API_PREFIX}/registers", _("All registers")),
                ],
            },
        ),
        state,
    )


def _filer(written: str) -> FilerAddress:
    """Return for whom a token is to file, as the choice of the form names it; "" for all."""
    register, slash, slug = written.partition("/")
    return Represented(register, slug) if slash else written


def _example(site: Site, key: str, filers: Sequence[OrganisationView]) -> str:
    """Return a call that checks a filing: the fields that are always needed, without answers."""
    definition = (filed_registers(filers[0].register) if filers else filed_registers())[0]
    questions = filing.list_questions(definition.slug, filing_of(definition).fields())
    needed = ", ".join(f'"{question.name}": "…"' for question in questions if question.required)
    address = f"{site.registry.settings.base_url}{API_PREFIX}/registers/{definition.slug}/records?dry_run=1"
    return "\n".join(
        (
            f"curl -X POST '{address}' \\",
            f"  -H 'Authorization: Bearer {key or 'pz_…'}' \\",
            "  -H 'Idempotency-Key: 2026-000123' \\",
            f"""  -d '{{"signer": "…", "document": {{{needed}}}}}'""",
        )
    )


def revoke(site: Site, lang: Lang, user: UserSession, token: int) -> Response:
    """Revoke a token."""
    people.revoke_token(site.registry, user.actor, token)
    return redirect_see_other(f"/{lang}{TOKENS_PATH}#tokens")
