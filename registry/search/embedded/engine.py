"""The embedded engine: Whoosh manages schema, writing, locking and segments; queries run over a snapshot.

The directory holds one folder for each build and a pointer file; a rebuild swaps the pointer, so that readers see the
old index or the new one, never half of one.
"""

from __future__ import annotations

import contextlib
import logging
import os
import shutil
import threading
import time
import uuid
from collections.abc import Callable, Collection, Iterable, Iterator
from pathlib import Path

from whoosh import index
from whoosh.index import Index, LockError

from registry.errors import Unavailable
from registry.observing.metrics import CacheCounter
from registry.observing.recent_trouble import note_system_error
from registry.observing.work import spends_index_time
from registry.search.analysis.document import SearchDocument
from registry.search.embedded import building, query_execution
from registry.search.embedded.snapshot import SegmentCache, Snapshot
from registry.search.embedded.storage import create_index, open_index
from registry.search.embedded.writer import open_writer
from registry.search.port import IndexStatus, NameMatches, Query, SearchPort, SearchResult

INDEX_FORMAT = 15  # raise it when fields or analysis change: an index of another format counts as missing
POINTER_FILE = "current"
SUSPECT_FLAG = "doubted"  # file with the build that a process could not read: the relay verifies it
MAX_ATTEMPTS = 5  # to read an index that is written to at the same time
REFRESH_SECONDS = 1.0
DEFAULT_CACHE_MB = 128
VERSIONS_AT_A_TIME = 10_000  # that are held as objects
log = logging.getLogger(__name__)


def open_engine(directory: Path, cache_mb: int = DEFAULT_CACHE_MB) -> SearchPort:
    """Return the engine over this directory; nothing is read yet."""
    return EmbeddedEngine(directory, cache_mb)


class EmbeddedEngine:
    """Implements `SearchPort` over files; a snapshot is shared by all threads of a process."""

    def __init__(self, directory: Path, cache_mb: int) -> None:
        self._directory = directory
        self._segments = SegmentCache(cache_mb)
        self._counter = CacheCounter("search results")
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._build = ""
        self._checked_at = 0.0

    # --- reading --------------------------------------------------------------------------------------------

    @spends_index_time
    def find(self, query: Query) -> SearchResult:
        with self._read_snapshot() as snapshot:
            key = query.key
            result: SearchResult | None = snapshot.cache_get(key)
            self._counter.count(hit=result is not None)
            if result is None:
                result = query_execution.execute(snapshot, query)
                snapshot.cache_put(key, result, query_execution.result_size(result))
            return result

    @spends_index_time
    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        with self._read_snapshot() as snapshot:
            key = ("suggest", text, lang, limit)
            ids: list[int] | None = snapshot.cache_get(key)
            if ids is None:
                ids = query_execution.suggest(snapshot, text, lang, limit)
                snapshot.cache_put(key, ids, query_execution.ENTRY_BYTES)
            return ids

    @spends_index_time
    def count_name_matches(self, text: str) -> NameMatches:
        with self._read_snapshot() as snapshot:
            return query_execution.count_name_matches(snapshot, text)

    @spends_index_time
    def filter_matching(self, query: Query, ids: Iterable[int]) -> list[int]:
        with self._read_snapshot() as snapshot:
            return query_execution.filter_matching(snapshot, query, ids)

    @spends_index_time
    def ids_after(self, query: Query, last_id: int) -> list[int]:
        with self._read_snapshot() as snapshot:
            return query_execution.ids_after(snapshot, query, last_id)

    def index_versions(self) -> Iterator[tuple[int, int]]:
        with self._read_snapshot(fresh=True) as snapshot:
            live = snapshot.live
            ids, versions = snapshot.ids[live], snapshot.index_versions[live]
        for first in range(0, len(ids), VERSIONS_AT_A_TIME):
            part = slice(first, first + VERSIONS_AT_A_TIME)
            yield from zip(ids[part].tolist(), versions[part].tolist(), strict=True)

    def subjects(self, known: Collection[str]) -> list[tuple[str, list[str]]]:
        with self._read_snapshot(fresh=True) as snapshot:
            return snapshot.subjects(known)

    def status(self) -> IndexStatus:
        try:
            snapshot = self.current_snapshot(fresh=True)
        except Unavailable:
            return IndexStatus(None, "", 0, self._directory)
        folder = self._directory / self._build
        size = 0
        with contextlib.suppress(OSError):  # a file may be removed while they are counted
            size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        generation = f"{self._build}:{snapshot.generation}"
        return IndexStatus(snapshot.live_count, generation, size, folder, self._is_suspect())

    def verify(self) -> bool:
        for _attempt in range(MAX_ATTEMPTS):
            build = self._current_build()
            if not build:
                return False
            folder, generation = self._directory / build, -1
            try:
                opened = _open(folder)
                generation = opened.latest_generation()
                Snapshot(opened, SegmentCache(0)).verify()
            except Exception as problem:
                log.warning("search index %s cannot be read to its end: %r", build, problem)
                if note_system_error(problem):  # no damage
                    raise Unavailable("index_unavailable") from problem
                if (build, generation) == (self._current_build(), _generation(folder)):
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
        """Return the snapshot of the present generation, which is looked for at most once a second unless `fresh`."""
        with self._lock:
            due = time.monotonic() - self._checked_at >= REFRESH_SECONDS
            if self._snapshot is not None and not (due or fresh):
                return self._snapshot
            self._checked_at = time.monotonic()
            build = self._current_build()
            try:
                opened = _open(self._directory / build) if build else None
                if opened is None:
                    raise Unavailable("index_missing")  # noqa: TRY301
                known = self._snapshot
                newest = (build, opened.latest_generation())
                if known is None or newest != (self._build, known.generation):
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
        """Give the present snapshot. Any failure while it is read is taken for damage: the build becomes suspect."""
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
        """Note that a build could not be read; return the exception to raise."""
        log.warning("search index %s cannot be read: %r", build, problem)
        if note_system_error(problem):  # no damage
            return Unavailable("index_unavailable")
        with contextlib.suppress(OSError):
            (self._directory / SUSPECT_FLAG).write_text(build, "ascii")
        return Unavailable("index_unavailable")

    def _is_suspect(self) -> bool:
        try:
            return (self._directory / SUSPECT_FLAG).read_text("ascii") == self._build
        except (OSError, UnicodeDecodeError):
            return False

    def _current_build(self) -> str:
        """Return the folder that the pointer names; "" if there is none of this format. Raises `Unavailable`."""
        try:
            index_format, _space, build = (
                (self._directory / POINTER_FILE).read_text("ascii").strip().partition(" ")
            )
        except (OSError, UnicodeDecodeError) as problem:
            if note_system_error(problem):  # whether there is one cannot be said
                raise Unavailable("index_unavailable") from problem
            return ""
        usable = index_format == str(INDEX_FORMAT) and "/" not in build
        return build if usable and (self._directory / build).is_dir() else ""

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, upserts: Iterable[SearchDocument], deletes: Iterable[int]) -> None:
        build = self._current_build()
        if not build:
            raise Unavailable("index_missing")
        documents = list(upserts)
        try:
            writer = open_writer(open_index(self._directory / build))
            try:
                writer.delete_records([*deletes, *(document.id for document in documents)])
                for document in documents:
                    writer.put(document)
            except BaseException:
                writer.cancel()
                raise
            writer.commit()  # merges segments, and so may meet damage in those that exist
        except LockError as problem:
            raise Unavailable("index_locked") from problem
        except Exception as problem:
            raise self._mark_suspect(build, problem) from problem

    def rebuild(
        self, documents: Iterable[SearchDocument], stopped: Callable[[], bool] = lambda: False
    ) -> int:
        build = f"build-{uuid.uuid4().hex[:12]}"
        try:
            self._create_build(build)
            count = building.index_documents(open_index(self._directory / build), documents, stopped)
            previous = self._current_build()
            self._activate_build(build)
        except BaseException as problem:
            shutil.rmtree(self._directory / build, ignore_errors=True)
            if isinstance(problem, FileNotFoundError):  # by another program, while it was built
                raise Unavailable("index_missing") from problem
            raise
        with contextlib.suppress(FileNotFoundError):
            (self._directory / SUSPECT_FLAG).unlink()
        self._remove_old_builds(keep={build, previous})
        return count

    def _create_build(self, build: str) -> None:
        (self._directory / build).mkdir(parents=True)
        create_index(self._directory / build, building.index_schema()).close()

    def _activate_build(self, build: str) -> None:
        temporary = self._directory / f"{POINTER_FILE}.{uuid.uuid4().hex[:8]}"
        with temporary.open("w", encoding="ascii") as file:
            file.write(f"{INDEX_FORMAT} {build}\n")
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(self._directory / POINTER_FILE)

    def _remove_old_builds(self, keep: set[str]) -> None:
        """Remove builds that no reader needs; the previous one stays for readers that are about to open it."""
        for path in self._directory.glob("build-*"):
            if path.name not in keep:
                with contextlib.suppress(OSError):
                    shutil.rmtree(path)


def _open(folder: Path) -> Index:
    """Open an index to read it, also while a commit replaces its table of contents between looking for it and reading it."""
    for _attempt in range(MAX_ATTEMPTS - 1):
        with contextlib.suppress(FileNotFoundError, index.EmptyIndexError):
            return open_index(folder, readonly=True)
    return open_index(folder, readonly=True)


def _generation(folder: Path) -> int:
    try:
        return int(_open(folder).latest_generation())
    except Exception:  # noqa: BLE001 - what is too damaged to be opened has none
        return -1
