"""Before one is signed in: sign-up, sign-in, forgotten passwords, and the links of mails."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

from flask import Response, request, session

from portal.web import access, form_replay, forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormState
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

SIGN_UP = Form(
    _("Open an account"),
    _("Send me the link"),
    (EMAIL,),
    (
        _("For enterprises that declare standards. Looking things up needs no account."),
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
SECOND_FACTOR = Form(_("Enter the code"), _("Go on"), (CODE,))
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
SENT = Form(_("Look into your mailbox"), "")
VOID_LINK = Form(
    _("This link is not good any more"),
    "",
    intro=(_("It was used, a newer one was sent, or its time has run out. Ask for a new one."),),
    links=(
        ("/account/sign-in", _("Sign in")),
        ("/account/forgotten", _("Forgotten password")),
        ("/account/sign-up", _("Open an account")),
    ),
)

VOID_INVITATION = Form(
    _("This invitation is not good any more"),
    "",
    intro=(
        _("It was accepted, withdrawn or replaced by a newer one, or its time has run out."),
        _("If you were to act for the organisation, ask whoever invited you for a new one."),
    ),
    links=(("/workspace/home", _("Your organisations")), ("/account/sign-in", _("Sign in"))),
)


def sign_up(site: Site, lang: Lang) -> Response:
    network = access.client_network(site, request)
    return _send(
        site,
        lang,
        SIGN_UP,
        "/account/sign-up",
        lambda email: people.request_sign_up(site.registry, ANONYMOUS, email, lang=lang, network=network),
    )


def forgotten_password(site: Site, lang: Lang) -> Response:
    network = access.client_network(site, request)
    return _send(
        site,
        lang,
        FORGOTTEN,
        "/account/forgotten",
        lambda email: people.request_password_reset(
            site.registry, ANONYMOUS, email, lang=lang, network=network
        ),
    )


def _send(site: Site, lang: Lang, form: Form, path: str, ask: Callable[[str], str]) -> Response:
    """A form that sends a mail; the page after it says so, whether there is an account or not."""

    def told(address: str) -> Response:
        session[SENT_TO_KEY] = address
        return redirect_see_other(f"/{lang}/account/sent")

    return forms.handle_form(site, lang, path, form, lambda typed: ask(typed["email"]), told)


def sent(site: Site, lang: Lang) -> Response:
    """Where the mail went, and, while no mail server is set, where it lies."""
    settings = site.registry.settings
    folder = "" if settings.mail_url or settings.production else str(settings.mail_dir)
    sent_to = session.get(SENT_TO_KEY, "")
    return forms.show_form(
        site, lang, "/account/sent", SENT, None, "account/sent.html", sent_to=sent_to, folder=folder
    )


def _link(site: Site, lang: Lang, purpose: str, token: str) -> EmailLinkView | Response:
    """What a link of a mail is for, or the page that says that it is void (410)."""
    try:
        return people.check_link(site.registry, ANONYMOUS, purpose, token)
    except NotFound:
        return _void(site, lang)


def finish(site: Site, lang: Lang, token: str) -> Response:
    link = _link(site, lang, mail.SIGN_UP_LINK, token)
    if isinstance(link, Response):
        return _finished(site, lang, token) or link
    try:
        return forms.handle_form(
            site,
            lang,
            f"/account/finish/{token}",
            FINISH,
            lambda typed: people.complete_sign_up(
                site.registry, ANONYMOUS, token, people.NewAccount(typed["name"], typed["password"], lang)
            ),
            lambda email: _enter(site, lang, email),
            about=link.email,
        )
    except NotFound:  # another press of the same button was quicker
        return _finished(site, lang, token) or _void(site, lang)


def _finished(site: Site, lang: Lang, token: str) -> Response | None:
    """Where a second press of the button leads: on, for who is signed in by the first or gives the same password."""
    email = people.completed_sign_up_email(site.registry, ANONYMOUS, token)
    who = access.current_user(site)
    if email and who is not None and _same(who.email, email):
        return redirect_see_other(access.next_url(lang, AFTER_SIGN_IN_PATH))
    return _enter(site, lang, email) if email and forms.is_submitted() else None


def new_password(site: Site, lang: Lang, token: str) -> Response:
    link = _link(site, lang, mail.PASSWORD_LINK, token)
    if isinstance(link, Response):
        return link
    return forms.handle_form(
        site,
        lang,
        f"/account/new-password/{token}",
        RESET,
        lambda typed: people.reset_password(site.registry, ANONYMOUS, token, typed["password"]),
        lambda email: _enter(site, lang, email),
        about=link.email,
    )


def confirm_address(site: Site, lang: Lang, token: str) -> Response:
    link = _link(site, lang, mail.ADDRESS_LINK, token)
    if isinstance(link, Response):
        return link
    return forms.handle_form(
        site,
        lang,
        f"/account/confirm-address/{token}",
        CONFIRM,
        lambda _typed: people.confirm_email_change(site.registry, ANONYMOUS, token),
        lambda _email: redirect_see_other(f"/{lang}{OVERVIEW_PATH}"),
        about=link.email,
    )


def invitation(site: Site, lang: Lang, token: str) -> Response:
    """A place in an organisation: taken with the account of the address, or with a new one at once."""
    try:
        offer = people.view_invitation(site.registry, ANONYMOUS, token)
    except NotFound:
        return _void(site, lang, VOID_INVITATION)
    path, who = f"/account/invitation/{token}", access.current_user(site)
    signed_in = who is not None and who.stage == "complete"
    other = who.email if who is not None and signed_in and not _same(who.email, offer.email) else ""
    shown: dict[str, Any] = {"offer": offer, "other_account": other, "signed_in": signed_in}
    shown |= {"template": "account/invitation.html", "back": f"/{lang}{path}"}
    if offer.has_account:
        if forms.is_submitted() and who is not None and signed_in:
            slug = people.accept_invitation(site.registry, who.actor, token)
            return redirect_see_other(f"/{lang}/workspace/organisations/{slug}/people")
        return forms.show_form(site, lang, path, JOIN, **shown)
    return forms.handle_form(
        site,
        lang,
        path,
        FINISH,
        lambda typed: people.accept_invitation_with_new_account(
            site.registry, ANONYMOUS, token, people.NewAccount(typed["name"], typed["password"], lang)
        ),
        lambda email: _enter(site, lang, email),
        **shown,
    )


def _same(left: str, right: str) -> bool:
    return left.casefold() == right.casefold()


def _void(site: Site, lang: Lang, words: Form = VOID_LINK) -> Response:
    """A link that is not good any more (410)."""
    path = request.path.removeprefix(f"/{lang}")
    return forms.show_form(site, lang, path, words, FormState({}, {}, 410), "account/void.html")


def sign_in(site: Site, lang: Lang) -> Response:
    who = access.current_user(site)
    if who is not None and who.stage == "complete" and request.method == "GET":
        return redirect_see_other(access.next_url(lang, AFTER_SIGN_IN_PATH))
    return forms.handle_form(
        site,
        lang,
        "/account/sign-in",
        SIGN_IN,
        lambda typed: _key(site, typed["email"], typed["password"]),
        lambda key: _go_on(site, lang, key),
    )


def _key(site: Site, email: str, password: str) -> str:
    agent = request.headers.get("User-Agent", "")
    return people.sign_in(
        site.registry,
        ANONYMOUS,
        email,
        password,
        user_agent=agent,
        network=access.client_network(site, request),
    )


def _enter(site: Site, lang: Lang, email: str) -> Response:
    """Sign in with the password that was just chosen."""
    password = request.form.get("password", "")
    done = forms.attempt(lang, {}, lambda: _key(site, email, password))
    return (
        redirect_see_other(f"/{lang}/account/sign-in")
        if isinstance(done, FormState)
        else _go_on(site, lang, done)
    )


def _go_on(site: Site, lang: Lang, key: str) -> Response:
    """This browser has a new session; the one before ends."""
    people.sign_out(site.registry, ANONYMOUS, access.session_key())
    onward = access.next_url(lang, AFTER_SIGN_IN_PATH)
    access.start_session(key)
    who = access.current_user(site)
    if who is not None and who.stage == "factor":
        if request.form.get(forms.PENDING_FORM_FIELD):
            return forms.show_form(site, lang, "/account/second-factor", SECOND_FACTOR, forms.initial_state())
        return redirect_see_other(f"/{lang}/account/second-factor?next={quote(onward, safe='/')}")
    sending = (
        form_replay.replay_after_sign_in(site, lang, onward)
        if who is not None and who.stage == "complete"
        else None
    )
    return sending or redirect_see_other(onward)  # who must set up a second factor is led there


def second_factor(site: Site, lang: Lang) -> Response:
    who = access.current_user(site)
    if who is None or who.stage != "factor":
        return redirect_see_other(access.next_url(lang, AFTER_SIGN_IN_PATH))

    def entered(key: str) -> Response:
        onward = access.next_url(lang, AFTER_SIGN_IN_PATH)
        access.start_session(key)
        return form_replay.replay_after_sign_in(site, lang, onward) or redirect_see_other(onward)

    return forms.handle_form(
        site,
        lang,
        "/account/second-factor",
        SECOND_FACTOR,
        lambda typed: people.verify_second_factor(
            site.registry, ANONYMOUS, access.session_key(), typed["code"]
        ),
        entered,
    )


def sign_out(site: Site, lang: Lang) -> Response:
    people.sign_out(site.registry, ANONYMOUS, access.session_key())
    access.clear_session()
    return redirect_see_other(f"/{lang}/")
