"""Staff accounts: the operator creates accounts, assigns roles and memberships, and resets lost second factors."""

from __future__ import annotations

from sqlalchemy import Connection, delete, update

from registry.accounts import api_tokens, audit_log, email_addresses
from registry.accounts.model import RecoveryCode, Session, User
from registry.accounts.policy import ROLES, Action, Actor, require
from registry.errors import Invalid
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.people import memberships
from registry.services.people.factor_secrets import NO_FACTOR
from registry.services.people.registration import create_user, find_user
from registry.store.base import FetchedRow
from registry.store.unit_of_work import unit_of_work

ASSIGNABLE_ROLES = tuple(sorted(ROLES - {"visitor", "system"}))


def assign_account_role(
    registry: Registry, actor: Actor, email: str, role: str, *, lang: Lang, organisation: str = ""
) -> str:
    """Assign a role to an account, which is created if there is none; its owner gets a link to choose a password.

    All sessions of an account whose role changes end. `organisation`: number of one that the account becomes a member
    of, as owner if it has no owner of its own, else as editor. Returns the path of the link, "" for an account that has
    a password. Raises `Invalid`.
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    address = _parse_email(email)
    if role not in ASSIGNABLE_ROLES:
        raise Invalid((Issue("role_unknown", "role", {"value": role, "known": ", ".join(ASSIGNABLE_ROLES)}),))
    with unit_of_work(registry.engine) as connection:
        user = find_user(connection, address)
        user_id = user.id if user else create_user(connection, address, name="", lang=lang, role=role)
        if user is not None and user.role != role:
            connection.execute(update(User).where(User.id == user_id).values(role=role))
            connection.execute(delete(Session).where(Session.user_id == user_id))
            api_tokens.revoke_tokens(connection, user_id)
        audit_log.record(connection, actor.role, "appointed", user_id, details=role)
        if organisation:
            _add_to_organisation(
                connection,
                actor,
                organisation,
                user_id=user_id,
                email=user.email if user else address,
                lang=user.lang if user else lang,
            )
        if user is not None and user.password_hash:
            return ""
        link_id = email_links.create_link(
            connection,
            email_links.PASSWORD_LINK,
            address,
            user_id=user_id,
            lifetime=email_links.FIRST_PASSWORD_LIFETIME,
        )
        letters.enqueue_letter(connection, "appointed", lang, address, link_id=link_id)
        link = email_links.find_link(connection, link_id)
        assert link is not None
        return email_links.link_path(registry, link, lang)


def reset_second_factor(registry: Registry, actor: Actor, email: str) -> bool:
    """Remove a second factor that its owner has lost; every session and API token ends, and the owner is notified by mail.

    Staff must set up a new one at their next sign-in. Returns False if none was set up. Raises `Invalid`
    (`account_unknown`).
    """
    require(actor, Action.MANAGE_ACCOUNTS)
    address = _parse_email(email)
    with unit_of_work(registry.engine) as connection:
        user = find_user(connection, address)
        if user is None:
            raise Invalid((Issue("account_unknown", "email", {"value": address}),))
        if user.factor_since is None:
            return False
        connection.execute(update(User).where(User.id == user.id).values(**NO_FACTOR))
        connection.execute(delete(RecoveryCode).where(RecoveryCode.user_id == user.id))
        connection.execute(delete(Session).where(Session.user_id == user.id))
        email_links.revoke_links(connection, user.id)
        ended = str(api_tokens.revoke_tokens(connection, user.id))
        letters.enqueue_letter(connection, "factor_reset", user.lang, user.email, ended=ended)
        audit_log.record(connection, actor.role, "factor_reset", user.id)
    return True


def _add_to_organisation(
    connection: Connection, actor: Actor, number: str, *, user_id: int, email: str, lang: str
) -> None:
    """Make the account a member of an organisation and notify it. Raises `Invalid` (`organisation_unknown`)."""
    record: FetchedRow | None = memberships.find_organisation(connection, number)
    if record is None:
        raise Invalid((Issue("organisation_unknown", "organisation", {"value": number[:120]}),))
    role = "editor" if memberships.has_owner(connection, record.id) else "owner"
    memberships.add_member(connection, record.id, user_id, role, agent=False)
    letters.enqueue_letter(
        connection, "member_added", lang, email, organisation=memberships.organisation_name(record, lang)
    )
    audit_log.record(connection, actor.role, "joined", user_id, subject=record.number, details=role)


def _parse_email(email: str) -> str:
    """Return the normalised address. Raises `Invalid` for what is none."""
    address = email_addresses.normalise_email(email)
    if address is None:
        raise Invalid((Issue("email_form", "email", {"value": email.strip()[:80]}),))
    return address
