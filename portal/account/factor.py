"""The second factor: setting it up with an authenticator app, recovery codes, removing it."""

from __future__ import annotations

from flask import Response, request

from portal.account.entry import HOME, PASSWORD
from portal.account.own import BACK
from portal.web import access, forms, qr
from portal.web.access import form_token, see
from portal.web.forms import Field, Form, Outcome
from portal.web.responses import NEVER
from portal.web.site import Site
from registry.errors import Forbidden
from registry.i18n import Lang, _
from registry.services import own_account
from registry.services.signing_in import Signed

SET_UP = Form(
    _("Set up a second factor"),
    _("Confirm"),
    (
        Field(
            "code",
            _("Code"),
            _("The six digits that the app shows now"),
            autocomplete="one-time-code",
            numeric=True,
            width="10",
        ),
    ),
)
REMOVE = Form(
    _("Remove the second factor"),
    _("Remove it"),
    (PASSWORD,),
    (_("Your password alone will be asked for when you sign in."),),
    BACK,
)
RENEW = Form(
    _("Make new recovery codes"),
    _("Make new codes"),
    (PASSWORD,),
    (_("The codes that you have now become void."),),
    BACK,
)


def set_up(site: Site, lang: Lang, who: Signed) -> Response:
    try:
        secret, address = own_account.begin_factor(site.registry, who.actor)
    except Forbidden:  # it is set up already
        return see(f"/{lang}{HOME}")
    outcome = None
    if forms.wanted():
        code = forms.typed(SET_UP)["code"]
        done = forms.attempt(
            lang, {}, lambda: own_account.confirm_factor(site.registry, who.actor, who.session_id, code)
        )
        if not isinstance(done, Outcome):
            codes_, key = done
            access.carry(key)
            return _shown_once(site, lang, codes_)
        outcome = done
    return forms.show(
        site,
        lang,
        "/account/set-up-factor",
        SET_UP,
        outcome,
        "account/factor.html",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=qr.code(address),
        compulsory=who.stage == "set_up",
    )


def remove(site: Site, lang: Lang, who: Signed) -> Response:
    outcome = None
    if forms.wanted():
        password = forms.typed(REMOVE)["password"]
        done = forms.attempt(lang, {}, lambda: own_account.remove_factor(site.registry, who.actor, password))
        if not isinstance(done, Outcome):
            return see(f"/{lang}{HOME}")
        outcome = done
    return forms.show(site, lang, "/account/remove-factor", REMOVE, outcome)


def codes(site: Site, lang: Lang, who: Signed) -> Response:
    outcome = None
    if forms.wanted():
        password = forms.typed(RENEW)["password"]
        done = forms.attempt(lang, {}, lambda: own_account.renew_codes(site.registry, who.actor, password))
        if not isinstance(done, Outcome):
            return _shown_once(site, lang, done)
        outcome = done
    return forms.show(site, lang, "/account/recovery-codes", RENEW, outcome)


def _shown_once(site: Site, lang: Lang, made: list[str]) -> Response:
    page = site.page(
        "account/codes.html",
        lang,
        "/account/recovery-codes",
        cache=NEVER,
        codes=made,
        form_token=form_token(),
        private=True,
    )
    return page.answer(request)
