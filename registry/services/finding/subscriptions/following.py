"""Following a search: the news of it are the entries of the records that it finds, newest first, for feeds and letters.

The ledger says what happened, the index says which records are meant; nothing that was sealed can be missed.
"""

from __future__ import annotations

import datetime as dt
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

from sqlalchemy import Connection, func, select

from registry.accounts.policy import Action, Actor, require
from registry.kit.display import StatusView, Words
from registry.kit.record import Record
from registry.ledger.model import Entry
from registry.registers import catalogue
from registry.search.port import STRICT_STAGES, Query
from registry.services.bootstrap import Registry
from registry.services.finding import search
from registry.services.finding.requests import SearchRequest
from registry.services.publication.record_queries import TITLE_COLUMNS
from registry.services.records import titles
from registry.services.records.past import versions
from registry.services.records.views import RegisterView
from registry.store import batching
from registry.store.base import FetchedRow
from registry.store.unit_of_work import read_transaction

DEFAULT_NEWS_LIMIT = 50
MAX_DIRECT_RECORDS = (
    1_000  # up to so many records their entries are selected by id, instead of looking through all
)
RECORDS_PER_STATEMENT = 500
# Where a search has more records, a feed looks through `MAX_BATCHES` of entries of the registers that are searched, a
# letter through all.
BATCH_SIZE, MAX_BATCHES = 1_000, 20
COLUMNS = (
    Entry.index.label("entry_index"),
    Entry.record_id,
    Entry.version,
    Entry.status,
    Entry.reason,
    Entry.recorded_at,
    Record.demo,
    *TITLE_COLUMNS,
)


@dataclass(frozen=True, slots=True)
class NewsView:
    """One entry of a record that a search finds. `reason`: a message id, or words in the reader's language; `demo`: of an invented record."""

    index: int
    version: int
    at: dt.datetime
    register: RegisterView
    number: str
    path: str
    slug: str
    title: Words
    status: StatusView
    reason: str
    demo: bool


@dataclass(frozen=True, slots=True)
class EntrySpan:
    """Entries of the log between two indexes, both left out; `before` None: up to the newest."""

    after: int = -1
    before: int | None = None


def list_search_news(
    registry: Registry,
    actor: Actor,
    request: SearchRequest,
    lang: str,
    *,
    limit: int = DEFAULT_NEWS_LIMIT,
    before: int | None = None,
) -> list[NewsView]:
    """Return the newest entries of the records that a search finds, ended ones included.

    `before`: only entries with a lower index, for the page after the newest ones. Raises `Invalid` (dates), `Unavailable` (index away).
    """
    require(actor, Action.READ)
    span = EntrySpan(before=before)
    return _list_news(registry, request, lang, span=span, limit=limit, max_batches=MAX_BATCHES)


def list_record_news(
    registry: Registry,
    actor: Actor,
    record_id: int,
    lang: str,
    *,
    limit: int = DEFAULT_NEWS_LIMIT,
    before: int | None = None,
) -> list[NewsView]:
    """Return the newest sealed entries of one record; `before` as for `list_search_news`."""
    require(actor, Action.READ)
    with read_transaction(registry.engine) as connection:
        rows = _entries_of_records(connection, [record_id], EntrySpan(before=before), limit)
    return [_view(row, lang) for row in rows]


def last_entry_index(connection: Connection) -> int:
    """Return the index of the newest sealed entry; -1 while there is none."""
    newest = connection.execute(select(func.max(Entry.index))).scalar()
    return -1 if newest is None else int(newest)


def list_news_since(
    registry: Registry,
    request: SearchRequest,
    lang: str,
    *,
    after_index: int,
    limit: int = DEFAULT_NEWS_LIMIT,
) -> list[NewsView]:
    """Return entries after an index, newest first, of the records that a search finds now."""
    return _list_news(registry, request, lang, span=EntrySpan(after_index), limit=limit, max_batches=None)


def _list_news(
    registry: Registry,
    request: SearchRequest,
    lang: str,
    *,
    span: EntrySpan,
    limit: int,
    max_batches: int | None,
) -> list[NewsView]:
    """`max_batches`: how many batches of entries are looked through at most; None: all of them."""
    everything = replace(request, include_ended=True, sort="")
    query = search.build_query(registry, everything, lang, offset=0, limit=MAX_DIRECT_RECORDS)
    outcome = search.run_query(registry, query, request)
    result = outcome.result
    if not result.total or result.stage not in STRICT_STAGES:
        return []
    with read_transaction(registry.engine) as connection:
        if result.total <= MAX_DIRECT_RECORDS:
            rows = _entries_of_records(connection, result.ids, span, limit)
        else:
            batches = _entry_batches(connection, outcome.query, span, max_batches)
            rows = _matching_entries(registry, outcome.query, batches, limit)
    return [_view(row, lang) for row in rows]


def _entries_of_records(
    connection: Connection, record_ids: Sequence[int], span: EntrySpan, limit: int
) -> list[FetchedRow]:
    entries = _select_entries(span)
    rows: list[Any] = []
    for ids in batching.batches(record_ids, RECORDS_PER_STATEMENT):
        rows += connection.execute(entries.where(Entry.record_id.in_(ids)).limit(limit)).all()
    return sorted(rows, key=lambda row: -row.entry_index)[:limit]


def _matching_entries(
    registry: Registry, query: Query, batches: Iterable[list[FetchedRow]], limit: int
) -> list[FetchedRow]:
    """Return the entries whose records the query finds."""
    matching: list[FetchedRow] = []
    for batch in batches:
        ids = set(registry.search.filter_matching(query, {row.record_id for row in batch}))
        matching += [row for row in batch if row.record_id in ids]
        if len(matching) >= limit:
            break
    return matching[:limit]


def _entry_batches(
    connection: Connection, query: Query, span: EntrySpan, max_batches: int | None
) -> Iterator[list[FetchedRow]]:
    """Yield entries of the registers that are searched, newest first."""
    before = last_entry_index(connection) + 1
    entries = _select_entries(span)
    if registers := query.filters.get("register"):
        entries = entries.where(Entry.register.in_(registers))
    for _batch in itertools.count() if max_batches is None else range(max_batches):
        batch = connection.execute(entries.where(Entry.index < before).limit(BATCH_SIZE)).all()
        if not batch:
            return
        yield list(batch)
        before = batch[-1].entry_index


def _select_entries(span: EntrySpan) -> Any:
    entries = (
        select(*COLUMNS)
        .join(Record, Record.id == Entry.record_id)
        .where(Entry.index > span.after)
        .order_by(Entry.index.desc())
    )
    return entries if span.before is None else entries.where(Entry.index < span.before)


def _view(row: Any, lang: str) -> NewsView:
    definition = catalogue()[row.register]
    return NewsView(
        index=row.entry_index,
        version=row.version,
        at=row.recorded_at,
        register=titles.register_view(definition),
        number=row.number,
        path=titles.record_path(row.register, row.slug),
        slug=row.slug,
        title=titles.title_of(definition, row),
        status=definition.life_cycle.state(row.status).view(),
        reason=versions.reason_text(definition, row.reason, lang),
        demo=row.demo,
    )
