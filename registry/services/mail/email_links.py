"""E-mail links: each is valid once, for a limited time, for one purpose, and only with this server's signature."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, Select, delete, insert, select, update

from registry import clock
from registry.accounts import tokens_and_hashes
from registry.accounts.membership import Invitation
from registry.accounts.model import EmailLink, Letter
from registry.errors import NotFound
from registry.services.bootstrap import Registry
from registry.store.base import FetchedRow

SIGN_UP_LINK, PASSWORD_LINK, ADDRESS_LINK, INVITATION_LINK = "sign_up", "password", "address", "invitation"
FOLLOW_LINK = "follow"
LINK_LIFETIMES: dict[str, dt.timedelta] = {
    SIGN_UP_LINK: dt.timedelta(days=1),
    PASSWORD_LINK: dt.timedelta(hours=1),
    ADDRESS_LINK: dt.timedelta(days=1),
    INVITATION_LINK: dt.timedelta(days=14),
    FOLLOW_LINK: dt.timedelta(days=7),  # to confirm; then for as long as the search is followed
}
LINK_PATHS = {
    SIGN_UP_LINK: "finish",
    PASSWORD_LINK: "new-password",
    ADDRESS_LINK: "confirm-address",
    INVITATION_LINK: "invitation",
    FOLLOW_LINK: "follow",
}
# Several links of one purpose stay valid, so that a second request, also one by somebody else, does not void the link
# that is on its way. Invitations have no limit: several organisations may invite one person.
MAX_VALID_LINKS = {SIGN_UP_LINK: 3, PASSWORD_LINK: 3, ADDRESS_LINK: 1}
FIRST_PASSWORD_LIFETIME = dt.timedelta(days=7)  # for an account that the operator created


@dataclass(frozen=True, slots=True)
class EmailLinkView:
    """A valid link: its purpose, the address it was sent to, and the account it belongs to, if there is one."""

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
    """Create a link and return its id. Of one purpose and address only the newest `MAX_VALID_LINKS` stay valid."""
    now = clock.now()
    if purpose in MAX_VALID_LINKS:
        unused = EmailLink.used_at.is_(None) & (EmailLink.purpose == purpose) & (EmailLink.email == email)
        newest = select(EmailLink.id).where(unused, EmailLink.expires_at > now).order_by(EmailLink.id.desc())
        still_valid = connection.execute(newest.limit(MAX_VALID_LINKS[purpose] - 1)).scalars().all()
        connection.execute(
            update(EmailLink).where(unused, EmailLink.id.not_in(still_valid)).values(used_at=now)
        )
    row = {
        "purpose": purpose,
        "email": email,
        "user_id": user_id,
        "nonce": tokens_and_hashes.generate_nonce(),
        "created_at": now,
        "expires_at": now + (lifetime or LINK_LIFETIMES[purpose]),
    }
    return int(connection.execute(insert(EmailLink).values(**row).returning(EmailLink.id)).scalar_one())


def link_token(registry: Registry, link: FetchedRow) -> str:
    """Return the token of a link: its id and a signature by the server's secret. The table alone is of no use."""
    return _sign(registry.settings.secret_key, link)


def _sign(server_secret: str, link: FetchedRow) -> str:
    parts = ("ticket", str(link.id), link.purpose, link.email, link.nonce)
    signature = tokens_and_hashes.derive_secret(server_secret, *parts)
    return f"{link.id}.{tokens_and_hashes.base64url(signature)}"


def link_path(registry: Registry, link: FetchedRow, lang: str) -> str:
    """Return the path of a link's page, with its token."""
    return f"/{lang}/account/{LINK_PATHS[link.purpose]}/{link_token(registry, link)}"


def find_link(connection: Connection, link_id: int) -> FetchedRow | None:
    """Return the row of a link, used or not, or None."""
    return connection.execute(
        select(*EmailLink.__table__.columns).where(EmailLink.id == link_id)
    ).one_or_none()


def verify_link(registry: Registry, connection: Connection, purpose: str, token: str) -> FetchedRow:
    """Return the link of a token if it is genuine, of this purpose, unused and not expired.

    Raises `NotFound` (`link_void`) for any other token, without telling why.
    """
    link = _find_by_token(registry, connection, purpose, token)
    if link is None or link.used_at is not None or link.expires_at <= clock.now():
        raise NotFound("link", code="link_void")
    return link


def verify_used_link(
    registry: Registry, connection: Connection, purpose: str, token: str
) -> FetchedRow | None:
    """Return the genuine link of a token that was used already, else None: for the second press of a button."""
    link = _find_by_token(registry, connection, purpose, token)
    return None if link is None or link.used_at is None else link


def view_link(link: FetchedRow) -> EmailLinkView:
    """Return what pages may know of a link."""
    return EmailLinkView(link.purpose, link.email, link.user_id)


def consume(connection: Connection, link: FetchedRow) -> None:
    """Mark a link as used. Raises `NotFound` (`link_void`) if another request has used it since it was verified."""
    if not consume_by_id(connection, link.id):
        raise NotFound("link", code="link_void")


def consume_by_id(connection: Connection, link_id: int) -> bool:
    """Mark a link as used; return False if it was so already, perhaps by a concurrent request."""
    unused = (EmailLink.id == link_id) & EmailLink.used_at.is_(None)
    return connection.execute(update(EmailLink).where(unused).values(used_at=clock.now())).rowcount == 1


def revoke_links(connection: Connection, user_id: int | None) -> None:
    """Revoke every link of an account, as after a change of its password, address or second factor."""
    unused = (EmailLink.user_id == user_id) & EmailLink.used_at.is_(None)
    connection.execute(update(EmailLink).where(unused).values(used_at=clock.now()))


def revoke_sign_up_links(connection: Connection, email: str) -> None:
    """Revoke the other sign-up links of an address that has an account now."""
    unused = (EmailLink.purpose == SIGN_UP_LINK) & (EmailLink.email == email) & EmailLink.used_at.is_(None)
    connection.execute(update(EmailLink).where(unused).values(used_at=clock.now()))


def purge_expired_links(connection: Connection, retention: dt.timedelta) -> None:
    """Delete links that expired longer than `retention` ago and that no queued letter carries, with invitations."""
    expired: Any = EmailLink.expires_at < clock.now() - retention
    queued = select(Letter.ticket_id).where(Letter.ticket_id.is_not(None))
    purged = select(EmailLink.id).where(expired, EmailLink.id.not_in(queued))
    connection.execute(delete(Invitation).where(Invitation.ticket_id.in_(purged)))
    connection.execute(delete(EmailLink).where(EmailLink.id.in_(purged)))


def delete_links(connection: Connection, ids: Select[Any]) -> None:
    """Delete the links that `ids` selects, with the queued letters that would carry them: no address stays behind."""
    connection.execute(delete(Letter).where(Letter.ticket_id.in_(ids)))
    connection.execute(delete(EmailLink).where(EmailLink.id.in_(ids)))


def _find_by_token(registry: Registry, connection: Connection, purpose: str, token: str) -> FetchedRow | None:
    """Return the link of a token with a genuine signature and this purpose, used or not; None for any other."""
    number = token.partition(".")[0][:12]
    link = find_link(connection, int(number)) if number.isascii() and number.isdecimal() else None
    if link is None or link.purpose != purpose:
        return None
    genuine = (_sign(secret, link) for secret in registry.settings.secret_keys)
    return link if any(tokens_and_hashes.constant_time_equal(each, token) for each in genuine) else None
