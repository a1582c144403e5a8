"""A snapshot: one generation of the index as arrays. Built once, read by all threads, never changed."""

from __future__ import annotations

import functools
import itertools
import math
import threading
from collections.abc import Collection, Iterable, Iterator, Mapping
from typing import Any

import numpy as np
from whoosh.index import TOC, EmptyIndexError, Index

from registry.search.analysis import lexicon
from registry.search.analysis.document import DEMO_FACET, DEMO_VALUE, UNCOUNTED_FACETS
from registry.search.analysis.document_terms import WORD_FIELDS
from registry.search.analysis.sized_cache import SizedCache
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
JOIN_THRESHOLD = 16  # sort keys of all segments are joined for more than one in so many documents
DENSE_RATIO = 64  # of more than one in so many documents the shortest terms are collected in an array of all
BINARY_SEARCH_RATIO = 24  # a list so many times as long is searched, instead of marking all its documents
MAX_COMBINATIONS = 4_096  # of values of facets that are counted together
SNAPSHOT_IDS = itertools.count()
MAX_ATTEMPTS = 5  # to open the files of a generation while another one replaces it
VIEW_BYTES = 300  # of a view of a mapped file: it holds no documents of its own


class OpenSegment:
    """A segment with its files mapped into memory, shared by successive snapshots."""

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
    """What successive snapshots share: segments, which never change, and `results` that were computed from them."""

    def __init__(self, max_megabytes: int) -> None:
        self.open_segments: dict[str, OpenSegment] = {}
        self.lock = threading.Lock()
        self.results = SizedCache(max_megabytes << 20)

    def open_all(self, storage: Any, segments: list[Any]) -> list[OpenSegment]:
        """Return these segments, opened; others are released."""
        with self.lock:
            by_name = {str(segment.segment_id()): segment for segment in segments}
            opened = {
                name: self.open_segments.get(name) or OpenSegment(storage, segment)
                for name, segment in by_name.items()
            }
            self.open_segments = opened
        return list(opened.values())


class Snapshot:
    """One generation: `document_count` documents, deleted ones included; `live` is True for the others.

    Documents are numbered through all segments, in the order of their segments.
    """

    def __init__(self, index: Index, segment_cache: SegmentCache) -> None:
        self._segment_cache, self._id = segment_cache, next(SNAPSHOT_IDS)
        storage = index.storage
        for attempt in range(MAX_ATTEMPTS):  # a commit may clear away any of these files between two steps
            try:
                table = TOC.read(storage, index.indexname, schema=index.schema)
                segments = [segment for segment in table.segments if segment.doc_count_all()]
                self._segments = segment_cache.open_all(storage, segments)
                break
            except (FileNotFoundError, EmptyIndexError):
                if attempt == MAX_ATTEMPTS - 1:
                    raise
        self.generation = int(table.generation)
        sizes = [len(segment.columns) for segment in self._segments]
        self._offsets = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self.document_count = self._offsets[-1]
        self.live: Mask = np.ones(self.document_count, np.bool_)
        for segment, offset in zip(segments, self._offsets, strict=False):
            deleted = segment.deleted_docs() or ()
            self.live[np.fromiter(deleted, np.int64) + offset] = False
        self.live_count = int(np.count_nonzero(self.live))
        self.all_live = self.live_count == self.document_count
        self._facets: dict[str, Facet] = {}

    # --- columns of all segments, joined on first use ------------------------------------------------------------

    def _column(self, name: str, dtype: Any) -> Array:
        return concatenate([getattr(segment.columns, name) for segment in self._segments], dtype)

    @functools.cached_property
    def ids(self) -> Ints:
        return self._column("ids", np.int64)

    @functools.cached_property
    def index_versions(self) -> Ints:
        return self._column("index_versions", np.int64)

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
    def demo(self) -> Mask | None:
        """Which documents are of invented records; None where none is."""
        facet = self.facet(DEMO_FACET)
        return facet.documents_with((DEMO_VALUE,)) if facet is not None else None

    @functools.cached_property
    def order_by_id(self) -> DocNumbers:
        """Documents in the order of their record ids."""
        return np.argsort(self.ids, kind="stable").astype(np.int32)

    @functools.cached_property
    def _prefixes(self) -> dict[str, Array]:
        return {}

    def sort_key_prefix(self, lang: str, docs: DocNumbers, word: int) -> Array:
        """Return one of the `PREFIX_WORDS` numbers with which the sort keys of these documents begin."""
        if lang in self._prefixes or len(docs) * JOIN_THRESHOLD > self.document_count:
            if lang not in self._prefixes:
                columns = [segment.columns for segment in self._segments]
                self._prefixes[lang] = concatenate_prefixes(lang, columns)
            column: Array = self._prefixes[lang][docs, word]
            return column
        # Few documents are read segment by segment: to join all of them after every commit would take longer.
        prefixes: Array = np.empty(len(docs), np.uint64)
        numbers = np.searchsorted(self._offsets, docs, side="right") - 1
        for number in np.unique(numbers):
            mask = numbers == number
            column = self._segments[number].columns.sort_key_prefixes[lang]
            prefixes[mask] = column[docs[mask] - self._offsets[number], word]
        return prefixes

    def sort_key(self, lang: str, doc: int) -> bytes:
        """Return the whole name of a document as it is sorted."""
        number = int(np.searchsorted(self._offsets, doc, side="right")) - 1
        return self._segments[number].columns.sort_keys[lang][doc - self._offsets[number]]

    def facet(self, name: str) -> Facet | None:
        """Return a facet over all segments; None for one that no document has."""
        if name not in self._facets:
            columns = [segment.columns for segment in self._segments]
            if not any(name in of_segment.facets for of_segment in columns):
                return None
            self._facets[name] = merge_facet(name, columns)
        return self._facets[name]

    def counts(self, names: Iterable[str], docs: DocNumbers) -> dict[str, list[tuple[str, int]]]:
        """Return facet → how many of these documents have each value, most first."""
        counted: dict[str, list[tuple[str, int]]] = {}
        facets = {name: facet for name in names if (facet := self.facet(name)) is not None}
        for group in _facet_groups(facets):
            sizes = [len(facets[name].sets) for name in group]
            flat = np.bincount(self._combined_codes(group)[docs], minlength=math.prod(sizes))
            combinations = flat.reshape(sizes)
            for axis, name in enumerate(group):
                others = tuple(other for other in range(len(group)) if other != axis)
                counted[name] = facets[name].counts(combinations.sum(axis=others))
        return counted

    def _combined_codes(self, names: tuple[str, ...]) -> Array:
        """Return one code for each document for its sets of values in several facets."""
        first, *others = (self._facets[name] for name in names)
        if not others:
            return first.codes
        codes: Array | None = self.cache_get(("combined", names))
        if codes is None:
            codes = first.codes.astype(np.uint16)
            for facet in others:
                codes = codes * np.uint16(len(facet.sets)) + facet.codes.astype(np.uint16)
            self.cache_put(("combined", names), codes, codes.nbytes)
        return codes

    # --- terms ---------------------------------------------------------------------------------------------------

    def docs(self, field: str, terms: tuple[str, ...]) -> DocNumbers:
        """Return documents whose field holds all of these terms, deleted ones included."""
        if not terms:
            return EMPTY
        parts = []
        for segment, offset in zip(self._segments, self._offsets, strict=False):
            key = (segment.name, field, terms)
            docs = self._segment_cache.results.get(key)
            if docs is None:
                lists = [segment.terms.docs(field, term.encode()) for term in terms]
                docs = _intersect(lists, len(segment.columns))
                size = VIEW_BYTES + (docs.nbytes if len(terms) > 1 else 0)
                self._segment_cache.results.put(key, docs, size)
            if len(docs):
                parts.append(docs + np.uint32(offset) if offset else docs)
        return concatenate(parts, np.uint32).astype(np.int32)

    def occurring(self, words: Iterable[tuple[str, ...]]) -> list[tuple[str, ...]]:
        """Return the words of which a field has all terms: a word of either language, if not of one record."""
        return [terms for terms in words if any(self._has_terms(field, terms) for field in WORD_FIELDS)]

    def _has_terms(self, field: str, terms: tuple[str, ...]) -> bool:
        return all(
            any(segment.terms.has_term(field, term.encode()) for segment in self._segments) for term in terms
        )

    def prefix_documents(self, field: str, prefix: str) -> tuple[DocNumbers, Array]:
        """Return documents with a term that begins so, and the bytes of the shortest such term of each."""
        parts, part_lengths = [], []
        for segment, offset in zip(self._segments, self._offsets, strict=False):
            docs, lengths = segment.terms.prefix_documents(field, prefix.encode())
            if len(docs):
                parts.append(docs + np.uint32(offset))
                part_lengths.append(lengths)
        if not parts:
            return EMPTY, EMPTY
        docs, lengths = np.concatenate(parts), np.concatenate(part_lengths).astype(np.uint8)
        if len(docs) * DENSE_RATIO > self.document_count:
            longest_first = np.argsort(~lengths, kind="stable")  # of bytes: a counting sort
            shortest = np.zeros(self.document_count, np.uint8)
            shortest[docs[longest_first]] = lengths[longest_first]
            matching = np.flatnonzero(shortest).astype(np.int32)
            return matching, shortest[matching]
        order = np.lexsort((lengths, docs))
        docs, lengths = docs[order], lengths[order]
        first = np.ones(len(docs), np.bool_)
        first[1:] = docs[1:] != docs[:-1]
        return docs[first].astype(np.int32), lengths[first]

    def codes_containing(self, part: str) -> list[str]:
        """Return identifiers that contain this text, at most `MAX_PARTIAL_CODES`."""
        codes = dict.fromkeys(
            term
            for segment in self._segments
            for term in segment.terms.terms_containing("code", part.encode(), MAX_PARTIAL_CODES)
        )
        return [term.decode() for term in sorted(codes)[:MAX_PARTIAL_CODES]]

    def subjects(self, known: Collection[str]) -> list[tuple[str, list[str]]]:
        """Return (name, subjects of its documents) of each segment; of those that are `known` without subjects."""
        return [
            (
                segment.name,
                []
                if segment.name in known
                else [term.decode() for term in segment.terms.lexicon("subjects")],
            )
            for segment in self._segments
        ]

    def near_terms(self, field: str, word: str) -> list[str]:
        """Return terms of a field that are spelled almost like this word, nearest first."""
        distances: dict[str, int] = {}
        for segment in self._segments:
            words = lexicon.cached_words(
                self._segment_cache.results,
                ("lexicon", segment.name, field),
                field,
                functools.partial(segment.terms.lexicon, field),
            )
            distances |= lexicon.near_words(words, word)
        return sorted(distances, key=lambda term: (distances[term], term))

    # --- filters --------------------------------------------------------------------------------------------------

    def filter_mask(
        self, filters: Mapping[str, tuple[str, ...]], since: int = 0, until: int = 0
    ) -> Mask | None:
        """Return which documents pass every filter; None where there is no filter."""
        normalised = tuple(sorted((name, tuple(sorted(values))) for name, values in filters.items()))
        dated = bool(since or until)
        if not normalised and not dated:
            return None
        if len(normalised) == 1 and not dated:
            return self._single_filter_mask(*normalised[0])
        key = ("filters", normalised, since, until)
        mask: Mask | None = self.cache_get(key)
        if mask is None:
            masks = [self._single_filter_mask(name, values) for name, values in normalised]
            if dated:
                masks.append((self.dates >= max(since, 1)) & (self.dates <= (until or MAX_DATE)))
            mask = np.logical_and.reduce(masks)
            self.cache_put(key, mask, mask.nbytes)
        return mask

    def _single_filter_mask(self, name: str, values: tuple[str, ...]) -> Mask:
        cached: Mask | None = self.cache_get(("filter", name, values))
        if cached is not None:
            return cached
        mask = np.zeros(self.document_count, np.bool_)
        if name in UNCOUNTED_FACETS:
            for value in values:
                mask[self.docs("filters", (f"{name}={value}",))] = True
        elif (facet := self.facet(name)) is not None:
            mask = facet.documents_with(values)
        self.cache_put(("filter", name, values), mask, mask.nbytes)
        return mask

    def cache_put(self, key: Any, value: Any, size: int) -> None:
        """Keep what was computed from this generation, as long as there is room."""
        self._segment_cache.results.put((self._id, key), value, size)

    def cache_get(self, key: Any) -> Any:
        """Return what was kept under this key for this generation, or None."""
        return self._segment_cache.results.get((self._id, key))

    def verify(self) -> None:
        """Read all of every segment. Raises `ValueError` for what is not as it was written."""
        for segment in self._segments:
            segment.verify()


def _facet_groups(facets: Mapping[str, Facet]) -> Iterator[tuple[str, ...]]:
    """Yield facets that are counted together, because the combinations of their sets are few."""
    group: list[str] = []
    combinations = 1
    for name in sorted(facets, key=lambda name: len(facets[name].sets)):
        if group and combinations * len(facets[name].sets) > MAX_COMBINATIONS:
            yield tuple(group)
            group, combinations = [], 1
        group.append(name)
        combinations *= len(facets[name].sets)
    if group:
        yield tuple(group)


def _intersect(lists: list[Array], document_count: int) -> Array:
    """Return the documents in all of these lists; the shortest list is taken first."""
    lists.sort(key=len)
    docs = lists[0]
    for other in lists[1:]:
        if not len(docs):
            break
        docs = docs[membership_mask(docs, other, document_count)]
    return docs


def membership_mask(docs: Array, other: Array, document_count: int) -> Mask:
    """Return which of `docs` are in `other`; both ascending, of `document_count` documents in all."""
    if len(docs) * BINARY_SEARCH_RATIO < len(other):
        positions = np.searchsorted(other, docs)
        positions[positions == len(other)] = 0
        return np.asarray(other[positions] == docs)
    mask = np.zeros(document_count, np.bool_)
    mask[other] = True
    return mask[docs]
