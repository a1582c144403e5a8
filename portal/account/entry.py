"""Before one is signed in: sign-up, sign-in, forgotten passwords, and the links of mails."""

from __future__ import annotations

from flask import Response, request, session

from portal.web import access, forms
from portal.web.access import see
from portal.web.forms import Field, Form, Outcome
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.services import entering, signing_in, tickets
from registry.services.tickets import TicketView

HOME = "/account/overview"
SENT_TO = "sent_to"
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
SENT = Form(_("Look into your mailbox"), "")
VOID = Form(
    _("This link is not good any more"),
    "",
    intro=(_("It was used, a newer one was sent, or its time has run out. Ask for a new one."),),
    links=(
        ("/account/sign-in", _("Sign in")),
        ("/account/forgotten", _("Forgotten password")),
        ("/account/sign-up", _("Open an account")),
    ),
)


def sign_up(site: Site, lang: Lang) -> Response:
    return _send(site, lang, SIGN_UP, "/account/sign-up", entering.ask_to_sign_up)


def forgotten(site: Site, lang: Lang) -> Response:
    return _send(site, lang, FORGOTTEN, "/account/forgotten", entering.ask_for_password)


def _send(site: Site, lang: Lang, form: Form, path: str, ask: entering.Ask) -> Response:
    """A form that sends a mail; the page after it says so, whether there is an account or not."""
    outcome = None
    if forms.wanted():
        values = forms.typed(form)
        email, from_where = values["email"], access.network(request)
        done = forms.attempt(lang, values, lambda: ask(site.registry, ANONYMOUS, email, lang, from_where))
        if not isinstance(done, Outcome):
            session[SENT_TO] = done
            return see(f"/{lang}/account/sent")
        outcome = done
    return forms.show(site, lang, path, form, outcome)


def sent(site: Site, lang: Lang) -> Response:
    """Where the mail went, and, while no mail server is set, where it lies."""
    settings = site.registry.settings
    folder = "" if settings.mail_url or settings.production else str(settings.mail_dir)
    sent_to = session.get(SENT_TO, "")
    return forms.show(
        site, lang, "/account/sent", SENT, None, "account/sent.html", sent_to=sent_to, folder=folder
    )


def _link(site: Site, lang: Lang, purpose: str, token: str) -> TicketView | Response:
    """What a link of a mail is for, or the page that says that it is void (410)."""
    try:
        return entering.link(site.registry, ANONYMOUS, purpose, token)
    except NotFound:
        void = Outcome({}, {}, 410)
        return forms.show(site, lang, request.path.removeprefix(f"/{lang}"), VOID, void, "account/void.html")


def finish(site: Site, lang: Lang, token: str) -> Response:
    link = _link(site, lang, tickets.SIGN_UP, token)
    if isinstance(link, Response):
        return link
    outcome = None
    if forms.wanted():
        values = forms.typed(FINISH)
        name, password = values["name"], values["password"]
        done = forms.attempt(
            lang,
            values,
            lambda: entering.finish_sign_up(site.registry, ANONYMOUS, token, name, password, lang),
        )
        if not isinstance(done, Outcome):
            return _enter(site, lang, done, password)
        outcome = done
    return forms.show(site, lang, f"/account/finish/{token}", FINISH, outcome, about=link.email)


def new_password(site: Site, lang: Lang, token: str) -> Response:
    link = _link(site, lang, tickets.PASSWORD, token)
    if isinstance(link, Response):
        return link
    outcome = None
    if forms.wanted():
        values = forms.typed(RESET)
        password = values["password"]
        done = forms.attempt(
            lang, values, lambda: entering.set_password(site.registry, ANONYMOUS, token, password)
        )
        if not isinstance(done, Outcome):
            return _enter(site, lang, done, password)
        outcome = done
    return forms.show(site, lang, f"/account/new-password/{token}", RESET, outcome, about=link.email)


def confirm_address(site: Site, lang: Lang, token: str) -> Response:
    link = _link(site, lang, tickets.ADDRESS, token)
    if isinstance(link, Response):
        return link
    outcome = None
    if forms.wanted():
        done = forms.attempt(lang, {}, lambda: entering.confirm_address(site.registry, ANONYMOUS, token))
        if not isinstance(done, Outcome):
            return see(f"/{lang}{HOME}")
        outcome = done
    path = f"/account/confirm-address/{token}"
    return forms.show(site, lang, path, CONFIRM, outcome, about=link.email)


def sign_in(site: Site, lang: Lang) -> Response:
    who = access.signed(site)
    if who is not None and who.stage == "complete" and request.method == "GET":
        return see(access.onward(lang, HOME))
    outcome = None
    if forms.wanted():
        values = forms.typed(SIGN_IN)
        done = _signed_in(site, lang, values["email"], values["password"])
        if not isinstance(done, Outcome):
            return done
        outcome = done
    return forms.show(site, lang, "/account/sign-in", SIGN_IN, outcome)


def _enter(site: Site, lang: Lang, email: str, password: str) -> Response:
    """Sign in with the password that was just chosen."""
    done = _signed_in(site, lang, email, password)
    return see(f"/{lang}/account/sign-in") if isinstance(done, Outcome) else done


def _signed_in(site: Site, lang: Lang, email: str, password: str) -> Response | Outcome:
    agent, from_where = request.headers.get("User-Agent", ""), access.network(request)
    done = forms.attempt(
        lang,
        {"email": email},
        lambda: signing_in.sign_in(site.registry, ANONYMOUS, email, password, agent, from_where),
    )
    if isinstance(done, Outcome):
        return done
    signing_in.sign_out(site.registry, ANONYMOUS, access.key())
    onward = access.onward(lang, HOME)
    access.carry(done)
    who = access.signed(site)
    if who is not None and who.stage == "factor":
        return see(f"/{lang}/account/second-factor?next={onward}")
    return see(onward)  # who must set up a second factor is led there


def second_factor(site: Site, lang: Lang) -> Response:
    who = access.signed(site)
    if who is None or who.stage != "factor":
        return see(access.onward(lang, HOME))
    outcome = None
    if forms.wanted():
        code = forms.typed(SECOND_FACTOR)["code"]
        done = forms.attempt(
            lang, {}, lambda: signing_in.give_factor(site.registry, ANONYMOUS, access.key(), code)
        )
        if not isinstance(done, Outcome):
            access.carry(done)
            return see(access.onward(lang, HOME))
        outcome = done
    return forms.show(site, lang, "/account/second-factor", SECOND_FACTOR, outcome)


def sign_out(site: Site, lang: Lang) -> Response:
    signing_in.sign_out(site.registry, ANONYMOUS, access.key())
    access.drop()
    return see(f"/{lang}/")
