"""Columns: what is kept of each document beside its terms, an array for each fact. Those of a segment never change."""

from __future__ import annotations

import functools
import itertools
from array import array
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from registry.search.analysis.document import UNCOUNTED_FACETS, SearchDocument
from registry.search.embedded.arrays import Array, ArrayFile

DocNumbers = NDArray[np.int32]  # documents by their place in a segment or in the whole index, ascending
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
LANGS = ("zh", "en")
PREFIX_WORDS = 2  # numbers of eight bytes that a sort key begins with; they compare as its text does, and few agree in both
PLAIN_COLUMNS = {"ids": np.int64, "stamps": np.int64, "dates": np.int32, "ranks": np.int16, "ended": np.bool_}


@dataclass(frozen=True)
class Facet:
    """Which set of values each document has: `codes` count into `sets`."""

    sets: tuple[tuple[str, ...], ...]
    codes: Array

    @staticmethod
    def from_codes(sets: Sequence[tuple[str, ...]], codes: Array) -> Facet:
        kind = np.uint8 if len(sets) <= 1 << 8 else np.uint16 if len(sets) <= 1 << 16 else np.int32
        return Facet(tuple(sets), codes.astype(kind))

    @functools.cached_property
    def values(self) -> tuple[str, ...]:
        """Every value, sorted."""
        return tuple(sorted({value for each in self.sets for value in each}))

    @functools.cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        """Sets and the values in them: with these, counts of sets become counts of values."""
        place = {value: at for at, value in enumerate(self.values)}
        found = [(at, place[value]) for at, each in enumerate(self.sets) for value in each]
        return np.array([at for at, _value in found], np.int64), np.array([v for _at, v in found], np.int64)

    def counts(self, set_counts: Ints) -> list[tuple[str, int]]:
        """How many documents have each value, most first. `of_sets`: how many have each set."""
        sets, values = self.pairs
        numbers = np.bincount(values, set_counts[sets], len(self.values)).astype(np.int64)
        order = np.argsort(-numbers, kind="stable")[: np.count_nonzero(numbers)]
        return [
            (self.values[place], number)
            for place, number in zip(order.tolist(), numbers[order].tolist(), strict=True)
        ]

    def documents_with(self, values: Iterable[str]) -> Mask:
        """Documents that have any of these values."""
        asked = set(values)
        return np.array([not asked.isdisjoint(each) for each in self.sets], np.bool_)[self.codes]


@dataclass(frozen=True, slots=True)
class SortKeys:
    """Names as they are sorted in one language: UTF-8, one after another."""

    starts: Array
    text: Array

    def __getitem__(self, doc: int) -> bytes:
        return self.text[self.starts[doc] : self.starts[doc + 1]].tobytes()


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one segment. `ranks`: 1 is best, 0 none; `dates`: yyyymmdd; `heads`: `HEAD` columns for each key."""

    ids: Ints
    stamps: Ints
    dates: NDArray[np.int32]
    ranks: NDArray[np.int16]
    ended: Mask
    facets: Mapping[str, Facet]
    sort_keys: Mapping[str, SortKeys]
    sort_key_prefixes: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.ids)

    def arrays(self) -> dict[str, Array]:
        """All of them by name, as a file keeps them."""
        found: dict[str, Array] = {name: getattr(self, name) for name in PLAIN_COLUMNS}
        for lang in LANGS:
            found[f"starts_{lang}"] = self.sort_keys[lang].starts
            found[f"text_{lang}"] = self.sort_keys[lang].text
            found[f"heads_{lang}"] = self.sort_key_prefixes[lang].reshape(-1)
        for name, facet in self.facets.items():
            found[f"facet_{name}"] = facet.codes
        return found

    def facet_sets(self) -> dict[str, Any]:
        """The values behind the codes of the facets."""
        return {name: facet.sets for name, facet in self.facets.items()}

    @staticmethod
    def from_file(file: ArrayFile) -> Columns:
        """As `arrays` and `facts` were written."""
        return Columns(
            **_plain_columns(lambda name: file[name]),
            facets={
                name: Facet(tuple(tuple(values) for values in sets), file[f"facet_{name}"])
                for name, sets in file.metadata.items()
            },
            sort_keys={lang: SortKeys(file[f"starts_{lang}"], file[f"text_{lang}"]) for lang in LANGS},
            sort_key_prefixes={lang: file[f"heads_{lang}"].reshape(-1, PREFIX_WORDS) for lang in LANGS},
        )


class ColumnsBuilder:
    """Columns as they are written: documents one by one, or many from a segment."""

    def __init__(self) -> None:
        self._parts: list[Columns] = []
        self._rows: list[SearchDocument] = []

    def add(self, document: SearchDocument) -> None:
        self._rows.append(document)

    def take(self, columns: Columns, positions: Ints) -> None:
        """Documents of another segment, in this order."""
        self._close_rows()
        self._parts.append(_select(columns, positions))

    def whole(self) -> Columns:
        self._close_rows()
        return self._parts[0] if len(self._parts) == 1 else _concatenate_columns(self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts)) + len(self._rows)

    def _close_rows(self) -> None:
        if self._rows or not self._parts:
            self._parts.append(_from_documents(self._rows))
            self._rows = []


def _plain_columns(column_of: Callable[[str], Array]) -> dict[str, Any]:
    return {name: column_of(name) for name in PLAIN_COLUMNS}


def counted_facets(document: SearchDocument) -> dict[str, tuple[str, ...]]:
    """All that a document can be counted by."""
    return {
        "register": (document.register,),
        "status": (document.status,),
        "standing": (document.standing,),
        **{name: values for name, values in document.facets.items() if name not in UNCOUNTED_FACETS},
    }


def _from_documents(documents: Sequence[SearchDocument]) -> Columns:
    by_facet: dict[str, array[int]] = {}
    sets: dict[str, dict[tuple[str, ...], int]] = {}
    for place, row in enumerate(documents):
        for name, values in counted_facets(row).items():
            if name not in sets:
                sets[name] = {(): 0}
                by_facet[name] = array("I")
            codes, known = by_facet[name], sets[name]
            codes.extend(itertools.repeat(0, place - len(codes)))
            codes.append(known.setdefault(values, len(known)))
    for codes in by_facet.values():
        codes.extend(itertools.repeat(0, len(documents) - len(codes)))
    texts = {
        "zh": [row.title_sort_zh.encode() for row in documents],
        "en": [row.title_sort_en.encode() for row in documents],
    }
    return Columns(
        ids=np.array([row.id for row in documents], np.int64),
        stamps=np.array([row.index_version for row in documents], np.int64),
        dates=np.array([row.date for row in documents], np.int32),
        ranks=np.array([row.rank for row in documents], np.int16),
        ended=np.array([row.standing == "ended" for row in documents], np.bool_),
        facets={
            name: Facet.from_codes(tuple(sets[name]), np.array(codes)) for name, codes in by_facet.items()
        },
        sort_keys={lang: _sort_keys(each) for lang, each in texts.items()},
        sort_key_prefixes={lang: _sort_key_prefixes(each) for lang, each in texts.items()},
    )


def _sort_keys(texts: Sequence[bytes]) -> SortKeys:
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=starts[1:])
    return SortKeys(starts.astype(np.uint32), np.frombuffer(b"".join(texts), np.uint8))


def _select(columns: Columns, positions: Ints) -> Columns:
    """The documents at these places."""
    if len(positions) == len(columns):
        return columns
    return Columns(
        **_plain_columns(lambda name: getattr(columns, name)[positions]),
        facets={name: Facet(facet.sets, facet.codes[positions]) for name, facet in columns.facets.items()},
        sort_keys={
            lang: _sort_keys([keys[int(place)] for place in positions])
            for lang, keys in columns.sort_keys.items()
        },
        sort_key_prefixes={lang: heads[positions] for lang, heads in columns.sort_key_prefixes.items()},
    )


def _concatenate_columns(parts: Sequence[Columns]) -> Columns:
    names = sorted({name for part in parts for name in part.facets})
    return Columns(
        **_plain_columns(
            lambda name: concatenate([getattr(part, name) for part in parts], PLAIN_COLUMNS[name])
        ),
        facets={name: merge_facet(name, parts) for name in names},
        sort_keys={lang: _concatenate_sort_keys([part.sort_keys[lang] for part in parts]) for lang in LANGS},
        sort_key_prefixes={lang: concatenate_prefixes(lang, parts) for lang in LANGS},
    )


def _sort_key_prefixes(texts: Sequence[bytes]) -> Array:
    size = PREFIX_WORDS * 8
    written = b"".join(text[:size].ljust(size, b"\0") for text in texts)
    return np.frombuffer(written, ">u8").astype(np.uint64).reshape(-1, PREFIX_WORDS)


def concatenate_prefixes(lang: str, parts: Sequence[Columns]) -> Array:
    """Beginnings of the sort keys of several segments."""
    found = [part.sort_key_prefixes[lang] for part in parts]
    return (
        found[0]
        if len(found) == 1
        else np.concatenate(found)
        if found
        else np.empty((0, PREFIX_WORDS), np.uint64)
    )


def concatenate(arrays: Sequence[Array], kind: Any) -> Array:
    """One array of many; of none, an empty one of this type. A single one is not copied."""
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays) if arrays else np.empty(0, kind)


def _concatenate_sort_keys(parts: Sequence[SortKeys]) -> SortKeys:
    lengths = np.concatenate([np.diff(part.starts.astype(np.int64)) for part in parts])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    return SortKeys(starts, np.concatenate([part.text for part in parts]))


def merge_facet(name: str, parts: Sequence[Columns]) -> Facet:
    """One facet over several segments, whose codes differ."""
    if len(parts) == 1 and name in parts[0].facets:
        return parts[0].facets[name]
    known: dict[tuple[str, ...], int] = {(): 0}
    codes: list[Array] = []
    for part in parts:
        facet = part.facets.get(name)
        if facet is None:
            codes.append(np.zeros(len(part), np.int32))
        else:
            to = np.array([known.setdefault(values, len(known)) for values in facet.sets], np.int32)
            codes.append(to[facet.codes])
    return Facet.from_codes(tuple(known), concatenate(codes, np.int32))
