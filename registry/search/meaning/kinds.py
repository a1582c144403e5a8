"""Which kinds of goods, shops and services a text is near to: the kinds of two published lists, each with those below it.

The names of kinds in both languages stand in `data/kinds.arrays` as vectors of the model, cut down to their main directions. Kinds are
numbered so that those below one follow it: whether a text is of a kind that a search asks for is a comparison of numbers.
"""

from __future__ import annotations

import functools
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.search.embedded.arrays import ArrayFile, write_arrays
from registry.search.meaning.encoder import Vectors

FILE = "kinds.arrays"
KINDS_OF_TEXT = 4  # that are kept of a text, nearest first
CANDIDATES = 512  # names with the most equal signs, which are compared exactly
MARGIN = 0.1  # what is so much less near than the nearest kind is another thing: a mattress is no trampoline
NEARNESS_STEPS = 255  # in which the nearness of a kind is kept
NEIGHBOURS = 50  # names around a text that tell whether it is near to many
# How much of it is taken from a similarity that many names are as near (decision 75): shares of what is more, or less, than usual
# for a text and for a search; and the most that is added where few are.
CROWD_SHARE, USUAL_OF_TEXTS, USUAL_OF_SEARCHES, MOST_ADDED = 0.4, 0.6, 0.68, 0.1


class NearKind(NamedTuple):
    """A kind, by its number, and how near it is: the cosine of the nearest of its names, from 0 to 1."""

    number: int
    nearness: float


class Surroundings(NamedTuple):
    """What lies around a text among the names of kinds. `kinds`: those it is nearest to, and nearly as near, nearest first, at most
    `KINDS_OF_TEXT`; `crowd`: how near the `NEIGHBOURS` nearest names are on average.
    """

    kinds: tuple[NearKind, ...]
    crowd: float


def less_crowd(similarities: Vectors, of_texts: Vectors, of_search: float) -> Vectors:
    """Return how similar texts are to a search, less where many other things are as similar to the text, or to the search.

    `of_texts`, `of_search`: as `Surroundings.crowd`. What is near to everything is near to nothing: a word that the model does not
    know lies among hundreds, some texts are the nearest to most of them.
    """
    more = CROWD_SHARE * (of_texts - USUAL_OF_TEXTS + (of_search - USUAL_OF_SEARCHES))
    nearness: Vectors = similarities - np.maximum(-MOST_ADDED, more)
    return nearness


@dataclass(frozen=True)
class KindTable:
    """Names of kinds as vectors. `signs`: theirs as bits, a row for each 64 directions; `kinds`: of each name; `ends`: of each
    kind, the number behind the last one below it.
    """

    model: str
    directions: NDArray[Any]
    names: NDArray[np.int8]
    signs: NDArray[np.uint64]
    kinds: NDArray[np.uint16]
    ends: NDArray[np.uint16]

    def around(self, vectors: Vectors) -> list[Surroundings]:
        """Return what lies around each vector."""
        short = vectors @ self.directions.astype(np.float32)
        short /= np.maximum(np.linalg.norm(short, axis=1, keepdims=True), 1e-6)
        return [self._around(*each) for each in zip(short, signs_of(short), strict=True)]

    def _around(self, short: Vectors, signs: NDArray[np.uint64]) -> Surroundings:
        distances = np.zeros(len(self.names), np.uint8)
        for of_names, sign in zip(self.signs, signs, strict=True):
            distances += np.bitwise_count(of_names ^ sign)
        chosen = np.argpartition(distances, CANDIDATES)[:CANDIDATES]
        names = self.names[chosen].astype(np.float32)
        similarities = names @ short / np.sqrt(np.einsum("ij,ij->i", names, names))
        nearest = np.argpartition(-similarities, NEIGHBOURS)[:NEIGHBOURS]
        crowd = max(0.0, float(similarities[nearest].mean()))
        ordered = nearest[np.argsort(-similarities[nearest], kind="stable")][:KINDS_OF_TEXT]
        found: dict[int, float] = {}
        for each in ordered.tolist():
            found.setdefault(int(self.kinds[chosen[each]]), max(0.0, float(similarities[each])))
        least = max(found.values()) - MARGIN
        kinds = (NearKind(*pair) for pair in found.items() if pair[1] >= least)
        return Surroundings(tuple(kinds), crowd)

    def ranges(self, asked: Iterable[int]) -> NDArray[np.bool_]:
        """Return, for each number of a kind, whether it is one of these or lies below one."""
        below = np.zeros(len(self.ends) + 1, np.bool_)
        for kind in asked:
            below[kind : int(self.ends[kind])] = True
        return below


def signs_of(short: NDArray[Any]) -> NDArray[np.uint64]:
    """Return the signs of vectors as bits, in rows."""
    return np.packbits(short >= 0, axis=-1).view(np.uint64)


def write(path: Path, arrays: Mapping[str, NDArray[Any]], model: str) -> None:
    """Write the file of the table: a process maps it, and all share its pages."""
    shapes = {name: array.shape for name, array in arrays.items()}
    flat = {name: np.ascontiguousarray(array).reshape(-1) for name, array in arrays.items()}
    write_arrays(path, flat, {"model": model, "shapes": shapes})


def read(path: Path) -> KindTable:
    """Return the table in a file."""
    file = ArrayFile(path)
    shapes: dict[str, list[int]] = file.metadata["shapes"]
    return KindTable(
        file.metadata["model"], **{name: file[name].reshape(shape) for name, shape in shapes.items()}
    )


@functools.cache
def kind_table() -> KindTable:
    """Return the kinds that come with the registry."""
    return read(Path(__file__).parent / "data" / FILE)
