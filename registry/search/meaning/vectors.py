"""The vectors of texts, kept in files by the text itself: a new index needs none of them again.

A file is written once and never changed; small ones are merged into larger ones. The relay alone writes. Readers look
for new files now and then; a file that is cut off is passed over by readers and removed by the relay.

Of each text: its hash, by which it is known; the signs of its vector as bits, which tell quickly what may be near; and
the vector in 512 small integers, which tells how near; the kinds of goods, shops and services it is nearest to; and how
crowded it is around it.
"""

from __future__ import annotations

import hashlib
import logging
import threading
import time
import uuid
from collections import defaultdict
from collections.abc import Collection, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.search.embedded.arrays import Array, ArrayFile
from registry.search.meaning.encoder import DIMENSIONS, MODEL, Vectors, replace_arrays
from registry.search.meaning.kinds import KINDS_OF_TEXT, NEARNESS_STEPS, kind_table, less_crowd
from registry.search.meaning.rows import VectorRowReader

SUFFIX = ".vectors"
MAX_TEXTS = 250_000  # 150 MB on the disk
MERGE_FACTOR = 4  # so many files of about one size are merged
REFRESH_SECONDS = 1.0
CANDIDATES = 400  # texts with the most equal signs, which are compared exactly
FIRST_WORDS, WIDER = (
    3,
    8,
)  # of the signs, by which so many times as many are chosen before: a byte counts them
BLOCK = 32_768  # texts whose signs are compared together
SIGN_WORDS = DIMENSIONS // 64
LARGEST = 127
AXES = 1, 1, 1, 0, 0  # along which the texts stand in each of `TextArrays`
log = logging.getLogger(__name__)


def text_hash(text: str) -> int:
    """Return the number by which a text is known."""
    return int.from_bytes(hashlib.blake2b(text.encode("utf-8", "ignore"), digest_size=8).digest(), "little")


def hashes_of(texts: Collection[str]) -> NDArray[np.uint64]:
    """Return the hashes of texts, in their order."""
    return np.fromiter(map(text_hash, texts), np.uint64, len(texts))


def signs_of(vectors: Array) -> NDArray[np.uint64]:
    """Return the signs of vectors as bits: `SIGN_WORDS` rows, with a number for each vector."""
    return np.packbits(vectors >= 0, axis=-1).view(np.uint64).reshape(-1, SIGN_WORDS).T


class Search(NamedTuple):
    """What texts are compared with. `vectors`: the nearest of them counts; `crowd`: how crowded it is around it (`kinds.less_crowd`);
    `kinds`: of each number of a kind, whether it is asked for.
    """

    vectors: Vectors
    crowd: float
    kinds: NDArray[np.bool_]


class Least(NamedTuple):
    """How near the texts that are found have to be to a search, also those of a kind that is asked for; and how near such a text
    is to its kind.
    """

    nearness: float
    of_kind: float
    to_kind: float


class FoundText(NamedTuple):
    """A text that is near a search: the cosine, less what is usual."""

    text: str
    nearness: float
    is_of_kind: bool


class TextArrays(NamedTuple):
    """What is kept of texts beside themselves: signs, kinds and their nearness by column, the others by row."""

    signs: Array
    kinds: Array
    nearness: Array
    values: Array
    crowd: Array

    def take(self, positions: Array) -> TextArrays:
        """Return what is kept of the texts at these positions."""
        return TextArrays(*(np.take(array, positions, axis) for array, axis in zip(self, AXES, strict=True)))

    @classmethod
    def joined(cls, parts: Sequence[TextArrays]) -> TextArrays:
        """Return what is kept of the texts of several parts, one part behind the other."""
        together = zip(zip(*parts, strict=True), AXES, strict=True)
        return cls(*(np.concatenate(arrays, axis) for arrays, axis in together))


def arrays_of(vectors: Vectors) -> TextArrays:
    """Return what is kept of texts with these vectors."""
    scale = LARGEST / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-6)
    table = kind_table()
    kinds = np.full(
        (KINDS_OF_TEXT, len(vectors)), len(table.ends), np.uint16
    )  # a number that stands for none
    nearness = np.zeros((KINDS_OF_TEXT, len(vectors)), np.uint8)
    crowd = np.zeros(len(vectors), np.uint8)
    for place, (near, of_text) in enumerate(table.around(vectors)):
        kinds[: len(near), place] = [kind.number for kind in near]
        nearness[: len(near), place] = [round(kind.nearness * NEARNESS_STEPS) for kind in near]
        crowd[place] = round(of_text * NEARNESS_STEPS)
    values = np.rint(vectors * scale).astype(np.int8)
    return TextArrays(signs_of(vectors), kinds, nearness, values, crowd)


class VectorFile:
    """One file, mapped. Texts stand in the order of their hashes. Raises `ValueError` for a file that is not whole."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file = ArrayFile(path)
        try:
            self.hashes: NDArray[np.uint64] = self._file["hashes"]
            self.signs = self._file["signs"].reshape(SIGN_WORDS, -1)
            self.values = self._file["values"].reshape(-1, DIMENSIONS)
            self.rows = VectorRowReader(path, "values", np.int8, DIMENSIONS)
            self.kinds = self._file["kinds"].reshape(KINDS_OF_TEXT, -1)
            self.nearness = self._file["nearness"].reshape(KINDS_OF_TEXT, -1)
            self.crowd = self._file["crowd"]
            self.starts, self._text = self._file["starts"], self._file["text"]
        except KeyError as problem:
            raise ValueError(f"{path.name} has no {problem}") from problem

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def arrays(self) -> TextArrays:
        """What is kept of all texts."""
        return TextArrays(self.signs, self.kinds, self.nearness, self.values, self.crowd)

    def text(self, position: int) -> str:
        """Return the text at a position."""
        return self._text[self.starts[position] : self.starts[position + 1]].tobytes().decode()

    def texts(self) -> list[str]:
        """Return all texts."""
        return [self.text(position) for position in range(len(self))]

    def verify(self) -> None:
        """Read all of it. Raises `ValueError` for what is not as it was written."""
        self._file.verify()


class VectorStore:
    """All files of one folder. `near` may be called by any thread; the other methods are the relay's alone."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()
        self._files: dict[str, VectorFile] = {}
        self._looked_at = 0.0

    def __len__(self) -> int:
        return sum(map(len, self._files.values()))

    # --- reading ------------------------------------------------------------------------------------------------

    def near(self, search: Search, least: Least, limit: int) -> list[FoundText]:
        """Return the texts that are near enough to a search, the nearest first, at most `limit`."""
        files = self._present_files()
        if not files:
            return []
        of_kinds = np.concatenate([_are_of_kinds(file, search, least) for file in files])
        compared, of_kinds = _which_are_compared(files, search.vectors, of_kinds)
        places = np.flatnonzero(compared | of_kinds)
        bounds = np.cumsum([0, *map(len, files)])
        found: list[FoundText] = []
        for file, first, end in zip(files, bounds, bounds[1:], strict=False):
            here = places[(places >= first) & (places < end)]
            nearness, are_of_kind = _nearness(file, here - first, search), of_kinds[here]
            is_near = nearness >= np.where(are_of_kind, least.of_kind, least.nearness)
            found += (
                FoundText(file.text(int(here[each] - first)), float(nearness[each]), bool(are_of_kind[each]))
                for each in np.flatnonzero(is_near).tolist()
            )
        return sorted(found, key=lambda each: (-each.nearness, each.text))[:limit]

    def _present_files(self) -> list[VectorFile]:
        with self._lock:
            if time.monotonic() - self._looked_at >= REFRESH_SECONDS:
                self._looked_at = time.monotonic()
                self._open_files(mend=False)
            return list(self._files.values())

    def _open_files(self, *, mend: bool) -> None:
        """Open files that are new, and drop those that are gone. `mend`: read new ones whole, remove what is damaged."""
        opened: dict[str, VectorFile] = {}
        for path in sorted(self._folder.glob(f"*-{MODEL}{SUFFIX}")):
            try:
                file = self._files.get(path.name) or VectorFile(path)
                if mend and path.name not in self._files:
                    file.verify()
                opened[path.name] = file
            except FileNotFoundError:
                continue  # merged meanwhile
            except (OSError, ValueError) as problem:
                log.warning("vectors are left out: %r", problem)
                if mend:
                    path.unlink(missing_ok=True)
        self._files = opened

    # --- writing ------------------------------------------------------------------------------------------------

    def open_for_writing(self) -> None:
        """Read all that is there; remove what is damaged, half written or of another model."""
        for path in [*self._folder.glob("*.part"), *self._folder.glob(f"*{SUFFIX}")]:
            if not path.name.endswith(f"-{MODEL}{SUFFIX}"):
                path.unlink(missing_ok=True)
        with self._lock:
            self._open_files(mend=True)

    def missing(self, texts: Sequence[str]) -> list[str]:
        """Return which of these texts have no vector yet."""
        hashes = hashes_of(texts)
        known = np.zeros(len(hashes), np.bool_)
        for file in self._files.values():
            known |= np.isin(hashes, file.hashes)
        return [texts[index] for index in np.flatnonzero(~known).tolist()]

    def room(self) -> int:
        """Return how many texts can still be added."""
        return max(0, MAX_TEXTS - len(self))

    def add(self, texts: Sequence[str], vectors: Vectors) -> None:
        """Keep the vectors of texts that have none, up to `MAX_TEXTS` in all."""
        room = self.room()
        if texts and room:
            self._write(list(texts[:room]), arrays_of(vectors[:room]))
            self._merge_similar_files()

    def keep_only(self, texts: Collection[str]) -> None:
        """Drop the vectors of all other texts."""
        wanted = hashes_of(texts)
        for file in list(self._files.values()):
            kept = np.flatnonzero(np.isin(file.hashes, wanted))
            if len(kept) < len(file):
                self._write([file.text(int(each)) for each in kept], file.arrays.take(kept))
                self._remove([file])

    def _write(self, texts: list[str], arrays_of_texts: TextArrays) -> None:
        if not texts:
            return
        hashes = hashes_of(texts)
        order = np.argsort(hashes, kind="stable")
        encoded = [texts[index].encode("utf-8", "ignore") for index in order]
        starts = np.concatenate([[0], np.cumsum(list(map(len, encoded)))]).astype(np.uint32)
        path = self._folder / f"{uuid.uuid4().hex[:12]}-{MODEL}{SUFFIX}"
        ordered = arrays_of_texts.take(order)
        arrays: dict[str, Array] = {
            "hashes": hashes[order],
            **{name: np.ascontiguousarray(array).reshape(-1) for name, array in ordered._asdict().items()},
            "starts": starts,
            "text": np.frombuffer(b"".join(encoded), np.uint8),
        }
        replace_arrays(path, arrays)
        with self._lock:
            self._files = {**self._files, path.name: VectorFile(path)}

    def _remove(self, files: Sequence[VectorFile]) -> None:
        gone = {file.path.name for file in files}
        with self._lock:
            self._files = {name: file for name, file in self._files.items() if name not in gone}
        for file in files:
            file.path.unlink(missing_ok=True)

    def _merge_similar_files(self) -> None:
        """Merge files of about one size, so that there are few of each size."""
        while True:
            by_size: dict[int, list[VectorFile]] = defaultdict(list)
            for file in self._files.values():
                by_size[len(file).bit_length() // 2].append(file)
            group = next((files for files in by_size.values() if len(files) >= MERGE_FACTOR), None)
            if group is None:
                return
            self._write(
                [text for file in group for text in file.texts()],
                TextArrays.joined([file.arrays for file in group]),
            )
            self._remove(group)


def _are_of_kinds(file: VectorFile, search: Search, least: Least) -> NDArray[np.bool_]:
    """Return, for each text of a file, whether it is of a kind that is asked for."""
    are_of_kinds = np.zeros(len(file), np.bool_)
    if search.kinds.any():
        step = int(least.to_kind * NEARNESS_STEPS)
        for kinds, nearness in zip(file.kinds, file.nearness, strict=True):
            are_near = np.flatnonzero(nearness >= step)
            are_of_kinds[are_near] |= search.kinds[kinds[are_near]]
    return are_of_kinds


def _nearness(file: VectorFile, positions: NDArray[np.int64], search: Search) -> Vectors:
    """Return how near the texts at these positions of a file are to a search."""
    values = file.rows[positions].astype(np.float32)
    lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
    similarities: Vectors = (values @ search.vectors.T).max(axis=1) / np.maximum(lengths, np.float32(1e-6))
    of_texts: Vectors = file.crowd[positions].astype(np.float32) / np.float32(NEARNESS_STEPS)
    return less_crowd(similarities, of_texts, search.crowd)


def _which_are_compared(
    files: Sequence[VectorFile], vectors: Vectors, of_kinds: NDArray[np.bool_]
) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which texts are compared exactly: of all, and of those of a kind that is asked for."""
    of_all = np.zeros(len(of_kinds), np.bool_)
    places = np.flatnonzero(of_kinds)
    kept = of_kinds if len(places) <= CANDIDATES else np.zeros_like(of_kinds)
    for signs in signs_of(vectors).T:
        part = signs[:FIRST_WORDS]
        distances = np.concatenate([_sign_distances(file.signs[:FIRST_WORDS], part) for file in files])
        of_all[_closest(files, signs, distances)] = True
        if len(places) > CANDIDATES:
            kept[places[_closest(files, signs, distances[places], places)]] = True
    return of_all, kept


def _closest(
    files: Sequence[VectorFile],
    signs: NDArray[np.uint64],
    distances: NDArray[np.uint8],
    places: NDArray[np.int64] | None = None,
) -> NDArray[np.int64]:
    """Return the positions of the vectors with the most signs in common, `CANDIDATES` if there are so many.

    `distances`: by the first part of the signs, of the texts at these places, or of all.
    """
    kept = _least(distances, CANDIDATES * WIDER)
    there = kept if places is None else places[kept]
    further = distances[kept].astype(np.uint16)
    bounds = np.cumsum([0, *map(len, files)])
    for file, first, end in zip(files, bounds, bounds[1:], strict=False):
        here = np.flatnonzero((there >= first) & (there < end))
        others = file.signs[FIRST_WORDS:, there[here] - first]
        further[here] += _sign_distances(others, signs[FIRST_WORDS:])
    return kept[_least(further, CANDIDATES)]


def _sign_distances(columns: NDArray[np.uint64], signs: NDArray[np.uint64]) -> NDArray[Any]:
    """Return in how many signs each text differs. `columns`: the signs of all texts, word by word."""
    number = np.uint8 if len(signs) <= FIRST_WORDS else np.uint16
    distances: NDArray[Any] = np.zeros(columns.shape[1], number)
    for first in range(0, columns.shape[1], BLOCK):  # as much as the processor's own memory takes
        block = slice(first, first + BLOCK)
        for column, sign in zip(columns, signs, strict=True):
            distances[block] += np.bitwise_count(column[block] ^ sign)
    return distances


def _least(distances: NDArray[Any], count: int) -> NDArray[np.int64]:
    """Return the positions of the least distances, ascending: at least `count`, as far as there are so many, at most four times it."""
    if len(distances) <= count:
        return np.arange(len(distances))
    reached = np.cumsum(np.bincount(distances, minlength=DIMENSIONS + 1))
    return np.flatnonzero(distances <= np.searchsorted(reached, count))[: 4 * count]
