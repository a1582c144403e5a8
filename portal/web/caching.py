"""Finished pages in memory: a least-recently-used cache bounded in bytes."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Hashable

from cachetools import LRUCache

from portal.web.responses import Page
from registry.observing.metrics import CacheCounter

CacheItem = tuple[
    Page, float
]  # the page, and until when it may be served (monotonic seconds; 0: as long as it is kept)


def item_size(item: CacheItem) -> int:
    """Return the bytes that a cached page takes."""
    return item[0].size


class PageCache:
    """Pages by key. A key must name everything the page depends on, or the page gets a time to live.

    A page that would take more than an eighth of the cache is not kept.
    """

    def __init__(self, megabytes: int) -> None:
        self._items: LRUCache[Hashable, CacheItem] = LRUCache(megabytes * 1_000_000, item_size)
        self._lock = threading.Lock()
        self._counter = CacheCounter("pages")

    def get(self, key: Hashable) -> Page | None:
        """Return the page under this key, None if it is not there or its time is over."""
        with self._lock:
            page = self._get(key)
        self._counter.count(hit=page is not None)
        return page

    def _get(self, key: Hashable) -> Page | None:
        item = self._items.get(key)
        if item is None:
            return None
        page, expires_at = item
        if expires_at and expires_at < time.monotonic():
            del self._items[key]
            return None
        return page

    def put(self, key: Hashable, page: Page, seconds: float = 0.0) -> None:
        """Store a page in place of an earlier one under this key, for `seconds` or, if these are 0, without an end."""
        if page.size > self._items.maxsize // 8:
            return
        with self._lock:
            self._items[key] = (page, time.monotonic() + seconds if seconds else 0.0)

    def get_or_make(self, key: Hashable, make: Callable[[], Page], seconds: float = 0.0) -> Page:
        """Return the page under this key, or store and return what `make` returns. Two threads may make it in parallel."""
        page = self.get(key)
        if page is None:
            page = make()
            self.put(key, page, seconds)
        return page

    @property
    def size(self) -> int:
        """The bytes held."""
        return int(self._items.currsize)

    def __len__(self) -> int:
        return len(self._items)
