"""The second factor: setting it up with an authenticator app, recovery codes, removing it."""

from __future__ import annotations

from flask import Response

from portal.account.own_account import BACK_LINKS, END_TOKENS
from portal.account.sign_in import OVERVIEW_PATH, PASSWORD
from portal.web import access, forms, qr
from portal.web.access import redirect_see_other
from portal.web.forms import TICKED, Field, Form, FormPage
from portal.web.site import Site
from registry.errors import Forbidden, Invalid
from registry.i18n import Lang, _
from registry.services import people
from registry.services.people import UserSession

SET_UP_PATH = "/account/set-up-factor"
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
        END_TOKENS,
    ),
)
PASSWORD_AGAIN = Form(
    _("Set up a second factor"),
    _("Continue"),
    (PASSWORD,),
    (_("You signed in some time ago: please enter your password again."),),
    BACK_LINKS,
)
REMOVE = Form(
    _("Remove the second factor"),
    _("Remove it"),
    (PASSWORD, END_TOKENS),
    (_("Your password alone will be asked for when you sign in."),),
    BACK_LINKS,
)
RENEW = Form(
    _("Make new recovery codes"),
    _("Make new codes"),
    (PASSWORD,),
    (_("The codes that you have now become void."),),
    BACK_LINKS,
)


def set_up(site: Site, lang: Lang, user: UserSession) -> Response:
    """Set up a second factor with an authenticator app; the recovery codes are shown once."""
    try:
        setup = people.begin_second_factor(site.registry, user.actor, user.session_id)
    except Forbidden:  # it is set up already
        return redirect_see_other(f"/{lang}{OVERVIEW_PATH}")
    except Invalid:
        return _ask_password(site, lang, user)

    def show_codes(factor: people.SecondFactor) -> Response:
        access.start_session(factor.session_key)
        return _recovery_codes_page(site, lang, factor.recovery_codes)

    return forms.handle_form(
        FormPage(
            site,
            lang,
            SET_UP_PATH,
            SET_UP,
            template="account/factor.html",
            context={
                "secret": " ".join(setup.secret[at : at + 4] for at in range(0, len(setup.secret), 4)),
                "qr": qr.qr_code(setup.uri),
                "compulsory": user.stage == "set_up",
            },
        ),
        lambda typed: people.confirm_second_factor(
            site.registry,
            user.actor,
            user.session_id,
            typed["code"],
            end_tokens=typed[END_TOKENS.name] == TICKED,
        ),
        show_codes,
        forms.initial_state(end_tokens=TICKED),
    )


def _ask_password(site: Site, lang: Lang, user: UserSession) -> Response:
    """Ask for the password first: finding a signed-in browser must not be enough to set up a second factor."""

    def continue_with(key: str) -> Response:
        access.start_session(key)
        return redirect_see_other(f"/{lang}{SET_UP_PATH}")

    return forms.handle_form(
        FormPage(site, lang, SET_UP_PATH, PASSWORD_AGAIN, context={"about": user.email}),
        lambda typed: people.reauthenticate(site.registry, user.actor, user.session_id, typed["password"]),
        continue_with,
    )


def remove(site: Site, lang: Lang, user: UserSession) -> Response:
    """Remove the second factor."""
    return forms.handle_form(
        FormPage(site, lang, "/account/remove-factor", REMOVE),
        lambda typed: people.remove_second_factor(
            site.registry, user.actor, typed["password"], end_tokens=typed[END_TOKENS.name] == TICKED
        ),
        lambda _done: redirect_see_other(f"/{lang}{OVERVIEW_PATH}"),
        forms.initial_state(end_tokens=TICKED),
    )


def renew_recovery_codes(site: Site, lang: Lang, user: UserSession) -> Response:
    """Replace the recovery codes; the new ones are shown once."""
    return forms.handle_form(
        FormPage(site, lang, "/account/recovery-codes", RENEW),
        lambda typed: people.renew_recovery_codes(site.registry, user.actor, typed["password"]),
        lambda codes: _recovery_codes_page(site, lang, codes),
    )


def _recovery_codes_page(site: Site, lang: Lang, codes: list[str]) -> Response:
    """Return the page with new recovery codes, which are not shown again."""
    return forms.private_page(site, lang, "/account/recovery-codes", "account/codes.html", codes=codes)
