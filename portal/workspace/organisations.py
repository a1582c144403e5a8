"""Organisations and bodies that a user acts for: their members, inviting, leaving."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from flask import Response, request

from portal.web import forms
from portal.web.access import redirect_see_other
from portal.web.forms import Field, Form, FormPage, FormState
from portal.web.site import Site
from portal.workspace import claims
from registry.i18n import Lang, _
from registry.registers import (
    applied_registers,
    catalogue,
    filed_registers,
    organisation_register,
    represented_registers,
)
from registry.services import applying, filing, people, watch_lists
from registry.services.people import ROLE_DESCRIPTIONS, MemberView, Represented, UserSession

HOME_PATH = "/workspace/home"
ROLE_CHOICES = tuple(ROLE_DESCRIPTIONS.items())
INVITE = Form(
    _("Invite somebody"),
    _("Send the invitation"),
    (
        Field("email", _("E-mail address"), kind="email", width="30"),
        Field("role", _("What they may do"), kind="choice", choices=ROLE_CHOICES),
        Field(
            "agent",
            _("Who they are"),
            kind="choice",
            choices=(("", _("A colleague")), ("1", _("An agent from outside, who acts for others as well"))),
        ),
    ),
)
CHANGE_ROLE = Form(
    _("Change the role"),
    _("Save"),
    (Field("role", _("What they may do"), kind="choice", choices=ROLE_CHOICES),),
)
LEAVE = Form(
    _("Leave the organisation"),
    _("Leave"),
    intro=(
        _("You will not act for it any more; what you have filed stays."),
        _("The last owner cannot leave: make somebody else owner first."),
    ),
)


def home(site: Site, lang: Lang, user: UserSession) -> Response:
    """Show what waits to be done, the organisations that the user acts for, and their latest receipts."""
    view = people.get_workspace_home(site.registry, user.actor)
    todo, waiting = _sort_tasks(site, user, (*view.organisations, *view.bodies))
    sent = claims.row_id(request.args.get("claimed", ""))
    due, overdue = watch_lists.count_own_overdue(site.registry, user.actor)
    return forms.private_page(
        site,
        lang,
        HOME_PATH,
        "workspace/home.html",
        home=view,
        todo=todo,
        waiting=waiting,
        due=due,
        overdue=overdue,
        receipts=filing.list_recent_receipts(site.registry, user.actor),
        filed={each.slug: filed_registers(each.slug) for each in represented_registers()},
        applied=applied_registers(),
        represented=represented_registers(),
        claimed=next((claim for claim in view.claims if claim.id == sent), None),
        decision_days=people.CLAIM_DECISION_DAYS,
    )


def _sort_tasks(
    site: Site, user: UserSession, organisations: Sequence[people.OrganisationView]
) -> tuple[list[tuple[people.OrganisationView, str, Any]], list[tuple[people.OrganisationView, str, Any]]]:
    """Return what waits for the user, the most urgent first, and what waits for others; each with its organisation and kind."""
    todo: list[tuple[tuple[int, float], tuple[people.OrganisationView, str, Any]]] = []
    waiting: list[tuple[people.OrganisationView, str, Any]] = []
    pending = {
        register: filing.list_pending_tasks(site.registry, user.actor, of=register)
        for register in dict.fromkeys(each.register for each in organisations)
    }
    returned = applying.list_returned(site.registry, user.actor)
    for organisation in organisations:
        if organisation.register == organisation_register().slug:
            todo += [
                ((1, 0), (organisation, "application", line)) for line in returned.get(organisation.slug, ())
            ]
        tasks = pending[organisation.register].get(organisation.slug)
        if tasks is None:
            continue
        for order in tasks.orders:
            if order.order.submitted:
                waiting.append((organisation, "order", order))
            else:
                todo.append(((0, _urgency(order.order.days_left)), (organisation, "order", order)))
        if tasks.order_count > len(tasks.orders):
            todo.append(((1, 0), (organisation, "orders", tasks)))
        todo += [((2, _urgency(each.days_left)), (organisation, "records", each)) for each in tasks.records]
        if tasks.refused:
            todo.append(((3, 0), (organisation, "sheet", tasks)))
        if tasks.invited:
            waiting.append((organisation, "invitations", tasks))
    return [task for _key, task in sorted(todo, key=lambda each: each[0])], waiting


def _urgency(days_left: int | None) -> float:
    """Return by what a task is sorted: its days; one without a day comes last."""
    return math.inf if days_left is None else days_left


def show_people(site: Site, lang: Lang, user: UserSession, *, register: str, org: str) -> Response:
    """Show the members of an organisation or body and its open invitations."""
    where = Represented(register, org)
    view = people.list_members(site.registry, user.actor, where)
    representation = catalogue()[register].representation
    assert representation is not None  # the address names no other register
    return forms.private_page(
        site,
        lang,
        _people_path(where),
        "workspace/people.html",
        people=view,
        registers=filed_registers(register),
        words=representation.words,
    )


def invite(site: Site, lang: Lang, user: UserSession, *, register: str, org: str) -> Response:
    """Invite a person by e-mail to act for an organisation or body."""
    where = Represented(register, org)
    organisation = people.list_members(site.registry, user.actor, where).organisation
    path = f"{organisation.path}/invite"
    return forms.handle_form(
        FormPage(site, lang, path, INVITE, context={"organisation": organisation}),
        lambda typed: people.invite_member(
            site.registry,
            user.actor,
            where,
            email=typed["email"],
            role=typed["role"],
            agent=typed["agent"] == "1",
        ),
        lambda _address: redirect_see_other(f"/{lang}{_people_path(where)}#invited"),
        forms.initial_state(role="editor"),
    )


def change_member(
    site: Site, lang: Lang, user: UserSession, *, register: str, org: str, member: int
) -> Response:
    """Show a member, and change their role."""
    where = Represented(register, org)
    view = people.list_members(site.registry, user.actor, where)
    chosen = next((candidate for candidate in view.members if candidate.id == member), None)
    if chosen is None:
        return redirect_see_other(f"/{lang}{_people_path(where)}")
    page = _member_page(site, lang, view, chosen)
    return forms.handle_form(
        page,
        lambda typed: people.change_member_role(site.registry, user.actor, where, member, role=typed["role"]),
        lambda _done: redirect_see_other(f"/{lang}{_people_path(where)}"),
        forms.initial_state(role=chosen.role),
    )


def _member_page(site: Site, lang: Lang, view: people.MembersView, member: MemberView) -> FormPage:
    path = f"{view.organisation.path}/members/{member.id}"
    return FormPage(
        site,
        lang,
        path,
        CHANGE_ROLE,
        template="workspace/member.html",
        context={"member": member, "organisation": view.organisation, "remove": f"{path}/remove"},
    )


def remove_member(
    site: Site, lang: Lang, user: UserSession, *, register: str, org: str, member: int
) -> Response:
    """End a membership; that the last owner cannot go is said on the page of the member."""
    where = Represented(register, org)
    result = forms.attempt(lang, {}, lambda: people.remove_member(site.registry, user.actor, where, member))
    if not isinstance(result, FormState):
        return redirect_see_other(f"/{lang}{_people_path(where)}")
    view = people.list_members(site.registry, user.actor, where)
    chosen = next(candidate for candidate in view.members if candidate.id == member)
    return forms.show_form(_member_page(site, lang, view, chosen), result)


def withdraw_invitation(
    site: Site, lang: Lang, user: UserSession, *, register: str, org: str, invitation: int
) -> Response:
    """Withdraw an invitation that is not accepted yet."""
    where = Represented(register, org)
    people.withdraw_invitation(site.registry, user.actor, where, invitation)
    return redirect_see_other(f"/{lang}{_people_path(where)}#invited")


def leave(site: Site, lang: Lang, user: UserSession, *, register: str, org: str) -> Response:
    """End the user's own membership, after a page that asks for confirmation."""
    where = Represented(register, org)
    organisation = people.list_members(site.registry, user.actor, where).organisation
    path = f"{organisation.path}/leave"
    return forms.handle_form(
        FormPage(site, lang, path, LEAVE, context={"organisation": organisation}),
        lambda _typed: people.leave_organisation(site.registry, user.actor, where),
        lambda _done: redirect_see_other(f"/{lang}{HOME_PATH}"),
    )


def _people_path(where: Represented) -> str:
    return f"/workspace/{where.register}/{where.slug}/people"
