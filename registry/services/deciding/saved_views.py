"""Saved views: a person keeps a list of the desk with its filters under a name. Views are their own, and no decision."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlencode

from sqlalchemy import delete, insert, select, update

from registry import clock
from registry.accounts.policy import Action, Actor, require
from registry.errors import Invalid, NotFound
from registry.i18n import _
from registry.kit.issues import Issue
from registry.kit.saved_view import SavedView
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction, unit_of_work

# The lists that can be saved, by path without the language: their names, and the parameters that filter them.
SAVED_PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "/desk": (_("Decisions"), ("register", "kind")),
    "/desk/watch": (_("What is due"), ("watch", "when", "register", "region", "named")),
    "/desk/reports": (_("Reports and objections"), ("kind", "state")),
}
MAX_VIEWS = 30  # of one account
MAX_VIEW_NAME_LENGTH, MAX_VIEW_QUERY_LENGTH = 80, 500


@dataclass(frozen=True, slots=True)
class SavedViewLink:
    """A saved view. `page`: message id of its list; `path`: its address without the language."""

    id: int
    name: str
    page: str
    path: str


def filters_of(page: str, given: Iterable[tuple[str, str]]) -> str:
    """Return the filters of a list as a query string, in the order of the list; what filters nothing is left out.

    Raises `NotFound` for a page that is no list of the desk.
    """
    if page not in SAVED_PAGES:
        raise NotFound("page", page[:40])
    values = dict(given)
    return urlencode([(name, values[name]) for name in SAVED_PAGES[page][1] if values.get(name)])


def list_views(registry: Registry, actor: Actor) -> tuple[SavedViewLink, ...]:
    """Return the saved views of the signed-in person, by name."""
    require(actor, Action.SEE_DESK)
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(SavedView.id, SavedView.name, SavedView.page, SavedView.query)
            .where(SavedView.user_id == actor.user_id)
            .order_by(SavedView.name, SavedView.id)
        ).all()
    return tuple(
        SavedViewLink(
            row.id,
            row.name,
            SAVED_PAGES[row.page][0],
            f"{row.page}?{row.query}" if row.query else row.page,
        )
        for row in rows
        if row.page in SAVED_PAGES
    )


def save_view(registry: Registry, actor: Actor, page: str, query: str, *, name: str) -> int:
    """Keep a list with its filters under a name; return its id. A view with this name is replaced.

    `query`: as `filters_of` returns it. Raises `NotFound` (no such list), `Invalid`: `required`, `too_long`, `too_many_views`.
    """
    require(actor, Action.SEE_DESK)
    if page not in SAVED_PAGES:
        raise NotFound("page", page[:40])
    name = " ".join(name.split())
    for field, text, at_most in (
        ("name", name, MAX_VIEW_NAME_LENGTH),
        ("", query, MAX_VIEW_QUERY_LENGTH),
    ):
        if len(text) > at_most:
            raise Invalid((Issue("too_long", field, {"length": len(text), "at_most": at_most}),))
    if not name:
        raise Invalid((Issue("required", "name"),))
    values = {"page": page, "query": query, "made_at": clock.now()}
    with unit_of_work(registry.engine) as connection:
        own = {
            row.name: int(row.id)
            for row in connection.execute(
                select(SavedView.id, SavedView.name).where(SavedView.user_id == actor.user_id)
            )
        }
        if name in own:
            connection.execute(update(SavedView).where(SavedView.id == own[name]).values(**values))
            return own[name]
        if len(own) >= MAX_VIEWS:
            raise Invalid((Issue("too_many_views", "", {"at_most": MAX_VIEWS}),))
        made = connection.execute(
            insert(SavedView).values(user_id=actor.user_id, name=name, **values).returning(SavedView.id)
        )
        return int(made.scalar_one())


def remove_view(registry: Registry, actor: Actor, view: int) -> None:
    """Remove a saved view of the signed-in person. Raises `NotFound`."""
    require(actor, Action.SEE_DESK)
    own = (SavedView.id == view) & (SavedView.user_id == actor.user_id)
    with unit_of_work(registry.engine) as connection:
        if not connection.execute(delete(SavedView).where(own)).rowcount:
            raise NotFound("view", str(view))
