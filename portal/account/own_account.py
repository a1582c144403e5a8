"""One's own account: what is known of it, and the forms that change it."""

from __future__ import annotations

from flask import Response, request, session

from portal.account.sign_in import HOME, NEW_PASSWORD, PASSWORD, SENT_TO
from portal.web import forms
from portal.web.access import see
from portal.web.forms import Field, Form
from portal.web.responses import NEVER
from portal.web.site import Site
from registry import clock
from registry.i18n import LOCALES, Lang, _
from registry.services.people import own_account, personal_data_export
from registry.services.people.sessions import Signed

AUTONYMS = (("zh", "中文"), ("en", "English"))
BACK = ((HOME, _("Back to your account")),)
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
        Field("lang", _("Language of our mails to you"), kind="choice", choices=AUTONYMS),
    ),
    links=BACK,
)
CHANGE_PASSWORD = Form(
    _("Change your password"),
    _("Change the password"),
    (
        Field("present", _("Present password"), kind="password", autocomplete="current-password", width="30"),
        Field("password", _("New password"), NEW_PASSWORD.hint, "password", "new-password", width="30"),
    ),
    (_("You stay signed in here; every other session ends."),),
    BACK,
)
ADDRESS = Form(
    _("Change your e-mail address"),
    _("Send a link to the new address"),
    (Field("email", _("New e-mail address"), kind="email", autocomplete="email", width="30"), PASSWORD),
    (_("The change takes effect when you open the link that we send to the new address."),),
    BACK,
)


def overview(site: Site, lang: Lang, who: Signed) -> Response:
    view = own_account.account(site.registry, who.actor, who.session_id)
    return forms.page(site, lang, HOME, "account/overview.html", account=view)


def session_left(site: Site, lang: Lang, who: Signed) -> Response:
    """How long the session holds now that it was asked after; for the page that warns of its end."""
    del site, lang
    return Response(
        f'{{"left":{who.left}}}', 200, content_type="application/json", headers={"Cache-Control": NEVER}
    )


def my_data(site: Site, lang: Lang, who: Signed) -> Response:
    """All that is kept about one, as a download, sent while it is read."""
    del lang
    day = clock.today().isoformat()
    return Response(
        personal_data_export.carry_away(site.registry, who.actor),
        200,
        [
            ("Content-Type", "application/json"),
            ("Content-Disposition", f"attachment; filename=pinzheng-{day}.json"),
            ("Cache-Control", NEVER),
        ],
    )


def name(site: Site, lang: Lang, who: Signed) -> Response:
    def rename(typed: dict[str, str]) -> None:
        chosen: Lang = "zh" if typed["lang"] == LOCALES[0] else "en"
        own_account.rename(site.registry, who.actor, typed["name"], chosen)

    first = forms.untouched(name=who.name, lang=who.lang)
    return forms.run(site, lang, "/account/name", NAME, rename, lambda _done: see(f"/{lang}{HOME}"), first)


def password(site: Site, lang: Lang, who: Signed) -> Response:
    return forms.run(
        site,
        lang,
        "/account/password",
        CHANGE_PASSWORD,
        lambda typed: own_account.change_password(
            site.registry, who.actor, who.session_id, typed["present"], typed["password"]
        ),
        lambda _done: see(f"/{lang}{HOME}"),
        about=who.email,
    )


def address(site: Site, lang: Lang, who: Signed) -> Response:
    def told(new: str) -> Response:
        session[SENT_TO] = new
        return see(f"/{lang}/account/sent")

    return forms.run(
        site,
        lang,
        "/account/address",
        ADDRESS,
        lambda typed: own_account.ask_address(site.registry, who.actor, typed["password"], typed["email"]),
        told,
    )


def end_session(site: Site, lang: Lang, who: Signed) -> Response:
    """One session by its id, or all others."""
    given = request.form.get("session", "")
    if given.isascii() and given.isdecimal() and len(given) < 10:
        own_account.end_session(site.registry, who.actor, int(given))
    elif given == "others":
        own_account.end_other_sessions(site.registry, who.actor, who.session_id)
    return see(f"/{lang}{HOME}#sessions")
