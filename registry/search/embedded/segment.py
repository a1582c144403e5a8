"""Segments as arrays: a codec for Whoosh that writes what the snapshot reads, and nothing else.

A segment is three files of arrays. Whoosh keeps the list of segments, the deleted documents and the lock, and removes
old files; scores, lengths and positions, which nothing here reads, are not stored.

- `.trm`: terms of all fields, sorted; where the documents of each begin; and hashes, by which a term is found directly
- `.pst`: documents of each term, ascending, four bytes each, in the order of the terms
- `.doc`: columns: ids, facets, dates and sort keys of each document
"""

from __future__ import annotations

import functools
import hashlib
import itertools
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import TermInfo, TermNotFound

from registry.search.embedded import arrays
from registry.search.embedded.arrays import Array, ArrayFile
from registry.search.embedded.columns import Columns, ColumnsBuilder

Postings = Mapping[str, Mapping[str, "array[int]"]]  # field → term → documents, ascending
SegmentDocs = NDArray[np.uint32]  # documents by their number in the segment
MAX_UINT32 = 0xFFFFFFFF  # bytes or postings of a segment: the writer starts a new one long before
TERMS, POSTINGS, DOCUMENTS = ".trm", ".pst", ".doc"
NO_DOCUMENTS: SegmentDocs = np.empty(0, np.uint32)


class ArrayCodec(W3Codec):  # type: ignore[misc]
    """Gives Whoosh the writers and readers for the files of a segment."""

    length_stats = False

    def per_document_writer(self, storage: Any, segment: Any) -> DocumentsWriter:
        return DocumentsWriter(storage, segment)

    def field_writer(self, storage: Any, segment: Any) -> TermsWriter:
        return TermsWriter(storage, segment)

    def per_document_reader(self, storage: Any, segment: Any) -> DocumentsReader:
        return DocumentsReader(storage, segment)

    def terms_reader(self, storage: Any, segment: Any) -> TermsReader:
        return TermsReader(storage, segment)


@functools.lru_cache(1 << 16)
def term_hash(field: str, term: bytes) -> np.uint64:
    """Return the hash by which a term is found; terms that share one are told apart by their text."""
    digest = hashlib.blake2b(term, digest_size=8, person=field.encode()).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _path(storage: Any, segment: Any, suffix: str) -> Path:
    return Path(storage.folder, segment.make_filename(suffix))


def _offsets(lengths: Array) -> NDArray[np.uint32]:
    """Return where each part begins, and where the last one ends."""
    ends = np.cumsum(lengths, dtype=np.int64)
    if len(ends) and ends[-1] > MAX_UINT32:
        raise ValueError("too much for one segment")
    return np.concatenate([[0], ends]).astype(np.uint32)


# --- writing ----------------------------------------------------------------------------------------------------


class DocumentsWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Collects columns until the segment is closed."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._path = _path(storage, segment, DOCUMENTS)
        self.columns = ColumnsBuilder()
        self.is_closed = False

    def close(self) -> None:
        if len(self.columns):
            columns = self.columns.build()
            arrays.write_arrays(self._path, columns.arrays(), columns.facet_sets())
        self.is_closed = True


class TermsWriter(base.FieldWriter):  # type: ignore[misc]
    """Writes terms and postings together, from the writer's pool."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage, self._segment = storage, segment
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Postings) -> None:  # noqa: ARG002 - Whoosh's signature
        fields: dict[str, tuple[int, int]] = {}
        terms: list[bytes] = []
        lists: list[array[int]] = []
        hashes: list[np.uint64] = []
        for field in sorted(items):
            lists_by_term = items[field]
            first = len(terms)
            for term in sorted(lists_by_term):
                encoded = term.encode()
                terms.append(encoded)
                lists.append(lists_by_term[term])
                hashes.append(term_hash.__wrapped__(field, encoded))
            fields[field] = first, len(terms)
        unsorted = np.array(hashes, np.uint64)
        order = np.argsort(unsorted, kind="stable")
        table: dict[str, Array] = {
            "starts": _offsets(np.fromiter(map(len, terms), np.int64, len(terms))),
            "posts": _offsets(np.fromiter(map(len, lists), np.int64, len(lists))),
            "hashes": unsorted[order],
            "places": order.astype(np.uint32),
            "text": np.frombuffer(b"".join(terms), np.uint8),
        }
        arrays.write_arrays(_path(self._storage, self._segment, TERMS), table, fields)
        postings = {"docs": np.frombuffer(b"".join(lists), np.uint32)}
        arrays.write_arrays(_path(self._storage, self._segment, POSTINGS), postings)

    def close(self) -> None:
        self.is_closed = True


# --- reading ----------------------------------------------------------------------------------------------------


class DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]
    """`columns` of all documents, deleted ones included."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._segment = segment
        self._file = ArrayFile(_path(storage, segment, DOCUMENTS))
        self.columns = Columns.from_file(self._file)
        if len(self.columns) != segment.doc_count_all():
            raise ValueError(f"{self._file.name} has {len(self.columns)} documents")

    def verify(self) -> None:
        self._file.verify()

    def doc_count(self) -> int:
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, doc: int) -> bool:
        return bool(self._segment.is_deleted(doc))

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._segment.deleted_docs())

    def supports_columns(self) -> bool:
        return False


class TermsReader(base.TermsReader):  # type: ignore[misc]
    """Terms of a segment and their documents. Nothing is copied: all are views of the mapped files."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._file = ArrayFile(_path(storage, segment, TERMS))
        self._postings = ArrayFile(_path(storage, segment, POSTINGS))
        self._fields: dict[str, list[int]] = self._file.metadata
        self._starts, self._posts, self._text = (
            self._file["starts"],
            self._file["posts"],
            self._file["text"].data,
        )
        self._hashes, self._positions = self._file["hashes"], self._file["places"]
        self._all_docs: SegmentDocs = self._postings["docs"]
        self._document_count = int(segment.doc_count_all())
        if len(self._all_docs) != self._posts[-1] or len(self._text) != self._starts[-1]:
            raise ValueError(f"{self._file.name} and {self._postings.name} do not fit")

    def docs(self, field: str, term: bytes) -> SegmentDocs:
        """Return documents of a term, deleted ones included. Raises `ValueError` for impossible numbers."""
        position = self._find_term(field, term)
        return NO_DOCUMENTS if position is None else self._documents_of(position, position + 1)

    def has_term(self, field: str, term: bytes) -> bool:
        """Return True if a document has a term, or had it before it was deleted."""
        return self._find_term(field, term) is not None

    def prefix_documents(self, field: str, prefix: bytes) -> tuple[SegmentDocs, NDArray[np.uint32]]:
        """Return the documents of every term with this prefix, and beside each the length of its term in bytes."""
        first, end = self._range(field, prefix)
        docs = self._documents_of(first, end)
        if end == first:
            return docs, NO_DOCUMENTS
        lengths = np.diff(self._starts[first : end + 1])
        return docs, np.repeat(lengths, np.diff(self._posts[first : end + 1]))

    def terms_containing(self, field: str, part: bytes, limit: int) -> list[bytes]:
        """Return terms that contain this, at most `limit`, by one scan over the text of the field."""
        first, end = self._fields.get(field, (0, 0))
        text = self._file.offset_of("text")
        offset, stop = text + int(self._starts[first]), text + int(self._starts[end])
        terms: list[bytes] = []
        while len(terms) < limit and (offset := self._file.mapped.find(part, offset, stop)) >= 0:
            position = int(np.searchsorted(self._starts, offset - text, side="right")) - 1
            term = self._term(position)
            if part in term:  # and not across the border between two
                terms.append(term)
                offset = text + int(self._starts[position + 1])
            else:
                offset += 1
        return terms

    def lexicon(self, field: str) -> list[bytes]:
        """Return every term of a field, sorted."""
        first, end = self._fields.get(field, (0, 0))
        if first == end:
            return []
        begin = int(self._starts[first])
        text = self._text[begin : self._starts[end]].tobytes()
        offsets = (self._starts[first : end + 1] - begin).tolist()
        return [text[start:stop] for start, stop in itertools.pairwise(offsets)]

    def postings(self) -> Iterator[tuple[str, str, SegmentDocs]]:
        """Yield (field, term, documents) of every term."""
        for field, (first, end) in self._fields.items():
            for position in range(first, end):
                yield field, self._term(position).decode(), self._documents_of(position, position + 1)

    def verify(self) -> None:
        """Read everything. Raises `ValueError` for what is not as it was written."""
        self._file.verify()
        self._postings.verify()

    def close(self) -> None:
        """Do nothing: the files stay mapped until nothing refers to them."""

    def _term(self, position: int) -> bytes:
        return self._text[self._starts[position] : self._starts[position + 1]].tobytes()

    def _find_term(self, field: str, term: bytes) -> int | None:
        """Return the position of a term among all, or None."""
        first, end = self._fields.get(field, (0, 0))
        if first == end:
            return None
        hashed = term_hash(field, term)
        index = int(self._hashes.searchsorted(hashed))
        while index < len(self._hashes) and self._hashes[index] == hashed:
            position = int(self._positions[index])
            if first <= position < end and self._term(position) == term:
                return position
            index += 1
        return None

    def _range(self, field: str, prefix: bytes) -> tuple[int, int]:
        """Return the positions (first, end) of the terms with this prefix."""
        first, end = self._fields.get(field, (0, 0))
        low = self._first(first, end, lambda term: term >= prefix)
        return low, self._first(low, end, lambda term: not term.startswith(prefix))

    def _first(self, low: int, high: int, holds: Any) -> int:
        """Return the first position from which on a condition holds: a binary search."""
        while low < high:
            middle = (low + high) // 2
            if holds(self._term(middle)):
                high = middle
            else:
                low = middle + 1
        return low

    def _documents_of(self, first: int, end: int) -> SegmentDocs:
        docs = self._all_docs[self._posts[first] : self._posts[end]]
        if len(docs) and docs[-1] >= self._document_count:
            raise ValueError(f"{self._postings.name} names a document that does not exist")
        return docs

    # What Whoosh's own readers call.

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._find_term(*term) is not None

    def term_info(self, field: str, term: bytes) -> Any:
        position = self._find_term(field, term)
        if position is None:
            raise TermNotFound(f"{field}:{term!r}")
        frequency = len(self._documents_of(position, position + 1))
        return TermInfo(weight=frequency, df=frequency)

    def doc_frequency(self, field: str, term: bytes) -> int:
        return int(self.term_info(field, term).doc_frequency())

    def frequency(self, field: str, term: bytes) -> float:
        return float(self.doc_frequency(field, term))

    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for field in self._fields:
            yield from self.terms_from(field, b"")

    def terms_from(self, field: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        first, end = self._fields.get(field, (0, 0))
        for position in range(self._first(first, end, lambda term: term >= prefix), end):
            yield field, self._term(position)
