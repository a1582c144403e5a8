"""Accounts of staff at the desk: the list, making one, and one account with its role, bounds, suspension and second factor."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage
from portal.web.site import Site
from registry.i18n import Lang, _
from registry.services import people
from registry.services.people import UserSession

LIST_PATH = "/desk/accounts"
REGION_FIELD = Field(
    "region",
    _("Region"),
    _("Of a reviewer: a county, a city or a province, by its code of GB/T 2260 (330400) or its name."),
    width="20",
)
ROLE_CHOICES = tuple((role, people.ROLE_LABELS[role]) for role in people.ASSIGNABLE_ROLES)
STAFF_CHOICES = tuple(choice for choice in ROLE_CHOICES if choice[0] != "enterprise")
NEW_FORM = Form(
    _("Make an account"),
    _("Make the account"),
    (
        Field("email", _("E-mail address"), _("A link to choose a password is sent to it."), "email"),
        # No role is chosen before it is: the first of the list is that of an administrator.
        Field("role", _("Role"), kind="choice", choices=(("", ""), *STAFF_CHOICES)),
        Field(
            "lang",
            _("Language of the e-mails"),
            kind="choice",
            choices=(("zh", "中文"), ("en", "English")),
        ),
        REGION_FIELD,
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
        Field("reason", _("Reason of the suspension"), _("The person reads it in the e-mail."), "long"),
        REGION_FIELD,
        Field("body", _("Approval number of the body"), _("For example CNCA-R-2002-001."), width="20"),
        Field(
            "substitute",
            _("E-mail address of the substitute"),
            _("An account of the same role. It acts in this region as well, both days included."),
            "email",
        ),
        Field("from_on", _("From"), _("For example 2026-12-01."), width="10"),
        Field("until_on", _("Until"), width="10"),
    ),
)
DONE = {  # what was done, as the address of the page says afterwards
    "made": _("The account is made."),
    "role": _("The role is changed."),
    "suspended": _("The account is suspended."),
    "restored": _("The account is restored."),
    "factor": _("The second factor is removed; a new one is set up at the next sign-in."),
    "region": _("The region is set."),
    "body": _("The account acts for the body."),
    "body_end": _("The account does not act for the body any more."),
    "substitute": _("The substitute is named."),
    "substitute_end": _("The substitute does not stand in any more."),
    "interest_end": _("The declared conflict is ended; the account decides there again."),
}


def list_accounts(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show the accounts of the staff; make one, or lead to the account of an address."""

    def make(typed: dict[str, str]) -> int:
        letters_in: Lang = "en" if typed["lang"] == "en" else "zh"
        return people.make_staff_account(
            site.registry,
            user.actor,
            typed["email"],
            typed["role"],
            lang=letters_in,
            region=typed["region"],
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
    """Show an account; change its role and its bounds, suspend or restore it, or remove its second factor.

    `act`: the button, for one of several lines with the id of that line behind a hyphen.
    """
    view = people.get_account_by_id(site.registry, user.actor, account)
    bounds = people.get_account_bounds(site.registry, user.actor, account)
    act, _hyphen, line = request.form.get("act", "").partition("-")

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
        if act in BOUNDS_ACTS:
            BOUNDS_ACTS[act](
                site, user, account, typed, int(line) if line.isdecimal() and len(line) < 10 else 0
            )
            return act
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
                "bounds": bounds,
                "done": DONE.get(request.args.get("done", ""), ""),
                "mails_are_sent": bool(site.registry.settings.mail_url),
            },
        ),
        change,
        lambda done: redirect_see_other(f"/{lang}{_path(account, done)}"),
        forms.initial_state(role=view.role, region=bounds.region_code),
    )


BOUNDS_ACTS: Mapping[str, Callable[[Site, UserSession, int, Mapping[str, str], int], None]] = {
    "region": lambda site, user, account, typed, _line: people.set_account_region(
        site.registry, user.actor, account, typed["region"]
    ),
    "body": lambda site, user, account, typed, _line: people.add_body(
        site.registry, user.actor, account, typed["body"]
    ),
    "body_end": lambda site, user, account, _typed, line: people.remove_body(
        site.registry, user.actor, account, line
    ),
    "substitute": lambda site, user, account, typed, _line: people.name_substitute(
        site.registry,
        user.actor,
        account,
        typed["substitute"],
        from_on=typed["from_on"],
        until_on=typed["until_on"],
    ),
    "substitute_end": lambda site, user, account, _typed, line: people.end_substitution(
        site.registry, user.actor, account, line
    ),
    "interest_end": lambda site, user, account, _typed, line: people.end_interest(
        site.registry, user.actor, account, line
    ),
}


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
