"""The vectors of texts, kept in files by the text itself: a new index needs none of them again.

A file is written once and never changed; small ones are merged into larger ones. The relay alone writes. Readers look
for new files now and then; a file that is cut off is passed over by readers and removed by the relay.

Of each text: its hash, by which it is known; the signs of its vector as bits, which tell quickly what may be near; and
the vector in 512 small integers, which tells how near; and the kinds of goods, shops and services it is nearest to.
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
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from registry.search.embedded.arrays import Array, ArrayFile
from registry.search.meaning.encoder import DIMENSIONS, MODEL, Vectors, replace_arrays
from registry.search.meaning.kinds import KINDS_OF_TEXT, NEARNESS_STEPS, kind_table
from registry.search.meaning.rows import VectorRowReader

SUFFIX = ".vectors"
MAX_TEXTS = 250_000  # 150 MB on the disk
MERGE_FACTOR = 4  # so many files of about one size are merged
REFRESH_SECONDS = 1.0
CANDIDATES = 400  # texts with the most equal signs, which are compared exactly
BLOCK = 32_768  # texts whose signs are compared together
SIGN_WORDS = DIMENSIONS // 64
LARGEST = 127
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


class OfKinds(NamedTuple):
    """What makes a text one of a kind: how near it is to the kind, and how similar to the search; at most `limit` of them."""

    nearness: float
    similarity: float
    limit: int


class TextArrays(NamedTuple):
    """What is kept of texts beside themselves, for each: signs by column, the others by row."""

    signs: Array
    values: Array
    kinds: Array
    nearness: Array

    def take(self, positions: Array) -> TextArrays:
        """Return what is kept of the texts at these positions."""
        return TextArrays(
            self.signs[:, positions], self.values[positions], self.kinds[positions], self.nearness[positions]
        )

    @classmethod
    def joined(cls, parts: Sequence[TextArrays]) -> TextArrays:
        """Return what is kept of the texts of several parts, one part behind the other."""
        signs, *others = zip(*parts, strict=True)
        return cls(np.concatenate(signs, axis=1), *map(np.concatenate, others))


def arrays_of(vectors: Vectors) -> TextArrays:
    """Return what is kept of texts with these vectors."""
    scale = LARGEST / np.maximum(np.abs(vectors).max(axis=1, keepdims=True), 1e-6)
    table = kind_table()
    kinds = np.full(
        (len(vectors), KINDS_OF_TEXT), len(table.ends), np.uint16
    )  # a number that stands for none
    nearness = np.zeros((len(vectors), KINDS_OF_TEXT), np.uint8)
    for row, near in enumerate(table.near(vectors)):
        kinds[row, : len(near)] = [kind.number for kind in near]
        nearness[row, : len(near)] = [round(kind.nearness * NEARNESS_STEPS) for kind in near]
    return TextArrays(signs_of(vectors), np.rint(vectors * scale).astype(np.int8), kinds, nearness)


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
            self.kinds = self._file["kinds"].reshape(-1, KINDS_OF_TEXT)
            self.nearness = self._file["nearness"].reshape(-1, KINDS_OF_TEXT)
            self.starts, self._text = self._file["starts"], self._file["text"]
        except KeyError as problem:
            raise ValueError(f"{path.name} has no {problem}") from problem

    def __len__(self) -> int:
        return len(self.hashes)

    @property
    def arrays(self) -> TextArrays:
        """What is kept of all texts."""
        return TextArrays(self.signs, self.values, self.kinds, self.nearness)

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

    def near(self, vector: Vectors, floor: float, limit: int) -> list[tuple[str, float]]:
        """Return the texts whose vectors are at least so similar (cosine), the most similar first, at most `limit`."""
        files = self._present_files()
        if not files:
            return []
        chosen = _nearest(_all_distances(files, vector))
        return _most_similar(files, chosen, vector, floor)[:limit]

    def near_of_kinds(self, vectors: Vectors, wanted: NDArray[np.bool_], least: OfKinds) -> dict[str, float]:
        """Return text → how similar it is to one of the vectors, for texts of these kinds that are similar enough.

        `wanted`: for each number of a kind, whether it is one; `least`: what makes a text one of them.
        """
        files = self._present_files()
        if not files or not wanted.any():
            return {}
        step = int(least.nearness * NEARNESS_STEPS)
        of_kind = [(wanted[file.kinds] & (file.nearness >= step)).any(axis=1) for file in files]
        places = np.flatnonzero(np.concatenate(of_kind))
        found: dict[str, float] = {}
        for vector in vectors:
            chosen = places
            if len(places) > CANDIDATES:
                chosen = places[_nearest(_all_distances(files, vector)[places])]
            for text, similarity in _most_similar(files, chosen, vector, least.similarity)[: least.limit]:
                found[text] = max(similarity, found.get(text, 0.0))
        return found

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


def _all_distances(files: Sequence[VectorFile], vector: Vectors) -> NDArray[np.uint16]:
    """Return in how many signs each text of all files differs from a vector."""
    signs = signs_of(vector)[:, 0]
    return np.concatenate([_sign_distances(each, signs) for each in files])


def _most_similar(
    files: Sequence[VectorFile], chosen: NDArray[np.int64], vector: Vectors, floor: float
) -> list[tuple[str, float]]:
    """Return those of the texts at these places, counted over all files, that are so similar, the most similar first."""
    bounds = np.cumsum([0, *map(len, files)])
    found: dict[str, float] = {}
    for file, first, end in zip(files, bounds, bounds[1:], strict=False):
        positions = chosen[(chosen >= first) & (chosen < end)] - first
        values = file.rows[positions].astype(np.float32)
        lengths = np.sqrt(np.einsum("ij,ij->i", values, values))
        similarities = values @ vector / np.maximum(lengths, 1e-6)
        for index in np.flatnonzero(similarities >= floor):
            found[file.text(int(positions[index]))] = float(similarities[index])
    return sorted(found.items(), key=lambda pair: (-pair[1], pair[0]))


def _sign_distances(file: VectorFile, signs: NDArray[np.uint64]) -> NDArray[np.uint16]:
    """Return in how many signs each text of a file differs."""
    distances = np.zeros(len(file), np.uint16)
    for word, sign in zip(file.signs, signs, strict=True):
        for first in range(0, len(file), BLOCK):  # as much as the processor's own memory takes
            distances[first : first + BLOCK] += np.bitwise_count(word[first : first + BLOCK] ^ sign)
    return distances


def _nearest(distances: NDArray[np.uint16]) -> NDArray[np.int64]:
    """Return the positions of the least distances, ascending: at least `CANDIDATES`, as far as there are so many."""
    if len(distances) <= CANDIDATES:
        return np.arange(len(distances))
    reached = np.cumsum(np.bincount(distances, minlength=DIMENSIONS + 1))
    return np.flatnonzero(distances <= np.searchsorted(reached, CANDIDATES))[: 4 * CANDIDATES]
