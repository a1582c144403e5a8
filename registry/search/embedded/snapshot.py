"""A snapshot: one index generation as arrays. Built once, read by all threads, never changed."""

from __future__ import annotations

import functools
import itertools
import math
import threading
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from whoosh.index import TOC, Index

from registry.search.analysis.document import UNCOUNTED_FACETS
from registry.search.analysis.lru import SizedCache
from registry.search.embedded import lexicon
from registry.search.embedded.arrays import Array
from registry.search.embedded.columns import (
    Columns,
    DocNumbers,
    Facet,
    Ints,
    Mask,
    concatenate,
    concatenate_prefixes,
    merge_facet,
)
from registry.search.embedded.segment import DocumentsReader, TermsReader

EMPTY: DocNumbers = np.empty(0, np.int32)
MAX_PARTIAL_CODES = 50
MAX_DATE = 99_999_999
JOIN_THRESHOLD = 16  # parts of all documents: of more than one such part, columns are worth being joined
MAX_COMBINATIONS = 4_096  # of values of facets that are counted together
SNAPSHOT_IDS = itertools.count()
MAX_ATTEMPTS = 5  # to open the files of a generation while another one takes its place
VIEW_BYTES = 300  # of a view of a mapped file: it holds no documents of its own


class OpenSegment:
    """A segment with its files mapped. Successive snapshots share it."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self.name = str(segment.segment_id())
        self.terms = TermsReader(storage, segment)
        self._documents = DocumentsReader(storage, segment)
        self.columns: Columns = self._documents.columns

    def verify(self) -> None:
        """Read all of it. Raises `ValueError` for what is not as it was written."""
        self.terms.verify()
        self._documents.verify()


class SegmentCache:
    """What successive snapshots share: segments, which never change, and what was found in them."""

    def __init__(self, max_megabytes: int) -> None:
        self.open_segments: dict[str, OpenSegment] = {}
        self.lock = threading.Lock()
        self.results = SizedCache(max_megabytes << 20)

    def open_all(self, storage: Any, segments: list[Any]) -> list[OpenSegment]:
        """These segments, opened; others are let go."""
        with self.lock:
            known = {str(segment.segment_id()): segment for segment in segments}
            opened = {
                name: self.open_segments.get(name) or OpenSegment(storage, each)
                for name, each in known.items()
            }
            self.open_segments = opened
        return list(opened.values())


class Snapshot:
    """`n` documents, deleted ones included; `live` marks those that count."""

    def __init__(self, index: Index, shared: SegmentCache) -> None:
        self._segment_cache, self._id = shared, next(SNAPSHOT_IDS)
        storage = index.storage
        for attempt in range(MAX_ATTEMPTS):  # a commit may clear away segments between the two steps
            table = TOC.read(storage, index.indexname, schema=index.schema)
            segments = [each for each in table.segments if each.doc_count_all()]
            try:
                self._segments = shared.open_all(storage, segments)
                break
            except FileNotFoundError:
                if attempt == MAX_ATTEMPTS - 1:
                    raise
        self.generation = int(table.generation)
        sizes = [len(part.columns) for part in self._segments]
        self._offsets = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self.document_count = self._offsets[-1]
        self.live: Mask = np.ones(self.document_count, np.bool_)
        for segment, offset in zip(segments, self._offsets, strict=False):
            gone = segment.deleted_docs() or ()
            self.live[np.fromiter(gone, np.int64) + offset] = False
        self.live_count = int(np.count_nonzero(self.live))
        self.all_live = self.live_count == self.document_count  # nothing is deleted
        self._facets: dict[str, Facet] = {}

    # --- columns of all segments; joined when they are first asked for -----------------------------------------

    def _column(self, name: str, kind: Any) -> Array:
        return concatenate([getattr(part.columns, name) for part in self._segments], kind)

    @functools.cached_property
    def ids(self) -> Ints:
        return self._column("ids", np.int64)

    @functools.cached_property
    def index_versions(self) -> Ints:
        return self._column("stamps", np.int64)

    @functools.cached_property
    def dates(self) -> Array:
        return self._column("dates", np.int32)

    @functools.cached_property
    def ranks(self) -> Array:
        return self._column("ranks", np.int16)

    @functools.cached_property
    def ended(self) -> Mask:
        return self._column("ended", np.bool_)

    @functools.cached_property
    def order_by_id(self) -> DocNumbers:
        """Documents in the order of their ids."""
        return np.argsort(self.ids, kind="stable").astype(np.int32)

    @functools.cached_property
    def _prefixes(self) -> dict[str, Array]:
        return {}

    def sort_key_prefix(self, lang: str, docs: DocNumbers, word: int) -> Array:
        """A number that the names of these documents begin with, as they are sorted in a language."""
        if lang in self._prefixes or len(docs) * JOIN_THRESHOLD > self.document_count:
            if lang not in self._prefixes:
                self._prefixes[lang] = concatenate_prefixes(lang, [part.columns for part in self._segments])
            column: Array = self._prefixes[lang][docs, word]
            return column
        # Of a few documents each segment is asked by itself: to join all of them after every commit would take longer.
        found: Array = np.empty(len(docs), np.uint64)
        segments = np.searchsorted(self._offsets, docs, side="right") - 1
        for segment in np.unique(segments):
            here = segments == segment
            column = self._segments[segment].columns.sort_key_prefixes[lang]
            found[here] = column[docs[here] - self._offsets[segment], word]
        return found

    def sort_key(self, lang: str, doc: int) -> bytes:
        """The whole name as it is sorted."""
        part = int(np.searchsorted(self._offsets, doc, side="right")) - 1
        return self._segments[part].columns.sort_keys[lang][doc - self._offsets[part]]

    def facet(self, name: str) -> Facet | None:
        """A facet over all segments; None for one that no document has."""
        if name not in self._facets:
            there = [part.columns for part in self._segments]
            if not any(name in columns.facets for columns in there):
                return None
            self._facets[name] = merge_facet(name, there)
        return self._facets[name]

    def counts(self, names: Iterable[str], docs: DocNumbers) -> dict[str, list[tuple[str, int]]]:
        """Facet → how many of these documents have each value, most first."""
        counted: dict[str, list[tuple[str, int]]] = {}
        known = {name: facet for name in names if (facet := self.facet(name)) is not None}
        for bundle in _facet_groups(known):
            sizes = [len(known[name].sets) for name in bundle]
            numbers = np.bincount(self._combined_codes(bundle)[docs], minlength=math.prod(sizes)).reshape(
                sizes
            )
            for axis, name in enumerate(bundle):
                others = tuple(other for other in range(len(bundle)) if other != axis)
                counted[name] = known[name].counts(numbers.sum(axis=others))
        return counted

    def _combined_codes(self, names: tuple[str, ...]) -> Array:
        """One code a document for its sets in several facets."""
        first, *others = (self._facets[name] for name in names)
        if not others:
            return first.codes
        kept: Array | None = self.cache_get(("bundle", names))
        if kept is None:
            kept = first.codes.astype(np.uint16)
            for facet in others:
                kept = kept * np.uint16(len(facet.sets)) + facet.codes.astype(np.uint16)
            self.cache_put(("bundle", names), kept, kept.nbytes)
        return kept

    # --- terms ---------------------------------------------------------------------------------------------------

    def docs(self, field: str, terms: tuple[str, ...]) -> DocNumbers:
        """Documents whose field holds all of these terms, deleted ones included."""
        if not terms:
            return EMPTY
        found = []
        for part, offset in zip(self._segments, self._offsets, strict=False):
            key = (part.name, field, terms)
            kept = self._segment_cache.results.get(key)
            if kept is None:
                kept = _intersect(
                    [part.terms.docs(field, term.encode()) for term in terms], len(part.columns)
                )
                self._segment_cache.results.put(
                    key, kept, VIEW_BYTES + (kept.nbytes if len(terms) > 1 else 0)
                )
            if len(kept):
                found.append(kept + np.uint32(offset) if offset else kept)
        return concatenate(found, np.uint32).astype(np.int32)

    def prefix_documents(self, field: str, prefix: str) -> tuple[DocNumbers, Array]:
        """Documents with a term that begins so, and the length in bytes of each one's shortest such term."""
        written = prefix.encode()
        found, lengths = [], []
        for part, offset in zip(self._segments, self._offsets, strict=False):
            docs, sizes = part.terms.prefix_documents(field, written)
            if len(docs):
                found.append(docs + np.uint32(offset))
                lengths.append(sizes)
        if not found:
            return EMPTY, EMPTY
        docs, sizes = np.concatenate(found), np.concatenate(lengths).astype(np.uint8)
        if len(docs) * 64 > self.document_count:
            longest_first = np.argsort(~sizes, kind="stable")  # of bytes: a sort by counting
            shortest = np.zeros(self.document_count, np.uint8)
            shortest[docs[longest_first]] = sizes[longest_first]
            there = np.flatnonzero(shortest).astype(np.int32)
            return there, shortest[there]
        order = np.lexsort((sizes, docs))
        docs, sizes = docs[order], sizes[order]
        first = np.ones(len(docs), np.bool_)
        first[1:] = docs[1:] != docs[:-1]
        return docs[first].astype(np.int32), sizes[first]

    def codes_containing(self, part: str) -> list[str]:
        """Identifiers that contain this text, at most `PART_TERMS`."""
        found = dict.fromkeys(
            term
            for each in self._segments
            for term in each.terms.terms_containing("code", part.encode(), MAX_PARTIAL_CODES)
        )
        return [term.decode() for term in sorted(found)[:MAX_PARTIAL_CODES]]

    def near_terms(self, field: str, word: str) -> list[str]:
        """Terms of a field that are spelled almost like this one, nearest first."""
        nearest: dict[str, int] = {}
        for part in self._segments:
            nearest |= lexicon.near_terms(part.name, part.terms, self._segment_cache.results, field, word)
        return sorted(nearest, key=lambda term: (nearest[term], term))

    # --- filters --------------------------------------------------------------------------------------------------

    def filter_mask(
        self, filters: Mapping[str, tuple[str, ...]], since: int = 0, until: int = 0
    ) -> Mask | None:
        """Documents that pass every filter; None where there is none."""
        asked = tuple(sorted((name, tuple(sorted(values))) for name, values in filters.items()))
        dated = bool(since or until)
        if not asked and not dated:
            return None
        if len(asked) == 1 and not dated:
            return self._single_filter_mask(*asked[0])
        key = ("masks", asked, since, until)
        mask: Mask | None = self.cache_get(key)
        if mask is None:
            parts = [self._single_filter_mask(*each) for each in asked]
            if dated:
                parts.append((self.dates >= max(since, 1)) & (self.dates <= (until or MAX_DATE)))
            mask = np.logical_and.reduce(parts)
            self.cache_put(key, mask, mask.nbytes)
        return mask

    def _single_filter_mask(self, name: str, values: tuple[str, ...]) -> Mask:
        kept: Mask | None = self.cache_get(("mask", name, values))
        if kept is not None:
            return kept
        mask = np.zeros(self.document_count, np.bool_)
        if name in UNCOUNTED_FACETS:
            for value in values:
                mask[self.docs("filters", (f"{name}={value}",))] = True
        elif (facet := self.facet(name)) is not None:
            mask = facet.documents_with(values)
        self.cache_put(("mask", name, values), mask, mask.nbytes)
        return mask

    def cache_put(self, key: Any, value: Any, size: int) -> None:
        """Remember what was worked out from this generation, as long as there is room."""
        self._segment_cache.results.put((self._id, key), value, size)

    def cache_get(self, key: Any) -> Any:
        """What was kept under this key, or None."""
        return self._segment_cache.results.get((self._id, key))

    def verify(self) -> None:
        """Read all of every segment. Raises `ValueError` for what is not as it was written."""
        for part in self._segments:
            part.verify()


def _facet_groups(facets: Mapping[str, Facet]) -> Iterator[tuple[str, ...]]:
    """Facets counted at one go: as long as all combinations of their sets are few."""
    bundle: list[str] = []
    combinations = 1
    for name in sorted(facets, key=lambda name: len(facets[name].sets)):
        if bundle and combinations * len(facets[name].sets) > MAX_COMBINATIONS:
            yield tuple(bundle)
            bundle, combinations = [], 1
        bundle.append(name)
        combinations *= len(facets[name].sets)
    if bundle:
        yield tuple(bundle)


def _intersect(lists: list[Array], document_count: int) -> Array:
    """Documents in all of these lists, rarest list first."""
    lists.sort(key=len)
    docs = lists[0]
    for other in lists[1:]:
        if not len(docs):
            break
        docs = docs[membership_mask(docs, other, document_count)]
    return docs


def membership_mask(docs: Array, other: Array, document_count: int) -> Mask:
    """Which of `docs` are among `other`; both ascending, of `n` documents in all."""
    if len(docs) * 24 < len(other):
        at = np.searchsorted(other, docs)
        at[at == len(other)] = 0
        return np.asarray(other[at] == docs)
    mask = np.zeros(document_count, np.bool_)
    mask[other] = True
    return mask[docs]
