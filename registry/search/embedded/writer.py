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

MERGE_FACTOR = 4  # segments of about one size; when there are as many, they are joined
MAX_MERGED_DOCUMENTS = 32_768  # documents; larger ones are not made by joining, so that no commit takes long
LOCK_SECONDS = 30.0


class PostingsPool(defaultdict[str, "defaultdict[str, array[int]]"]):
    """Field → term → documents, as they come. Whoosh's writer asks for them once, at the end."""

    def __init__(self) -> None:
        super().__init__(lambda: defaultdict(lambda: array("I")))

    def put(self, doc: int, document: SearchDocument) -> None:
        """Add the terms of the document at a place."""
        for field, found in terms_of(document).items():
            into = self[field]
            for term in found:
                into[term].append(doc)

    def iter_postings(self) -> PostingsPool:
        return self

    def cleanup(self) -> None:
        self.clear()


class Writer(SegmentWriter):  # type: ignore[misc]
    """One commit. Raises `LockError` while another process writes."""

    def __init__(self, index: Index) -> None:
        super().__init__(index, compound=False, codec=ArrayCodec())
        self.pool = PostingsPool()

    def put(self, document: SearchDocument) -> None:
        """Add a document. One of the same id is to be deleted besides."""
        self.pool.put(self.docnum, document)
        self.perdocwriter.gathering.add(document)
        self._count_added(1)

    def delete_records(self, record_ids: Collection[int]) -> None:
        """Delete what was committed under these ids."""
        if not record_ids:
            return
        wanted = np.fromiter(record_ids, np.int64, len(record_ids))
        for segment in self.segments:
            ids = DocumentsReader(self.storage, segment).columns.ids
            for place in np.flatnonzero(np.isin(ids, wanted)):
                segment.delete_document(int(place))

    def add_segments(self, segments: Iterable[Any]) -> None:
        """Segments whose files lie in the index already become part of it."""
        self.segments += segments

    def commit(self) -> None:
        super().commit(mergetype=_merge_similar_segments)

    def merge_segment(self, segment: Any) -> None:
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
        self._count_added(len(places))

    def _count_added(self, documents: int) -> None:
        self._added = True
        self.docnum += documents


def _merge_similar_segments(writer: Writer, segments: list[Any]) -> list[Any]:
    """Join segments of about one size into the new one, smallest first; returns those that stay as they are.

    So each document is written again once for each power of `MOST_ALIKE`, and there are at most 3 segments for each
    power up to `LARGEST_SEGMENT`, and one more for every 8,192 documents. A larger one, of a rebuild, is written anew when
    more than half of it is deleted.
    """
    left = sorted((each for each in segments if each.doc_count()), key=lambda each: each.doc_count())
    for segment in [each for each in left if each.doc_count_all() > MAX_MERGED_DOCUMENTS]:
        if segment.doc_count() * 2 < segment.doc_count_all():
            writer.merge_segment(segment)
            left.remove(segment)
    for size in range(_size_class(MAX_MERGED_DOCUMENTS)):
        chosen, total = [], writer.docnum
        for segment in left:
            if (
                _size_class(segment.doc_count()) == size
                and total + segment.doc_count() <= MAX_MERGED_DOCUMENTS
            ):
                chosen.append(segment)
                total += segment.doc_count()
        if len(chosen) + (_size_class(writer.docnum) == size and writer.docnum > 0) >= MERGE_FACTOR:
            for segment in chosen:
                writer.merge_segment(segment)
                left.remove(segment)
    return left


def _size_class(documents: int) -> int:
    """The power of `MOST_ALIKE` below a number of documents."""
    size = 0
    while documents >= MERGE_FACTOR:
        documents //= MERGE_FACTOR
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
