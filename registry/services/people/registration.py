"""Registration: sign-up by an e-mail link, reset of a forgotten password, confirmation of a new address.

Whether an address has an account is told to its mailbox only, never on a page (ASVS 2.2.2, 2.5.3).
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import Connection, delete, insert, select, update

from registry import clock
from registry.accounts import api_tokens, audit_log, borrowed_words, email_addresses, passwords
from registry.accounts.model import Session, User
from registry.accounts.policy import Action, Actor, require
from registry.errors import ConcurrentWrite, Invalid
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.services.bootstrap import Registry
from registry.services.mail import email_links, letters
from registry.services.mail.email_links import EmailLinkView
from registry.services.mail.sending_limits import MAILS_PER_NETWORK, MAILS_PER_RECIPIENT, enforce_limits
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work


@dataclass(frozen=True, slots=True)
class NewAccount:
    """What a person states who creates an account. `lang`: of the mails they will get."""

    name: str
    password: str
    lang: Lang


def request_sign_up(registry: Registry, actor: Actor, email: str, *, lang: Lang, network: str) -> str:
    """Mail a link to complete a sign-up, or, if the address has an account, a letter that says so.

    `network`: of the client, as `networks.network_of` gives it. Returns the normalised address. Raises `Invalid` for
    what is no e-mail address, and `TooManyAttempts`.
    """
    require(actor, Action.SIGN_IN)
    address = require_email(email)
    with unit_of_work(registry.engine) as connection:
        enforce_limits(registry, connection, ((MAILS_PER_RECIPIENT, address), (MAILS_PER_NETWORK, network)))
        if find_user(connection, address) is None:
            link_id = email_links.create_link(connection, email_links.SIGN_UP_LINK, address)
            letters.enqueue_letter(connection, "sign_up", lang, address, link_id=link_id)
        else:
            letters.enqueue_letter(connection, "has_account", lang, address)
    return address


def request_password_reset(registry: Registry, actor: Actor, email: str, *, lang: Lang, network: str) -> str:
    """Mail a link to set a new password if the address has an account.

    Returns the address and raises as `request_sign_up`.
    """
    require(actor, Action.SIGN_IN)
    address = require_email(email)
    with unit_of_work(registry.engine) as connection:
        enforce_limits(registry, connection, ((MAILS_PER_RECIPIENT, address), (MAILS_PER_NETWORK, network)))
        user = find_user(connection, address)
        with connection.begin_nested() as work:
            to, user_id = (user.email, user.id) if user else (address, None)
            link_id = email_links.create_link(connection, email_links.PASSWORD_LINK, to, user_id=user_id)
            letters.enqueue_letter(connection, "password", lang, to, link_id=link_id)
            audit_log.record(connection, actor, "password_asked", user_id)
            if user is None:
                work.rollback()  # it was done all the same: the time that it takes tells nothing
    return address


def check_link(registry: Registry, actor: Actor, purpose: str, token: str) -> EmailLinkView:
    """Return what a link is for, without consuming it. Raises `NotFound` (`link_void`) for an invalid one."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        return email_links.view_link(email_links.verify_link(registry, connection, purpose, token))


def complete_sign_up(registry: Registry, actor: Actor, token: str, account: NewAccount) -> str:
    """Create an account for the address to which a link was sent. Returns the address.

    Raises `Invalid` (name, password) and `NotFound` for an invalid link.
    """
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        email: str = email_links.verify_link(registry, connection, email_links.SIGN_UP_LINK, token).email
    name, issues = validate_name(account.name)
    raise_if_invalid((*issues, *password_issues(account.password, (email, name))))
    password_hash = passwords.hash_password(account.password)  # slow: outside the transaction
    try:
        with unit_of_work(registry.engine) as connection:
            email_links.consume(
                connection, email_links.verify_link(registry, connection, email_links.SIGN_UP_LINK, token)
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
            audit_log.record(connection, Actor("enterprise", user_id), "signed_up")
    except ConcurrentWrite as duplicate:  # two links to one address, used concurrently
        raise Invalid((Issue("link_void"),)) from duplicate
    return email


def completed_sign_up_email(registry: Registry, actor: Actor, token: str) -> str:
    """Return the address of the account that a consumed sign-up link has created, or "" if it has created none."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        link = email_links.verify_used_link(registry, connection, email_links.SIGN_UP_LINK, token)
        user = None if link is None else find_user(connection, link.email)
    return "" if user is None else str(user.email)


def reset_password(registry: Registry, actor: Actor, token: str, password: str) -> str:
    """Set a forgotten or first password by an e-mail link; every session and API token ends. Returns the address.

    Raises `Invalid` (password) and `NotFound` for an invalid link.
    """
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        user = _user_of_link(
            connection, email_links.verify_link(registry, connection, email_links.PASSWORD_LINK, token)
        )
    raise_if_invalid(password_issues(password, (user.email, user.name)))
    password_hash = passwords.hash_password(password)
    with unit_of_work(registry.engine) as connection:
        email_links.consume(
            connection, email_links.verify_link(registry, connection, email_links.PASSWORD_LINK, token)
        )
        connection.execute(
            update(User).where(User.id == user.id).values(password_hash=password_hash, seen_at=clock.now())
        )
        connection.execute(delete(Session).where(Session.user_id == user.id))
        email_links.revoke_links(connection, user.id)
        ended = str(api_tokens.revoke_tokens(connection, user.id))
        letters.enqueue_letter(connection, "password_changed", user.lang, user.email, ended=ended)
        audit_log.record(connection, actor, "password_set", user.id)
    return str(user.email)


def confirm_email_change(registry: Registry, actor: Actor, token: str) -> str:
    """Change the address of an account to the one that a link confirms, and notify the old one. Returns the new one.

    Raises `NotFound` for an invalid link, `Invalid` if another account has the address meanwhile.
    """
    require(actor, Action.SIGN_IN)
    with unit_of_work(registry.engine) as connection:
        link = email_links.verify_link(registry, connection, email_links.ADDRESS_LINK, token)
        email_links.consume(connection, link)
        user = _user_of_link(connection, link)
        email_links.revoke_links(connection, user.id)
        if find_user(connection, link.email) is not None:
            raise Invalid((Issue("address_taken", "email"),))
        connection.execute(
            update(User)
            .where(User.id == user.id)
            .values(email=link.email, email_key=email_addresses.email_key(link.email))
        )
        letters.enqueue_letter(connection, "address_changed", user.lang, user.email)
        audit_log.record(connection, actor, "address_changed", user.id)
    return str(link.email)


def create_user(
    connection: Connection, email: str, *, name: str, lang: str, role: str, password_hash: str = ""
) -> int:
    """Create an account and return its id. A second account of the address violates a constraint of the database."""
    now = clock.now()
    row = {
        "email": email,
        "email_key": email_addresses.email_key(email),
        "name": name,
        "lang": lang,
        "role": role,
        "password_hash": password_hash,
        "created_at": now,
        "seen_at": now,
    }
    return int(connection.execute(insert(User).values(**row).returning(User.id)).scalar_one())


def find_user(connection: Connection, email: str) -> FetchedRow | None:
    """Return the account of an e-mail address, whatever its case, or None."""
    return connection.execute(
        select(*User.__table__.columns).where(User.email_key == email_addresses.email_key(email))
    ).one_or_none()


def validate_name(typed: str) -> tuple[str, tuple[Issue, ...]]:
    """Return a person's name with white space collapsed, and the issues with it: others read it in letters."""
    name = " ".join(typed.split())
    if not name:
        return name, (Issue("required", "name"),)
    at_most = borrowed_words.MAX_NAME_LENGTH
    if len(name) > at_most:
        return name, (Issue("too_long", "name", {"length": len(name), "at_most": at_most}),)
    return name, borrowed_word_issues(name, "name")


def borrowed_word_issues(text: str, field: str) -> tuple[Issue, ...]:
    """Return the issues with a text that others will read in letters: links, brackets, invisible characters."""
    if link := borrowed_words.find_link(text):
        return (Issue("link_in_name", field, {"value": link}),)
    if signs := borrowed_words.find_foreign_signs(text):
        return (Issue("foreign_signs_in_name", field, {"value": signs}),)
    return ()


def password_issues(password: str, related_texts: tuple[str, ...]) -> tuple[Issue, ...]:
    """Return the issues with a new password. `related_texts`: the user's own data, which it must not be made of."""
    code = passwords.rejection_code(password, related_texts)
    params: dict[str, object] = {"at_least": passwords.MIN_LENGTH, "at_most": passwords.MAX_LENGTH}
    return (Issue(code, "password", params),) if code else ()


def raise_if_invalid(issues: tuple[Issue, ...]) -> None:
    """Raise `Invalid` if there are issues."""
    if issues:
        raise Invalid(issues)


def require_email(typed: str, field: str = "email") -> str:
    """Return the address in its normal form. Raises `Invalid`: `required` where none was typed, `email_form` for what is none."""
    address = email_addresses.normalise_email(typed)
    if address is None:
        code = "email_form" if typed.strip() else "required"
        raise Invalid((Issue(code, field, {"value": typed.strip()[:80]}),))
    return address


def _user_of_link(connection: Connection, link: FetchedRow) -> FetchedRow:
    return connection.execute(select(*User.__table__.columns).where(User.id == link.user_id)).one()
