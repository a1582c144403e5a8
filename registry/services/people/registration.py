"""The way in: sign-up by a link sent by mail, a forgotten password, an address that changes.

Whether an address has an account is told to its owner's mailbox only, never to the page (ASVS 2.2.2, 2.5.3).
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable

from sqlalchemy import Connection, delete, insert, select, update
from sqlalchemy.exc import IntegrityError

from registry import clock
from registry.accounts import addresses, attempts, audit_log, passwords
from registry.accounts import token as api_tokens
from registry.accounts.attempts import Limit
from registry.accounts.model import Session, User
from registry.accounts.policy import Action, Actor, require
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
    with unit_of_work(registry.engine) as work:
        spend(registry, work, ((LETTERS_TO_ONE, address), (LETTERS_FROM_ONE, network)))
        if by_address(work, address) is None:
            ticket = email_links.make(work, email_links.SIGN_UP, address)
            email_links.post(work, "sign_up", lang, address, ticket)
        else:
            email_links.post(work, "has_account", lang, address)
    return address


def ask_for_password(registry: Registry, actor: Actor, email: str, lang: Lang, network: str) -> str:
    """Send a link to set a new password, if the address has an account. Returns the address; raises as above."""
    require(actor, Action.ENTER)
    address = _address(email)
    with unit_of_work(registry.engine) as work:
        spend(registry, work, ((LETTERS_TO_ONE, address), (LETTERS_FROM_ONE, network)))
        user = by_address(work, address)
        if user is not None:
            ticket = email_links.make(work, email_links.PASSWORD, user.email, user.id)
            email_links.post(work, "password", lang, user.email, ticket)
            audit_log.note(work, actor.role, "password_asked", user.id)
    return address


def link(registry: Registry, actor: Actor, purpose: str, token: str) -> TicketView:
    """What a link of a mail is for, without using it. Raises `NotFound` (`link_void`)."""
    require(actor, Action.ENTER)
    with reading(registry.engine) as work:
        return email_links.view(email_links.good(registry, work, purpose, token))


def finish_sign_up(registry: Registry, actor: Actor, token: str, name: str, password: str, lang: Lang) -> str:
    """Make the account that a link of a mail stands for. Returns its e-mail address.

    Raises `Invalid` (name, password) and `NotFound` for a link that is void.
    """
    require(actor, Action.ENTER)
    with reading(registry.engine) as work:
        email: str = email_links.good(registry, work, email_links.SIGN_UP, token).email
    name, issues = checked_name(name)
    refuse((*issues, *password_issues(password, (email, name))))
    password_hash = passwords.hash_password(password)  # slow: outside the transaction
    try:
        with unit_of_work(registry.engine) as work:
            email_links.use(work, email_links.good(registry, work, email_links.SIGN_UP, token))
            email_links.void_sign_ups(work, email)
            user_id = add_user(work, email, name, lang, "enterprise", password_hash)
            audit_log.note(work, "enterprise", "signed_up", user_id)
    except IntegrityError as twice:  # two links to one address, used at the same moment
        raise Invalid((Issue("link_void"),)) from twice
    return email


def finished(registry: Registry, actor: Actor, token: str) -> str:
    """The address of the account that a used link of a sign-up has made, "" where it made none."""
    require(actor, Action.ENTER)
    with reading(registry.engine) as work:
        ticket = email_links.used(registry, work, email_links.SIGN_UP, token)
        user = None if ticket is None else by_address(work, ticket.email)
    return "" if user is None else str(user.email)


def set_password(registry: Registry, actor: Actor, token: str, password: str) -> str:
    """Set a forgotten or first password by a link of a mail; every session ends. Returns the e-mail address.

    Raises `Invalid` (password) and `NotFound` for a link that is void.
    """
    require(actor, Action.ENTER)
    with reading(registry.engine) as work:
        user = _of(work, email_links.good(registry, work, email_links.PASSWORD, token))
    refuse(password_issues(password, (user.email, user.name)))
    password_hash = passwords.hash_password(password)
    with unit_of_work(registry.engine) as work:
        email_links.use(work, email_links.good(registry, work, email_links.PASSWORD, token))
        work.execute(
            update(User).where(User.id == user.id).values(password_hash=password_hash, seen_at=clock.now())
        )
        work.execute(delete(Session).where(Session.user_id == user.id))
        email_links.void_all(work, user.id)
        api_tokens.revoke_all(work, user.id)
        email_links.post(work, "password_changed", user.lang, user.email)
        audit_log.note(work, actor.role, "password_set", user.id)
    return str(user.email)


def confirm_address(registry: Registry, actor: Actor, token: str) -> str:
    """Let the address change that a link of a mail confirms; the old one is told. Returns the new one.

    Raises `NotFound` for a link that is void, `Invalid` when another account has the address by now.
    """
    require(actor, Action.ENTER)
    with unit_of_work(registry.engine) as work:
        ticket = email_links.good(registry, work, email_links.ADDRESS, token)
        email_links.use(work, ticket)
        user = _of(work, ticket)
        email_links.void_all(work, user.id)
        if by_address(work, ticket.email) is not None:
            raise Invalid((Issue("address_taken", "email"),))
        work.execute(
            update(User)
            .where(User.id == user.id)
            .values(email=ticket.email, email_key=addresses.key_of(ticket.email))
        )
        email_links.post(work, "address_changed", user.lang, user.email)
        audit_log.note(work, actor.role, "address_changed", user.id)
    return str(ticket.email)


def add_user(work: Connection, email: str, name: str, lang: str, role: str, password_hash: str = "") -> int:
    """A new account, by its id. Raises IntegrityError where the address has one."""
    now = clock.now()
    given = {"email": email, "email_key": addresses.key_of(email), "name": name, "lang": lang, "role": role}
    made = insert(User).values(**given, password_hash=password_hash, created_at=now, seen_at=now)
    return int(work.execute(made.returning(User.id)).scalar_one())


def by_address(work: Connection, address: str) -> Fetched | None:
    """The account of an e-mail address, whatever its case."""
    return work.execute(
        select(*User.__table__.columns).where(User.email_key == addresses.key_of(address))
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
    address = addresses.normalised(typed)
    if address is None:
        code = "email_form" if typed.strip() else "required"
        raise Invalid((Issue(code, "email", {"value": typed.strip()[:80]}),))
    return address


def spend(registry: Registry, work: Connection, spent: tuple[tuple[Limit, str], ...]) -> None:
    """Count an act against its limits, by whose they are. Raises `TooOften`, and then counts nothing."""
    secret = registry.settings.secret_key
    until = attempts.blocked_until(work, [limit.key(secret, whose) for limit, whose in spent])
    if until is not None:
        raise TooOften(until)
    for limit, whose in spent:
        attempts.count(work, limit, limit.key(secret, whose))


def _of(work: Connection, ticket: Fetched) -> Fetched:
    return work.execute(select(*User.__table__.columns).where(User.id == ticket.user_id)).one()
