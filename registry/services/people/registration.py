"""The way in: sign-up by a link sent by mail, a forgotten password, an address that changes.

Whether an address has an account is told to its owner's mailbox only, never to the page (ASVS 2.2.2, 2.5.3).
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Protocol

from sqlalchemy import Connection, delete, insert, select, update

from registry import clock
from registry.accounts import api_tokens, audit_log, email_addresses, passwords, rate_limits
from registry.accounts.model import Session, User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.rate_limits import RateLimit
from registry.errors import ConcurrentWrite, Invalid, TooManyAttempts
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.mail.email_links import EmailLinkView
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

MAX_NAME_LENGTH = 120
HOUR = dt.timedelta(hours=1)
MAILS_PER_RECIPIENT = RateLimit("letters_to", 5, HOUR)
MAILS_PER_NETWORK = RateLimit("letters_from", 30, HOUR)


class LinkRequest(Protocol):
    """A use case that mails a link to an address that was typed; returns the address in its normal form."""

    def __call__(self, registry: Registry, actor: Actor, email: str, *, lang: Lang, network: str) -> str: ...


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What people state about themselves when they make an account. `lang`: of the mails they will get."""

    name: str
    password: str
    lang: Lang


def request_sign_up(registry: Registry, actor: Actor, email: str, *, lang: Lang, network: str) -> str:
    """Send a link to finish a sign-up, or, where there is an account, word of that. Returns the address written to.

    `network`: the address on the net of who asks. Raises `Invalid` for no e-mail address, `TooOften`.
    """
    require(actor, Action.SIGN_IN)
    address = _parse_email(email)
    with unit_of_work(registry.engine) as connection:
        enforce_limits(registry, connection, ((MAILS_PER_RECIPIENT, address), (MAILS_PER_NETWORK, network)))
        if find_user(connection, address) is None:
            ticket = email_links.create_link(connection, email_links.SIGN_UP_LINK, address)
            letters.enqueue_mail(connection, "sign_up", lang, address, link_id=ticket)
        else:
            letters.enqueue_mail(connection, "has_account", lang, address)
    return address


def request_password_reset(registry: Registry, actor: Actor, email: str, *, lang: Lang, network: str) -> str:
    """Send a link to set a new password, if the address has an account. Returns the address; raises as above."""
    require(actor, Action.SIGN_IN)
    address = _parse_email(email)
    with unit_of_work(registry.engine) as connection:
        enforce_limits(registry, connection, ((MAILS_PER_RECIPIENT, address), (MAILS_PER_NETWORK, network)))
        user = find_user(connection, address)
        if user is not None:
            ticket = email_links.create_link(
                connection, email_links.PASSWORD_LINK, user.email, user_id=user.id
            )
            letters.enqueue_mail(connection, "password", lang, user.email, link_id=ticket)
            audit_log.record(connection, actor.role, "password_asked", user.id)
    return address


def check_link(registry: Registry, actor: Actor, purpose: str, token: str) -> EmailLinkView:
    """What a link of a mail is for, without using it. Raises `NotFound` (`link_void`)."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        return email_links.view_link(email_links.verify(registry, connection, purpose, token))


def complete_sign_up(registry: Registry, actor: Actor, token: str, account: NewAccount) -> str:
    """Make the account that a link of a mail stands for. Returns its e-mail address.

    Raises `Invalid` (name, password) and `NotFound` for a link that is void.
    """
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        email: str = email_links.verify(registry, connection, email_links.SIGN_UP_LINK, token).email
    name, issues = validate_name(account.name)
    raise_if_invalid((*issues, *password_issues(account.password, (email, name))))
    password_hash = passwords.hash_password(account.password)  # slow: outside the transaction
    try:
        with unit_of_work(registry.engine) as connection:
            email_links.consume(
                connection, email_links.verify(registry, connection, email_links.SIGN_UP_LINK, token)
            )
            email_links.revoke_sign_up_links(connection, email)
            user_id = create_user(
                connection,
                email,
                name=name,
                lang=account.lang,
                role="enterprise",
                password_hash=password_hash,
            )
            audit_log.record(connection, "enterprise", "signed_up", user_id)
    except ConcurrentWrite as twice:  # two links to one address, used at the same moment
        raise Invalid((Issue("link_void"),)) from twice
    return email


def completed_sign_up_email(registry: Registry, actor: Actor, token: str) -> str:
    """The address of the account that a used link of a sign-up has made, "" where it made none."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        ticket = email_links.verify_used(registry, connection, email_links.SIGN_UP_LINK, token)
        user = None if ticket is None else find_user(connection, ticket.email)
    return "" if user is None else str(user.email)


def reset_password(registry: Registry, actor: Actor, token: str, password: str) -> str:
    """Set a forgotten or first password by a link of a mail; every session ends. Returns the e-mail address.

    Raises `Invalid` (password) and `NotFound` for a link that is void.
    """
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        user = _user_of_link(
            connection, email_links.verify(registry, connection, email_links.PASSWORD_LINK, token)
        )
    raise_if_invalid(password_issues(password, (user.email, user.name)))
    password_hash = passwords.hash_password(password)
    with unit_of_work(registry.engine) as connection:
        email_links.consume(
            connection, email_links.verify(registry, connection, email_links.PASSWORD_LINK, token)
        )
        connection.execute(
            update(User).where(User.id == user.id).values(password_hash=password_hash, seen_at=clock.now())
        )
        connection.execute(delete(Session).where(Session.user_id == user.id))
        email_links.revoke_links(connection, user.id)
        api_tokens.revoke_tokens(connection, user.id)
        letters.enqueue_mail(connection, "password_changed", user.lang, user.email)
        audit_log.record(connection, actor.role, "password_set", user.id)
    return str(user.email)


def confirm_email_change(registry: Registry, actor: Actor, token: str) -> str:
    """Let the address change that a link of a mail confirms; the old one is told. Returns the new one.

    Raises `NotFound` for a link that is void, `Invalid` when another account has the address by now.
    """
    require(actor, Action.SIGN_IN)
    with unit_of_work(registry.engine) as connection:
        ticket = email_links.verify(registry, connection, email_links.ADDRESS_LINK, token)
        email_links.consume(connection, ticket)
        user = _user_of_link(connection, ticket)
        email_links.revoke_links(connection, user.id)
        if find_user(connection, ticket.email) is not None:
            raise Invalid((Issue("address_taken", "email"),))
        connection.execute(
            update(User)
            .where(User.id == user.id)
            .values(email=ticket.email, email_key=email_addresses.email_key(ticket.email))
        )
        letters.enqueue_mail(connection, "address_changed", user.lang, user.email)
        audit_log.record(connection, actor.role, "address_changed", user.id)
    return str(ticket.email)


def create_user(
    connection: Connection, email: str, *, name: str, lang: str, role: str, password_hash: str = ""
) -> int:
    """A new account, by its id. Breaks a constraint where the address has one."""
    now = clock.now()
    given = {
        "email": email,
        "email_key": email_addresses.email_key(email),
        "name": name,
        "lang": lang,
        "role": role,
    }
    made = insert(User).values(**given, password_hash=password_hash, created_at=now, seen_at=now)
    return int(connection.execute(made.returning(User.id)).scalar_one())


def find_user(connection: Connection, email: str) -> FetchedRow | None:
    """The account of an e-mail address, whatever its case."""
    return connection.execute(
        select(*User.__table__.columns).where(User.email_key == email_addresses.email_key(email))
    ).one_or_none()


def validate_name(typed: str) -> tuple[str, tuple[Issue, ...]]:
    """A person's name as it is kept, and what stands against it."""
    name = " ".join(typed.split())
    if not name:
        return name, (Issue("required", "name"),)
    if len(name) > MAX_NAME_LENGTH:
        return name, (Issue("too_long", "name", {"length": len(name), "at_most": MAX_NAME_LENGTH}),)
    return name, ()


def password_issues(password: str, related_texts: tuple[str, ...]) -> tuple[Issue, ...]:
    """What stands against a new password."""
    code = passwords.rejection_code(password, related_texts)
    params: dict[str, object] = {"at_least": passwords.MIN_LENGTH, "at_most": passwords.MAX_LENGTH}
    return (Issue(code, "password", params),) if code else ()


def raise_if_invalid(issues: tuple[Issue, ...]) -> None:
    """Raises `Invalid` when there are issues."""
    if issues:
        raise Invalid(issues)


def _parse_email(typed: str) -> str:
    address = email_addresses.normalise_email(typed)
    if address is None:
        code = "email_form" if typed.strip() else "required"
        raise Invalid((Issue(code, "email", {"value": typed.strip()[:80]}),))
    return address


def enforce_limits(
    registry: Registry, connection: Connection, usages: tuple[tuple[RateLimit, str], ...]
) -> None:
    """Count an act against its limits, by whose they are. Raises `TooOften`, and then counts nothing."""
    secret = registry.settings.secret_key
    until = rate_limits.blocked_until(connection, [limit.key(secret, whose) for limit, whose in usages])
    if until is not None:
        raise TooManyAttempts(until)
    for limit, whose in usages:
        rate_limits.record_attempt(connection, limit, limit.key(secret, whose))


def _user_of_link(connection: Connection, ticket: FetchedRow) -> FetchedRow:
    return connection.execute(select(*User.__table__.columns).where(User.id == ticket.user_id)).one()
