"""Long lists in batches: a statement takes a limited number of parameters, and a transaction a limited time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

from registry.observing.signs_of_life import give_sign

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield `items` in order, in slices of `size`; the last one may be shorter. Each is a sign that the work goes on."""
    for start in range(0, len(items), size):
        give_sign()
        yield items[start : start + size]
