"""Which kinds of goods, shops and services a text is near to: the kinds of two published lists, each with those below it.

The names of kinds in both languages stand in `data/kinds.npz` as vectors of the model, cut down to their main directions. Kinds are
numbered so that those below one follow it: whether a text is of a kind that a search asks for is a comparison of numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from importlib import resources
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.search.meaning.encoder import Vectors

FILE = "kinds.npz"
KINDS_OF_TEXT = 4  # that are kept of a text, nearest first
CANDIDATES = 512  # names with the most equal signs, which are compared exactly
MARGIN = 0.1  # what is so much less near than the nearest kind is another thing: a mattress is no trampoline
NEARNESS_STEPS = 255  # in which the nearness of a kind is kept


class NearKind(NamedTuple):
    """A kind, by its number, and how near it is: the cosine of the nearest of its names, from 0 to 1."""

    number: int
    nearness: float


@dataclass(frozen=True)
class KindTable:
    """Names of kinds as vectors. `kinds`: of each name; `ends`: of each kind, the number behind the last one below it."""

    model: str
    directions: NDArray[Any]
    names: NDArray[np.int8]
    kinds: NDArray[np.uint16]
    ends: NDArray[np.uint16]

    @functools.cached_property
    def signs(self) -> NDArray[np.uint64]:
        """The signs of the names as bits, a row for each 64 directions: what has few in common is no kind of a text."""
        return _signs_of(self.names).T.copy()

    def near(self, vectors: Vectors) -> list[tuple[NearKind, ...]]:
        """Return the kinds that each vector is nearest to, and nearly as near, nearest first, at most `KINDS_OF_TEXT`."""
        short = vectors @ self.directions.astype(np.float32)
        short /= np.maximum(np.linalg.norm(short, axis=1, keepdims=True), 1e-6)
        return [self._nearest(*each) for each in zip(short, _signs_of(short), strict=True)]

    def _nearest(self, short: Vectors, signs: NDArray[np.uint64]) -> tuple[NearKind, ...]:
        distances = np.zeros(len(self.names), np.uint8)
        for of_names, sign in zip(self.signs, signs, strict=True):
            distances += np.bitwise_count(of_names ^ sign)
        chosen = np.argpartition(distances, CANDIDATES)[:CANDIDATES]
        names = self.names[chosen].astype(np.float32)
        similarities = names @ short / np.sqrt(np.einsum("ij,ij->i", names, names))
        best = np.argpartition(-similarities, KINDS_OF_TEXT)[:KINDS_OF_TEXT]
        ordered = sorted((-float(similarities[each]), int(self.kinds[chosen[each]])) for each in best)
        found: dict[int, float] = {}
        for similarity, kind in ordered:
            found.setdefault(kind, max(0.0, -similarity))
        least = max(found.values()) - MARGIN
        return tuple(NearKind(kind, nearness) for kind, nearness in found.items() if nearness >= least)

    def ranges(self, asked: Iterable[int]) -> NDArray[np.bool_]:
        """Return, for each number of a kind, whether it is one of these or lies below one."""
        below = np.zeros(len(self.ends) + 1, np.bool_)
        for kind in asked:
            below[kind : int(self.ends[kind])] = True
        return below


def _signs_of(short: NDArray[Any]) -> NDArray[np.uint64]:
    return np.packbits(short >= 0, axis=-1).view(np.uint64)


def write(path: Any, arrays: Mapping[str, NDArray[Any]], model: str) -> None:
    """Write the file of the table."""
    np.savez_compressed(path, allow_pickle=False, model=np.frombuffer(model.encode(), np.uint8), **arrays)


@functools.cache
def kind_table() -> KindTable:
    """Return the kinds that come with the registry."""
    with (
        resources.files(__package__).joinpath("data", FILE).open("rb") as file,
        np.load(file, allow_pickle=False) as arrays,
    ):
        return KindTable(
            arrays["model"].tobytes().decode(),
            arrays["directions"],
            arrays["names"],
            arrays["kinds"],
            arrays["ends"],
        )
