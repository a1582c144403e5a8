"""A cache bounded by bytes, safe between threads."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Hashable
from typing import Any

from cachetools import LRUCache


def _size_of(entry: tuple[Any, int]) -> int:
    return entry[1]


class SizedCache:
    """Keeps the entries that were used last, as long as their sizes add up to at most `max_bytes`."""

    def __init__(self, max_bytes: int) -> None:
        self._entries: LRUCache[Hashable, tuple[Any, int]] = LRUCache(max_bytes, _size_of)
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Any:
        """Return the value, or None."""
        with self._lock:
            try:  # half the look-ups of get(), for entries that are there
                return self._entries[key][0]
            except KeyError:
                return None

    def put(self, key: Hashable, value: Any, size: int) -> None:
        """Keep a value of so many bytes; one that is larger than the whole cache is not kept."""
        with self._lock, contextlib.suppress(ValueError):  # raised for what is larger than the cache
            if key not in self._entries:
                self._entries[key] = (value, size)
