"""Searches without results, which show what synonyms are missing: which wait for staff, and which the public page shows."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from sqlalchemy import case, delete, func, select, update

from registry import clock
from registry.accounts import audit_log
from registry.accounts.policy import SYSTEM, Action, Actor, require
from registry.errors import NotFound
from registry.search.words.model import ZeroResultSearch
from registry.search.words.zero_result_log import storable_text
from registry.services.bootstrap import Registry
from registry.store.unit_of_work import read_transaction, unit_of_work

PUBLISHED_DAYS, MIN_DAYS_SEARCHED = (
    30,
    3,
)  # a text that staff have looked at is published when it was searched for on 3 of the last 30 days
MAX_LISTED = 100
RETENTION_DAYS = 62


@dataclass(frozen=True, slots=True)
class ZeroResultView:
    """A text without results: how often and on how many days it was searched for.

    `shown`, `hidden`: how staff have decided; with neither it waits for them, and is not on the public page.
    """

    text: str
    lang: str
    count: int
    days: int
    hidden: bool
    shown: bool


def list_zero_results(registry: Registry, actor: Actor) -> list[ZeroResultView]:
    """Return the published texts without results that staff have looked at, of the last `PUBLISHED_DAYS`, most frequent first."""
    require(actor, Action.READ)
    return [view for view in _query_zero_results(registry, MIN_DAYS_SEARCHED) if view.shown]


def list_all_zero_results(registry: Registry, actor: Actor) -> list[ZeroResultView]:
    """Return all texts without results of the last `PUBLISHED_DAYS`, most frequent first; those that wait for a decision come first."""
    require(actor, Action.MANAGE_SYNONYMS)
    return sorted(_query_zero_results(registry, 1), key=lambda view: view.shown or view.hidden)


def _query_zero_results(registry: Registry, min_days: int) -> list[ZeroResultView]:
    count, days = func.sum(ZeroResultSearch.number), func.count(func.distinct(ZeroResultSearch.day))
    hidden = func.max(case((ZeroResultSearch.hidden, 1), else_=0))
    shown = func.max(case((ZeroResultSearch.shown, 1), else_=0))
    with read_transaction(registry.engine) as connection:
        rows = connection.execute(
            select(ZeroResultSearch.text, ZeroResultSearch.lang, count, days, hidden, shown)
            .where(ZeroResultSearch.day > clock.today() - dt.timedelta(days=PUBLISHED_DAYS))
            .group_by(ZeroResultSearch.text, ZeroResultSearch.lang)
            .having(days >= min_days)
            .order_by(count.desc(), ZeroResultSearch.text, ZeroResultSearch.lang)
            .limit(MAX_LISTED)
        ).all()
    return [
        ZeroResultView(
            text, lang, int(searches), int(on_days), bool(is_hidden), bool(is_shown) and not is_hidden
        )
        for text, lang, searches, on_days, is_hidden, is_shown in rows
    ]


def hide_zero_result(registry: Registry, actor: Actor, text: str, *, hidden: bool) -> None:
    """Keep a text off the public page, or let it stand there. Raises `NotFound`."""
    require(actor, Action.MANAGE_SYNONYMS)
    with unit_of_work(registry.engine) as connection:
        changed = connection.execute(
            update(ZeroResultSearch)
            .where(ZeroResultSearch.text == storable_text(text))
            .values(hidden=hidden, shown=not hidden)
        )
        if not changed.rowcount:
            raise NotFound("search", text)
        audit_log.record(connection, actor, "search_hidden" if hidden else "search_shown", subject=text)


def purge_zero_results(registry: Registry) -> None:
    """Delete searches without results that are older than `RETENTION_DAYS`."""
    require(SYSTEM, Action.RELAY)
    with unit_of_work(registry.engine) as connection:
        connection.execute(
            delete(ZeroResultSearch).where(
                ZeroResultSearch.day < clock.today() - dt.timedelta(days=RETENTION_DAYS)
            )
        )
