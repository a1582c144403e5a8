"""Values that are costly to compute: one that may be a little old, many that are kept by key, the latest of several."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

Value = TypeVar("Value")


class CachedValue(Generic[Value]):
    """Keeps a value for `max_age` seconds, or `times_cost` times as long as it took to make, whichever is longer.

    While one thread makes it again, others get the old one.
    """

    def __init__(self, max_age: float, times_cost: float = 0.0) -> None:
        self._max_age = max_age
        self._times_cost = times_cost
        self._computed: tuple[float, Value] | None = None  # until when it is kept
        self._computing = threading.Lock()

    def get(self, compute: Callable[[], Value]) -> Value:
        """The value that is kept, or the one that `compute` gives now."""
        computed = self._computed
        if computed is not None and time.monotonic() < computed[0]:
            return computed[1]
        is_first = self._computing.acquire(blocking=False)
        if not is_first and computed is not None:
            return computed[1]
        try:
            begun = time.monotonic()
            value = compute()
            ended = time.monotonic()
            self._computed = (ended + max(self._max_age, (ended - begun) * self._times_cost), value)
        finally:
            if is_first:
                self._computing.release()
        return value


class KeptValues(Generic[Value]):
    """Keeps the values that were asked for last, by a key that names all they depend on.

    Threads that ask for the same one at the same moment each make it.
    """

    def __init__(self, most: int) -> None:
        self._values: LRUCache[Hashable, Value] = LRUCache(most)
        self._lock = threading.Lock()

    def get_or_make(self, key: Hashable, make: Callable[[], Value]) -> Value:
        """The value under this key, or the one that `make` gives now."""
        with self._lock:
            kept = self._values.get(key)
        if kept is None:
            kept = make()
            with self._lock:
                self._values[key] = kept
        return kept


class LatestValue(Generic[Value]):
    """Keeps the last value, with a key that names all it depends on. One is made at a time."""

    def __init__(self) -> None:
        self._kept: tuple[Hashable, Value] | None = None
        self._making = threading.Lock()

    def get_or_make(self, key: Hashable, make: Callable[[Value | None], Value]) -> Value:
        """The value under this key, or the one that `make` gives now; it is given the value of another key, if there is one."""
        kept = self._kept
        if kept is not None and kept[0] == key:
            return kept[1]
        with self._making:
            kept = self._kept  # made by another thread meanwhile
            if kept is None or kept[0] != key:
                kept = self._kept = (key, make(kept[1] if kept else None))
            return kept[1]
