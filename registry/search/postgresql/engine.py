"""The engine over PostgreSQL: for several machines that share one index, and for indexes larger than a machine's memory.

The same terms, questions and worths as the embedded engine; the database finds, adds up and counts.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path

from sqlalchemy import Connection, text
from sqlalchemy.exc import DBAPIError

from registry.errors import Unavailable
from registry.search.analysis.document import SearchDocument
from registry.search.embedded.lru import SizedCache
from registry.search.port import Found, IndexStatus, Query
from registry.search.postgresql import statements, tables
from registry.search.postgresql.finder import Finder, Present, sees_ended
from registry.search.postgresql.statements import Statement
from registry.search.postgresql.tables import SCHEMA
from registry.store.engine import engine_for

FORM = 1  # raise it when tables or analysis change: an index of another form counts as missing
LOOK_AGAIN_SECONDS = 1.0
LOCK = 7_226_320  # the advisory lock of the writer
ENTRY_BYTES = 400
LONGEST_TYPED = 60
log = logging.getLogger(__name__)


class PostgresEngine:
    def __init__(self, url: str, cache_mb: int) -> None:
        self._engine = engine_for(url)
        self._lock = threading.Lock()
        self._kept = SizedCache(cache_mb << 20)
        self._present: Present | None = None
        self._looked = float("-inf")

    # --- reading --------------------------------------------------------------------------------------------

    def find(self, query: Query) -> Found:
        query = replace(query, text=tables.storable(query.text))
        with self._reading() as (connection, present):
            key = (present, query.key)
            found: Found | None = self._kept.get(key)
            if found is None:
                found = Finder(connection, present, self._kept).find(query)
                entries = len(found.ids) + len(found.terms) + sum(map(len, found.facets.values()))
                self._kept.put(key, found, ENTRY_BYTES * (entries + 1))
            return found

    def named(self, text: str) -> tuple[int, int]:
        with self._reading() as (connection, present):
            return Finder(connection, present, self._kept).named(tables.storable(text))

    def among(self, query: Query, ids: Iterable[int]) -> list[int]:
        query = replace(query, text=tables.storable(query.text))
        with self._reading() as (connection, present):
            return Finder(connection, present, self._kept).among(query, list(ids))

    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        with self._reading() as (connection, present):
            return Finder(connection, present, self._kept).suggest(
                tables.storable(text[:LONGEST_TYPED]).strip(), lang, limit
            )

    def ids_after(self, query: Query, last: int) -> list[int]:
        with self._reading() as (connection, present):
            statement = Statement(present.build)
            passes = statements.passing(statement, query)
            ended = "true" if sees_ended(query) else "NOT ended"
            return list(
                connection.execute(
                    text(
                        f"SELECT id FROM {statement.doc} WHERE id > {statement.put(last, 'bigint')} AND {passes}"
                        f" AND {ended} ORDER BY id LIMIT {statement.put(query.limit, 'bigint')}"
                    ),
                    statement.params,
                ).scalars()
            )

    def stamps(self) -> Iterator[tuple[int, int]]:
        with self._reading(fresh=True) as (connection, present):
            rows = connection.execute(
                text(f"SELECT id, stamp FROM {SCHEMA}.doc_{present.build} ORDER BY id")
            ).all()
        yield from ((row.id, row.stamp) for row in rows)

    def status(self) -> IndexStatus:
        place = Path("/") / SCHEMA
        try:
            with self._reading(fresh=True) as (connection, present):
                size = connection.execute(
                    text(
                        "SELECT sum(pg_total_relation_size(format('%I.%I', schemaname, tablename)))"
                        " FROM pg_tables WHERE schemaname = :schema AND tablename LIKE :build"
                    ),
                    {"schema": SCHEMA, "build": f"%{present.build}"},
                ).scalar()
        except Unavailable:
            return IndexStatus(None, "", 0, place)
        generation = f"{present.build}:{present.generation}"
        return IndexStatus(present.documents, generation, int(size or 0), place / f"doc_{present.build}")

    def sound(self) -> bool:
        try:
            with self._reading(fresh=True) as (connection, present):
                doc, name = f"{SCHEMA}.doc_{present.build}", f"{SCHEMA}.name_{present.build}"
                documents = connection.execute(text(f"SELECT count(*) FROM {doc}")).scalar_one()
                unnamed = connection.execute(
                    text(
                        f"SELECT 1 FROM {name} WHERE NOT EXISTS (SELECT 1 FROM {doc} d WHERE d.id = {name}.id) LIMIT 1"
                    )
                ).first()
        except Unavailable:
            return False
        return bool(documents == present.documents and unnamed is None)

    def close(self) -> None:
        with self._lock:
            self._present = None

    @contextlib.contextmanager
    def _reading(self, *, fresh: bool = False) -> Iterator[tuple[Connection, Present]]:
        """A connection and the present build, looked for at most once a second."""
        try:
            with self._engine.connect() as connection:
                yield connection, self._now(connection, fresh=fresh)
        except DBAPIError as problem:
            with self._lock:
                self._present = None
            log.warning("the search index cannot be read: %s", type(problem.orig).__name__)
            raise Unavailable("the search index is away or being replaced") from problem

    def _now(self, connection: Connection, *, fresh: bool) -> Present:
        with self._lock:
            due = time.monotonic() - self._looked >= LOOK_AGAIN_SECONDS
            if self._present is None or due or fresh:
                self._looked = time.monotonic()
                self._present = _present(connection)
            if self._present is None:
                raise Unavailable("the search index has not been built yet")
            return self._present

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, put: Iterable[SearchDocument], delete: Iterable[int]) -> None:
        documents = list({document.id: document for document in put}.values())
        with self._writing() as connection:
            present = _present(connection)
            if present is None:
                raise Unavailable("the search index has not been built yet")
            grown = tables.replace(connection, present.build, documents, list(delete))
            connection.execute(
                text(
                    f"UPDATE {SCHEMA}.present SET generation = generation + 1, documents = documents + :grown"
                ),
                {"grown": grown},
            )

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        build = uuid.uuid4().hex[:12]
        with self._writing(alone=False) as connection:
            tables.run(connection, tables.MADE)
        try:
            with self._writing(alone=False) as connection:
                tables.run(connection, tables.OF_BUILD, build)
                count = tables.copy(connection, build, documents)
                tables.run(connection, tables.FILLED, build)
            with self._writing() as connection:
                before = _present(connection)
                connection.execute(
                    text(
                        f"INSERT INTO {SCHEMA}.present (form, build, generation, documents) VALUES (:form, :build, 1, :count)"
                        " ON CONFLICT (one) DO UPDATE SET form = :form, build = :build, generation = 1, documents = :count"
                    ),
                    {"form": FORM, "build": build, "count": count},
                )
        except BaseException:
            self._drop(keep=set(), only=build)
            raise
        self._drop(keep={build, before.build if before else ""})
        return count

    @contextlib.contextmanager
    def _writing(self, *, alone: bool = True) -> Iterator[Connection]:
        """A transaction; `alone`: of the one writer there is."""
        try:
            with self._engine.begin() as connection:
                if alone:
                    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
                yield connection
        except DBAPIError as problem:
            log.warning("the search index cannot be written: %s", type(problem.orig).__name__)
            raise Unavailable("the search index is away") from problem

    def _drop(self, keep: set[str], only: str = "") -> None:
        """Remove builds that nobody reads any more; the one before stays for readers on their way."""
        with contextlib.suppress(Unavailable), self._writing() as connection:
            named = connection.execute(
                text(
                    "SELECT tablename FROM pg_tables WHERE schemaname = :schema AND tablename LIKE 'doc\\_%'"
                ),
                {"schema": SCHEMA},
            ).scalars()
            for build in [each.removeprefix("doc_") for each in named]:
                if build not in keep and (not only or build == only):
                    for table in ("doc", "name", "word"):
                        connection.execute(text(f"DROP TABLE IF EXISTS {SCHEMA}.{table}_{build}"))


def _present(connection: Connection) -> Present | None:
    if connection.execute(text("SELECT to_regclass(:name)"), {"name": f"{SCHEMA}.present"}).scalar() is None:
        return None
    row = connection.execute(tables.PRESENT).first()
    return Present(row.build, row.generation, row.documents) if row and row.form == FORM else None
