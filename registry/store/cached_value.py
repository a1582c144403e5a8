"""A value that is costly to compute and may be a little old."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Generic, TypeVar

Value = TypeVar("Value")


class CachedValue(Generic[Value]):
    """Keeps a value for `max_age` seconds. Threads that find it too old at the same moment each compute it."""

    def __init__(self, max_age: float) -> None:
        self._max_age = max_age
        self._computed: tuple[float, Value] | None = None

    def get(self, compute: Callable[[], Value]) -> Value:
        """The value of the last `max_age` seconds, or the one that `compute` gives now."""
        computed = self._computed
        if computed is not None and time.monotonic() - computed[0] < self._max_age:
            return computed[1]
        value = compute()
        self._computed = (time.monotonic(), value)
        return value
