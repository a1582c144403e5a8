"""The draw: which records and inspectors a seed chooses. Pure functions; `recompute_draw.py` does the same for everybody.

Records are put in the order of SHA-256 over seed and number, and the first are taken: the order follows from the seed alone, and
a change of the population or of the seed changes it. The seed is hashed from what is fixed when the check is announced and
from two values of a later day (compare RFC 3797, which hashes public figures in the same way).
"""

from __future__ import annotations

import hashlib
import math
import re
import unicodedata
from collections.abc import Collection, Iterable
from decimal import Decimal

ALGORITHM = "sha256-order-1"
MAX_FIGURES = 20  # numbers that a public figure may have
GROUPED = re.compile(r"\d{1,3}(?:,\d{3})+(?:\.\d+)?")  # 3,245.67
PLAIN = re.compile(r"\d{1,15}(?:\.\d{1,6})?")
PERCENT = Decimal(100)


class NotAFigure(ValueError):
    """A text that is no list of numbers."""


def digest(*parts: str) -> str:
    """Return the SHA-256 of these texts, a line each, in hexadecimal."""
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()


def population_hash(numbers: Iterable[str]) -> str:
    """Return the hash of a population: of its numbers in their order, one a line."""
    return digest(*numbers)


def canonical_figure(text: str) -> str:
    """Return a public figure in its one spelling: its numbers in rising order, without leading and trailing zeros.

    Numbers are separated by blanks; full width, commas between thousands and zeros make no difference, so that there is no
    choice among spellings. Raises `NotAFigure`.
    """
    numbers = []
    for part in unicodedata.normalize("NFKC", text).split():
        written = part.replace(",", "") if GROUPED.fullmatch(part) else part
        if not PLAIN.fullmatch(written):
            raise NotAFigure(part)
        numbers.append(Decimal(written))
    if not 1 <= len(numbers) <= MAX_FIGURES:
        raise NotAFigure(text)
    return " ".join(f"{number.normalize():f}" for number in sorted(numbers))


def seed_of(number: str, population: str, figure: str, checkpoint: str) -> str:
    """Return the seed: over the number of the check, the hash of the population, the canonical figure and the hash of the checkpoint."""
    return digest(number, population, figure, checkpoint)


def sample_size(population: int, size: int = 0, share: Decimal | None = None) -> int:
    """Return how many records are drawn: a number, or a percentage rounded up; never more than there are."""
    wanted = math.ceil(population * share / PERCENT) if share is not None else size
    return min(population, wanted)


def draw_sample(seed: str, numbers: Iterable[str], size: int) -> list[str]:
    """Return the first `size` numbers in the order of the seed; all of them where there are fewer."""
    return sorted(numbers, key=lambda number: (digest(seed, number), number))[:size]


def draw_inspectors(
    seed: str, number: str, labels: Iterable[str], *, excluded: Collection[str], count: int
) -> list[str]:
    """Return the first `count` inspectors in the order of the seed for a record, without those excluded from it."""
    free = (label for label in labels if label not in excluded)
    return sorted(free, key=lambda label: (digest(seed, number, label), label))[:count]
