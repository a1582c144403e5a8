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
from registry.search.embedded.snapshot import Segments, Snapshot
from registry.search.embedded.writer import open_writer
from registry.search.port import Found, IndexStatus, Query, SearchPort

FORM = 3  # raise it when fields or analysis change: an index of another form counts as missing
POINTER = "current"
DOUBT = "doubted"  # names the build that some process could not read: whoever may rebuild looks closer
ATTEMPTS = 3  # to read an index that is being written to meanwhile
LOOK_AGAIN_SECONDS = 1.0
CACHE_MB = 128
log = logging.getLogger(__name__)


def open_engine(directory: Path, cache_mb: int = CACHE_MB) -> SearchPort:
    """The engine over this directory; nothing is read until it is asked."""
    return WhooshEngine(directory, cache_mb)


class WhooshEngine:
    def __init__(self, directory: Path, cache_mb: int) -> None:
        self._directory = directory
        self._shared = Segments(cache_mb)
        self._lock = threading.Lock()
        self._snapshot: Snapshot | None = None
        self._build = ""
        self._looked = 0.0

    # --- reading --------------------------------------------------------------------------------------------

    def find(self, query: Query) -> Found:
        with self._reading() as snapshot:
            found: Found | None = snapshot.kept(query.key)
            if found is None:
                found = query_execution.find(snapshot, query)
                snapshot.keep(query.key, found, query_execution.size_of(found))
            return found

    def suggest(self, text: str, lang: str, limit: int) -> list[int]:
        with self._reading() as snapshot:
            key = ("suggested", text, lang, limit)
            found: list[int] | None = snapshot.kept(key)
            if found is None:
                found = query_execution.suggest(snapshot, text, lang, limit)
                snapshot.keep(key, found, query_execution.ENTRY_BYTES)
            return found

    def named(self, text: str) -> tuple[int, int]:
        with self._reading() as snapshot:
            return query_execution.named(snapshot, text)

    def among(self, query: Query, ids: Iterable[int]) -> list[int]:
        with self._reading() as snapshot:
            return query_execution.among(snapshot, query, ids)

    def ids_after(self, query: Query, last: int) -> list[int]:
        with self._reading() as snapshot:
            return query_execution.ids_after(snapshot, query, last)

    def stamps(self) -> Iterator[tuple[int, int]]:
        with self._reading(fresh=True) as snapshot:
            ids, stamps, live = snapshot.ids, snapshot.stamps, snapshot.live
        yield from zip(ids[live].tolist(), stamps[live].tolist(), strict=True)

    def status(self) -> IndexStatus:
        try:
            snapshot = self.snapshot(fresh=True)
        except Unavailable:
            return IndexStatus(None, "", 0, self._directory)
        folder = self._directory / self._build
        size = 0
        with contextlib.suppress(OSError):  # a file may go while they are counted
            size = sum(path.stat().st_size for path in folder.iterdir() if path.is_file())
        generation = f"{self._build}:{snapshot.generation}"
        return IndexStatus(snapshot.documents, generation, size, folder, self._doubted())

    def sound(self) -> bool:
        for _attempt in range(ATTEMPTS):
            build = self._pointer()
            if not build:
                return False
            folder, seen = self._directory / build, -1
            try:
                opened = index.open_dir(str(folder), readonly=True)
                seen = opened.latest_generation()
                Snapshot(opened, Segments(0)).check()
            except Exception as problem:  # noqa: BLE001 - damage shows as any of them
                log.warning("search index %s cannot be read to its end: %r", build, problem)
                if (build, seen) == (self._pointer(), _generation(folder)):
                    return False
            else:
                with contextlib.suppress(FileNotFoundError):
                    (self._directory / DOUBT).unlink()
                return True
        return False

    def close(self) -> None:
        with self._lock:
            self._snapshot = None
            self._shared.opened.clear()

    def snapshot(self, *, fresh: bool = False) -> Snapshot:
        """The snapshot of the present generation, looked for at most once a second."""
        with self._lock:
            due = time.monotonic() - self._looked >= LOOK_AGAIN_SECONDS
            if self._snapshot is not None and not (due or fresh):
                return self._snapshot
            self._looked = time.monotonic()
            build = self._pointer()
            try:
                opened = index.open_dir(str(self._directory / build), readonly=True) if build else None
                if opened is None:
                    raise Unavailable("the search index has not been built yet")  # noqa: TRY301
                present = self._snapshot
                if present is None or (build, opened.latest_generation()) != (
                    self._build,
                    present.generation,
                ):
                    self._snapshot = Snapshot(opened, self._shared)
                    self._build = build
            except Unavailable:
                self._snapshot = None
                raise
            except Exception as problem:
                self._snapshot = None
                raise self._unreadable(build, problem) from problem
            assert self._snapshot is not None
            return self._snapshot

    @contextlib.contextmanager
    def _reading(self, *, fresh: bool = False) -> Iterator[Snapshot]:
        """The present snapshot. Whatever fails while it is read is taken for damage: said, and looked into."""
        snapshot = self.snapshot(fresh=fresh)
        try:
            yield snapshot
        except Exception as problem:
            with self._lock:
                build = self._build
                if self._snapshot is snapshot:
                    self._snapshot = None
            raise self._unreadable(build, problem) from problem

    def _unreadable(self, build: str, problem: Exception) -> Unavailable:
        log.warning("search index %s cannot be read: %r", build, problem)
        with contextlib.suppress(OSError):
            (self._directory / DOUBT).write_text(build, "ascii")
        return Unavailable("the search index is damaged or being replaced")

    def _doubted(self) -> bool:
        try:
            return (self._directory / DOUBT).read_text("ascii") == self._build
        except (OSError, UnicodeDecodeError):
            return False

    def _pointer(self) -> str:
        try:
            form, _space, build = (self._directory / POINTER).read_text("ascii").strip().partition(" ")
        except (OSError, UnicodeDecodeError):
            return ""
        return build if form == str(FORM) and "/" not in build and (self._directory / build).is_dir() else ""

    # --- writing --------------------------------------------------------------------------------------------

    def write(self, put: Iterable[SearchDocument], delete: Iterable[int]) -> None:
        build = self._pointer()
        if not build:
            raise Unavailable("the search index has not been built yet")
        documents = list(put)
        try:
            writer = open_writer(index.open_dir(str(self._directory / build)))
            try:
                writer.delete([*delete, *(document.id for document in documents)])
                for document in documents:
                    writer.put(document)
            except BaseException:
                writer.cancel()
                raise
            writer.commit()  # joins segments, and so may meet damage in those that are there
        except LockError as problem:
            raise Unavailable("the search index is being written by another process") from problem
        except Exception as problem:
            raise self._unreadable(build, problem) from problem

    def rebuild(self, documents: Iterable[SearchDocument]) -> int:
        build = self._make()
        try:
            count = building.fill(index.open_dir(str(self._directory / build)), documents)
        except BaseException:
            shutil.rmtree(self._directory / build, ignore_errors=True)
            raise
        before = self._pointer()
        self._point(build)
        with contextlib.suppress(FileNotFoundError):
            (self._directory / DOUBT).unlink()
        self._sweep(keep={build, before})
        return count

    def _make(self) -> str:
        build = f"build-{uuid.uuid4().hex[:12]}"
        (self._directory / build).mkdir(parents=True)
        building.create(self._directory / build).close()
        return build

    def _point(self, build: str) -> None:
        beside = self._directory / f"{POINTER}.{uuid.uuid4().hex[:8]}"
        with beside.open("w", encoding="ascii") as file:
            file.write(f"{FORM} {build}\n")
            file.flush()
            os.fsync(file.fileno())
        beside.replace(self._directory / POINTER)

    def _sweep(self, keep: set[str]) -> None:
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
