"""Tokens with which programs file: those in use, a new one, the end of one."""

from __future__ import annotations

from dataclasses import replace

from flask import Response

from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form, Outcome
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services.people import tokens
from registry.services.people.sessions import Signed
from registry.services.people.tokens import SCOPE_WORDS

PATH = "/workspace/tokens"
HOLDS = ((30, _("30 days")), (90, _("90 days")), (365, _("One year")))
FORM = Form(
    _("Tokens for programs"),
    _("Make the token"),
    (
        Field("name", _("What it is for"), _("For example: our ERP"), width="30"),
        Field("organisation", _("Organisation"), kind="choice"),
        Field("scope", _("What it may do"), kind="choice", choices=tuple(SCOPE_WORDS.items())),
        Field(
            "days",
            _("How long it holds"),
            kind="choice",
            choices=tuple((str(days), words) for days, words in HOLDS),
        ),
        Field("password", _("Your password"), kind="password", autocomplete="current-password", width="30"),
    ),
)
ALL = _("All organisations for which I file")


def listed(site: Site, lang: Lang, who: Signed) -> Response:
    """Tokens in use and the form for a new one, whose key is shown this once."""
    view = tokens.listed(site.registry, who.actor)
    names = tuple((each.slug, each.name.zh if lang == "zh" else each.name.en) for each in view.organisations)
    fields = tuple(
        replace(field, choices=(*names, ("", ALL))) if field.name == "organisation" else field
        for field in FORM.fields
    )
    form = replace(FORM, fields=fields)
    outcome, key = forms.untouched(scope="declare", days="90"), ""
    if forms.wanted():
        values = forms.typed(form)
        days = next((days for days in tokens.DAYS if str(days) == values["days"]), 0)
        made = forms.attempt(
            lang,
            values,
            lambda: tokens.make(
                site.registry,
                who.actor,
                values["password"],
                values["name"],
                values["scope"],
                days,
                values["organisation"],
            ),
        )
        if isinstance(made, Outcome):
            outcome = made
        else:
            key, view = made, tokens.listed(site.registry, who.actor)
    return forms.show(site, lang, PATH, form, outcome, "workspace/tokens.html", tokens=view, key=key)


def revoke(site: Site, lang: Lang, who: Signed, token: int) -> Response:
    tokens.revoke(site.registry, who.actor, token)
    return see(f"/{lang}{PATH}#tokens")
