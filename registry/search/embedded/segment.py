"""Segments as arrays: a codec for Whoosh that writes what the snapshot reads, and nothing else.

A segment is three files of arrays. Whoosh keeps their list, the deleted documents, the lock and the clearing away;
scores, lengths and positions, which nothing here asks for, are not kept.

- `.trm`: terms of all fields, sorted; where the documents of each begin; and hashes, by which a term is found at once
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
SegmentDocs = NDArray[np.uint32]  # documents by their place in the segment
MAX_UINT32 = 0xFFFFFFFF  # bytes or postings of a segment: the writer starts a new one long before
TERMS, POSTINGS, DOCUMENTS = ".trm", ".pst", ".doc"
NO_DOCUMENTS: SegmentDocs = np.empty(0, np.uint32)


class ArrayCodec(W3Codec):  # type: ignore[misc]
    """What Whoosh's writer and readers ask for the files of a segment."""

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
    """What a term is found by. Two that share one are told apart by their text."""
    digest = hashlib.blake2b(term, digest_size=8, person=field.encode()).digest()
    return np.uint64(int.from_bytes(digest, "little"))


def _path(storage: Any, segment: Any, kind: str) -> Path:
    return Path(storage.folder, segment.make_filename(kind))


def _offsets(lengths: Array) -> NDArray[np.uint32]:
    """Where each part begins, and where the last one ends."""
    ends = np.cumsum(lengths, dtype=np.int64)
    if len(ends) and ends[-1] > MAX_UINT32:
        raise ValueError("too much for one segment")
    return np.concatenate([[0], ends]).astype(np.uint32)


# --- writing ----------------------------------------------------------------------------------------------------


class DocumentsWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Columns, gathered until the segment is closed."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._path = _path(storage, segment, DOCUMENTS)
        self.gathering = ColumnsBuilder()
        self.is_closed = False

    def close(self) -> None:
        if len(self.gathering):
            columns = self.gathering.whole()
            arrays.write_arrays(self._path, columns.arrays(), columns.facet_sets())
        self.is_closed = True


class TermsWriter(base.FieldWriter):  # type: ignore[misc]
    """Terms and postings, written in one go from the writer's pool."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage, self._segment = storage, segment
        self.is_closed = False

    def add_postings(self, schema: Any, lengths: Any, items: Postings) -> None:  # noqa: ARG002 - Whoosh's signature
        fields: dict[str, tuple[int, int]] = {}
        terms: list[bytes] = []
        lists: list[array[int]] = []
        hashes: list[np.uint64] = []
        for field in sorted(items):
            inside = items[field]
            first = len(terms)
            for term in sorted(inside):
                written = term.encode()
                terms.append(written)
                lists.append(inside[term])
                hashes.append(term_hash.__wrapped__(field, written))
            fields[field] = first, len(terms)
        found = np.array(hashes, np.uint64)
        order = np.argsort(found, kind="stable")
        table: dict[str, Array] = {
            "starts": _offsets(np.fromiter(map(len, terms), np.int64, len(terms))),
            "posts": _offsets(np.fromiter(map(len, lists), np.int64, len(lists))),
            "hashes": found[order],
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
        """Documents of a term, deleted ones included. Raises `ValueError` for what cannot be one."""
        place = self._find_term(field, term)
        return NO_DOCUMENTS if place is None else self._documents_of(place, place + 1)

    def prefix_documents(self, field: str, prefix: bytes) -> tuple[SegmentDocs, NDArray[np.uint32]]:
        """Documents of every term that begins so, and beside each the length of its term in bytes."""
        first, end = self._range(field, prefix)
        docs = self._documents_of(first, end)
        lengths = np.diff(self._starts[first : end + 1]) if end > first else NO_DOCUMENTS
        return docs, np.repeat(
            lengths, np.diff(self._posts[first : end + 1])
        ) if end > first else NO_DOCUMENTS

    def terms_containing(self, field: str, part: bytes, limit: int) -> list[bytes]:
        """Terms that contain this, at most so many: one scan over the text of the field."""
        first, end = self._fields.get(field, (0, 0))
        text = self._file.offset_of("text")
        at, stop = text + int(self._starts[first]), text + int(self._starts[end])
        found: list[bytes] = []
        while len(found) < limit and (at := self._file.mapped.find(part, at, stop)) >= 0:
            place = int(np.searchsorted(self._starts, at - text, side="right")) - 1
            term = self._term(place)
            if part in term:  # and not across the border between two
                found.append(term)
                at = text + int(self._starts[place + 1])
            else:
                at += 1
        return found

    def lexicon(self, field: str) -> list[bytes]:
        """Every term of a field, sorted."""
        first, end = self._fields.get(field, (0, 0))
        if first == end:
            return []
        begin = int(self._starts[first])
        text = self._text[begin : self._starts[end]].tobytes()
        places = (self._starts[first : end + 1] - begin).tolist()
        return [text[at:to] for at, to in itertools.pairwise(places)]

    def postings(self) -> Iterator[tuple[str, str, SegmentDocs]]:
        """Every term with its documents."""
        for field, (first, end) in self._fields.items():
            for place in range(first, end):
                yield field, self._term(place).decode(), self._documents_of(place, place + 1)

    def verify(self) -> None:
        """Read everything. Raises `ValueError` for what is not as it was written."""
        self._file.verify()
        self._postings.verify()

    def close(self) -> None:
        """Nothing: the files are let go with the last who reads in them."""

    def _term(self, position: int) -> bytes:
        return self._text[self._starts[position] : self._starts[position + 1]].tobytes()

    def _find_term(self, field: str, term: bytes) -> int | None:
        wanted = term_hash(field, term)
        at = int(self._hashes.searchsorted(wanted))
        first, end = self._fields.get(field, (0, 0))
        while at < len(self._hashes) and self._hashes[at] == wanted:
            place = int(self._positions[at])
            if first <= place < end and self._term(place) == term:
                return place
            at += 1
        return None

    def _range(self, field: str, prefix: bytes) -> tuple[int, int]:
        """Where the terms that begin so stand."""
        first, end = self._fields.get(field, (0, 0))
        low = self._first(first, end, lambda term: term >= prefix)
        return low, self._first(low, end, lambda term: not term.startswith(prefix))

    def _first(self, low: int, high: int, holds: Any) -> int:
        """The first place from which on a condition holds."""
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
            raise ValueError(f"{self._postings.name} names a document that is not there")
        return docs

    # What Whoosh's readers ask besides.

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._find_term(*term) is not None

    def term_info(self, field: str, term: bytes) -> Any:
        place = self._find_term(field, term)
        if place is None:
            raise TermNotFound(f"{field}:{term!r}")
        number = len(self._documents_of(place, place + 1))
        return TermInfo(weight=number, df=number)

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
        for place in range(self._first(first, end, lambda term: term >= prefix), end):
            yield field, self._term(place)
