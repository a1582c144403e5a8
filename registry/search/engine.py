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
from typing import Any

import numpy as np
from whoosh import fields, index
from whoosh.index import Index, LockError

from registry.errors import Unavailable
from registry.search import document_terms, ranking
from registry.search.columns import Ints, Mask, pack
from registry.search.document import SearchDocument
from registry.search.document_terms import terms_of
from registry.search.port import Found, IndexStatus, Query, SearchPort
from registry.search.question import Question, ask
from registry.search.snapshot import Segments, Snapshot
from registry.search.writer import open_writer

FORM = 2  # raise it when fields or analysis change: an index of another form counts as missing
POINTER = "current"
DOUBT = "doubted"  # names the build that some process could not read: whoever may rebuild looks closer
ATTEMPTS = 3  # to read an index that is being written to meanwhile
LOOK_AGAIN_SECONDS = 1.0
CACHE_MB = 128
log = logging.getLogger(__name__)


def schema() -> fields.Schema:
    """All fields hold terms made by `document_terms`; `data` what the columns are made of."""
    return fields.Schema(data=fields.STORED(), **{name: fields.KEYWORD() for name in document_terms.FIELDS})


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
        question = ask(query.text)
        with self._reading() as snapshot:
            return self._find(snapshot, question, query)

    def _find(self, snapshot: Snapshot, question: Question, query: Query) -> Found:
        if question.empty and not question.whole and not question.numbers:
            return self._browse(snapshot, query)
        found = ranking.hits(snapshot, question)
        filtered = snapshot.mask(query.filters)
        show_ended = query.include_ended or question.asks_ended or self._asks_ended(query)
        visible = found.mask if show_ended else found.mask & (~snapshot.columns.ended | found.exact)
        total = int((visible & filtered).sum())
        hidden = int((found.mask & filtered).sum()) - total
        if not total and hidden:  # an empty page would be a lie: show what has ended
            visible, total, hidden = found.mask, hidden, 0
        return Found(
            total=total,
            ids=self._page(snapshot, visible & filtered, query, found.scores),
            facets=self._facets(snapshot, visible, query),
            ended_hidden=hidden,
            terms=question.terms,
            stage=found.stage,
        )

    def ids_after(self, query: Query, last: int) -> list[int]:
        with self._reading() as snapshot:
            mask = snapshot.mask(query.filters)
            if not (query.include_ended or self._asks_ended(query)):
                mask = mask & ~snapshot.columns.ended
            ids = np.sort(snapshot.columns.ids[mask])
        return [int(each) for each in ids[np.searchsorted(ids, last, side="right") :][: query.limit]]

    def stamps(self) -> Iterator[tuple[int, int]]:
        with self._reading(fresh=True) as snapshot:
            columns, live = snapshot.columns, snapshot.live
        for place in np.flatnonzero(live):
            yield int(columns.ids[place]), int(columns.stamps[place])

    def status(self) -> IndexStatus:
        try:
            snapshot = self._now(fresh=True)
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
                snapshot = Snapshot(opened, Segments(0))
                try:
                    snapshot.read_all()
                finally:
                    snapshot.close()
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
            if self._snapshot:
                self._snapshot.close()
            self._snapshot = None

    def _browse(self, snapshot: Snapshot, query: Query) -> Found:
        """No words: everything that passes the filters."""
        everything: Mask = snapshot.live
        visible = everything
        if not (query.include_ended or self._asks_ended(query)):
            visible = everything & ~snapshot.columns.ended
        filtered = snapshot.mask(query.filters)
        total = int((visible & filtered).sum())
        hidden = int((everything & filtered).sum()) - total
        if not total and hidden:
            visible, total, hidden = everything, hidden, 0
        scores = np.zeros(snapshot.n, np.float32)
        return Found(
            total=total,
            ids=self._page(snapshot, visible & filtered, query, scores),
            facets=self._facets(snapshot, visible, query),
            ended_hidden=hidden,
            stage="browse",
        )

    @staticmethod
    def _asks_ended(query: Query) -> bool:
        """Who filters by a status wants to see it, ended or not."""
        return bool(query.filters.get("status") or query.filters.get("standing"))

    def _page(self, snapshot: Snapshot, among: Mask, query: Query, scores: ranking.Scores) -> list[int]:
        docs = np.flatnonzero(among)
        columns = snapshot.columns
        names = snapshot.name_order["zh" if query.lang == "zh" else "en"]
        keys: tuple[Any, ...]
        if query.sort == "date":
            keys = (names[docs], columns.dates[docs])
        elif query.sort == "-date":
            keys = (names[docs], -columns.dates[docs])
        elif query.sort == "name":
            keys = (names[docs],)
        elif query.sort == "rank":
            keys = (names[docs], np.where(columns.ranks[docs] == 0, 1 << 30, columns.ranks[docs]))
        else:
            keys = (names[docs], -columns.dates[docs], -scores[docs])
        chosen: Ints = docs[np.lexsort((columns.ids[docs], *keys))][query.offset : query.offset + query.limit]
        return [int(each) for each in columns.ids[chosen]]

    @staticmethod
    def _facets(snapshot: Snapshot, visible: Mask, query: Query) -> dict[str, list[tuple[str, int]]]:
        """Counts of each facet among what the other filters leave."""
        counted = {}
        for name in query.facets:
            others = {key: values for key, values in query.filters.items() if key != name}
            counted[name] = snapshot.counts(name, visible & snapshot.mask(others))
        return counted

    def _now(self, *, fresh: bool = False) -> Snapshot:
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
                    if build != self._build:
                        self._shared.columns.clear()
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
        snapshot = self._now(fresh=fresh)
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
                    writer.put(document.id, pack(document), terms_of(document))
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
        opened = index.open_dir(str(self._directory / build))
        writer = open_writer(opened)
        count = 0
        try:
            for document in documents:
                if writer.full():
                    writer.commit()
                    writer = open_writer(opened)
                writer.put(document.id, pack(document), terms_of(document))
                count += 1
        except BaseException:
            writer.cancel()
            shutil.rmtree(self._directory / build, ignore_errors=True)
            raise
        writer.commit()
        before = self._pointer()
        self._point(build)
        with contextlib.suppress(FileNotFoundError):
            (self._directory / DOUBT).unlink()
        self._sweep(keep={build, before})
        return count

    def _make(self) -> str:
        build = f"build-{uuid.uuid4().hex[:12]}"
        (self._directory / build).mkdir(parents=True)
        _create(self._directory / build).close()
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


def _create(folder: Path) -> Index:
    return index.create_in(str(folder), schema())
