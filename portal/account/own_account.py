"""The user's own account: what is stored about it, and the forms that change it."""

from __future__ import annotations

from flask import Response, request, session

from portal.account.sign_in import NEW_PASSWORD, OVERVIEW_PATH, PASSWORD, SENT_TO_KEY
from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.downloads import content_disposition
from portal.web.forms import TICKED, Field, Form, FormPage
from portal.web.responses import NO_STORE
from portal.web.site import Site
from registry import clock
from registry.i18n import LOCALES, Lang, _
from registry.services import people
from registry.services.people import UserSession

LANGUAGE_CHOICES = (("zh", "中文"), ("en", "English"))
BACK_LINKS = ((OVERVIEW_PATH, _("Back to your account")),)
END_TOKENS = Field(
    "end_tokens",
    _("End the tokens of my programs too"),
    _(
        "Programs that file for you then need new tokens. Untick it only if you are sure that you alone know them."
    ),
    "tick",
)
NAME = Form(
    _("Name and language"),
    _("Save"),
    (
        Field(
            "name",
            _("Your name"),
            _("Colleagues see it; it is not published."),
            autocomplete="name",
            width="30",
        ),
        Field("lang", _("Language of our mails to you"), kind="choice", choices=LANGUAGE_CHOICES),
    ),
    links=BACK_LINKS,
)
DUE_LETTERS = Form(
    _("E-mails about what is due"),
    _("Save"),
    (Field("wanted", _("Send me e-mails about what is due on records"), kind="tick"),),
    (
        _(
            "They concern the records of your organisations and bodies, and those on which your role decides: 90, 30 and 7 days before a day, and once it has passed. There is one e-mail a day at most, and none where there is nothing new."
        ),
    ),
    BACK_LINKS,
)
CHANGE_PASSWORD = Form(
    _("Change your password"),
    _("Change the password"),
    (
        Field("present", _("Present password"), kind="password", autocomplete="current-password", width="30"),
        Field("password", _("New password"), NEW_PASSWORD.hint, "password", "new-password", width="30"),
        END_TOKENS,
    ),
    (_("You stay signed in here; every other session ends."),),
    BACK_LINKS,
)
ADDRESS = Form(
    _("Change your e-mail address"),
    _("Send a link to the new address"),
    (Field("email", _("New e-mail address"), kind="email", autocomplete="email", width="30"), PASSWORD),
    (_("The change takes effect when you open the link that we send to the new address."),),
    BACK_LINKS,
)


def overview(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the account with its sessions and latest events."""
    view = people.get_account(site.registry, user.actor, user.session_id)
    return forms.private_page(site, lang, OVERVIEW_PATH, "account/overview.html", account=view)


def remaining_session_time(site: Site, lang: Lang, user: UserSession) -> Response:
    """Return how many seconds the session lasts from now on, for the page that warns of its end."""
    del site, lang
    return Response(
        f'{{"left":{user.seconds_left}}}',
        200,
        content_type="application/json",
        headers={"Cache-Control": NO_STORE},
    )


def personal_data(site: Site, lang: Lang, user: UserSession) -> Response:
    """Serve everything stored about the user as a download, streamed while it is read."""
    del lang
    day = clock.today().isoformat()
    return Response(
        people.export_personal_data(site.registry, user.actor),
        200,
        [
            ("Content-Type", "application/json"),
            content_disposition(f"pinzheng-{day}.json"),
            ("Cache-Control", NO_STORE),
        ],
    )


def change_name(site: Site, lang: Lang, user: UserSession) -> Response:
    """Change the name and the language of mails."""

    def rename(typed: dict[str, str]) -> None:
        chosen: Lang = "zh" if typed["lang"] == LOCALES[0] else "en"
        people.update_profile(site.registry, user.actor, typed["name"], chosen)

    current = forms.initial_state(name=user.name, lang=user.lang)
    return forms.handle_form(
        FormPage(site, lang, "/account/name", NAME),
        rename,
        lambda _done: redirect_see_other(f"/{lang}{OVERVIEW_PATH}"),
        current,
    )


def choose_due_letters(site: Site, lang: Lang, user: UserSession) -> Response:
    """Choose whether e-mails about what is due on records come."""
    now = people.get_account(site.registry, user.actor, user.session_id).due_letters
    return forms.handle_form(
        FormPage(site, lang, "/account/due-letters", DUE_LETTERS),
        lambda typed: people.choose_due_letters(site.registry, user.actor, wanted=typed["wanted"] == TICKED),
        lambda _done: redirect_see_other(f"/{lang}{OVERVIEW_PATH}"),
        forms.initial_state(wanted=TICKED if now else ""),
    )


def change_password(site: Site, lang: Lang, user: UserSession) -> Response:
    """Change the password."""
    return forms.handle_form(
        FormPage(
            site,
            lang,
            "/account/password",
            CHANGE_PASSWORD,
            context={"about": user.email, "username": user.email},
        ),
        lambda typed: people.change_password(
            site.registry,
            user.actor,
            user.session_id,
            current_password=typed["present"],
            new_password=typed["password"],
            end_tokens=typed[END_TOKENS.name] == TICKED,
        ),
        lambda _done: redirect_see_other(f"/{lang}{OVERVIEW_PATH}"),
        forms.initial_state(end_tokens=TICKED),
    )


def change_address(site: Site, lang: Lang, user: UserSession) -> Response:
    """Send a link to a new e-mail address."""

    def confirm_sent(new: str) -> Response:
        session[SENT_TO_KEY] = new
        return redirect_see_other(f"/{lang}/account/sent")

    return forms.handle_form(
        FormPage(site, lang, "/account/address", ADDRESS),
        lambda typed: people.request_email_change(
            site.registry, user.actor, typed["password"], typed["email"]
        ),
        confirm_sent,
    )


def end_session(site: Site, lang: Lang, user: UserSession) -> Response:
    """End one session by its id, or all others."""
    given = request.form.get("session", "")
    if given.isascii() and given.isdecimal() and len(given) < 10:
        people.end_session(site.registry, user.actor, int(given))
    elif given == "others":
        people.end_other_sessions(site.registry, user.actor, user.session_id)
    return redirect_see_other(f"/{lang}{OVERVIEW_PATH}#sessions")
