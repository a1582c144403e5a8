"""Accounts of staff at the desk: the list, making one, and one account with its role, suspension and second factor."""

from __future__ import annotations

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services import people
from registry.services.people import UserSession

LIST_PATH = "/desk/accounts"
ROLE_CHOICES = tuple((role, people.ROLE_LABELS[role]) for role in people.ASSIGNABLE_ROLES)
STAFF_CHOICES = tuple(choice for choice in ROLE_CHOICES if choice[0] != "enterprise")
NEW_FORM = Form(
    _("Make an account"),
    _("Make the account"),
    (
        Field("email", _("E-mail address"), _("A link to choose a password is sent to it."), "email"),
        Field("role", _("Role"), kind="choice", choices=STAFF_CHOICES),
        Field(
            "lang",
            _("Language of letters"),
            kind="choice",
            choices=(("zh", "中文"), ("en", "English")),
        ),
    ),
)
FIND_FORM = Form(_("Find an account"), _("Find"), (Field("address", _("E-mail address"), kind="email"),))
ACCOUNT_FORM = Form(
    _("Account"),
    _("Change the role"),
    (
        Field(
            "role",
            _("Role"),
            _("All sessions and tokens of the account end."),
            "choice",
            choices=ROLE_CHOICES,
        ),
        Field("reason", _("Reason of the suspension"), _("The person reads it in the letter."), "long"),
    ),
)
DONE = {  # what was done, as the address of the page says afterwards
    "made": _("The account is made."),
    "role": _("The role is changed."),
    "suspended": _("The account is suspended."),
    "restored": _("The account is restored."),
    "factor": _("The second factor is removed; a new one is set up at the next sign-in."),
}


def list_accounts(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the accounts of the staff; make one, or lead to the account of an address."""

    def make(typed: dict[str, str]) -> int:
        letters_in: Lang = "en" if typed["lang"] == "en" else "zh"
        return people.make_staff_account(
            site.registry, user.actor, typed["email"], typed["role"], lang=letters_in
        )

    return forms.handle_form(
        _list_page(site, lang, user, NEW_FORM),
        make,
        lambda account: redirect_see_other(f"/{lang}{_path(account, 'made')}"),
        forms.initial_state(lang=lang),
    )


def find_account(site: Site, lang: Lang, user: UserSession) -> Response:
    """Lead to the account of an address."""
    return forms.handle_form(
        _list_page(site, lang, user, FIND_FORM),
        lambda typed: people.find_account_by_email(site.registry, user.actor, typed["address"]),
        lambda account: redirect_see_other(f"/{lang}{_path(account)}"),
    )


def show_account(site: Site, lang: Lang, user: UserSession, account: int) -> Response:
    """Show an account; change its role, suspend or restore it, or remove its second factor."""
    view = people.get_account_by_id(site.registry, user.actor, account)
    act = request.form.get("act", "")

    def change(typed: dict[str, str]) -> str:
        if act == "suspend":
            people.suspend_account(site.registry, user.actor, account, typed["reason"].strip())
            return "suspended"
        if act == "restore":
            people.restore_account(site.registry, user.actor, account)
            return "restored"
        if act == "factor":
            people.reset_second_factor(site.registry, user.actor, view.email)
            return "factor"
        people.change_account_role(site.registry, user.actor, account, typed["role"])
        return "role"

    return forms.handle_form(
        FormPage(
            site,
            lang,
            _path(account),
            ACCOUNT_FORM,
            template="desk/account.html",
            context={
                "account": view,
                "done": DONE.get(request.args.get("done", ""), ""),
                "mails_are_sent": bool(site.registry.settings.mail_url),
            },
        ),
        change,
        lambda done: redirect_see_other(f"/{lang}{_path(account, done)}"),
        forms.initial_state(role=view.role),
    )


def _list_page(site: Site, lang: Lang, user: UserSession, form: Form) -> FormPage:
    """The page of the list, of which one of both forms is sent."""
    accounts = people.list_staff_accounts(site.registry, user.actor)
    return FormPage(
        site,
        lang,
        LIST_PATH if form is NEW_FORM else f"{LIST_PATH}/find",
        form,
        template="desk/accounts.html",
        context={"accounts": accounts, "new_form": NEW_FORM, "find_form": FIND_FORM},
    )


def _path(account: int, done: str = "") -> str:
    return f"{LIST_PATH}/{account}" + (f"?done={done}" if done else "")
