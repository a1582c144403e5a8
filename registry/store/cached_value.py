"""Values that are costly to compute: one that may be a little old, many that are kept by key, the latest of several."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable
from typing import Generic, TypeVar

from cachetools import LRUCache

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
