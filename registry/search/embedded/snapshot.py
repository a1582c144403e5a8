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

from registry.search.analysis.document import NEVER_COUNTED
from registry.search.embedded import lexicon
from registry.search.embedded.arrays import Array
from registry.search.embedded.columns import Columns, Docs, Facet, Ints, Mask, join_facet, join_heads, joined
from registry.search.embedded.lru import SizedCache
from registry.search.embedded.segment import DocumentsReader, TermsReader

EMPTY: Docs = np.empty(0, np.int32)
PART_TERMS = 50
LAST_DAY = 99_999_999
MANY = 16  # parts of all documents: of more than one such part, columns are worth being joined
COMBINATIONS = 4_096  # of values of facets that are counted together
SNAPSHOTS = itertools.count()
ATTEMPTS = 5  # to open the files of a generation while another one takes its place
VIEW_BYTES = 300  # of a view of a mapped file: it holds no documents of its own


class Opened:
    """A segment with its files mapped. Successive snapshots share it."""

    def __init__(self, storage: Any, segment: Any) -> None:
        self.name = str(segment.segment_id())
        self.terms = TermsReader(storage, segment)
        self._documents = DocumentsReader(storage, segment)
        self.columns: Columns = self._documents.columns

    def check(self) -> None:
        """Read all of it. Raises `ValueError` for what is not as it was written."""
        self.terms.check()
        self._documents.check()


class Segments:
    """What successive snapshots share: segments, which never change, and what was found in them."""

    def __init__(self, limit_mb: int) -> None:
        self.opened: dict[str, Opened] = {}
        self.lock = threading.Lock()
        self.kept = SizedCache(limit_mb << 20)

    def of(self, storage: Any, segments: list[Any]) -> list[Opened]:
        """These segments, opened; others are let go."""
        with self.lock:
            known = {str(segment.segment_id()): segment for segment in segments}
            opened = {name: self.opened.get(name) or Opened(storage, each) for name, each in known.items()}
            self.opened = opened
        return list(opened.values())


class Snapshot:
    """`n` documents, deleted ones included; `live` marks those that count."""

    def __init__(self, index: Index, shared: Segments) -> None:
        self._shared, self._own = shared, next(SNAPSHOTS)
        storage = index.storage
        for attempt in range(ATTEMPTS):  # a commit may clear away segments between the two steps
            table = TOC.read(storage, index.indexname, schema=index.schema)
            segments = [each for each in table.segments if each.doc_count_all()]
            try:
                self._parts = shared.of(storage, segments)
                break
            except FileNotFoundError:
                if attempt == ATTEMPTS - 1:
                    raise
        self.generation = int(table.generation)
        sizes = [len(part.columns) for part in self._parts]
        self._offsets = [0, *np.cumsum(sizes, dtype=np.int64).tolist()]
        self.n = self._offsets[-1]
        self.live: Mask = np.ones(self.n, np.bool_)
        for segment, offset in zip(segments, self._offsets, strict=False):
            gone = segment.deleted_docs() or ()
            self.live[np.fromiter(gone, np.int64) + offset] = False
        self.documents = int(np.count_nonzero(self.live))
        self.whole = self.documents == self.n  # nothing is deleted
        self._facets: dict[str, Facet] = {}

    # --- columns of all segments; joined when they are first asked for -----------------------------------------

    def _column(self, name: str, kind: Any) -> Array:
        return joined([getattr(part.columns, name) for part in self._parts], kind)

    @functools.cached_property
    def ids(self) -> Ints:
        return self._column("ids", np.int64)

    @functools.cached_property
    def stamps(self) -> Ints:
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
    def by_id(self) -> Docs:
        """Documents in the order of their ids."""
        return np.argsort(self.ids, kind="stable").astype(np.int32)

    @functools.cached_property
    def _heads(self) -> dict[str, Array]:
        return {}

    def head(self, lang: str, docs: Docs, number: int) -> Array:
        """A number that the names of these documents begin with, as they are sorted in a language."""
        if lang in self._heads or len(docs) * MANY > self.n:
            if lang not in self._heads:
                self._heads[lang] = join_heads(lang, [part.columns for part in self._parts])
            column: Array = self._heads[lang][docs, number]
            return column
        # Of a few documents each segment is asked by itself: to join all of them after every commit would take longer.
        found: Array = np.empty(len(docs), np.uint64)
        segments = np.searchsorted(self._offsets, docs, side="right") - 1
        for segment in np.unique(segments):
            here = segments == segment
            column = self._parts[segment].columns.heads[lang]
            found[here] = column[docs[here] - self._offsets[segment], number]
        return found

    def key(self, lang: str, doc: int) -> bytes:
        """The whole name as it is sorted."""
        part = int(np.searchsorted(self._offsets, doc, side="right")) - 1
        return self._parts[part].columns.keys[lang][doc - self._offsets[part]]

    def facet(self, name: str) -> Facet | None:
        """A facet over all segments; None for one that no document has."""
        if name not in self._facets:
            there = [part.columns for part in self._parts]
            if not any(name in columns.facets for columns in there):
                return None
            self._facets[name] = join_facet(name, there)
        return self._facets[name]

    def counts(self, names: Iterable[str], docs: Docs) -> dict[str, list[tuple[str, int]]]:
        """Facet → how many of these documents have each value, most first."""
        counted: dict[str, list[tuple[str, int]]] = {}
        known = {name: facet for name in names if (facet := self.facet(name)) is not None}
        for bundle in _bundles(known):
            sizes = [len(known[name].sets) for name in bundle]
            numbers = np.bincount(self._bundled(bundle)[docs], minlength=math.prod(sizes)).reshape(sizes)
            for axis, name in enumerate(bundle):
                others = tuple(other for other in range(len(bundle)) if other != axis)
                counted[name] = known[name].counts(numbers.sum(axis=others))
        return counted

    def _bundled(self, names: tuple[str, ...]) -> Array:
        """One code a document for its sets in several facets."""
        first, *others = (self._facets[name] for name in names)
        if not others:
            return first.codes
        kept: Array | None = self.kept(("bundle", names))
        if kept is None:
            kept = first.codes.astype(np.uint16)
            for facet in others:
                kept = kept * np.uint16(len(facet.sets)) + facet.codes.astype(np.uint16)
            self.keep(("bundle", names), kept, kept.nbytes)
        return kept

    # --- terms ---------------------------------------------------------------------------------------------------

    def docs(self, field: str, terms: tuple[str, ...]) -> Docs:
        """Documents whose field holds all of these terms, deleted ones included."""
        if not terms:
            return EMPTY
        found = []
        for part, offset in zip(self._parts, self._offsets, strict=False):
            key = (part.name, field, terms)
            kept = self._shared.kept.get(key)
            if kept is None:
                kept = _together([part.terms.docs(field, term.encode()) for term in terms], len(part.columns))
                self._shared.kept.put(key, kept, VIEW_BYTES + (kept.nbytes if len(terms) > 1 else 0))
            if len(kept):
                found.append(kept + np.uint32(offset) if offset else kept)
        return joined(found, np.uint32).astype(np.int32)

    def begun(self, field: str, prefix: str) -> tuple[Docs, Array]:
        """Documents with a term that begins so, and the length in bytes of each one's shortest such term."""
        written = prefix.encode()
        found, lengths = [], []
        for part, offset in zip(self._parts, self._offsets, strict=False):
            docs, sizes = part.terms.begun(field, written)
            if len(docs):
                found.append(docs + np.uint32(offset))
                lengths.append(sizes)
        if not found:
            return EMPTY, EMPTY
        docs, sizes = np.concatenate(found), np.concatenate(lengths).astype(np.uint8)
        if len(docs) * 64 > self.n:
            longest_first = np.argsort(~sizes, kind="stable")  # of bytes: a sort by counting
            shortest = np.zeros(self.n, np.uint8)
            shortest[docs[longest_first]] = sizes[longest_first]
            there = np.flatnonzero(shortest).astype(np.int32)
            return there, shortest[there]
        order = np.lexsort((sizes, docs))
        docs, sizes = docs[order], sizes[order]
        first = np.ones(len(docs), np.bool_)
        first[1:] = docs[1:] != docs[:-1]
        return docs[first].astype(np.int32), sizes[first]

    def codes_with(self, part: str) -> list[str]:
        """Identifiers that contain this text, at most `PART_TERMS`."""
        found = dict.fromkeys(
            term for each in self._parts for term in each.terms.terms_with("code", part.encode(), PART_TERMS)
        )
        return [term.decode() for term in sorted(found)[:PART_TERMS]]

    def near(self, field: str, word: str) -> list[str]:
        """Terms of a field that are spelled almost like this one, nearest first."""
        nearest: dict[str, int] = {}
        for part in self._parts:
            nearest |= lexicon.near(part.name, part.terms, self._shared.kept, field, word)
        return sorted(nearest, key=lambda term: (nearest[term], term))

    # --- filters --------------------------------------------------------------------------------------------------

    def mask(self, filters: Mapping[str, tuple[str, ...]], since: int = 0, until: int = 0) -> Mask | None:
        """Documents that pass every filter; None where there is none."""
        asked = tuple(sorted((name, tuple(sorted(values))) for name, values in filters.items()))
        dated = bool(since or until)
        if not asked and not dated:
            return None
        if len(asked) == 1 and not dated:
            return self._filter(*asked[0])
        key = ("masks", asked, since, until)
        mask: Mask | None = self.kept(key)
        if mask is None:
            parts = [self._filter(*each) for each in asked]
            if dated:
                parts.append((self.dates >= max(since, 1)) & (self.dates <= (until or LAST_DAY)))
            mask = np.logical_and.reduce(parts)
            self.keep(key, mask, mask.nbytes)
        return mask

    def _filter(self, name: str, values: tuple[str, ...]) -> Mask:
        kept: Mask | None = self.kept(("mask", name, values))
        if kept is not None:
            return kept
        mask = np.zeros(self.n, np.bool_)
        if name in NEVER_COUNTED:
            for value in values:
                mask[self.docs("filters", (f"{name}={value}",))] = True
        elif (facet := self.facet(name)) is not None:
            mask = facet.holding(values)
        self.keep(("mask", name, values), mask, mask.nbytes)
        return mask

    def keep(self, key: Any, found: Any, size: int) -> None:
        """Remember what was worked out from this generation, as long as there is room."""
        self._shared.kept.put((self._own, key), found, size)

    def kept(self, key: Any) -> Any:
        """What was kept under this key, or None."""
        return self._shared.kept.get((self._own, key))

    def check(self) -> None:
        """Read all of every segment. Raises `ValueError` for what is not as it was written."""
        for part in self._parts:
            part.check()


def _bundles(facets: Mapping[str, Facet]) -> Iterator[tuple[str, ...]]:
    """Facets counted at one go: as long as all combinations of their sets are few."""
    bundle: list[str] = []
    combinations = 1
    for name in sorted(facets, key=lambda name: len(facets[name].sets)):
        if bundle and combinations * len(facets[name].sets) > COMBINATIONS:
            yield tuple(bundle)
            bundle, combinations = [], 1
        bundle.append(name)
        combinations *= len(facets[name].sets)
    if bundle:
        yield tuple(bundle)


def _together(lists: list[Array], n: int) -> Array:
    """Documents in all of these lists, rarest list first."""
    lists.sort(key=len)
    docs = lists[0]
    for other in lists[1:]:
        if not len(docs):
            break
        docs = docs[within(docs, other, n)]
    return docs


def within(docs: Array, other: Array, n: int) -> Mask:
    """Which of `docs` are among `other`; both ascending, of `n` documents in all."""
    if len(docs) * 24 < len(other):
        at = np.searchsorted(other, docs)
        at[at == len(other)] = 0
        return np.asarray(other[at] == docs)
    mask = np.zeros(n, np.bool_)
    mask[other] = True
    return mask[docs]
