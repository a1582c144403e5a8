"""Saved searches: stored from a list of results, with mails or without; changed and deleted on one page."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import quote, urlencode

from flask import Response, request, session

from portal.account.sign_in import SENT_TO_KEY
from portal.web import access, forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.accounts.policy import ANONYMOUS
from registry.errors import NotFound
from registry.i18n import Lang, _
from registry.registers import catalogue
from registry.services import finding
from registry.services.finding import FollowRequest, SearchRequest
from registry.services.people import UserSession

LIST_PATH, SAVE_PATH = "/account/searches", "/account/save-search"
MAIL_FREQUENCIES = (
    (finding.DAILY, _("Every day, when there is something new")),
    (finding.WEEKLY, _("Every week, when there is something new")),
    (finding.NEVER, _("Never")),
)
SAVE = Form(
    _("Save a search"),
    _("Save"),
    (
        Field("name", _("Name of the search"), _("Only you see it.")),
        Field("mail", _("Tell me by e-mail"), kind="choice", choices=MAIL_FREQUENCIES),
    ),
    (_("You are told when a record that the search finds is entered, changed or ends."),),
    ((LIST_PATH, _("Saved searches")),),
)


FOLLOW_PATH = "/account/follow-search"
FOLLOW = Form(
    _("Follow a search by e-mail"),
    _("Send me the link"),
    (
        Field("email", _("E-mail address"), kind="email", autocomplete="email", width="30"),
        Field("mail", _("How often they come"), kind="choice", choices=MAIL_FREQUENCIES[:2]),
    ),
    (
        _(
            "You get an e-mail when a record that the search finds is entered, changed or ends. No account is needed."
        ),
        _(
            "First we send a link to this address; the e-mails start when you have opened it. Each has a link that stops them and deletes your address."
        ),
    ),
)


FOLLOW_RECORD = replace(
    FOLLOW,
    title=_("Follow this record by e-mail"),
    intro=(
        _("You get an e-mail when its status or its facts change. No account is needed."),
        *FOLLOW.intro[1:],
    ),
)


def list_searches(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the user's saved searches."""
    return forms.private_page(
        site,
        lang,
        LIST_PATH,
        "account/searches.html",
        searches=finding.list_saved_searches(site.registry, user.actor),
        rhythms=MAIL_FREQUENCIES,
    )


def save_search(site: Site, lang: Lang, user: UserSession) -> Response:
    """Save a search under a name."""
    requested = _requested_search()
    words = finding.describe_followed(site.registry, ANONYMOUS, requested, lang).name
    return forms.handle_form(
        FormPage(
            site,
            lang,
            SAVE_PATH,
            SAVE,
            context={
                "about": words,
                "hidden_fields": {"register": requested.scope.register, "search": requested.query_string()},
            },
        ),
        lambda typed: finding.save_search(
            site.registry, user.actor, requested, name=typed["name"], mail=typed["mail"]
        ),
        lambda _made: redirect_see_other(f"/{lang}{LIST_PATH}"),
        forms.initial_state(name=words[: finding.MAX_SAVED_NAME_LENGTH], mail=finding.DAILY),
    )


def save_or_follow(site: Site, lang: Lang) -> Response:
    """Save a search for who is signed in; anyone else is asked for an address only."""
    if request.method == "GET" and access.current_user(site) is None:
        return redirect_see_other(f"/{lang}{FOLLOW_PATH}{_search_query(_requested_search())}")
    return access.login_required(save_search)(site, lang)


def follow(site: Site, lang: Lang) -> Response:
    """Ask for an address to which letters about a search are sent; no account is needed for that."""
    requested = _requested_search()
    save = quote(f"/{lang}{SAVE_PATH}{_search_query(requested)}")
    about = finding.describe_followed(site.registry, ANONYMOUS, requested, lang)
    return forms.handle_form(
        FormPage(
            site,
            lang,
            FOLLOW_PATH,
            replace(
                FOLLOW_RECORD if about.path else FOLLOW,
                links=((f"{access.SIGN_IN_PATH}?next={save}", _("I have an account")),),
            ),
            context={
                "about": about.name,
                "hidden_fields": {"register": requested.scope.register, "search": requested.query_string()},
            },
        ),
        lambda typed: finding.request_following(
            site.registry,
            ANONYMOUS,
            FollowRequest(
                requested, typed["email"], typed["mail"], lang, access.client_network(site, request)
            ),
        ),
        lambda address: _show_where_sent(lang, address),
        forms.initial_state(mail=finding.DAILY),
    )


def _show_where_sent(lang: Lang, address: str) -> Response:
    """Redirect to the page that says where the mail was sent."""
    session[SENT_TO_KEY] = address
    return redirect_see_other(f"/{lang}/account/sent")


def followed(site: Site, lang: Lang, token: str) -> Response:
    """Start the e-mails that the link asks for, or end them: each with a button, as programs open links of letters too."""
    path = f"/account/follow/{token}"
    if request.method == "POST":
        act = finding.end_following if request.form.get("do") == "end" else finding.confirm_following
        try:
            act(site.registry, ANONYMOUS, token)
        except NotFound:
            return _show_ended(site, lang, path)
        if act is finding.end_following:
            return _show_ended(site, lang, path, done=True)
        return redirect_see_other(f"/{lang}{path}?begun=1")
    try:
        view = finding.get_followed_search(site.registry, ANONYMOUS, token)
    except NotFound:
        return _show_ended(site, lang, path)
    return forms.private_page(
        site, lang, path, "account/followed.html", followed=view, begun="begun" in request.args, action=path
    )


def _show_ended(site: Site, lang: Lang, path: str, *, done: bool = False) -> Response:
    """Show that no letters are sent by this link, any more or at all."""
    return forms.private_page(
        site,
        lang,
        path,
        "account/followed.html",
        status=200 if done else 410,
        followed=None,
        begun=False,
        action=path,
    )


def _search_query(search: SearchRequest) -> str:
    """Return a search as the query of an address, as lists of results pass it on."""
    return "?" + urlencode({"register": search.scope.register, "search": search.query_string()})


def _requested_search() -> SearchRequest:
    """Return the search to be saved, as the list of results passed it on."""
    register = request.values.get("register", "")
    return finding.parse_saved_query(
        register if register in catalogue() else "",
        request.values.get("search", "")[: finding.MAX_SAVED_QUERY_LENGTH],
    )


def change_search(site: Site, lang: Lang, user: UserSession, search: int) -> Response:
    """Change how often mails are sent, or delete the search."""
    if request.form.get("forget") == "1":
        finding.delete_saved_search(site.registry, user.actor, search)
    else:
        finding.set_mail_interval(site.registry, user.actor, search, forms.field_text("mail"))
    return redirect_see_other(f"/{lang}{LIST_PATH}")
