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
from registry.accounts.model import Letter, Ticket
from registry.errors import NotFound
from registry.outbox.model import MAIL, announce
from registry.services.bootstrap import Registry
from registry.store.base import Fetched

SIGN_UP, PASSWORD, ADDRESS, INVITATION = "sign_up", "password", "address", "invitation"
GOOD_FOR: dict[str, dt.timedelta] = {
    SIGN_UP: dt.timedelta(days=1),
    PASSWORD: dt.timedelta(hours=1),
    ADDRESS: dt.timedelta(days=1),
    INVITATION: dt.timedelta(days=14),
}
PATHS = {SIGN_UP: "finish", PASSWORD: "new-password", ADDRESS: "confirm-address", INVITATION: "invitation"}
# Who asks again, or anybody else who asks for an address, does not take away the link that is on its way. Several
# organisations may invite one person.
AT_ONCE = {SIGN_UP: 3, PASSWORD: 3, ADDRESS: 1}
APPOINTED_FOR = dt.timedelta(days=7)  # the first password of an account that somebody else made


@dataclass(frozen=True, slots=True)
class TicketView:
    """A link that is still good: what it is for and whose it is."""

    purpose: str
    email: str
    user_id: int | None


def make(
    connection: Connection,
    purpose: str,
    email: str,
    user_id: int | None = None,
    good_for: dt.timedelta | None = None,
) -> int:
    """A new link, by its id. Of one purpose and address only the newest stay good: `AT_ONCE`."""
    now = clock.now()
    if purpose in AT_ONCE:
        good = Ticket.used_at.is_(None) & (Ticket.purpose == purpose) & (Ticket.email == email)
        newest = select(Ticket.id).where(good, Ticket.expires_at > now).order_by(Ticket.id.desc())
        kept = connection.execute(newest.limit(AT_ONCE[purpose] - 1)).scalars().all()
        connection.execute(update(Ticket).where(good, Ticket.id.not_in(kept)).values(used_at=now))
    given = {"purpose": purpose, "email": email, "user_id": user_id, "nonce": tokens_and_hashes.new_nonce()}
    times = {"created_at": now, "expires_at": now + (good_for or GOOD_FOR[purpose])}
    return int(connection.execute(insert(Ticket).values(**given, **times).returning(Ticket.id)).scalar_one())


def post(
    connection: Connection, kind: str, lang: str, recipient: str, ticket_id: int | None = None, **details: str
) -> None:
    """Put a letter into the outbox; the relay puts it into words and sends it. `details`: what its words name."""
    values: dict[str, Any] = {"kind": kind, "lang": lang, "recipient": recipient, "ticket_id": ticket_id}
    values |= {"details": json.dumps(details, ensure_ascii=False)}
    made = connection.execute(insert(Letter).values(**values, created_at=clock.now()).returning(Letter.id))
    announce(connection, MAIL, [made.scalar_one()])


def token(registry: Registry, ticket: Fetched) -> str:
    """What stands in the address: the id, and a seal that only this server makes (nothing to steal from the table)."""
    parts = ("ticket", str(ticket.id), ticket.purpose, ticket.email, ticket.nonce)
    return f"{ticket.id}.{tokens_and_hashes.as_text(tokens_and_hashes.derived(registry.settings.secret_key, *parts))}"


def path(registry: Registry, ticket: Fetched, lang: str) -> str:
    """The address of a link, without the root."""
    return f"/{lang}/account/{PATHS[ticket.purpose]}/{token(registry, ticket)}"


def by_id(connection: Connection, ticket_id: int) -> Fetched | None:
    """A link as it is kept, used or not."""
    return connection.execute(select(*Ticket.__table__.columns).where(Ticket.id == ticket_id)).one_or_none()


def good(registry: Registry, connection: Connection, purpose: str, written: str) -> Fetched:
    """The link of an address, if it is of this purpose, unused and in time. Raises `NotFound`."""
    number = written.partition(".")[0][:12]
    ticket = by_id(connection, int(number)) if number.isascii() and number.isdecimal() else None
    if (
        ticket is None
        or ticket.purpose != purpose
        or ticket.used_at is not None
        or ticket.expires_at <= clock.now()
        or not tokens_and_hashes.same(token(registry, ticket), written)
    ):
        raise NotFound("link", code="link_void")
    return ticket


def used(registry: Registry, connection: Connection, purpose: str, written: str) -> Fetched | None:
    """The genuine link of an address that was used already: who presses a button twice is told apart by it."""
    number = written.partition(".")[0][:12]
    ticket = by_id(connection, int(number)) if number.isascii() and number.isdecimal() else None
    if ticket is None or ticket.purpose != purpose or ticket.used_at is None:
        return None
    return ticket if tokens_and_hashes.same(token(registry, ticket), written) else None


def use(connection: Connection, ticket: Fetched) -> None:
    """Void from now on. Raises `NotFound` when another request was quicker."""
    if not end(connection, ticket.id):
        raise NotFound("link", code="link_void")


def view(ticket: Fetched) -> TicketView:
    return TicketView(ticket.purpose, ticket.email, ticket.user_id)


def sweep(connection: Connection, kept_for: dt.timedelta) -> None:
    """Forget links that ended long ago and that no letter waits for; invitations go with theirs."""
    old: Any = Ticket.expires_at < clock.now() - kept_for
    waiting = select(Letter.ticket_id).where(Letter.ticket_id.is_not(None))
    past = select(Ticket.id).where(old, Ticket.id.not_in(waiting))
    connection.execute(delete(Invitation).where(Invitation.ticket_id.in_(past)))
    connection.execute(delete(Ticket).where(Ticket.id.in_(past)))


def void_all(connection: Connection, user_id: int | None) -> None:
    """Every link of an account is void: who changes password, address or factor wants no older way in."""
    unused = (Ticket.user_id == user_id) & Ticket.used_at.is_(None)
    connection.execute(update(Ticket).where(unused).values(used_at=clock.now()))


def void_sign_ups(connection: Connection, email: str) -> None:
    """An account was made: no other link to make one for this address is good."""
    unused = (Ticket.purpose == SIGN_UP) & (Ticket.email == email) & Ticket.used_at.is_(None)
    connection.execute(update(Ticket).where(unused).values(used_at=clock.now()))


def end(connection: Connection, ticket_id: int) -> bool:
    """Void from now on; False when it was so already, perhaps by another request of this moment."""
    unused = (Ticket.id == ticket_id) & Ticket.used_at.is_(None)
    return connection.execute(update(Ticket).where(unused).values(used_at=clock.now())).rowcount == 1
