"""The columns of one segment as arrays: ids, stamps, facets, dates, sort keys. Segments never change."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import orjson
from numpy.typing import NDArray

from registry.search.document import SearchDocument

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]


def pack(document: SearchDocument) -> bytes:
    """What the arrays need of a document, as one stored value."""
    return orjson.dumps(
        [
            document.id,
            document.stamp,
            document.date,
            document.rank,
            document.standing == "ended",
            document.title_sort_zh,
            document.title_sort_en,
            {
                "register": [document.register],
                "status": [document.status],
                "standing": [document.standing],
                **{name: list(values) for name, values in document.facets.items()},
            },
        ]
    )


@dataclass(frozen=True, slots=True)
class Facet:
    """One facet: pairs (document, value), values as indexes into `values`."""

    values: tuple[str, ...]
    docs: Ints
    codes: Ints


@dataclass(frozen=True, slots=True)
class Columns:
    ids: Ints
    stamps: Ints
    dates: Ints
    ranks: Ints
    ended: Mask
    sort_zh: tuple[str, ...]
    sort_en: tuple[str, ...]
    facets: dict[str, Facet]

    def __len__(self) -> int:
        return len(self.ids)


def unpack(stored: Sequence[bytes]) -> Columns:
    """Columns of a segment from its stored values, one a document in document order."""
    rows: list[Any] = [orjson.loads(each) for each in stored]
    pairs: dict[str, tuple[list[int], list[str]]] = {}
    for place, row in enumerate(rows):
        for name, values in row[7].items():
            docs, words = pairs.setdefault(name, ([], []))
            for value in values:
                docs.append(place)
                words.append(value)
    ids, stamps, dates, ranks = (np.array([row[at] for row in rows], np.int64) for at in range(4))
    return Columns(
        ids=ids,
        stamps=stamps,
        dates=dates,
        ranks=ranks,
        ended=np.array([row[4] for row in rows], np.bool_),
        sort_zh=tuple(row[5] for row in rows),
        sort_en=tuple(row[6] for row in rows),
        facets={name: _facet(docs, words) for name, (docs, words) in pairs.items()},
    )


def _facet(docs: list[int], words: list[str]) -> Facet:
    values = tuple(sorted(set(words)))
    code = {value: place for place, value in enumerate(values)}
    return Facet(values, np.array(docs, np.int64), np.array([code[word] for word in words], np.int64))


def join(parts: Sequence[Columns], offsets: Sequence[int]) -> Columns:
    """Columns of a whole index from those of its segments."""
    if not parts:
        return unpack([])
    if len(parts) == 1:
        return parts[0]
    names = sorted({name for part in parts for name in part.facets})
    return Columns(
        ids=np.concatenate([part.ids for part in parts]),
        stamps=np.concatenate([part.stamps for part in parts]),
        dates=np.concatenate([part.dates for part in parts]),
        ranks=np.concatenate([part.ranks for part in parts]),
        ended=np.concatenate([part.ended for part in parts]),
        sort_zh=tuple(key for part in parts for key in part.sort_zh),
        sort_en=tuple(key for part in parts for key in part.sort_en),
        facets={name: _join_facet(name, parts, offsets) for name in names},
    )


def _join_facet(name: str, parts: Sequence[Columns], offsets: Sequence[int]) -> Facet:
    there = [
        (part.facets[name], offset)
        for part, offset in zip(parts, offsets, strict=True)
        if name in part.facets
    ]
    values = tuple(sorted({value for facet, _offset in there for value in facet.values}))
    code = {value: place for place, value in enumerate(values)}
    return Facet(
        values,
        np.concatenate([facet.docs + offset for facet, offset in there]),
        np.concatenate(
            [
                np.array([code[value] for value in facet.values], np.int64)[facet.codes]
                for facet, _offset in there
            ]
        ),
    )
