"""Long lists in batches: a statement takes a limited number of parameters, and a transaction a limited time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

Item = TypeVar("Item")


def batches(items: Sequence[Item], size: int) -> Iterator[Sequence[Item]]:
    """Yield `items` in order, in slices of `size`; the last one may be shorter."""
    for start in range(0, len(items), size):
        yield items[start : start + size]
