"""Invitations: an owner offers a place in an organisation; the owner of the address takes it, with an account or without.

The link of the mail proves the address, so that who has no account yet makes one with it at once.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log, email_addresses, passwords
from registry.accounts.membership import ACCEPTED, ROLES, WITHDRAWN, Invitation, Membership
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.rate_limits import Limit
from registry.errors import Forbidden, Invalid, NotFound
from registry.i18n import Lang
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links
from registry.services.people import memberships
from registry.services.people.memberships import ORGANISATIONS, ROLE_WORDS, acting
from registry.services.people.registration import (
    HOUR,
    add_user,
    by_address,
    checked_name,
    password_issues,
    refuse,
    spend,
)
from registry.services.publication.record_queries import TITLE
from registry.services.records import titles
from registry.store.base import Fetched
from registry.store.unit_of_work import reading, unit_of_work

INVITATIONS_OF_ONE = Limit("invitations", 30, HOUR)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What is offered, to whom. `role_words`: message id."""

    email: str
    organisation: Words
    slug: str
    role_words: str
    agent: bool
    by: str
    has_account: bool


def invite(registry: Registry, actor: Actor, slug: str, email: str, role: str, *, agent: bool) -> str:
    """Offer a place to the owner of an e-mail address. Returns the address.

    An agent (`agent`) is never owner. Raises `NotFound`, `Forbidden` for who is no owner, `Invalid`, `TooOften`.
    """
    require(actor, Action.ACT_FOR)
    address = email_addresses.normalised(email)
    issues = []
    if address is None:
        code = "email_form" if email.strip() else "required"
        issues.append(Issue(code, "email", {"value": email.strip()[:80]}))
    if role not in ROLES:
        issues.append(Issue("unknown_value", "role", {"value": role[:20], "known": ", ".join(ROLES)}))
    elif agent and role == "owner":
        issues.append(Issue("agent_no_owner", "role"))
    refuse(tuple(issues))
    assert address is not None
    with unit_of_work(registry.engine) as connection:
        mine = acting(connection, actor, slug, "owner")
        invited = by_address(connection, address)
        if invited is not None and _is_member(connection, mine.id, invited.id):
            raise Invalid((Issue("member_already_there", "email"),))
        spend(registry, connection, ((INVITATIONS_OF_ONE, str(actor.user_id)),))
        _end_earlier(connection, mine.id, address)
        ticket = email_links.make(connection, email_links.INVITATION, address)
        given = {"record_id": mine.id, "ticket_id": ticket, "email": address, "role": role, "agent": agent}
        connection.execute(
            insert(Invitation).values(**given, invited_by=actor.user_id, created_at=clock.now())
        )
        by = connection.execute(
            select(User.name, User.email, User.lang).where(User.id == actor.user_id)
        ).one()
        lang = invited.lang if invited is not None else by.lang
        name = memberships.name_in(mine, lang)
        email_links.post(
            connection, "invitation", lang, address, ticket, organisation=name, person=by.name or by.email
        )
        audit_log.note(connection, actor.role, "invited", actor.user_id, mine.number, role)
    return address


def withdraw(registry: Registry, actor: Actor, slug: str, invitation_id: int) -> None:
    """Take an invitation back; its link is void. Raises `NotFound` and `Forbidden`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        mine = acting(connection, actor, slug, "owner")
        waits = (
            (Invitation.id == invitation_id) & (Invitation.record_id == mine.id) & (Invitation.ended == "")
        )
        row = connection.execute(select(Invitation.ticket_id).where(waits)).one_or_none()
        if row is None:
            raise NotFound("invitation", str(invitation_id))
        if not _end(connection, row.ticket_id, WITHDRAWN):
            raise NotFound("invitation", str(invitation_id))
        audit_log.note(connection, actor.role, "invitation_withdrawn", actor.user_id, mine.number)


def look(registry: Registry, actor: Actor, token: str) -> InvitationView:
    """What an invitation offers, by the token of its mail. Raises `NotFound` for one that is void."""
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        row = _offered(registry, connection, token)
        name = titles.title(catalogue()[ORGANISATIONS], row)
        known = by_address(connection, row.email) is not None
    return InvitationView(row.email, name, row.slug, ROLE_WORDS[row.role], row.agent, row.person, known)


def accept(registry: Registry, actor: Actor, token: str) -> str:
    """Take the place that is offered. Returns the slug of the organisation.

    Raises `NotFound` for an invitation that is void, `Forbidden` for the account of another address.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        row = _offered(registry, connection, token)
        user = by_address(connection, row.email)
        if user is None or user.id != actor.user_id:
            raise Forbidden("the invitation is for another address")
        _take(connection, row, user.id)
    return str(row.slug)


def accept_with_account(
    registry: Registry, actor: Actor, token: str, name: str, password: str, lang: Lang
) -> str:
    """Make an account for the address invited, with the place that is offered. Returns the address.

    Raises `NotFound` for an invitation that is void or whose address has an account, `Invalid` (name, password).
    """
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        row = _offered(registry, connection, token)
    name, issues = checked_name(name)
    refuse((*issues, *password_issues(password, (row.email, name))))
    password_hash = passwords.hash_password(password)  # slow: outside the transaction
    with unit_of_work(registry.engine) as connection:
        row = _offered(registry, connection, token)
        if by_address(connection, row.email) is not None:
            raise NotFound("invitation", code="link_void")
        user_id = add_user(connection, row.email, name, lang, "enterprise", password_hash)
        audit_log.note(connection, "enterprise", "signed_up", user_id)
        _take(connection, row, user_id)
    return str(row.email)


def _take(connection: Connection, row: Fetched, user_id: int) -> None:
    if not _end(connection, row.ticket_id, ACCEPTED):
        raise NotFound("invitation", code="link_void")  # another request was quicker
    memberships.add(connection, row.id, user_id, row.role, agent=row.agent)
    audit_log.note(connection, "enterprise", "joined", user_id, row.number, row.role)


def _offered(registry: Registry, connection: Connection, token: str) -> Fetched:
    ticket = email_links.good(registry, connection, email_links.INVITATION, token)
    row = connection.execute(
        select(*TITLE, Invitation.ticket_id, Invitation.email, Invitation.role, Invitation.agent)
        .add_columns(User.name.label("person"))
        .join(Invitation, Invitation.record_id == Record.id)
        .join(User, User.id == Invitation.invited_by)
        .join(  # who invited is an owner still
            Membership,
            (Membership.record_id == Invitation.record_id)
            & (Membership.user_id == Invitation.invited_by)
            & (Membership.role == "owner"),
        )
        .where(Invitation.ticket_id == ticket.id, Invitation.ended == "")
    ).one_or_none()
    if row is None:
        raise NotFound("invitation", code="link_void")
    return row


def _is_member(connection: Connection, record_id: int, user_id: int) -> bool:
    member = (Membership.record_id == record_id) & (Membership.user_id == user_id)
    return connection.execute(select(Membership.id).where(member)).scalar() is not None


def _end_earlier(connection: Connection, record_id: int, address: str) -> None:
    """A new invitation of the same address to the same organisation takes the place of the one before."""
    earlier = (Invitation.record_id == record_id) & (Invitation.email == address) & (Invitation.ended == "")
    for ticket_id in connection.execute(select(Invitation.ticket_id).where(earlier)).scalars().all():
        _end(connection, ticket_id, WITHDRAWN)


def _end(connection: Connection, ticket_id: int, how: str) -> bool:
    connection.execute(update(Invitation).where(Invitation.ticket_id == ticket_id).values(ended=how))
    return email_links.end(connection, ticket_id)
