"""Writing the index: new documents gathered in memory, small segments joined as they grow many."""

from __future__ import annotations

import time
from array import array
from collections import defaultdict
from collections.abc import Collection, Iterable
from typing import Any

import numpy as np
from whoosh.index import Index, LockError
from whoosh.writing import SegmentWriter

from registry.search.analysis.document import SearchDocument
from registry.search.analysis.document_terms import terms_of
from registry.search.embedded.segment import ArrayCodec, DocumentsReader

MOST_ALIKE = 4  # segments of about one size; when there are as many, they are joined
LARGEST_SEGMENT = 32_768  # documents; larger ones are not made by joining, so that no commit takes long
LOCK_SECONDS = 30.0


class Pool(defaultdict[str, "defaultdict[str, array[int]]"]):
    """Field → term → documents, as they come. Whoosh's writer asks for them once, at the end."""

    def __init__(self) -> None:
        super().__init__(lambda: defaultdict(lambda: array("I")))

    def put(self, place: int, document: SearchDocument) -> None:
        """Add the terms of the document at a place."""
        for field, found in terms_of(document).items():
            into = self[field]
            for term in found:
                into[term].append(place)

    def iter_postings(self) -> Pool:
        return self

    def cleanup(self) -> None:
        self.clear()


class Writer(SegmentWriter):  # type: ignore[misc]
    """One commit. Raises `LockError` while another process writes."""

    def __init__(self, index: Index) -> None:
        super().__init__(index, compound=False, codec=ArrayCodec())
        self.pool = Pool()

    def put(self, document: SearchDocument) -> None:
        """Add a document. One of the same id is to be deleted besides."""
        self.pool.put(self.docnum, document)
        self.perdocwriter.gathering.add(document)
        self._count(1)

    def delete(self, record_ids: Collection[int]) -> None:
        """Delete what was committed under these ids."""
        if not record_ids:
            return
        wanted = np.fromiter(record_ids, np.int64, len(record_ids))
        for segment in self.segments:
            ids = DocumentsReader(self.storage, segment).columns.ids
            for place in np.flatnonzero(np.isin(ids, wanted)):
                segment.delete_document(int(place))

    def add(self, segments: Iterable[Any]) -> None:
        """Segments whose files lie in the index already become part of it."""
        self.segments += segments

    def commit(self) -> None:
        super().commit(mergetype=_joined)

    def take_in(self, segment: Any) -> None:
        """What lives in a segment becomes part of the new one."""
        columns = DocumentsReader(self.storage, segment).columns
        living = np.ones(len(columns), np.bool_)
        living[list(segment.deleted_docs())] = False
        moved = np.cumsum(living, dtype=np.int64) + (self.docnum - 1)
        everything = bool(living.all())
        for field, term, docs in self.codec.terms_reader(self.storage, segment).postings():
            left = docs if everything else docs[living[docs]]
            if len(left):
                self.pool[field][term].frombytes(moved[left].astype(np.uint32).tobytes())
        places = np.flatnonzero(living)
        self.perdocwriter.gathering.take(columns, places)
        self._count(len(places))

    def _count(self, documents: int) -> None:
        self._added = True
        self.docnum += documents


def _joined(writer: Writer, segments: list[Any]) -> list[Any]:
    """Join segments of about one size into the new one, smallest first; returns those that stay as they are.

    So each document is written again once for each power of `MOST_ALIKE`, and there are at most 3 segments for each
    power up to `LARGEST_SEGMENT`, and one more for every 8,192 documents. A larger one, of a rebuild, is written anew when
    more than half of it is deleted.
    """
    left = sorted((each for each in segments if each.doc_count()), key=lambda each: each.doc_count())
    for segment in [each for each in left if each.doc_count_all() > LARGEST_SEGMENT]:
        if segment.doc_count() * 2 < segment.doc_count_all():
            writer.take_in(segment)
            left.remove(segment)
    for size in range(_size(LARGEST_SEGMENT)):
        chosen, total = [], writer.docnum
        for segment in left:
            if _size(segment.doc_count()) == size and total + segment.doc_count() <= LARGEST_SEGMENT:
                chosen.append(segment)
                total += segment.doc_count()
        if len(chosen) + (_size(writer.docnum) == size and writer.docnum > 0) >= MOST_ALIKE:
            for segment in chosen:
                writer.take_in(segment)
                left.remove(segment)
    return left


def _size(documents: int) -> int:
    """The power of `MOST_ALIKE` below a number of documents."""
    size = 0
    while documents >= MOST_ALIKE:
        documents //= MOST_ALIKE
        size += 1
    return size


def open_writer(index: Index) -> Writer:
    """The one writer of an index. Raises `LockError` when another process writes for long."""
    started = time.monotonic()
    while True:
        try:
            return Writer(index)
        except LockError:
            if time.monotonic() - started > LOCK_SECONDS:
                raise
            time.sleep(0.1)
