"""The second factor: setting it up with an authenticator app, recovery codes, removing it."""

from __future__ import annotations

from flask import Response

from portal.account.own_account import BACK
from portal.account.sign_in import HOME, PASSWORD
from portal.web import access, forms, qr
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.site import Site
from registry.errors import Forbidden, Invalid
from registry.i18n import Lang, _
from registry.services.people import own_account
from registry.services.people.sessions import Signed

PATH = "/account/set-up-factor"
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
AGAIN = Form(
    _("Set up a second factor"),
    _("Go on"),
    (PASSWORD,),
    (_("You signed in some time ago: please enter your password once more."),),
    BACK,
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
        secret, address = own_account.begin_factor(site.registry, who.actor, who.session_id)
    except Forbidden:  # it is set up already
        return see(f"/{lang}{HOME}")
    except Invalid:
        return _again(site, lang, who)

    def confirmed(done: tuple[list[str], str]) -> Response:
        made, key = done
        access.carry(key)
        return _shown_once(site, lang, made)

    return forms.run(
        site,
        lang,
        PATH,
        SET_UP,
        lambda typed: own_account.confirm_factor(site.registry, who.actor, who.session_id, typed["code"]),
        confirmed,
        template="account/factor.html",
        secret=" ".join(secret[at : at + 4] for at in range(0, len(secret), 4)),
        qr=qr.code(address),
        compulsory=who.stage == "set_up",
    )


def _again(site: Site, lang: Lang, who: Signed) -> Response:
    """The password first: whoever finds a browser signed in shall not make it his own."""

    def begun(key: str) -> Response:
        access.carry(key)
        return see(f"/{lang}{PATH}")

    return forms.run(
        site,
        lang,
        PATH,
        AGAIN,
        lambda typed: own_account.sign_in_again(site.registry, who.actor, who.session_id, typed["password"]),
        begun,
        about=who.email,
    )


def remove(site: Site, lang: Lang, who: Signed) -> Response:
    return forms.run(
        site,
        lang,
        "/account/remove-factor",
        REMOVE,
        lambda typed: own_account.remove_factor(site.registry, who.actor, typed["password"]),
        lambda _done: see(f"/{lang}{HOME}"),
    )


def codes(site: Site, lang: Lang, who: Signed) -> Response:
    return forms.run(
        site,
        lang,
        "/account/recovery-codes",
        RENEW,
        lambda typed: own_account.renew_codes(site.registry, who.actor, typed["password"]),
        lambda made: _shown_once(site, lang, made),
    )


def _shown_once(site: Site, lang: Lang, made: list[str]) -> Response:
    return forms.page(site, lang, "/account/recovery-codes", "account/codes.html", codes=made)
