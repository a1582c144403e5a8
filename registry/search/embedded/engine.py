"""The embedded engine: Whoosh keeps schema, writing, locking and segments; questions run over a snapshot.

The directory holds one folder for each build and a pointer file; a rebuild swaps the pointer, so that readers
see the old index or the new one, never half of either.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Iterable, Iterator
from pathlib import Path

from whoosh import index
from whoosh.index import LockError

from registry.errors import Unavailable
from registry.search.analysis.document import SearchDocument
from registry.search.embedded import building, query_execution
from registry.search.embedded.snapshot import SegmentCache, Snapshot
from registry.search.embedded.writer import open_writer
from registry.search.port import IndexStatus, NameMatches, Query, SearchPort, SearchResult

INDEX_FORMAT = 3  # raise it when fields or analysis change: an index of another form counts as missing
POINTER_FILE = "current"
SUSPECT_FLAG = "doubted"  # names the build that some process could not read: whoever may rebuild looks closer
MAX_ATTEMPTS = 3  # to read an index that is being written to meanwhile
REFRESH_SECONDS = 1.0
DEFAULT_CACHE_MB = 128
log = logging.getLogger(__name__)


def open_engine(directory: Path, cache_mb: int = DEFAULT_CACHE_MB) -> SearchPort:
    """The engine over this directory; nothing is read until it is asked."""
    return EmbeddedEngine(directory, cache_mb)


class EmbeddedEngine:
    def __init__(self, directory: Path, cache_mb: int) -> None:
        self._directory = directory
        self._segments = SegmentCache(cache_mb)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._build = ""
        self._checked_at = 0.0

    # --- reading --------------------------------------------------------------------------------------------

    def find(self, query: Query) -> SearchResult:
        with self._read_snapshot() as snapshot:
            found: SearchResult | None = snapshot.cache_get(query.key)
            if found is None:
                found = query_execution.execute(snapshot, query)
                snapshot.cache_put(query.key, found, query_execution.result_size(found))
            return found

    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        with self._read_snapshot() as snapshot:
            key = ("suggested", text, lang, limit)
            found: list[int] | None = snapshot.cache_get(key)
            if found is None:
                found = query_execution.suggest(snapshot, text, lang, limit)
                snapshot.cache_put(key, found, query_execution.ENTRY_BYTES)
            return found

    def count_name_matches(self, text: str) -> NameMatches:
        with self._read_snapshot() as snapshot:
            return query_execution.count_name_matches(snapshot, text)

    def filter_matching(self, query: Query, ids: Iterable[int]) -> list[int]:
        with self._read_snapshot() as snapshot:
            return query_execution.filter_matching(snapshot, query, ids)

    def ids_after(self, query: Query, last_id: int) -> list[int]:
        with self._read_snapshot() as snapshot:
            return query_execution.ids_after(snapshot, query, last_id)

    def index_versions(self) -> Iterator[tuple[int, int]]:
        with self._read_snapshot(fresh=True) as snapshot:
            ids, stamps, live = snapshot.ids, snapshot.index_versions, snapshot.live
        yield from zip(ids[live].tolist(), stamps[live].tolist(), strict=True)

    def status(self) -> IndexStatus:
        try:
            snapshot = self.current_snapshot(fresh=True)
        except Unavailable:
            return IndexStatus(None, "", 0, self._directory)
        folder = self._directory / self._build
        size = 0
        with contextlib.suppress(OSError):  # a file may go while they are counted
            size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        generation = f"{self._build}:{snapshot.generation}"
        return IndexStatus(snapshot.live_count, generation, size, folder, self._is_suspect())

    def verify(self) -> bool:
        for _attempt in range(MAX_ATTEMPTS):
            build = self._current_build()
            if not build:
                return False
            folder, seen = self._directory / build, -1
            try:
                opened = index.open_dir(str(folder), readonly=True)
                seen = opened.latest_generation()
                Snapshot(opened, SegmentCache(0)).verify()
            except Exception as problem:  # noqa: BLE001 - damage shows as any of them
                log.warning("search index %s cannot be read to its end: %r", build, problem)
                if (build, seen) == (self._current_build(), _generation(folder)):
                    return False
            else:
                with contextlib.suppress(FileNotFoundError):
                    (self._directory / SUSPECT_FLAG).unlink()
                return True
        return False

    def close(self) -> None:
        with self._lock:
            self._snapshot = None
            self._segments.open_segments.clear()

    def current_snapshot(self, *, fresh: bool = False) -> Snapshot:
        """The snapshot of the present generation, looked for at most once a second."""
        with self._lock:
            due = time.monotonic() - self._checked_at >= REFRESH_SECONDS
            if self._snapshot is not None and not (due or fresh):
                return self._snapshot
            self._checked_at = time.monotonic()
            build = self._current_build()
            try:
                opened = index.open_dir(str(self._directory / build), readonly=True) if build else None
                if opened is None:
                    raise Unavailable("index_missing")  # noqa: TRY301
                present = self._snapshot
                if present is None or (build, opened.latest_generation()) != (
                    self._build,
                    present.generation,
                ):
                    self._snapshot = Snapshot(opened, self._segments)
                    self._build = build
            except Unavailable:
                self._snapshot = None
                raise
            except Exception as problem:
                self._snapshot = None
                raise self._mark_suspect(build, problem) from problem
            assert self._snapshot is not None
            return self._snapshot

    @contextlib.contextmanager
    def _read_snapshot(self, *, fresh: bool = False) -> Iterator[Snapshot]:
        """The present snapshot. Whatever fails while it is read is taken for damage: said, and looked into."""
        snapshot = self.current_snapshot(fresh=fresh)
        try:
            yield snapshot
        except Exception as problem:
            with self._lock:
                build = self._build
                if self._snapshot is snapshot:
                    self._snapshot = None
            raise self._mark_suspect(build, problem) from problem

    def _mark_suspect(self, build: str, problem: Exception) -> Unavailable:
        log.warning("search index %s cannot be read: %r", build, problem)
        with contextlib.suppress(OSError):
            (self._directory / SUSPECT_FLAG).write_text(build, "ascii")
        return Unavailable("index_unavailable")

    def _is_suspect(self) -> bool:
        try:
            return (self._directory / SUSPECT_FLAG).read_text("ascii") == self._build
        except (OSError, UnicodeDecodeError):
            return False

    def _current_build(self) -> str:
        try:
            form, _space, build = (self._directory / POINTER_FILE).read_text("ascii").strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            return ""
        return (
            build
            if form == str(INDEX_FORMAT) and "/" not in build and (self._directory / build).is_dir()
            else ""
        )

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, upserts: Iterable[SearchDocument], deletes: Iterable[int]) -> None:
        build = self._current_build()
        if not build:
            raise Unavailable("index_missing")
        documents = list(upserts)
        try:
            writer = open_writer(index.open_dir(str(self._directory / build)))
            try:
                writer.delete_records([*deletes, *(document.id for document in documents)])
                for document in documents:
                    writer.put(document)
            except BaseException:
                writer.cancel()
                raise
            writer.commit()  # joins segments, and so may meet damage in those that are there
        except LockError as problem:
            raise Unavailable("index_locked") from problem
        except Exception as problem:
            raise self._mark_suspect(build, problem) from problem

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        build = self._create_build()
        try:
            count = building.index_documents(index.open_dir(str(self._directory / build)), documents)
        except BaseException:
            shutil.rmtree(self._directory / build, ignore_errors=True)
            raise
        before = self._current_build()
        self._activate_build(build)
        with contextlib.suppress(FileNotFoundError):
            (self._directory / SUSPECT_FLAG).unlink()
        self._remove_old_builds(keep={build, before})
        return count

    def _create_build(self) -> str:
        build = f"build-{uuid.uuid4().hex[:12]}"
        (self._directory / build).mkdir(parents=True)
        building.create_index(self._directory / build).close()
        return build

    def _activate_build(self, build: str) -> None:
        beside = self._directory / f"{POINTER_FILE}.{uuid.uuid4().hex[:8]}"
        with beside.open("w", encoding="ascii") as file:
            file.write(f"{INDEX_FORMAT} {build}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._directory / POINTER_FILE)

    def _remove_old_builds(self, keep: set[str]) -> None:
        """Remove builds that nobody reads any more; the one before stays for readers on their way."""
        for path in self._directory.glob("build-*"):
            if path.name not in keep:
                with contextlib.suppress(OSError):
                    shutil.rmtree(path)


def _generation(folder: Path) -> int:
    try:
        return int(index.open_dir(str(folder), readonly=True).latest_generation())
    except Exception:  # noqa: BLE001 - what is too damaged to be opened has none
        return -1
