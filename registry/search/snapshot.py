"""A snapshot: one index generation as arrays. Built once, read by all threads, never changed."""

from __future__ import annotations

import functools
import itertools
import threading
import weakref
from collections.abc import Mapping
from typing import Any

import numpy as np
from whoosh.index import Index
from whoosh.reading import TermNotFound

from registry.search.columns import Columns, Facet, Ints, Mask, join, unpack
from registry.search.lru import SizedCache

EMPTY = np.empty(0, np.int64)
FILTER_BYTES = 16 << 20
PART_TERMS = 50
PREFIX_TERMS = 200  # a shorter prefix has more; then it says too little to be worth more


class Segments:
    """What successive snapshots share: columns and postings of segments, which never change."""

    def __init__(self, limit_mb: int) -> None:
        self.columns: dict[str, Columns] = {}
        self.lock = threading.Lock()
        self.postings = SizedCache(limit_mb << 20)


class Snapshot:
    """`n` documents, deleted ones included; `live` marks those that count."""

    def __init__(self, index: Index, shared: Segments) -> None:
        self.generation = index.latest_generation()
        self.reader = index.reader()
        # A thread may still read from a snapshot that has been replaced: its files are closed with its last use.
        self._closing = weakref.finalize(self, self.reader.close)
        self._filters = SizedCache(FILTER_BYTES)
        self._shared = shared
        # An index without documents has one leaf without a segment.
        self._leaves = [
            (leaf, offset) for leaf, offset in self.reader.leaf_readers() if leaf.segment() is not None
        ]
        self._names = [str(leaf.segment().segment_id()) for leaf, _offset in self._leaves]
        self.n = sum(leaf.doc_count_all() for leaf, _offset in self._leaves)
        self.live: Mask = np.ones(self.n, np.bool_)
        for leaf, offset in self._leaves:
            for place in leaf.segment().deleted_docs():
                self.live[place + offset] = False

    @functools.cached_property
    def columns(self) -> Columns:
        """Read when it is asked for first: who only writes never needs it."""
        with self._shared.lock:
            kept = self._shared.columns
            for name, (leaf, _offset) in zip(self._names, self._leaves, strict=True):
                if name not in kept:
                    kept[name] = unpack([_stored(leaf, place) for place in range(leaf.doc_count_all())])
            parts = [kept[name] for name in self._names]
            for gone in set(kept) - set(self._names):
                del kept[gone]
        return join(parts, [offset for _leaf, offset in self._leaves])

    @property
    def documents(self) -> int:
        return int(self.live.sum())

    def docs(self, field: str, term: str) -> Ints:
        """Documents that hold a term, ascending."""
        parts = []
        for name, (leaf, offset) in zip(self._names, self._leaves, strict=True):
            key = (name, field, term)
            found = self._shared.postings.get(key)
            if found is None:
                found = _decode(leaf, field, term.encode())
                self._shared.postings.put(key, found, found.nbytes + 200)
            if len(found):
                parts.append(found + offset if offset else found)
        return parts[0] if len(parts) == 1 else np.concatenate(parts) if parts else EMPTY

    def terms_with_prefix(self, field: str, prefix: str) -> list[str]:
        """The first terms that begin so, at most `PREFIX_TERMS`."""
        begun = prefix.encode()
        found = {
            term
            for leaf, _offset in self._leaves
            for term in itertools.islice(leaf.expand_prefix(field, begun), PREFIX_TERMS)
        }
        return [term.decode() for term in sorted(found)[:PREFIX_TERMS]]

    def mask(self, filters: Mapping[str, tuple[str, ...]]) -> Mask:
        """Live documents that pass every filter."""
        mask = self.live
        for name, values in filters.items():
            mask = mask & self._filter(name, tuple(sorted(values)))
        return mask

    def _filter(self, name: str, values: tuple[str, ...]) -> Mask:
        kept: Mask | None = self._filters.get((name, values))
        if kept is not None:
            return kept
        mask = np.zeros(self.n, np.bool_)
        facet = self.columns.facets.get(name)
        if facet is not None:
            wanted = [place for place, value in enumerate(facet.values) if value in values]
            mask[facet.docs[np.isin(facet.codes, wanted)]] = True
        self._filters.put((name, values), mask, mask.nbytes)
        return mask

    def counts(self, name: str, among: Mask) -> list[tuple[str, int]]:
        """How many of `among` have each value of a facet, most first."""
        facet: Facet | None = self.columns.facets.get(name)
        if facet is None:
            return []
        numbers = np.bincount(facet.codes[among[facet.docs]], minlength=len(facet.values))
        order = np.lexsort((np.arange(len(numbers)), -numbers))
        return [(facet.values[place], int(numbers[place])) for place in order if numbers[place]]

    @functools.cached_property
    def _codes(self) -> str:
        """All terms of the field `code`, one a line: a part of a number is found by one scan of it."""
        found = {term for leaf, _offset in self._leaves for term in leaf.lexicon("code")}
        return "\n".join(["", *(term.decode() for term in sorted(found)), ""])

    def codes_with(self, part: str) -> list[str]:
        """Identifiers that contain this text, at most `PART_TERMS`."""
        found: list[str] = []
        place = self._codes.find(part)
        while place >= 0 and len(found) < PART_TERMS:
            start = self._codes.rindex("\n", 0, place + 1) + 1
            end = self._codes.index("\n", place)
            found.append(self._codes[start:end])
            place = self._codes.find(part, end)
        return found

    @functools.cached_property
    def name_order(self) -> dict[str, Ints]:
        """Language → place of each document in the order of names."""
        return {"zh": _places(self.columns.sort_zh), "en": _places(self.columns.sort_en)}

    @functools.cached_property
    def place_of(self) -> dict[int, int]:
        """Record id → document."""
        return {int(self.columns.ids[place]): int(place) for place in np.flatnonzero(self.live)}

    def read_all(self) -> None:
        """Read all of every segment. Raises `ValueError` for what is not as it was written."""
        for leaf, _offset in self._leaves:
            codec, place = leaf.codec(), (leaf.storage(), leaf.segment())
            codec.terms_reader(*place).check()
            codec.per_document_reader(*place).check()

    def close(self) -> None:
        self._closing()


def _stored(leaf: Any, place: int) -> bytes:
    data: bytes = leaf.stored_fields(place)["data"]
    return data


def _places(keys: tuple[str, ...]) -> Ints:
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), np.int64)
    places = np.empty(len(keys), np.int64)
    places[order] = np.arange(len(keys))
    return places


def _decode(leaf: Any, field: str, term: bytes) -> Ints:
    """Documents of a term in one segment, deleted ones included."""
    try:
        docs: Ints = leaf.term_info(field, term).docs
    except TermNotFound:
        return EMPTY
    return docs
