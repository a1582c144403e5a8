"""The way in: sign-up by a link sent by mail, a forgotten password, an address that changes.

Whether an address has an account is told to its owner's mailbox only, never to the page (ASVS 2.2.2, 2.5.3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from registry import clock
from registry.accounts import api_tokens, audit_log, email_addresses, passwords, rate_limits
from registry.accounts.model import Session, User
from registry.accounts.policy import Action, Actor, require
from registry.accounts.rate_limits import Limit
from registry.errors import Invalid, TooOften
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links
from registry.services.mail.email_links import TicketView
from registry.store.base import Fetched
from registry.store.unit_of_work import reading, unit_of_work

Ask = Callable[[Registry, Actor, str, Lang, str], str]  # what sends a mail to an address that was typed
LONGEST_NAME = 120
HOUR = dt.timedelta(hours=1)
LETTERS_TO_ONE = Limit("letters_to", 5, HOUR)
LETTERS_FROM_ONE = Limit("letters_from", 30, HOUR)


def ask_to_sign_up(registry: Registry, actor: Actor, email: str, lang: Lang, network: str) -> str:
    """Send a link to finish a sign-up, or, where there is an account, word of that. Returns the address written to.

    `network`: the address on the net of who asks. Raises `Invalid` for no e-mail address, `TooOften`.
    """
    require(actor, Action.ENTER)
    address = _address(email)
    with unit_of_work(registry.engine) as connection:
        spend(registry, connection, ((LETTERS_TO_ONE, address), (LETTERS_FROM_ONE, network)))
        if by_address(connection, address) is None:
            ticket = email_links.make(connection, email_links.SIGN_UP, address)
            email_links.post(connection, "sign_up", lang, address, ticket)
        else:
            email_links.post(connection, "has_account", lang, address)
    return address


def ask_for_password(registry: Registry, actor: Actor, email: str, lang: Lang, network: str) -> str:
    """Send a link to set a new password, if the address has an account. Returns the address; raises as above."""
    require(actor, Action.ENTER)
    address = _address(email)
    with unit_of_work(registry.engine) as connection:
        spend(registry, connection, ((LETTERS_TO_ONE, address), (LETTERS_FROM_ONE, network)))
        user = by_address(connection, address)
        if user is not None:
            ticket = email_links.make(connection, email_links.PASSWORD, user.email, user.id)
            email_links.post(connection, "password", lang, user.email, ticket)
            audit_log.note(connection, actor.role, "password_asked", user.id)
    return address


def link(registry: Registry, actor: Actor, purpose: str, token: str) -> TicketView:
    """What a link of a mail is for, without using it. Raises `NotFound` (`link_void`)."""
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        return email_links.view(email_links.good(registry, connection, purpose, token))


def finish_sign_up(registry: Registry, actor: Actor, token: str, name: str, password: str, lang: Lang) -> str:
    """Make the account that a link of a mail stands for. Returns its e-mail address.

    Raises `Invalid` (name, password) and `NotFound` for a link that is void.
    """
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        email: str = email_links.good(registry, connection, email_links.SIGN_UP, token).email
    name, issues = checked_name(name)
    refuse((*issues, *password_issues(password, (email, name))))
    password_hash = passwords.hash_password(password)  # slow: outside the transaction
    try:
        with unit_of_work(registry.engine) as connection:
            email_links.use(connection, email_links.good(registry, connection, email_links.SIGN_UP, token))
            email_links.void_sign_ups(connection, email)
            user_id = add_user(connection, email, name, lang, "enterprise", password_hash)
            audit_log.note(connection, "enterprise", "signed_up", user_id)
    except IntegrityError as twice:  # two links to one address, used at the same moment
        raise Invalid((Issue("link_void"),)) from twice
    return email


def finished(registry: Registry, actor: Actor, token: str) -> str:
    """The address of the account that a used link of a sign-up has made, "" where it made none."""
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        ticket = email_links.used(registry, connection, email_links.SIGN_UP, token)
        user = None if ticket is None else by_address(connection, ticket.email)
    return "" if user is None else str(user.email)


def set_password(registry: Registry, actor: Actor, token: str, password: str) -> str:
    """Set a forgotten or first password by a link of a mail; every session ends. Returns the e-mail address.

    Raises `Invalid` (password) and `NotFound` for a link that is void.
    """
    require(actor, Action.ENTER)
    with reading(registry.engine) as connection:
        user = _of(connection, email_links.good(registry, connection, email_links.PASSWORD, token))
    refuse(password_issues(password, (user.email, user.name)))
    password_hash = passwords.hash_password(password)
    with unit_of_work(registry.engine) as connection:
        email_links.use(connection, email_links.good(registry, connection, email_links.PASSWORD, token))
        connection.execute(
            update(User).where(User.id == user.id).values(password_hash=password_hash, seen_at=clock.now())
        )
        connection.execute(delete(Session).where(Session.user_id == user.id))
        email_links.void_all(connection, user.id)
        api_tokens.revoke_all(connection, user.id)
        email_links.post(connection, "password_changed", user.lang, user.email)
        audit_log.note(connection, actor.role, "password_set", user.id)
    return str(user.email)


def confirm_address(registry: Registry, actor: Actor, token: str) -> str:
    """Let the address change that a link of a mail confirms; the old one is told. Returns the new one.

    Raises `NotFound` for a link that is void, `Invalid` when another account has the address by now.
    """
    require(actor, Action.ENTER)
    with unit_of_work(registry.engine) as connection:
        ticket = email_links.good(registry, connection, email_links.ADDRESS, token)
        email_links.use(connection, ticket)
        user = _of(connection, ticket)
        email_links.void_all(connection, user.id)
        if by_address(connection, ticket.email) is not None:
            raise Invalid((Issue("address_taken", "email"),))
        connection.execute(
            update(User)
            .where(User.id == user.id)
            .values(email=ticket.email, email_key=email_addresses.key_of(ticket.email))
        )
        email_links.post(connection, "address_changed", user.lang, user.email)
        audit_log.note(connection, actor.role, "address_changed", user.id)
    return str(ticket.email)


def add_user(
    connection: Connection, email: str, name: str, lang: str, role: str, password_hash: str = ""
) -> int:
    """A new account, by its id. Raises IntegrityError where the address has one."""
    now = clock.now()
    given = {
        "email": email,
        "email_key": email_addresses.key_of(email),
        "name": name,
        "lang": lang,
        "role": role,
    }
    made = insert(User).values(**given, password_hash=password_hash, created_at=now, seen_at=now)
    return int(connection.execute(made.returning(User.id)).scalar_one())


def by_address(connection: Connection, address: str) -> Fetched | None:
    """The account of an e-mail address, whatever its case."""
    return connection.execute(
        select(*User.__table__.columns).where(User.email_key == email_addresses.key_of(address))
    ).one_or_none()


def checked_name(typed: str) -> tuple[str, tuple[Issue, ...]]:
    """A person's name as it is kept, and what stands against it."""
    name = " ".join(typed.split())
    if not name:
        return name, (Issue("required", "name"),)
    if len(name) > LONGEST_NAME:
        return name, (Issue("too_long", "name", {"length": len(name), "at_most": LONGEST_NAME}),)
    return name, ()


def password_issues(password: str, beside: tuple[str, ...]) -> tuple[Issue, ...]:
    """What stands against a new password."""
    code = passwords.problem(password, beside)
    params: dict[str, object] = {"at_least": passwords.LEAST, "at_most": passwords.MOST}
    return (Issue(code, "password", params),) if code else ()


def refuse(issues: tuple[Issue, ...]) -> None:
    """Raises `Invalid` when there are issues."""
    if issues:
        raise Invalid(issues)


def _address(typed: str) -> str:
    address = email_addresses.normalised(typed)
    if address is None:
        code = "email_form" if typed.strip() else "required"
        raise Invalid((Issue(code, "email", {"value": typed.strip()[:80]}),))
    return address


def spend(registry: Registry, connection: Connection, spent: tuple[tuple[Limit, str], ...]) -> None:
    """Count an act against its limits, by whose they are. Raises `TooOften`, and then counts nothing."""
    secret = registry.settings.secret_key
    until = rate_limits.blocked_until(connection, [limit.key(secret, whose) for limit, whose in spent])
    if until is not None:
        raise TooOften(until)
    for limit, whose in spent:
        rate_limits.count(connection, limit, limit.key(secret, whose))


def _of(connection: Connection, ticket: Fetched) -> Fetched:
    return connection.execute(select(*User.__table__.columns).where(User.id == ticket.user_id)).one()
