"""Make the table of kinds: python -m registry.search.meaning.make_kinds LISTS MODEL_FOLDER OUTPUT.

LISTS: folder with the files of `published_lists`; MODEL_FOLDER: the folder `meaning` of a data directory, with the model in it.
"""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from registry.reference.lexicon import published_lists
from registry.search.meaning import kinds
from registry.search.meaning.encoder import VERSION, Encoder, Vectors
from registry.search.meaning.near_texts import fold_subject

DIRECTIONS = 192  # of the 512 of the model: fewer let in kinds that only look alike
MAX_DEPTH = 5  # of kinds that are kept; those further below are no more than variants
BATCH = 64
LARGEST = 127


def numbered(paths: Iterable[tuple[str, ...]]) -> tuple[dict[tuple[str, ...], int], list[int]]:
    """Return path of a kind → its number, those below it following; and for each number the one behind the last below it."""
    ordered = sorted(set(paths))
    numbers = {path: number for number, path in enumerate(ordered)}
    ends = []
    for number, path in enumerate(ordered):
        end = number + 1
        while end < len(ordered) and ordered[end][: len(path)] == path:
            end += 1
        ends.append(end)
    return numbers, ends


def main_directions(vectors: Vectors) -> Vectors:
    """Return the directions in which the vectors differ most, as columns."""
    _left, _sizes, right = np.linalg.svd(vectors, full_matrices=False)
    found: Vectors = right[:DIRECTIONS].T
    return found


def encoded(encoder: Encoder, texts: list[str]) -> Vectors:
    """Return the vectors of texts. Raises `FileNotFoundError` without a model."""
    parts = [encoder.encode(texts[first : first + BATCH]) for first in range(0, len(texts), BATCH)]
    known = [part for part in parts if part is not None]
    if not known:
        raise FileNotFoundError("the folder has no model")
    vectors: Vectors = np.concatenate(known)
    return vectors


def _named_kinds(lists: Path) -> Iterator[tuple[tuple[str, ...], str]]:
    for path, name in published_lists.read_kinds(lists):
        if len(path) <= MAX_DEPTH:
            yield path, fold_subject(name)


def main(lists: Path, model_folder: Path, output: Path) -> None:
    named = sorted(set(_named_kinds(lists)))
    numbers, ends = numbered(path for path, _name in named)
    vectors = encoded(Encoder(model_folder), [name for _path, name in named])
    directions = main_directions(vectors).astype(np.float16)
    short = vectors @ directions.astype(np.float32)
    scale = LARGEST / np.maximum(np.abs(short).max(axis=1, keepdims=True), 1e-6)
    names = np.rint(short * scale).astype(np.int8)
    arrays = {
        "directions": directions,
        "names": names,
        "signs": kinds.signs_of(names).T,
        "kinds": np.array([numbers[path] for path, _name in named], np.uint16),
        "ends": np.array(ends, np.uint16),
    }
    kinds.write(output, arrays, VERSION)
    sys.stdout.write(f"{len(named)} names of {len(ends)} kinds, {output.stat().st_size} bytes\n")


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:4]))
