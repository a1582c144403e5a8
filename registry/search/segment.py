"""Segments as arrays: a codec for Whoosh that writes what the snapshot reads, and nothing else.

A segment is three files, each a head with a checksum and arrays behind it. Whoosh keeps their list, the deleted
documents, the lock and the clearing away; scores, lengths and positions, which nothing here asks for, are not kept.

- `.trm`: terms of all fields, sorted, and where the documents of each begin
- `.pst`: documents of each term, ascending, four bytes each
- `.doc`: record ids, and what `columns.pack` keeps of each document
"""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray
from whoosh.codec import base
from whoosh.codec.whoosh3 import W3Codec
from whoosh.reading import TermInfo, TermNotFound

from registry.search.columns import Ints

Postings = Mapping[str, Mapping[str, "array[int]"]]  # field → term → documents, ascending
MAGIC = b"PZ01"
HEAD = 16  # magic, checksum of all behind the head, size of all behind the head
LARGEST = 0xFFFFFFFF  # bytes or postings of a segment: the writer starts a new one long before
TERMS, POSTINGS, DOCUMENTS = ".trm", ".pst", ".doc"


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


# --- files ------------------------------------------------------------------------------------------------------


def _write(storage: Any, segment: Any, kind: str, *parts: Any) -> None:
    crc, size = 0, 0
    for part in parts:
        crc, size = zlib.crc32(part, crc), size + memoryview(part).nbytes
    with (Path(storage.folder) / segment.make_filename(kind)).open("wb") as file:
        file.write(MAGIC + crc.to_bytes(4, "little") + size.to_bytes(8, "little"))
        for part in parts:
            file.write(part)


class _File:
    """A file of a segment, mapped; it is let go with its last reader. Raises `ValueError` when it is not whole."""

    def __init__(self, storage: Any, segment: Any, kind: str) -> None:
        path = Path(storage.folder) / segment.make_filename(kind)
        self.name = path.name
        mapped = memoryview(np.memmap(path, np.uint8, "r"))  # type: ignore[arg-type]
        if mapped[:4] != MAGIC or int.from_bytes(mapped[8:HEAD], "little") != len(mapped) - HEAD:
            raise ValueError(f"{self.name} is not whole")
        self._crc = int.from_bytes(mapped[4:8], "little")
        self.body = mapped[HEAD:]

    def check(self) -> None:
        if zlib.crc32(self.body) != self._crc:
            raise ValueError(f"{self.name} has been changed")


def _starts(lengths: Ints) -> NDArray[np.uint32]:
    """Where each part begins, and where the last one ends."""
    ends = np.cumsum(lengths, dtype=np.int64)
    if len(ends) and ends[-1] > LARGEST:
        raise ValueError("too much for one segment")
    return np.concatenate([[0], ends]).astype(np.uint32)


def _padded(head: bytes) -> bytes:
    return head + b" " * (-len(head) % 8)


# --- writing ----------------------------------------------------------------------------------------------------


class DocumentsWriter(base.PerDocumentWriter):  # type: ignore[misc]
    """Ids and stored values, gathered until the segment is closed."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._storage, self._segment = storage, segment
        self._ids = array("q")
        self._data: list[bytes] = []
        self.is_closed = False

    def add(self, record_id: int, data: bytes) -> None:
        self._ids.append(record_id)
        self._data.append(data)

    def close(self) -> None:
        if self._data:
            lengths = np.fromiter(map(len, self._data), np.int64, len(self._data))
            head = _padded(orjson.dumps([len(self._data)]))
            parts = len(head).to_bytes(8, "little"), head, self._ids, _starts(lengths)
            _write(self._storage, self._segment, DOCUMENTS, *parts, b"".join(self._data))
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
        for field in sorted(items):
            inside = items[field]
            first = len(terms)
            for term in sorted(inside):
                terms.append(term.encode())
                lists.append(inside[term])
            fields[field] = first, len(terms)
        sizes = np.fromiter(map(len, terms), np.int64, len(terms))
        counts = np.fromiter(map(len, lists), np.int64, len(lists))
        head = _padded(orjson.dumps([len(terms), fields]))
        parts = len(head).to_bytes(8, "little"), head, _starts(sizes), _starts(counts)
        _write(self._storage, self._segment, TERMS, *parts, b"".join(terms))
        _write(self._storage, self._segment, POSTINGS, b"".join(lists))

    def close(self) -> None:
        self.is_closed = True


# --- reading ----------------------------------------------------------------------------------------------------


class DocumentsReader(base.PerDocumentReader):  # type: ignore[misc]
    """`ids` of all documents, deleted ones included, and what is stored of each."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._segment = segment
        self._file = _File(storage, segment, DOCUMENTS)
        [count], body = _head(self._file)
        if count != segment.doc_count_all():
            raise ValueError(f"{self._file.name} has {count} documents")
        self.ids: Ints = np.frombuffer(body[: count * 8], np.int64)
        at = count * 12 + 4
        self._starts = body[count * 8 : at].cast("I")
        self._data = body[at:]

    def stored(self, place: int) -> bytes:
        return self._data[self._starts[place] : self._starts[place + 1]].tobytes()

    def stored_fields(self, place: int) -> dict[str, bytes]:
        return {"data": self.stored(place)}

    def check(self) -> None:
        self._file.check()

    def doc_count(self) -> int:
        return int(self._segment.doc_count())

    def doc_count_all(self) -> int:
        return int(self._segment.doc_count_all())

    def has_deletions(self) -> bool:
        return bool(self._segment.has_deletions())

    def is_deleted(self, place: int) -> bool:
        return bool(self._segment.is_deleted(place))

    def deleted_docs(self) -> Iterator[int]:
        return iter(self._segment.deleted_docs())

    def supports_columns(self) -> bool:
        return False


class Documents(TermInfo):  # type: ignore[misc]
    """The documents of a term, as Whoosh's readers give them: `leaf.term_info(field, term).docs`."""

    def __init__(self, docs: Ints) -> None:
        super().__init__(weight=len(docs), df=len(docs))
        self.docs = docs


class TermsReader(base.TermsReader):  # type: ignore[misc]
    """Terms of a segment, found by halving, and their documents."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self._file = _File(storage, segment, TERMS)
        (self._count, self._fields), body = _head(self._file)
        size = (self._count + 1) * 4
        self._starts, self._posts = body[:size].cast("I"), body[size : size * 2].cast("I")
        self._text = body[size * 2 :]
        self._documents = int(segment.doc_count_all())
        self._postings = _File(storage, segment, POSTINGS)
        self._docs = np.frombuffer(self._postings.body, np.uint32)
        if len(self._docs) != self._posts[self._count] or len(self._text) != self._starts[self._count]:
            raise ValueError(f"{self._file.name} and {self._postings.name} do not fit")

    def _term(self, place: int) -> bytes:
        return self._text[self._starts[place] : self._starts[place + 1]].tobytes()

    def _place(self, field: str, term: bytes) -> tuple[int, int]:
        """Where the first term stands that is not before this one, and where the field ends."""
        low, end = self._fields.get(field, (0, 0))
        high = end
        while low < high:
            middle = (low + high) // 2
            if self._term(middle) < term:
                low = middle + 1
            else:
                high = middle
        return low, end

    def _found(self, field: str, term: bytes) -> int | None:
        place, end = self._place(field, term)
        return place if place < end and self._term(place) == term else None

    def _of(self, place: int) -> Ints:
        """Documents of the term at a place. Raises `ValueError` for what cannot be one."""
        docs = self._docs[self._posts[place] : self._posts[place + 1]].astype(np.int64)
        if len(docs) and docs.max() >= self._documents:
            raise ValueError(f"{self._postings.name} names a document that is not there")
        return docs

    def __contains__(self, term: tuple[str, bytes]) -> bool:
        return self._found(*term) is not None

    def term_info(self, field: str, term: bytes) -> Documents:
        place = self._found(field, term)
        if place is None:
            raise TermNotFound(f"{field}:{term!r}")
        return Documents(self._of(place))

    def doc_frequency(self, field: str, term: bytes) -> int:
        return int(self.term_info(field, term).doc_frequency())

    def frequency(self, field: str, term: bytes) -> float:
        return float(self.doc_frequency(field, term))

    def indexed_field_names(self) -> list[str]:
        return list(self._fields)

    def terms(self) -> Iterator[tuple[str, bytes]]:
        for field, (first, end) in self._fields.items():
            for place in range(first, end):
                yield field, self._term(place)

    def terms_from(self, field: str, prefix: bytes) -> Iterator[tuple[str, bytes]]:
        """Terms of the field from this one on."""
        first, end = self._place(field, prefix)
        for place in range(first, end):
            yield field, self._term(place)

    def postings(self) -> Iterator[tuple[str, str, Ints]]:
        """Every term with its documents."""
        for field, (first, end) in self._fields.items():
            for place in range(first, end):
                yield field, self._term(place).decode(), self._of(place)

    def check(self) -> None:
        """Read everything. Raises `ValueError` for what is not as it was written."""
        self._file.check()
        self._postings.check()

    def close(self) -> None:
        """Nothing: the files are let go with the last who reads in them."""


def _head(file: _File) -> tuple[Any, memoryview]:
    """The head of a file, and the arrays behind it."""
    end = 8 + int.from_bytes(file.body[:8], "little")
    if end > len(file.body):
        raise ValueError(f"{file.name} is not whole")
    return orjson.loads(file.body[8:end]), file.body[end:]
