"""Invitations: an owner of an organisation invites a person by e-mail, who accepts with an account or creates one.

The link in the mail proves the address, so that a person without an account creates it in the same step.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, insert, select, update

from registry import clock
from registry.accounts import audit_log, borrowed_words, email_addresses, passwords
from registry.accounts.membership import ACCEPTED, ROLES, WITHDRAWN, Invitation, Membership
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import Forbidden, Invalid, NotFound
from registry.kit.display import Words
from registry.kit.issues import Issue
from registry.kit.record import Record
from registry.registers import catalogue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.mail.sending_limits import HOUR, enforce_limits
from registry.services.people import memberships
from registry.services.people.memberships import ROLE_DESCRIPTIONS, Represented, require_membership
from registry.services.people.registration import (
    NewAccount,
    create_user,
    find_user,
    password_issues,
    raise_if_invalid,
    validate_name,
)
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

INVITATIONS_PER_USER = RateLimit("invitations", 30, HOUR)


@dataclass(frozen=True, slots=True)
class InvitationView:
    """What an invitation offers, and to whom. `role_words`: message id; `by`: who invited, in the language of the page, as
    `borrowed_words.quoted_person` names them."""

    email: str
    organisation: Words
    register: str
    slug: str
    role_words: str
    agent: bool
    by: Words
    has_account: bool


def invite_member(
    registry: Registry, actor: Actor, slug: str | Represented, *, email: str, role: str, agent: bool
) -> str:
    """Invite the owner of an e-mail address to act for an organisation. Returns the normalised address.

    An agent (`agent`) cannot be an owner. Raises `NotFound`, `Forbidden` unless the actor is an owner, `Invalid`, and
    `TooManyAttempts`.
    """
    require(actor, Action.ACT_FOR)
    address = email_addresses.normalise_email(email)
    issues = []
    if address is None:
        code = "email_form" if email.strip() else "required"
        issues.append(Issue(code, "email", {"value": email.strip()[:80]}))
    if role not in ROLES:
        issues.append(Issue("unknown_value", "role", {"value": role[:20], "known": ", ".join(ROLES)}))
    elif agent and role == "owner":
        issues.append(Issue("agent_no_owner", "role"))
    raise_if_invalid(tuple(issues))
    assert address is not None
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, slug, "owner")
        invited = find_user(connection, address)
        if invited is not None and _is_member(connection, organisation.id, invited.id):
            raise Invalid((Issue("member_already_there", "email"),))
        enforce_limits(registry, connection, ((INVITATIONS_PER_USER, str(actor.user_id)),))
        _withdraw_earlier(connection, organisation.id, address)
        link_id = email_links.create_link(connection, email_links.INVITATION_LINK, address)
        row = {
            "record_id": organisation.id,
            "ticket_id": link_id,
            "email": address,
            "role": role,
            "agent": agent,
            "invited_by": actor.user_id,
            "created_at": clock.now(),
        }
        connection.execute(insert(Invitation).values(**row))
        by = connection.execute(
            select(User.name, User.email, User.lang).where(User.id == actor.user_id)
        ).one()
        lang = invited.lang if invited is not None else by.lang
        name = memberships.organisation_name(organisation, lang)
        letters.enqueue_letter(
            connection,
            "invitation",
            lang,
            address,
            link_id=link_id,
            organisation=name,
            person=borrowed_words.quoted_person(by.name, by.email, lang),
        )
        audit_log.record(connection, actor, "invited", subject=organisation.number, details=role)
    return address


def withdraw_invitation(
    registry: Registry, actor: Actor, slug: str | Represented, invitation_id: int
) -> None:
    """Withdraw an open invitation; its link becomes invalid. Raises `NotFound` and `Forbidden`."""
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        organisation = require_membership(connection, actor, slug, "owner")
        is_open = (
            (Invitation.id == invitation_id)
            & (Invitation.record_id == organisation.id)
            & (Invitation.ended == "")
        )
        row = connection.execute(select(Invitation.ticket_id).where(is_open)).one_or_none()
        if row is None:
            raise NotFound("invitation", str(invitation_id))
        if not _end_invitation(connection, row.ticket_id, WITHDRAWN):
            raise NotFound("invitation", str(invitation_id))
        audit_log.record(connection, actor, "invitation_withdrawn", subject=organisation.number)


def view_invitation(registry: Registry, actor: Actor, token: str) -> InvitationView:
    """Return what the invitation of a token offers. Raises `NotFound` (`link_void`) if it is not valid any more."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        row = _load_offer(registry, connection, token)
        name = titles.title_of(catalogue()[row.register], row)
        has_account = find_user(connection, row.email) is not None
    zh, en = (borrowed_words.quoted_person(row.person, row.person_email, lang) for lang in ("zh", "en"))
    return InvitationView(
        email=row.email,
        organisation=name,
        register=row.register,
        slug=row.slug,
        role_words=ROLE_DESCRIPTIONS[row.role],
        agent=row.agent,
        by=Words(zh, en),
        has_account=has_account,
    )


def accept_invitation(registry: Registry, actor: Actor, token: str) -> Represented:
    """Accept an invitation with the actor's account. Returns what it acts for from now on.

    To act for a body ends the sessions of an account that has no second factor to be asked for yet (`give_role`).

    Raises `NotFound` if it is not valid any more, `Forbidden` if it is for another address.
    """
    require(actor, Action.ACT_FOR)
    with unit_of_work(registry.engine) as connection:
        row = _load_offer(registry, connection, token)
        user = find_user(connection, row.email)
        if user is None or user.id != actor.user_id:
            raise Forbidden("invitation_of_another")
        _accept_offer(connection, row, user.id)
    return Represented(row.register, row.slug)


def accept_invitation_with_new_account(
    registry: Registry, actor: Actor, token: str, account: NewAccount
) -> str:
    """Create an account for the invited address and accept the invitation with it. Returns the address.

    Raises `NotFound` if it is not valid any more or the address has an account, `Invalid` (name, password).
    """
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        row = _load_offer(registry, connection, token)
    name, issues = validate_name(account.name)
    raise_if_invalid((*issues, *password_issues(account.password, (row.email, name))))
    password_hash = passwords.hash_password(account.password)  # slow: outside the transaction
    with unit_of_work(registry.engine) as connection:
        row = _load_offer(registry, connection, token)
        if find_user(connection, row.email) is not None:
            raise NotFound("invitation", code="link_void")
        user_id = create_user(
            connection,
            row.email,
            name=name,
            lang=account.lang,
            role="enterprise",
            password_hash=password_hash,
        )
        audit_log.record(connection, Actor("enterprise", user_id), "signed_up")
        _accept_offer(connection, row, user_id)
    return str(row.email)


def _accept_offer(connection: Connection, row: FetchedRow, user_id: int) -> None:
    if not _end_invitation(connection, row.ticket_id, ACCEPTED):
        raise NotFound("invitation", code="link_void")  # a concurrent request has ended it
    memberships.add_member(connection, row.id, user_id, row.role, agent=row.agent)
    memberships.give_role(connection, row.id, user_id, Actor("enterprise", user_id))
    audit_log.record(connection, Actor("enterprise", user_id), "joined", subject=row.number, details=row.role)


def _load_offer(registry: Registry, connection: Connection, token: str) -> FetchedRow:
    """Return the open invitation of a token. Raises `NotFound` (`link_void`)."""
    link = email_links.verify_link(registry, connection, email_links.INVITATION_LINK, token)
    row = connection.execute(
        select(*TITLE_COLUMNS, Invitation.ticket_id, Invitation.email, Invitation.role, Invitation.agent)
        .add_columns(User.name.label("person"), User.email.label("person_email"))
        .join(Invitation, Invitation.record_id == Record.id)
        .join(User, User.id == Invitation.invited_by)
        .join(  # only if the person who invited is still an owner
            Membership,
            (Membership.record_id == Invitation.record_id)
            & (Membership.user_id == Invitation.invited_by)
            & (Membership.role == "owner"),
        )
        .where(Invitation.ticket_id == link.id, Invitation.ended == "")
    ).one_or_none()
    if row is None:
        raise NotFound("invitation", code="link_void")
    return row


def _is_member(connection: Connection, record_id: int, user_id: int) -> bool:
    member = (Membership.record_id == record_id) & (Membership.user_id == user_id)
    return connection.execute(select(Membership.id).where(member)).scalar() is not None


def _withdraw_earlier(connection: Connection, record_id: int, address: str) -> None:
    """Withdraw earlier invitations of this address to this organisation: the new one replaces them."""
    earlier = (Invitation.record_id == record_id) & (Invitation.email == address) & (Invitation.ended == "")
    for ticket_id in connection.execute(select(Invitation.ticket_id).where(earlier)).scalars().all():
        _end_invitation(connection, ticket_id, WITHDRAWN)


def _end_invitation(connection: Connection, ticket_id: int, outcome: str) -> bool:
    connection.execute(update(Invitation).where(Invitation.ticket_id == ticket_id).values(ended=outcome))
    return email_links.consume_by_id(connection, ticket_id)
