"""Followers: people who get letters about a search at an e-mail address, without an account.

Nothing is sent before the address has confirmed (double opt-in). The link of the first letter stands in every later one: its
page confirms first, and ends the letters afterwards. Ending them deletes what is kept.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, delete, func, insert, select, update

from registry import clock
from registry.accounts import email_addresses
from registry.accounts.model import EmailLink
from registry.accounts.policy import ANONYMOUS, SYSTEM, Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.i18n import Lang
from registry.kit.issues import Issue
from registry.search.words.model import SearchFollower
from registry.services.bootstrap import Registry
from registry.services.finding.requests import SearchRequest, parse_saved_query
from registry.services.finding.subscriptions import following
from registry.services.finding.subscriptions.followed_records import describe_followed
from registry.services.finding.subscriptions.saved_searches import (
    MAX_SAVED_NAME_LENGTH,
    MAX_SAVED_QUERY_LENGTH,
)
from registry.services.finding.subscriptions.search_letters import (
    INTERVAL_DAYS,
    SearchLetters,
    list_address,
    write_letters,
)
from registry.services.mail import email_links, letters
from registry.services.mail.email_links import FOLLOW_LINK
from registry.services.mail.sending_limits import (
    MAILS_PER_NETWORK,
    MAILS_PER_RECIPIENT,
    WISHES_PER_RECIPIENT,
    enforce_limits,
)
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

CONFIRMED_LIFETIME = dt.timedelta(days=3650)
MAX_FOLLOWED = 20  # searches that one address has confirmed; wishes of strangers do not count


@dataclass(frozen=True, slots=True)
class FollowRequest:
    """What a visitor asks for. `mail`: daily or weekly; `lang`: of the letters; `network`: of the client, for the limits."""

    search: SearchRequest
    email: str
    mail: str
    lang: Lang
    network: str


@dataclass(frozen=True, slots=True)
class FollowerView:
    """What an address follows. `path`: of the list of a search or of the record (`is_record`), without the language; `confirmed`:
    letters are sent."""

    name: str
    path: str
    mail: str
    email: str
    confirmed: bool
    is_record: bool


def request_following(registry: Registry, actor: Actor, wanted: FollowRequest) -> str:
    """Mail a link that confirms the wish to follow a search; return the address as it is understood.

    Whether the address follows anything already is not told. Raises `Invalid` (address, interval, a search too long or with
    dates that do not exist) and `TooManyAttempts`.
    """
    require(actor, Action.SIGN_IN)
    address = email_addresses.normalise_email(wanted.email)
    query = wanted.search.query_string()
    wanted.search.date_range()
    issues = []
    if address is None:
        typed = wanted.email.strip()
        wrong_form = Issue("email_form", "email", {"value": typed[:80]})
        issues.append(wrong_form if typed else Issue("required", "email"))
    if wanted.mail not in INTERVAL_DAYS:
        issues.append(Issue("required", "mail"))
    if len(query) > MAX_SAVED_QUERY_LENGTH:
        issues.append(Issue("too_long", "", {"length": len(query), "at_most": MAX_SAVED_QUERY_LENGTH}))
    if address is None or issues:
        raise Invalid(tuple(issues))
    name = describe_followed(registry, ANONYMOUS, wanted.search, wanted.lang).name[:MAX_SAVED_NAME_LENGTH]
    with unit_of_work(registry.engine) as connection:
        limits = (
            (WISHES_PER_RECIPIENT, address),
            (MAILS_PER_RECIPIENT, address),
            (MAILS_PER_NETWORK, wanted.network),
        )
        enforce_limits(registry, connection, limits)
        link_id = _follower_link(connection, address, wanted, query=query, name=name)
        if link_id:
            # Without the search: its words are those of anyone, and nothing says yet that the reader wrote them.
            letters.enqueue_letter(connection, "follow_search", wanted.lang, address, link_id=link_id)
    return address


def _follower_link(
    connection: Connection, address: str, wanted: FollowRequest, *, query: str, name: str
) -> int:
    """The link of this address to this search, a new one where it has none; 0 where the address follows too many."""
    key = email_addresses.email_key(address)
    own = _followers().where(func.lower(EmailLink.email) == key, _is_valid())
    rows = connection.execute(own).all()
    register = wanted.search.scope.register
    for row in rows:
        if (row.register, row.query) == (register, query):
            return int(row.link_id)
    if sum(row.confirmed_at is not None for row in rows) >= MAX_FOLLOWED:
        return 0
    link_id = email_links.create_link(connection, FOLLOW_LINK, address)
    follower: dict[str, Any] = {
        "link_id": link_id,
        "lang": wanted.lang,
        "name": name,
        "register": register,
        "query": query,
    }
    follower |= {"mail": wanted.mail, "made_at": clock.now(), "mailed_on": clock.today()}
    follower |= {"position": following.last_entry_index(connection)}
    connection.execute(insert(SearchFollower).values(**follower))
    return link_id


def get_followed_search(registry: Registry, actor: Actor, token: str) -> FollowerView:
    """Return what the link of a letter is about. Raises `NotFound` (`link_void`) where nothing is followed by it any more."""
    require(actor, Action.SIGN_IN)
    with read_transaction(registry.engine) as connection:
        row = _find_follower(registry, connection, token)
    record = describe_followed(registry, ANONYMOUS, parse_saved_query(row.register, row.query), row.lang).path
    path = record or list_address(row.register, row.query)
    return FollowerView(row.name, path, row.mail, row.email, row.confirmed_at is not None, bool(record))


def confirm_following(registry: Registry, actor: Actor, token: str) -> None:
    """Start the e-mails to an address that has shown that it wants them; a second time changes nothing. Raises `NotFound`."""
    require(actor, Action.SIGN_IN)
    now = clock.now()
    with unit_of_work(registry.engine) as connection:
        row = _find_follower(registry, connection, token)
        if row.confirmed_at is not None:
            return
        begun: dict[str, Any] = {"confirmed_at": now, "mailed_on": clock.today()}
        begun |= {"position": following.last_entry_index(connection)}
        connection.execute(update(SearchFollower).where(SearchFollower.id == row.id).values(**begun))
        kept = update(EmailLink).where(EmailLink.id == row.link_id)
        connection.execute(kept.values(expires_at=now + CONFIRMED_LIFETIME))


def end_following(registry: Registry, actor: Actor, token: str) -> None:
    """End the letters about a search and delete what is kept of them, the address too; queued ones are not sent.

    Raises `NotFound`.
    """
    require(actor, Action.SIGN_IN)
    with unit_of_work(registry.engine) as connection:
        row = _find_follower(registry, connection, token)
        connection.execute(delete(SearchFollower).where(SearchFollower.id == row.id))
        email_links.delete_links(connection, select(EmailLink.id).where(EmailLink.id == row.link_id))


def purge_unconfirmed(registry: Registry) -> int:
    """Delete wishes that were not confirmed in time, with their addresses; return how many."""
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        void = select(EmailLink.id).where(EmailLink.purpose == FOLLOW_LINK, ~_is_valid())
        purged = connection.execute(delete(SearchFollower).where(SearchFollower.link_id.in_(void))).rowcount
        email_links.delete_links(connection, void)
        return purged


def write_follower_letters(registry: Registry) -> int:
    """Write a letter for each follower whose search is due and has news; return how many were written."""
    rows = _followers().where(SearchFollower.confirmed_at.is_not(None), _is_valid())
    return write_letters(
        registry,
        SearchLetters(SearchFollower, rows, "followed_news", lambda row: {"link_id": row.link_id}),
    )


def _followers() -> Select[Any]:
    return (
        select(*SearchFollower.__table__.columns, EmailLink.email)
        .join(EmailLink, EmailLink.id == SearchFollower.link_id)
        .order_by(SearchFollower.id)
    )


def _is_valid() -> ColumnElement[bool]:
    return EmailLink.used_at.is_(None) & (EmailLink.expires_at > clock.now())


def _find_follower(registry: Registry, connection: Connection, token: str) -> FetchedRow:
    link = email_links.verify_link(registry, connection, FOLLOW_LINK, token)
    row: FetchedRow | None = connection.execute(
        _followers().where(SearchFollower.link_id == link.id)
    ).one_or_none()
    if row is None:
        raise NotFound("link", code="link_void")
    return row
