"""Texts that are nearly the same: signatures from which likeness is estimated without keeping the texts themselves.

A text is cut into runs of `RUN` characters; MinHash keeps, of `SIZE` different orders of these runs, the first of each. Of two
texts as many of these values agree as they have runs in common (Jaccard). Texts that share a band of values are compared
with each other; no text is compared with all.
"""

from __future__ import annotations

import hashlib
from array import array
from collections.abc import Iterator

from registry.late_imports import rensa
from registry.reference.text.folding import fold_name

RUN = 5  # characters: about two words; shorter runs are shared by all texts of a trade
LEAST_RUNS = 40  # different ones; a shorter text says too little to be copied
MOST_CHARACTERS = 400_000  # of a text that are read
SIZE, SEED = 128, 20_261_130
BANDS, ROWS = (
    24,
    5,
)  # two texts of likeness 0.8 meet with probability 0.9999, of 0.5 with 0.53, of 0.3 with 0.06
# Of 128 values so many agree where four fifths of the runs are common; the estimate is within 0.07 in 19 of 20 cases.
# Own standards of one trade that were written apart from each other stay far below it, a copy with other names far above.
ALIKE = 103
FACTS, TEXT = "facts", "text"  # what is compared: the facts of the document, the file of the full text


def signature_of(text: str) -> bytes:
    """The signature of a text, `SIZE` values of four bytes; empty for one that is too short."""
    folded = fold_name(text[:MOST_CHARACTERS])
    runs = {folded[start : start + RUN] for start in range(len(folded) - RUN + 1)}
    if len(runs) < LEAST_RUNS:
        return b""
    sketch = rensa.RMinHash(num_perm=SIZE, seed=SEED)
    sketch.update(sorted(runs))
    return array("I", sketch.digest()).tobytes()


def algorithm() -> str:
    """What signatures that can be compared with each other have in common."""
    return f"{rensa.RMinHash.ALGORITHM_VERSION} {SIZE} {SEED} {RUN} {BANDS}x{ROWS} {ALIKE}"


def bands_of(signature: bytes) -> Iterator[tuple[int, int]]:
    """Yield each band of a signature with a number of 63 bits for its values."""
    width = 4 * ROWS
    for band in range(BANDS):
        values = signature[band * width : (band + 1) * width]
        yield band, int.from_bytes(hashlib.blake2b(values, digest_size=8).digest()) >> 1


def common_values(one: bytes, other: bytes) -> int:
    """How many of the values of two signatures agree, 0 to `SIZE`."""
    first, second = array("I", one), array("I", other)
    return sum(map(int.__eq__, first, second))


def are_alike(common: int) -> bool:
    """True for texts that are nearly the same, by how many values agree."""
    return common >= ALIKE
