"""Saved searches: a user stores a search and learns by mail, daily or weekly, what happened to the records it finds."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from sqlalchemy import ColumnElement, Connection, delete, insert, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.model import User
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.kit.issues import Issue
from registry.search.words.model import SavedSearch
from registry.services.bootstrap import Registry
from registry.services.finding.requests import SearchRequest
from registry.services.finding.subscriptions import following
from registry.services.finding.subscriptions.search_letters import (
    INTERVAL_DAYS,
    SearchLetters,
    list_address,
    write_letters,
)
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction, unit_of_work

NEVER = "never"
MAX_SAVED_SEARCHES, MAX_SAVED_NAME_LENGTH, MAX_SAVED_QUERY_LENGTH = 50, 120, 4_000


@dataclass(frozen=True, slots=True)
class SavedSearchView:
    """A saved search. `path`: of its list, `feed`: of its feed, both without the language; `mail`: how often."""

    id: int
    name: str
    mail: str
    path: str
    feed: str
    at: dt.datetime


def list_saved_searches(registry: Registry, actor: Actor) -> list[SavedSearchView]:
    """Return the saved searches of the signed-in user, newest first."""
    require(actor, Action.OWN_ACCOUNT)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(*SavedSearch.__table__.columns)
            .where(SavedSearch.user_id == actor.user_id)
            .order_by(SavedSearch.id.desc())
        ).all()
    return [_view(row) for row in rows]


def _view(row: FetchedRow) -> SavedSearchView:
    query = f"?{row.query}" if row.query else ""
    feed = f"/feeds/{row.register or 'search'}.atom{query}"
    return SavedSearchView(
        row.id, row.name, row.mail, list_address(row.register, row.query), feed, row.made_at
    )


def save_search(registry: Registry, actor: Actor, request: SearchRequest, *, name: str, mail: str) -> int:
    """Store a search and return its id; letters tell what happens from now on. `mail`: never, daily or weekly.

    A search that the user has stored before takes the new name and interval instead. Raises `Invalid`: no name, too many searches, no such interval, a search too long or with dates that do not exist.
    """
    require(actor, Action.OWN_ACCOUNT)
    name = " ".join(name.split())
    request.date_range()
    query = request.query_string()
    issues = []
    if not name:
        issues.append(Issue("required", "name"))
    if len(name) > MAX_SAVED_NAME_LENGTH:
        issues.append(Issue("too_long", "name", {"length": len(name), "at_most": MAX_SAVED_NAME_LENGTH}))
    if mail not in (NEVER, *INTERVAL_DAYS):
        issues.append(Issue("required", "mail"))
    if len(query) > MAX_SAVED_QUERY_LENGTH:
        issues.append(Issue("too_long", "", {"length": len(query), "at_most": MAX_SAVED_QUERY_LENGTH}))
    if issues:
        raise Invalid(tuple(issues))
    with unit_of_work(registry.engine) as connection:
        stored = connection.execute(
            select(SavedSearch.id, SavedSearch.register, SavedSearch.query, SavedSearch.mail).where(
                SavedSearch.user_id == actor.user_id
            )
        ).all()
        asked = (request.scope.register, sorted(parse_qsl(query)))
        for row in stored:
            if (row.register, sorted(parse_qsl(row.query))) == asked:
                values = {"name": name, **_interval(connection, row, mail)}
                connection.execute(update(SavedSearch).where(_owned_by(actor, row.id)).values(**values))
                return int(row.id)
        if len(stored) >= MAX_SAVED_SEARCHES:
            raise Invalid((Issue("too_many_saved", "", {"at_most": MAX_SAVED_SEARCHES}),))
        search_id = connection.execute(
            insert(SavedSearch)
            .values(
                user_id=actor.user_id,
                name=name,
                register=request.scope.register,
                query=query,
                mail=mail,
                position=following.last_entry_index(connection),
                made_at=clock.now(),
                mailed_on=clock.today(),
            )
            .returning(SavedSearch.id)
        ).scalar_one()
        audit_log.record(connection, actor, "search_saved", subject=str(search_id))
    return int(search_id)


def set_mail_interval(registry: Registry, actor: Actor, search_id: int, mail: str) -> None:
    """Change how often letters are sent; what happened while they were off is not told. Raises `Invalid`, `NotFound`."""
    require(actor, Action.OWN_ACCOUNT)
    if mail not in (NEVER, *INTERVAL_DAYS):
        raise Invalid((Issue("required", "mail"),))
    with unit_of_work(registry.engine) as connection:
        row = connection.execute(select(SavedSearch.mail).where(_owned_by(actor, search_id))).first()
        if row is None:
            raise NotFound("search", str(search_id))
        if values := _interval(connection, row, mail):
            connection.execute(update(SavedSearch).where(_owned_by(actor, search_id)).values(**values))


def _interval(connection: Connection, row: FetchedRow, mail: str) -> dict[str, Any]:
    """Return the columns that another interval changes, none where it is the same."""
    if row.mail == mail:
        return {}
    values: dict[str, Any] = {"mail": mail, "mailed_on": clock.today()}
    return values | ({"position": following.last_entry_index(connection)} if row.mail == NEVER else {})


def delete_saved_search(registry: Registry, actor: Actor, search_id: int) -> None:
    """Delete a saved search of the signed-in user. Raises `NotFound`."""
    require(actor, Action.OWN_ACCOUNT)
    with unit_of_work(registry.engine) as connection:
        if not connection.execute(delete(SavedSearch).where(_owned_by(actor, search_id))).rowcount:
            raise NotFound("search", str(search_id))
        audit_log.record(connection, actor, "search_forgotten", subject=str(search_id))


def _owned_by(actor: Actor, search_id: int) -> ColumnElement[bool]:
    return (SavedSearch.id == search_id) & (SavedSearch.user_id == actor.user_id)


# --- letters ----------------------------------------------------------------------------------------------------


def write_search_letters(registry: Registry) -> int:
    """Write a letter for each saved search that is due and has news; return how many were written."""
    rows = select(*SavedSearch.__table__.columns, User.email, User.lang).join(
        User, User.id == SavedSearch.user_id
    )
    return write_letters(registry, SearchLetters(SavedSearch, rows.order_by(SavedSearch.id), "search_news"))
