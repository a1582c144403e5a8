"""Accounts that somebody else makes: staff, and whoever cannot sign up."""

from __future__ import annotations

from sqlalchemy import delete, update

from registry.accounts import addresses, trail
from registry.accounts.model import Session, User
from registry.accounts.policy import ROLES, Action, Actor, require
from registry.errors import Invalid
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.services import tickets
from registry.services.entering import add_user, by_address
from registry.services.wiring import Registry
from registry.store.unit_of_work import unit_of_work

GIVEN = tuple(sorted(ROLES - {"visitor", "system"}))


def appoint(registry: Registry, actor: Actor, email: str, role: str, lang: Lang) -> str:
    """Give an account this role, and make it first where there is none: its owner gets a link to choose a password.

    An account that changes its role is signed out everywhere. Returns the address of that link without its root, ""
    for an account that has a password. Raises `Invalid`.
    """
    require(actor, Action.APPOINT)
    address = addresses.normalised(email)
    if address is None:
        raise Invalid((Issue("email_form", "email", {"value": email.strip()[:80]}),))
    if role not in GIVEN:
        raise Invalid((Issue("role_unknown", "role", {"value": role, "known": ", ".join(GIVEN)}),))
    with unit_of_work(registry.engine) as work:
        user = by_address(work, address)
        user_id = user.id if user else add_user(work, address, "", lang, role)
        if user is not None and user.role != role:
            work.execute(update(User).where(User.id == user_id).values(role=role))
            work.execute(delete(Session).where(Session.user_id == user_id))
        trail.note(work, actor.role, "appointed", user_id, details=role)
        if user is not None and user.password_hash:
            return ""
        made = tickets.make(work, tickets.PASSWORD, address, user_id, tickets.APPOINTED_FOR)
        tickets.post(work, "appointed", lang, address, made)
        ticket = tickets.by_id(work, made)
        assert ticket is not None
        return tickets.path(registry, ticket, lang)
