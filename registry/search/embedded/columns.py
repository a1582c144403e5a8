"""Columns: what is stored of each document beside its terms, one array for each fact. Those of a segment never change."""

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
from registry.search.analysis.ranges import parse_range
from registry.search.embedded.arrays import Array, ArrayFile

DocNumbers = NDArray[np.int32]  # documents by their number in a segment or in the whole index, ascending
Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]
LANGS = ("zh", "en")
# Numbers of eight bytes with which a sort key begins: they compare as its text does, and few keys agree in both.
PREFIX_WORDS = 2
PLAIN_COLUMNS = {
    "ids": np.int64,
    "index_versions": np.int64,
    "dates": np.int32,
    "ranks": np.int16,
    "ended": np.bool_,
}
STORED_NAMES = {"index_versions": "stamps"}  # where the name in the file differs


@dataclass(frozen=True)
class Facet:
    """Which set of values each document has. `codes`: for each document, the index of its set in `sets`."""

    sets: tuple[tuple[str, ...], ...]
    codes: Array

    @staticmethod
    def from_codes(sets: Sequence[tuple[str, ...]], codes: Array) -> Facet:
        """Return a facet with its codes in the smallest type that holds them."""
        dtype = np.uint8 if len(sets) <= 1 << 8 else np.uint16 if len(sets) <= 1 << 16 else np.int32
        return Facet(tuple(sets), codes.astype(dtype))

    @functools.cached_property
    def values(self) -> tuple[str, ...]:
        """Every value, sorted."""
        return tuple(sorted({value for values in self.sets for value in values}))

    @functools.cached_property
    def pairs(self) -> tuple[Ints, Ints]:
        """Indexes of sets and of the values in them: with these, counts of sets become counts of values."""
        value_index = {value: index for index, value in enumerate(self.values)}
        pairs = [
            (set_index, value_index[value]) for set_index, values in enumerate(self.sets) for value in values
        ]
        return (
            np.array([set_index for set_index, _value in pairs], np.int64),
            np.array([value for _set_index, value in pairs], np.int64),
        )

    def counts(self, set_counts: Ints) -> list[tuple[str, int]]:
        """Return how many documents have each value, most first. `set_counts`: how many have each set."""
        sets, values = self.pairs
        counts = np.bincount(values, set_counts[sets], len(self.values)).astype(np.int64)
        order = np.argsort(-counts, kind="stable")[: np.count_nonzero(counts)]
        return [
            (self.values[index], count)
            for index, count in zip(order.tolist(), counts[order].tolist(), strict=True)
        ]

    def documents_with(self, values: Iterable[str]) -> Mask:
        """Return which documents have any of these values, or one in a range of them (`1900..1949`)."""
        requested = set(values)
        ranges = [found for value in requested if (found := parse_range(value)) is not None]
        for within in ranges:
            requested.update(value for value in self.values if within.holds(value))
        has_any = [not requested.isdisjoint(of_set) for of_set in self.sets]
        return np.array(has_any, np.bool_)[self.codes]


@dataclass(frozen=True, slots=True)
class SortKeys:
    """The names by which documents are sorted in one language: UTF-8, one after another."""

    starts: Array
    text: Array

    def __getitem__(self, doc: int) -> bytes:
        return self.text[self.starts[doc] : self.starts[doc + 1]].tobytes()


@dataclass(frozen=True, slots=True)
class Columns:
    """Columns of one segment.

    `ranks`: 1 is best, 0 none; `dates`: yyyymmdd; `sort_key_prefixes`: `PREFIX_WORDS` numbers for each sort key.
    """

    ids: Ints
    index_versions: Ints
    dates: NDArray[np.int32]
    ranks: NDArray[np.int16]
    ended: Mask
    facets: Mapping[str, Facet]
    sort_keys: Mapping[str, SortKeys]
    sort_key_prefixes: Mapping[str, Array]

    def __len__(self) -> int:
        return len(self.ids)

    def arrays(self) -> dict[str, Array]:
        """Return all arrays by name, as a file stores them."""
        stored: dict[str, Array] = {
            STORED_NAMES.get(name, name): getattr(self, name) for name in PLAIN_COLUMNS
        }
        for lang in LANGS:
            stored[f"starts_{lang}"] = self.sort_keys[lang].starts
            stored[f"text_{lang}"] = self.sort_keys[lang].text
            stored[f"heads_{lang}"] = self.sort_key_prefixes[lang].reshape(-1)
        for name, facet in self.facets.items():
            stored[f"facet_{name}"] = facet.codes
        return stored

    def facet_sets(self) -> dict[str, Any]:
        """Return the sets of values behind the codes of the facets."""
        return {name: facet.sets for name, facet in self.facets.items()}

    @staticmethod
    def from_file(file: ArrayFile) -> Columns:
        """Return the columns that were written as `arrays` and `facet_sets`."""
        return Columns(
            **_plain_columns(lambda name: file[STORED_NAMES.get(name, name)]),
            facets={
                name: Facet(tuple(tuple(values) for values in sets), file[f"facet_{name}"])
                for name, sets in file.metadata.items()
            },
            sort_keys={lang: SortKeys(file[f"starts_{lang}"], file[f"text_{lang}"]) for lang in LANGS},
            sort_key_prefixes={lang: file[f"heads_{lang}"].reshape(-1, PREFIX_WORDS) for lang in LANGS},
        )


class ColumnsBuilder:
    """Collects columns to be written: documents one by one, or many from a segment."""

    def __init__(self) -> None:
        self._parts: list[Columns] = []
        self._documents: list[SearchDocument] = []

    def add(self, document: SearchDocument) -> None:
        """Append one document."""
        self._documents.append(document)

    def add_selected(self, columns: Columns, positions: Ints) -> None:
        """Append documents of another segment, in this order."""
        self._flush_documents()
        self._parts.append(_select(columns, positions))

    def build(self) -> Columns:
        """Return the columns of all documents."""
        self._flush_documents()
        return self._parts[0] if len(self._parts) == 1 else _concatenate_columns(self._parts)

    def __len__(self) -> int:
        return sum(map(len, self._parts)) + len(self._documents)

    def _flush_documents(self) -> None:
        if self._documents or not self._parts:
            self._parts.append(_from_documents(self._documents))
            self._documents = []


def _plain_columns(column_of: Callable[[str], Array]) -> dict[str, Any]:
    return {name: column_of(name) for name in PLAIN_COLUMNS}


def counted_facets(document: SearchDocument) -> dict[str, tuple[str, ...]]:
    """Return facet → values of all that a document can be counted by."""
    return {
        "register": (document.register,),
        "status": (document.status,),
        "standing": (document.standing,),
        **{name: values for name, values in document.facets.items() if name not in UNCOUNTED_FACETS},
    }


def _from_documents(documents: Sequence[SearchDocument]) -> Columns:
    by_facet: dict[str, array[int]] = {}
    sets: dict[str, dict[tuple[str, ...], int]] = {}
    for index, document in enumerate(documents):
        for name, values in counted_facets(document).items():
            if name not in sets:
                sets[name] = {(): 0}
                by_facet[name] = array("I")
            codes, known = by_facet[name], sets[name]
            codes.extend(itertools.repeat(0, index - len(codes)))
            codes.append(known.setdefault(values, len(known)))
    for codes in by_facet.values():
        codes.extend(itertools.repeat(0, len(documents) - len(codes)))
    texts = {
        "zh": [document.title_sort_zh.encode() for document in documents],
        "en": [document.title_sort_en.encode() for document in documents],
    }
    return Columns(
        ids=np.array([document.id for document in documents], np.int64),
        index_versions=np.array([document.index_version for document in documents], np.int64),
        dates=np.array([document.date for document in documents], np.int32),
        ranks=np.array([document.rank for document in documents], np.int16),
        ended=np.array([document.standing == "ended" for document in documents], np.bool_),
        facets={
            name: Facet.from_codes(tuple(sets[name]), np.array(codes)) for name, codes in by_facet.items()
        },
        sort_keys={lang: _sort_keys(keys) for lang, keys in texts.items()},
        sort_key_prefixes={lang: _sort_key_prefixes(keys) for lang, keys in texts.items()},
    )


def _sort_keys(texts: Sequence[bytes]) -> SortKeys:
    starts = np.zeros(len(texts) + 1, np.int64)
    np.cumsum(np.fromiter(map(len, texts), np.int64, len(texts)), out=starts[1:])
    return SortKeys(starts.astype(np.uint32), np.frombuffer(b"".join(texts), np.uint8))


def _select(columns: Columns, positions: Ints) -> Columns:
    """Return the documents at these positions."""
    if len(positions) == len(columns):
        return columns
    return Columns(
        **_plain_columns(lambda name: getattr(columns, name)[positions]),
        facets={name: Facet(facet.sets, facet.codes[positions]) for name, facet in columns.facets.items()},
        sort_keys={
            lang: _sort_keys([keys[int(position)] for position in positions])
            for lang, keys in columns.sort_keys.items()
        },
        sort_key_prefixes={lang: prefixes[positions] for lang, prefixes in columns.sort_key_prefixes.items()},
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
    padded = b"".join(text[:size].ljust(size, b"\0") for text in texts)
    return np.frombuffer(padded, ">u8").astype(np.uint64).reshape(-1, PREFIX_WORDS)


def concatenate_prefixes(lang: str, parts: Sequence[Columns]) -> Array:
    """Return the prefixes of the sort keys of several segments."""
    prefixes = [part.sort_key_prefixes[lang] for part in parts]
    if not prefixes:
        return np.empty((0, PREFIX_WORDS), np.uint64)
    return prefixes[0] if len(prefixes) == 1 else np.concatenate(prefixes)


def concatenate(arrays: Sequence[Array], dtype: Any) -> Array:
    """Return one array of many; of none, an empty one of this type. A single one is not copied."""
    if not arrays:
        return np.empty(0, dtype)
    return arrays[0] if len(arrays) == 1 else np.concatenate(arrays)


def _concatenate_sort_keys(parts: Sequence[SortKeys]) -> SortKeys:
    lengths = np.concatenate([np.diff(part.starts.astype(np.int64)) for part in parts])
    starts = np.concatenate([[0], np.cumsum(lengths)]).astype(np.uint32)
    return SortKeys(starts, np.concatenate([part.text for part in parts]))


def merge_facet(name: str, parts: Sequence[Columns]) -> Facet:
    """Return one facet over several segments, whose codes differ."""
    if len(parts) == 1 and name in parts[0].facets:
        return parts[0].facets[name]
    known: dict[tuple[str, ...], int] = {(): 0}
    codes: list[Array] = []
    for part in parts:
        facet = part.facets.get(name)
        if facet is None:
            codes.append(np.zeros(len(part), np.int32))
        else:
            new_codes = np.array([known.setdefault(values, len(known)) for values in facet.sets], np.int32)
            codes.append(new_codes[facet.codes])
    return Facet.from_codes(tuple(known), concatenate(codes, np.int32))
