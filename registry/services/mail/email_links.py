"""Links sent by mail: good once, for a time, for one purpose; and the letters that carry them."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from registry import clock
from registry.accounts import tokens_and_hashes
from registry.accounts.membership import Invitation
from registry.accounts.model import EmailLink, Letter
from registry.errors import NotFound
from registry.outbox.model import MAIL_TOPIC, enqueue
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow

SIGN_UP_LINK, PASSWORD_LINK, ADDRESS_LINK, INVITATION_LINK = "sign_up", "password", "address", "invitation"
LINK_LIFETIMES: dict[str, dt.timedelta] = {
    SIGN_UP_LINK: dt.timedelta(days=1),
    PASSWORD_LINK: dt.timedelta(hours=1),
    ADDRESS_LINK: dt.timedelta(days=1),
    INVITATION_LINK: dt.timedelta(days=14),
}
LINK_PATHS = {
    SIGN_UP_LINK: "finish",
    PASSWORD_LINK: "new-password",
    ADDRESS_LINK: "confirm-address",
    INVITATION_LINK: "invitation",
}
# Who asks again, or anybody else who asks for an address, does not take away the link that is on its way. Several
# organisations may invite one person.
MAX_VALID_LINKS = {SIGN_UP_LINK: 3, PASSWORD_LINK: 3, ADDRESS_LINK: 1}
FIRST_PASSWORD_LIFETIME = dt.timedelta(days=7)  # the first password of an account that somebody else made


@dataclass(frozen=True, slots=True)
class EmailLinkView:
    """A link that is still good: what it is for and whose it is."""

    purpose: str
    email: str
    user_id: int | None


def create_link(
    connection: Connection,
    purpose: str,
    email: str,
    *,
    user_id: int | None = None,
    lifetime: dt.timedelta | None = None,
) -> int:
    """A new link, by its id. Of one purpose and address only the newest stay good: `AT_ONCE`."""
    now = clock.now()
    if purpose in MAX_VALID_LINKS:
        good = EmailLink.used_at.is_(None) & (EmailLink.purpose == purpose) & (EmailLink.email == email)
        newest = select(EmailLink.id).where(good, EmailLink.expires_at > now).order_by(EmailLink.id.desc())
        kept = connection.execute(newest.limit(MAX_VALID_LINKS[purpose] - 1)).scalars().all()
        connection.execute(update(EmailLink).where(good, EmailLink.id.not_in(kept)).values(used_at=now))
    given = {
        "purpose": purpose,
        "email": email,
        "user_id": user_id,
        "nonce": tokens_and_hashes.generate_nonce(),
    }
    times = {"created_at": now, "expires_at": now + (lifetime or LINK_LIFETIMES[purpose])}
    return int(
        connection.execute(insert(EmailLink).values(**given, **times).returning(EmailLink.id)).scalar_one()
    )


def enqueue_mail(
    connection: Connection,
    kind: str,
    lang: str,
    recipient: str,
    *,
    link_id: int | None = None,
    **details: str,
) -> None:
    """Put a letter into the outbox; the relay puts it into words and sends it. `details`: what its words name."""
    values: dict[str, Any] = {"kind": kind, "lang": lang, "recipient": recipient, "ticket_id": link_id}
    values |= {"details": json.dumps(details, ensure_ascii=False)}
    made = connection.execute(insert(Letter).values(**values, created_at=clock.now()).returning(Letter.id))
    enqueue(connection, MAIL_TOPIC, [made.scalar_one()])


def link_token(registry: Registry, ticket: FetchedRow) -> str:
    """What stands in the address: the id, and a seal that only this server makes (nothing to steal from the table)."""
    parts = ("ticket", str(ticket.id), ticket.purpose, ticket.email, ticket.nonce)
    return f"{ticket.id}.{tokens_and_hashes.base64url(tokens_and_hashes.derive_secret(registry.settings.secret_key, *parts))}"


def link_path(registry: Registry, ticket: FetchedRow, lang: str) -> str:
    """The address of a link, without the root."""
    return f"/{lang}/account/{LINK_PATHS[ticket.purpose]}/{link_token(registry, ticket)}"


def find_link(connection: Connection, ticket_id: int) -> FetchedRow | None:
    """A link as it is kept, used or not."""
    return connection.execute(
        select(*EmailLink.__table__.columns).where(EmailLink.id == ticket_id)
    ).one_or_none()


def verify(registry: Registry, connection: Connection, purpose: str, token: str) -> FetchedRow:
    """The link of an address, if it is of this purpose, unused and in time. Raises `NotFound`."""
    number = token.partition(".")[0][:12]
    ticket = find_link(connection, int(number)) if number.isascii() and number.isdecimal() else None
    if (
        ticket is None
        or ticket.purpose != purpose
        or ticket.used_at is not None
        or ticket.expires_at <= clock.now()
        or not tokens_and_hashes.constant_time_equal(link_token(registry, ticket), token)
    ):
        raise NotFound("link", code="link_void")
    return ticket


def verify_used(registry: Registry, connection: Connection, purpose: str, token: str) -> FetchedRow | None:
    """The genuine link of an address that was used already: who presses a button twice is told apart by it."""
    number = token.partition(".")[0][:12]
    ticket = find_link(connection, int(number)) if number.isascii() and number.isdecimal() else None
    if ticket is None or ticket.purpose != purpose or ticket.used_at is None:
        return None
    return ticket if tokens_and_hashes.constant_time_equal(link_token(registry, ticket), token) else None


def consume(connection: Connection, ticket: FetchedRow) -> None:
    """Void from now on. Raises `NotFound` when another request was quicker."""
    if not consume_by_id(connection, ticket.id):
        raise NotFound("link", code="link_void")


def view_link(ticket: FetchedRow) -> EmailLinkView:
    return EmailLinkView(ticket.purpose, ticket.email, ticket.user_id)


def purge_expired_links(connection: Connection, retention: dt.timedelta) -> None:
    """Forget links that ended long ago and that no letter waits for; invitations go with theirs."""
    old: Any = EmailLink.expires_at < clock.now() - retention
    waiting = select(Letter.ticket_id).where(Letter.ticket_id.is_not(None))
    past = select(EmailLink.id).where(old, EmailLink.id.not_in(waiting))
    connection.execute(delete(Invitation).where(Invitation.ticket_id.in_(past)))
    connection.execute(delete(EmailLink).where(EmailLink.id.in_(past)))


def revoke_links(connection: Connection, user_id: int | None) -> None:
    """Every link of an account is void: who changes password, address or factor wants no older way in."""
    unused = (EmailLink.user_id == user_id) & EmailLink.used_at.is_(None)
    connection.execute(update(EmailLink).where(unused).values(used_at=clock.now()))


def revoke_sign_up_links(connection: Connection, email: str) -> None:
    """An account was made: no other link to make one for this address is good."""
    unused = (EmailLink.purpose == SIGN_UP_LINK) & (EmailLink.email == email) & EmailLink.used_at.is_(None)
    connection.execute(update(EmailLink).where(unused).values(used_at=clock.now()))


def consume_by_id(connection: Connection, ticket_id: int) -> bool:
    """Void from now on; False when it was so already, perhaps by another request of this moment."""
    unused = (EmailLink.id == ticket_id) & EmailLink.used_at.is_(None)
    return connection.execute(update(EmailLink).where(unused).values(used_at=clock.now())).rowcount == 1
