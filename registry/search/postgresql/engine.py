"""The engine over PostgreSQL: for several machines that share one index, and for indexes larger than a machine's memory.

It has the same terms, queries and scores as the embedded engine; the database matches, adds up and counts.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolExhausted

from registry.errors import Unavailable
from registry.observing.metrics import CacheCounter
from registry.observing.work import spends_index_time
from registry.search.analysis.document import SearchDocument
from registry.search.analysis.sized_cache import SizedCache
from registry.search.port import IndexStatus, NameMatches, Query, RebuildStopped, SearchResult
from registry.search.postgresql import statements, tables
from registry.search.postgresql.build_reader import CurrentBuild
from registry.search.postgresql.query_execution import QueryExecutor
from registry.search.postgresql.statements import Statement
from registry.search.postgresql.tables import SCHEMA
from registry.store.engine import engine_for
from registry.store.patience import LONG, Patience

VERSIONS_AT_A_TIME = 10_000  # that are fetched together
INDEX_FORMAT = 12  # raise it when tables or analysis change: an index of another format counts as missing
REFRESH_SECONDS = 1.0
WRITER_LOCK_ID = 7_226_320  # the advisory lock of the writer
ENTRY_BYTES = 400
MAX_SUGGEST_LENGTH = 60
log = logging.getLogger(__name__)


class PostgresEngine:
    """Implements `SearchPort` over the tables of a PostgreSQL database."""

    def __init__(self, url: str, cache_mb: int, patience: Patience = LONG) -> None:
        self._engine = engine_for(url, patience)
        self._lock = threading.Lock()
        self._cache = SizedCache(cache_mb << 20)
        self._counter = CacheCounter("search results")
        self._build: CurrentBuild | None = None
        self._checked_at = float("-inf")

    # --- reading --------------------------------------------------------------------------------------------

    @spends_index_time
    def find(self, query: Query) -> SearchResult:
        query = replace(query, text=tables.sanitize(query.text))
        with self._read_connection() as (connection, current):
            key = (current, query.key)
            result: SearchResult | None = self._cache.get(key)
            self._counter.count(hit=result is not None)
            if result is None:
                result = QueryExecutor(connection, current, self._cache).find(query)
                entries = len(result.ids) + len(result.highlights) + sum(map(len, result.facets.values()))
                self._cache.put(key, result, ENTRY_BYTES * (entries + 1))
            return result

    @spends_index_time
    def count_name_matches(self, text: str) -> NameMatches:
        with self._read_connection() as (connection, current):
            return QueryExecutor(connection, current, self._cache).count_name_matches(tables.sanitize(text))

    @spends_index_time
    def filter_matching(self, query: Query, ids: Iterable[int]) -> list[int]:
        query = replace(query, text=tables.sanitize(query.text))
        with self._read_connection() as (connection, current):
            return QueryExecutor(connection, current, self._cache).filter_matching(query, list(ids))

    @spends_index_time
    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        with self._read_connection() as (connection, current):
            return QueryExecutor(connection, current, self._cache).suggest(
                tables.sanitize(text[:MAX_SUGGEST_LENGTH]).strip(), lang, limit
            )

    @spends_index_time
    def ids_after(self, query: Query, last_id: int) -> list[int]:
        with self._read_connection() as (connection, current):
            statement = Statement(current.build)
            passes = statements.filter_condition(statement, query)
            ended = "true" if query.include_ended or query.filters_by_status else "NOT ended"
            return list(
                connection.execute(
                    text(
                        f"SELECT id FROM {statement.doc} WHERE id > {statement.bind(last_id, 'bigint')} AND {passes}"
                        f" AND {ended} ORDER BY id LIMIT {statement.bind(query.limit, 'bigint')}"
                    ),
                    statement.params,
                ).scalars()
            )

    def index_versions(self) -> Iterator[tuple[int, int]]:
        with self._read_connection(fresh=True) as (connection, current):
            rows = connection.execute(
                text(f"SELECT id, stamp FROM {SCHEMA}.doc_{current.build} ORDER BY id"),
                execution_options={"yield_per": VERSIONS_AT_A_TIME},
            )
            for row in rows:
                yield row.id, row.stamp

    def subjects(self, known: Collection[str]) -> list[tuple[str, list[str]]]:
        with self._read_connection(fresh=True) as (connection, current):
            part = f"{current.build}:{current.generation}"
            executor = QueryExecutor(connection, current, self._cache)
            return [(part, [] if part in known else executor.subjects())]

    def status(self) -> IndexStatus:
        try:
            with self._read_connection(fresh=True) as (connection, current):
                size = connection.execute(
                    text(
                        "SELECT sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)))"
                        " FROM pg_tables WHERE schemaname = :schema AND tablename LIKE :build"
                    ),
                    {"schema": SCHEMA, "build": f"%{current.build}"},
                ).scalar()
        except Unavailable:
            return IndexStatus(None, "", 0, Path(SCHEMA))
        generation = f"{current.build}:{current.generation}"
        table = Path(f"{SCHEMA}.doc_{current.build}")
        return IndexStatus(current.documents, generation, int(size or 0), table)

    def verify(self) -> bool:
        try:
            with self._read_connection(fresh=True) as (connection, current):
                doc, name = f"{SCHEMA}.doc_{current.build}", f"{SCHEMA}.name_{current.build}"
                documents = connection.execute(text(f"SELECT count(*) FROM {doc}")).scalar_one()
                orphan = connection.execute(
                    text(
                        f"SELECT 1 FROM {name} WHERE NOT EXISTS (SELECT 1 FROM {doc} d WHERE d.id = {name}.id) LIMIT 1"
                    )
                ).first()
        except Unavailable:
            return False
        return bool(documents == current.documents and orphan is None)

    def close(self) -> None:
        with self._lock:
            self._build = None

    @contextlib.contextmanager
    def _read_connection(self, *, fresh: bool = False) -> Iterator[tuple[Connection, CurrentBuild]]:
        """Give a connection and the current build, which is looked for at most once a second unless `fresh`."""
        try:
            with self._engine.connect() as connection:
                yield connection, self._current_build(connection, fresh=fresh)
        except (DBAPIError, PoolExhausted) as problem:
            with self._lock:
                self._build = None
            log.warning("the search index cannot be read: %s", _name_of(problem))
            raise Unavailable("index_unavailable") from problem

    def _current_build(self, connection: Connection, *, fresh: bool) -> CurrentBuild:
        with self._lock:
            due = time.monotonic() - self._checked_at >= REFRESH_SECONDS
            if self._build is None or due or fresh:
                self._checked_at = time.monotonic()
                self._build = _select_current_build(connection)
            if self._build is None:
                raise Unavailable("index_missing")
            return self._build

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, upserts: Iterable[SearchDocument], deletes: Iterable[int]) -> None:
        documents = list({document.id: document for document in upserts}.values())
        with self._write_transaction() as connection:
            current = _select_current_build(connection)
            if current is None:
                raise Unavailable("index_missing")
            growth = tables.replace_documents(connection, current.build, documents, list(deletes))
            connection.execute(
                text(
                    f"UPDATE {SCHEMA}.present SET generation = generation + 1, documents = documents + :growth"
                ),
                {"growth": growth},
            )

    def rebuild(
        self, documents: Iterable[SearchDocument], stopped: Callable[[], bool] = lambda: False
    ) -> int:
        build = uuid.uuid4().hex[:12]
        with self._write_transaction(exclusive=False) as connection:
            tables.run_statements(connection, tables.CREATE_SCHEMA)
        try:
            with self._write_transaction(exclusive=False) as connection:
                tables.run_statements(connection, tables.CREATE_BUILD_TABLES, build)
                count = tables.copy_documents(connection, build, _until_stopped(documents, stopped))
                tables.run_statements(connection, tables.INDEX_BUILD_TABLES, build)
            with self._write_transaction() as connection:
                previous = _select_current_build(connection)
                connection.execute(
                    text(
                        f"INSERT INTO {SCHEMA}.present (form, build, generation, documents) VALUES (:form, :build, 1, :count)"
                        " ON CONFLICT (one) DO UPDATE SET form = :form, build = :build, generation = 1, documents = :count"
                    ),
                    {"form": INDEX_FORMAT, "build": build, "count": count},
                )
        except BaseException:
            self._drop_builds(keep=set(), only=build)
            raise
        self._drop_builds(keep={build, previous.build if previous else ""})
        return count

    @contextlib.contextmanager
    def _write_transaction(self, *, exclusive: bool = True) -> Iterator[Connection]:
        """Give a transaction; `exclusive`: no other writer has one meanwhile."""
        try:
            with self._engine.begin() as connection:
                if exclusive:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": WRITER_LOCK_ID})
                yield connection
        except (DBAPIError, PoolExhausted) as problem:
            log.warning("the search index cannot be written: %s", _name_of(problem))
            raise Unavailable("index_unavailable") from problem

    def _drop_builds(self, keep: set[str], only: str = "") -> None:
        """Remove builds that no reader needs; the previous one stays for readers that are about to use it."""
        with contextlib.suppress(Unavailable), self._write_transaction() as connection:
            tables_of_documents = connection.execute(
                text(
                    "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename LIKE 'doc\\_%'"
                ),
                {"schema": SCHEMA},
            ).scalars()
            for build in [table.removeprefix("doc_") for table in tables_of_documents]:
                if build not in keep and (not only or build == only):
                    for table in ("doc", "name", "word"):
                        connection.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.{table}_{build}"))


def _name_of(problem: DBAPIError | PoolExhausted) -> str:
    return type(problem.orig if isinstance(problem, DBAPIError) else problem).__name__


def _select_current_build(connection: Connection) -> CurrentBuild | None:
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.present"}).scalar() is None:
        return None
    row = connection.execute(tables.SELECT_CURRENT_BUILD).first()
    if row is None or row.form != INDEX_FORMAT:
        return None
    return CurrentBuild(row.build, row.generation, row.documents)


def _until_stopped(
    documents: Iterable[SearchDocument], stopped: Callable[[], bool]
) -> Iterator[SearchDocument]:
    for document in documents:
        if stopped():
            raise RebuildStopped
        yield document
