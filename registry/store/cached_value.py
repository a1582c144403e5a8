"""Values that are costly to compute: one that may be a little old, and many that are kept by key."""

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
    """Keeps the values that were asked for last, by a key that names all they depend on. One is made at a time."""

    def __init__(self, most: int) -> None:
        self._values: LRUCache[Hashable, Value] = LRUCache(most)
        self._lock = threading.Lock()
        self._making = threading.Lock()

    def get_or_make(self, key: Hashable, make: Callable[[], Value], patience: float) -> Value:
        """The value under this key, or the one that `make` gives now.

        Raises `TimeoutError` where other values are still being made after `patience` seconds.
        """
        kept = self._get(key)
        if kept is not None:
            return kept
        if not self._making.acquire(timeout=patience):
            raise TimeoutError
        try:
            kept = self._get(key)  # made by another thread meanwhile
            if kept is None:
                kept = make()
                with self._lock:
                    self._values[key] = kept
            return kept
        finally:
            self._making.release()

    def _get(self, key: Hashable) -> Value | None:
        with self._lock:
            return self._values.get(key)
