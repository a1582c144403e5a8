"""Sign-up, sign-in, forgotten passwords, and the links of mails."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from urllib.parse import quote

from flask import Response, request, session

from portal.web import access, form_replay, forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.services import mail, people
from registry.services.mail import EmailLinkView

OVERVIEW_PATH = "/account/overview"
AFTER_SIGN_IN_PATH = "/workspace/home"  # after signing in
SENT_TO_KEY = "sent_to"
EMAIL = Field("email", _("E-mail address"), kind="email", autocomplete="email", width="30")
NEW_PASSWORD = Field(
    "password",
    _("Password"),
    _("At least 12 characters. A short sentence is good; no special signs are needed."),
    "password",
    "new-password",
    width="30",
)
PASSWORD = Field("password", _("Password"), kind="password", autocomplete="current-password", width="30")
CODE = Field(
    "code",
    _("Code"),
    _("Six digits from your authenticator app, or one of your recovery codes"),
    autocomplete="one-time-code",
    numeric=True,
    width="20",
)

WHO_CAN_DECLARE = _(
    "Only organisations with a Chinese unified social credit code can declare standards here (SAMR Order No. 83). An "
    "organisation from abroad needs no Chinese name: it can open an account and have itself confirmed by country and "
    "registration number, and certificates and grades then name it as holder or manufacturer. What is to be declared "
    "in China is declared by its enterprise or its partner there."
)
SIGN_UP = Form(
    _("Open an account"),
    _("Send me the link"),
    (EMAIL,),
    (
        _(
            "For enterprises that declare standards, and for keeping a list of your searches. Looking things up needs no account, and following a search needs only an e-mail address."
        ),
        WHO_CAN_DECLARE,
        _("We send a link to this address; with it you choose your password."),
    ),
    (("/account/sign-in", _("I have an account")),),
)
FINISH = Form(
    _("Finish your sign-up"),
    _("Open the account"),
    (
        Field(
            "name",
            _("Your name"),
            _("Colleagues see it; it is not published."),
            autocomplete="name",
            width="30",
        ),
        NEW_PASSWORD,
    ),
)
SIGN_IN = Form(
    _("Sign in"),
    _("Sign in"),
    (EMAIL, PASSWORD),
    links=(("/account/forgotten", _("Forgotten password")), ("/account/sign-up", _("Open an account"))),
)
NEEDS_ACCOUNT = _(
    "What you want to do needs an account. If you have none, open one: it takes an e-mail address and a password."
)
SECOND_FACTOR = Form(_("Enter the code"), _("Continue"), (CODE,))
FORGOTTEN = Form(
    _("Set a new password"),
    _("Send me the link"),
    (EMAIL,),
    (_("We send a link to set a new password to the address of your account."),),
    (("/account/sign-in", _("Sign in")),),
)
RESET = Form(_("Set a new password"), _("Set the password"), (NEW_PASSWORD,))
CONFIRM = Form(
    _("Confirm your new e-mail address"),
    _("Use this address from now on"),
    intro=(_("From now on you sign in with this address, and mails go there."),),
)
JOIN = Form(_("Invitation"), _("Join"))
SENT = Form(_("Check your inbox"), "")
VOID_LINK = Form(
    _("This link no longer works"),
    "",
    intro=(_("It was used, a newer one was sent, or its time has run out. Ask for a new one."),),
    links=(
        ("/account/sign-in", _("Sign in")),
        ("/account/forgotten", _("Forgotten password")),
        ("/account/sign-up", _("Open an account")),
    ),
)

VOID_INVITATION = Form(
    _("This invitation is no longer valid"),
    "",
    intro=(
        _("It was accepted, withdrawn or replaced by a newer one, or its time has run out."),
        _("If you were to act for the organisation, ask the person who invited you for a new one."),
    ),
    links=(("/workspace/home", _("Your organisations")), ("/account/sign-in", _("Sign in"))),
)


def sign_up(site: Site, lang: Lang) -> Response:
    """Send a mail with the link that opens an account."""
    network = access.client_network(site, request)
    return _request_link(
        FormPage(site, lang, "/account/sign-up", SIGN_UP),
        lambda email: people.request_sign_up(site.registry, ANONYMOUS, email, lang=lang, network=network),
    )


def forgotten_password(site: Site, lang: Lang) -> Response:
    """Send a mail with the link that resets the password."""
    network = access.client_network(site, request)
    return _request_link(
        FormPage(site, lang, "/account/forgotten", FORGOTTEN),
        lambda email: people.request_password_reset(
            site.registry, ANONYMOUS, email, lang=lang, network=network
        ),
    )


def _request_link(page: FormPage, request_link: Callable[[str], str]) -> Response:
    """Handle a form that sends a mail; the page after it says so whether there is an account or not."""

    def confirm_sent(address: str) -> Response:
        session[SENT_TO_KEY] = address
        return redirect_see_other(f"/{page.lang}/account/sent")

    return forms.handle_form(page, lambda typed: request_link(typed["email"]), confirm_sent)


def sent(site: Site, lang: Lang) -> Response:
    """Show where the mail was sent; while no mail server is set, that the operator has it."""
    sent_to = session.get(SENT_TO_KEY, "")
    return forms.show_form(
        FormPage(
            site,
            lang,
            "/account/sent",
            SENT,
            template="account/sent.html",
            context={"sent_to": sent_to},
        )
    )


def _link(site: Site, lang: Lang, purpose: str, token: str) -> EmailLinkView | Response:
    """Return what a link of a mail is for, or the page that says that it is void (410)."""
    try:
        return people.check_link(site.registry, ANONYMOUS, purpose, token)
    except NotFound:
        return _void_link_page(site, lang)


def finish(site: Site, lang: Lang, token: str) -> Response:
    """Open the account of a sign-up link: name and password."""
    link = _link(site, lang, mail.SIGN_UP_LINK, token)
    if isinstance(link, Response):
        return _after_sign_up(site, lang, token) or link
    try:
        return forms.handle_form(
            FormPage(
                site,
                lang,
                f"/account/finish/{token}",
                FINISH,
                context={"about": link.email, "username": link.email},
            ),
            lambda typed: people.complete_sign_up(
                site.registry, ANONYMOUS, token, people.NewAccount(typed["name"], typed["password"], lang)
            ),
            lambda email: _sign_in_with_chosen_password(site, lang, email),
        )
    except NotFound:  # a second press of the same button was quicker
        return _after_sign_up(site, lang, token) or _void_link_page(site, lang)


def _after_sign_up(site: Site, lang: Lang, token: str) -> Response | None:
    """Return where a second press of the button leads: on, for a user whom the first has signed in or who gives the same password."""
    email = people.completed_sign_up_email(site.registry, ANONYMOUS, token)
    user = access.current_user(site)
    if email and user is not None and _same_address(user.email, email):
        return redirect_see_other(access.next_url(lang, AFTER_SIGN_IN_PATH))
    return _sign_in_with_chosen_password(site, lang, email) if email and forms.is_submitted() else None


def new_password(site: Site, lang: Lang, token: str) -> Response:
    """Set a new password with the link of a mail."""
    link = _link(site, lang, mail.PASSWORD_LINK, token)
    if isinstance(link, Response):
        return link
    return forms.handle_form(
        FormPage(
            site,
            lang,
            f"/account/new-password/{token}",
            RESET,
            context={"about": link.email, "username": link.email},
        ),
        lambda typed: people.reset_password(site.registry, ANONYMOUS, token, typed["password"]),
        lambda email: _sign_in_with_chosen_password(site, lang, email),
    )


def confirm_address(site: Site, lang: Lang, token: str) -> Response:
    """Confirm a new e-mail address with the link of a mail."""
    link = _link(site, lang, mail.ADDRESS_LINK, token)
    if isinstance(link, Response):
        return link
    return forms.handle_form(
        FormPage(site, lang, f"/account/confirm-address/{token}", CONFIRM, context={"about": link.email}),
        lambda _typed: people.confirm_email_change(site.registry, ANONYMOUS, token),
        lambda _email: redirect_see_other(f"/{lang}{OVERVIEW_PATH}"),
    )


def invitation(site: Site, lang: Lang, token: str) -> Response:
    """Show and accept an invitation: with the account of the address, or with a new one opened on the same page."""
    try:
        offer = people.view_invitation(site.registry, ANONYMOUS, token)
    except NotFound:
        return _void_link_page(site, lang, VOID_INVITATION)
    path, user = f"/account/invitation/{token}", access.current_user(site)
    signed_in = user is not None and user.stage == "complete"
    other = (
        user.email if user is not None and signed_in and not _same_address(user.email, offer.email) else ""
    )
    page = FormPage(
        site,
        lang,
        path,
        JOIN if offer.has_account else FINISH,
        template="account/invitation.html",
        context={"offer": offer, "other_account": other, "signed_in": signed_in, "back": f"/{lang}{path}"},
    )
    if offer.has_account:
        if forms.is_submitted() and user is not None and signed_in:
            joined = people.accept_invitation(site.registry, user.actor, token)
            return redirect_see_other(f"/{lang}/workspace/{joined.register}/{joined.slug}/people")
        return forms.show_form(page)
    return forms.handle_form(
        page,
        lambda typed: people.accept_invitation_with_new_account(
            site.registry, ANONYMOUS, token, people.NewAccount(typed["name"], typed["password"], lang)
        ),
        lambda email: _sign_in_with_chosen_password(site, lang, email),
    )


def _same_address(left: str, right: str) -> bool:
    """Return True if two e-mail addresses differ at most in case."""
    return left.casefold() == right.casefold()


def _void_link_page(site: Site, lang: Lang, words: Form = VOID_LINK) -> Response:
    """Return the page of a link that is not valid any more (410)."""
    path = request.path.removeprefix(f"/{lang}")
    return forms.show_form(
        FormPage(site, lang, path, words, template="account/void.html"), FormState({}, {}, 410)
    )


def sign_in(site: Site, lang: Lang) -> Response:
    """Sign in with address and password."""
    user = access.current_user(site)
    if user is not None and user.stage == "complete" and request.method == "GET":
        return redirect_see_other(access.next_url(lang, AFTER_SIGN_IN_PATH))
    led_here = not access.next_url(lang, OVERVIEW_PATH).endswith(OVERVIEW_PATH)
    form = replace(SIGN_IN, intro=(NEEDS_ACCOUNT,)) if led_here else SIGN_IN
    return forms.handle_form(
        FormPage(site, lang, "/account/sign-in", form),
        lambda typed: _open_session(site, typed["email"], typed["password"]),
        lambda key: _start_session(site, lang, key),
    )


def _open_session(site: Site, email: str, password: str) -> str:
    """Return the key of a new session. Raises `Invalid` and `TooManyAttempts`."""
    agent = request.headers.get("User-Agent", "")
    return people.sign_in(
        site.registry,
        ANONYMOUS,
        email,
        password,
        user_agent=agent,
        network=access.client_network(site, request),
    )


def _sign_in_with_chosen_password(site: Site, lang: Lang, email: str) -> Response:
    """Sign in with the password that was just chosen."""
    password = request.form.get("password", "")
    result = forms.attempt(lang, {}, lambda: _open_session(site, email, password))
    return (
        redirect_see_other(f"/{lang}/account/sign-in")
        if isinstance(result, FormState)
        else _start_session(site, lang, result)
    )


def _start_session(site: Site, lang: Lang, key: str) -> Response:
    """Give this browser a new session, end the one before, and lead to the next page or to the second factor."""
    people.sign_out(site.registry, ANONYMOUS, access.session_key())
    next_url = access.next_url(lang, AFTER_SIGN_IN_PATH)
    access.start_session(key)
    user = access.current_user(site)
    if user is not None and user.stage == "factor":
        if request.form.get(forms.PENDING_FORM_FIELD):
            return forms.show_form(
                FormPage(site, lang, "/account/second-factor", SECOND_FACTOR), forms.initial_state()
            )
        return redirect_see_other(f"/{lang}/account/second-factor?next={quote(next_url, safe='/')}")
    replay = (
        form_replay.replay_after_sign_in(site, lang, next_url)
        if user is not None and user.stage == "complete"
        else None
    )
    # A user who must set up a second factor is redirected there.
    return replay or redirect_see_other(next_url)


def second_factor(site: Site, lang: Lang) -> Response:
    """Ask for the second factor after the password."""
    user = access.current_user(site)
    if user is None or user.stage != "factor":
        return redirect_see_other(access.next_url(lang, AFTER_SIGN_IN_PATH))

    def continue_with(key: str) -> Response:
        next_url = access.next_url(lang, AFTER_SIGN_IN_PATH)
        access.start_session(key)
        return form_replay.replay_after_sign_in(site, lang, next_url) or redirect_see_other(next_url)

    return forms.handle_form(
        FormPage(site, lang, "/account/second-factor", SECOND_FACTOR),
        lambda typed: people.verify_second_factor(
            site.registry, ANONYMOUS, access.session_key(), typed["code"]
        ),
        continue_with,
    )


def sign_out(site: Site, lang: Lang) -> Response:
    """End the session of this browser."""
    people.sign_out(site.registry, ANONYMOUS, access.session_key())
    access.clear_session()
    return redirect_see_other(f"/{lang}/")
