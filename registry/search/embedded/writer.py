"""Writing the index: new documents are collected in memory, and small segments merged when there are many."""

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

MERGE_FACTOR = 4  # so many segments of about one size are merged
MAX_MERGED_DOCUMENTS = 32_768  # of a merged segment: larger ones are not made, so that no commit takes long
LOCK_SECONDS = 30.0
LOCK_POLL_SECONDS = 0.1


class PostingsPool(defaultdict[str, "defaultdict[str, array[int]]"]):
    """Field → term → documents, in the order they are added. Whoosh's writer reads them once, at the end."""

    def __init__(self) -> None:
        super().__init__(lambda: defaultdict(lambda: array("I")))

    def put(self, doc: int, document: SearchDocument) -> None:
        """Add the terms of a document under its number."""
        for field, terms in terms_of(document).items():
            lists = self[field]
            for term in terms:
                lists[term].append(doc)

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
        """Add a document. The caller deletes an older one of the same id."""
        self.pool.put(self.docnum, document)
        self.perdocwriter.columns.add(document)
        self._count_added(1)

    def delete_records(self, record_ids: Collection[int]) -> None:
        """Delete the committed documents of these records."""
        if not record_ids:
            return
        deleted_ids = np.fromiter(record_ids, np.int64, len(record_ids))
        for segment in self.segments:
            ids = DocumentsReader(self.storage, segment).columns.ids
            for doc in np.flatnonzero(np.isin(ids, deleted_ids)):
                segment.delete_document(int(doc))

    def add_segments(self, segments: Iterable[Any]) -> None:
        """Add segments whose files already lie in the folder of the index."""
        self.segments += segments

    def commit(self) -> None:
        """Write the new segment, merge small ones, and make all of it visible to readers."""
        super().commit(mergetype=_merge_similar_segments)

    def merge_segment(self, segment: Any) -> None:
        """Take the live documents of a segment into the new one."""
        columns = DocumentsReader(self.storage, segment).columns
        live = np.ones(len(columns), np.bool_)
        live[list(segment.deleted_docs())] = False
        new_numbers = np.cumsum(live, dtype=np.int64) + (self.docnum - 1)
        all_live = bool(live.all())
        for field, term, docs in self.codec.terms_reader(self.storage, segment).postings():
            live_docs = docs if all_live else docs[live[docs]]
            if len(live_docs):
                self.pool[field][term].frombytes(new_numbers[live_docs].astype(np.uint32).tobytes())
        positions = np.flatnonzero(live)
        self.perdocwriter.columns.add_selected(columns, positions)
        self._count_added(len(positions))

    def _count_added(self, documents: int) -> None:
        self._added = True
        self.docnum += documents


def _merge_similar_segments(writer: Writer, segments: list[Any]) -> list[Any]:
    """Merge segments of about one size into the new one, smallest first; return those that stay as they are.

    So each document is written again once for each power of `MERGE_FACTOR`, and there are at most 3 segments for each
    power up to `MAX_MERGED_DOCUMENTS`, and one more for every 8,192 documents. A larger one, of a rebuild, is written
    again when more than half of it is deleted.
    """
    remaining = sorted(
        (segment for segment in segments if segment.doc_count()), key=lambda segment: segment.doc_count()
    )
    for segment in [each for each in remaining if each.doc_count_all() > MAX_MERGED_DOCUMENTS]:
        if segment.doc_count() * 2 < segment.doc_count_all():
            writer.merge_segment(segment)
            remaining.remove(segment)
    for size in range(_size_class(MAX_MERGED_DOCUMENTS)):
        chosen, total = [], writer.docnum
        for segment in remaining:
            count = segment.doc_count()
            if _size_class(count) == size and total + count <= MAX_MERGED_DOCUMENTS:
                chosen.append(segment)
                total += count
        if len(chosen) + (_size_class(writer.docnum) == size and writer.docnum > 0) >= MERGE_FACTOR:
            for segment in chosen:
                writer.merge_segment(segment)
                remaining.remove(segment)
    return remaining


def _size_class(documents: int) -> int:
    """Return the exponent of the largest power of `MERGE_FACTOR` that is not above a number of documents."""
    size = 0
    while documents >= MERGE_FACTOR:
        documents //= MERGE_FACTOR
        size += 1
    return size


def open_writer(index: Index) -> Writer:
    """Return the only writer of an index. Raises `LockError` if another process writes for `LOCK_SECONDS`."""
    started = time.monotonic()
    while True:
        try:
            return Writer(index)
        except LockError:
            if time.monotonic() - started > LOCK_SECONDS:
                raise
            time.sleep(LOCK_POLL_SECONDS)
