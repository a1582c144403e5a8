"""Following a search: the entries of the records that it finds, newest first, for feeds and letters.

The ledger says what happened, the index says which records are meant; nothing that was sealed can be missed.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from registry.accounts.policy import Action, Actor, require
from registry.kit.display import StatusView, Words
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.search.port import WHOLLY, Query
from registry.services.bootstrap import Registry
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.publication.record_queries import TITLE
from registry.services.records import titles, versions
from registry.services.records.reading import definition_of
from registry.services.records.views import RegisterView
from registry.store.base import Fetched
from registry.store.unit_of_work import reading

SHOWN = 50
FEW = 1_000  # records: their entries are asked for, instead of looking through all
# Where many records are found, a feed looks through so many entries of the registers that are searched; a letter through all.
STEP, MOST_STEPS = 1_000, 20
COLUMNS = (
    Entry.index.label("entry_index"),
    Entry.record_id,
    Entry.version,
    Entry.status,
    Entry.reason,
    Entry.recorded_at,
    *TITLE,
)


@dataclass(frozen=True, slots=True)
class NewsView:
    """One entry of a record that a search finds. `what`: a message id, or words in the reader's language."""

    index: int
    version: int
    at: dt.datetime
    register: RegisterView
    number: str
    path: str
    slug: str
    title: Words
    status: StatusView
    what: str


def news(
    registry: Registry, actor: Actor, request: SearchRequest, lang: str, limit: int = SHOWN
) -> list[NewsView]:
    """The newest entries of the records that a search finds, ended ones included.

    Raises `NotFound` (register), `Invalid` (dates), `Unavailable` (index away).
    """
    require(actor, Action.READ)
    return since(registry, request, lang, -1, limit, steps=MOST_STEPS)


def last_index(connection: Connection) -> int:
    """The index of the newest sealed entry; -1 while there is none."""
    newest = connection.execute(select(func.max(Entry.index))).scalar()
    return -1 if newest is None else int(newest)


def since(
    registry: Registry,
    request: SearchRequest,
    lang: str,
    position: int,
    limit: int = SHOWN,
    *,
    steps: int | None = None,
) -> list[NewsView]:
    """Entries after `position` of the records that a search finds now, newest first.

    `steps`: how many lots of entries are looked through at most; all of them where none is named.
    """
    if request.register:
        definition_of(request.register)
    query = search.query_of(
        registry, replace(request, ended=True, sort=""), lang, facets=(), offset=0, limit=FEW
    )
    taken = search.answer(registry, query, request)
    if not taken.found.total or taken.found.stage not in WHOLLY:
        return []
    with reading(registry.engine) as connection:
        if taken.found.total <= FEW:
            rows = _of(connection, taken.found.ids, position, limit)
        else:
            rows = _among(registry, connection, taken.query, position, limit, steps)
    return [_view(row, lang) for row in rows]


def _of(connection: Connection, record_ids: Sequence[int], position: int, limit: int) -> list[Fetched]:
    rows: list[Any] = []
    for start in range(0, len(record_ids), 500):
        some = record_ids[start : start + 500]
        rows += connection.execute(_entries(position).where(Entry.record_id.in_(some)).limit(limit)).all()
    return sorted(rows, key=lambda row: -row.entry_index)[:limit]


def _among(
    registry: Registry, connection: Connection, query: Query, position: int, limit: int, steps: int | None
) -> list[Fetched]:
    rows: list[Any] = []
    before = last_index(connection) + 1
    entries = _entries(position)
    if registers := query.filters.get("register"):
        entries = entries.where(Entry.register.in_(registers))
    for _step in itertools.count() if steps is None else range(steps):
        some = connection.execute(entries.where(Entry.index < before).limit(STEP)).all()
        if not some:
            break
        meant = set(registry.search.among(query, {row.record_id for row in some}))
        rows += [row for row in some if row.record_id in meant]
        before = some[-1].entry_index
        if len(rows) >= limit:
            break
    return rows[:limit]


def _entries(position: int) -> Any:
    return (
        select(*COLUMNS)
        .join(Record, Record.id == Entry.record_id)
        .where(Entry.index > position)
        .order_by(Entry.index.desc())
    )


def _view(row: Any, lang: str) -> NewsView:
    definition = catalogue()[row.register]
    return NewsView(
        index=row.entry_index,
        version=row.version,
        at=row.recorded_at,
        register=titles.register_view(definition),
        number=row.number,
        path=titles.path_of(row.register, row.slug),
        slug=row.slug,
        title=titles.title(definition, row),
        status=definition.life_cycle.state(row.status).view(),
        what=versions.reason_in_words(definition, row.reason, lang),
    )
