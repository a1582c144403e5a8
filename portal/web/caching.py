"""Finished pages in memory: least recently used go first, bounded in bytes."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable

from portal.web.responses import Page


class PageCache:
    """Pages by key. A key must name everything the page depends on, or the page a time to live."""

    def __init__(self, megabytes: int) -> None:
        self._limit = megabytes * 1_000_000
        self._size = 0
        self._kept: OrderedDict[Hashable, tuple[Page, float]] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Page | None:
        with self._lock:
            found = self._kept.get(key)
            if found is None:
                return None
            page, until = found
            if until and until < time.monotonic():
                del self._kept[key]
                self._size -= page.size
                return None
            self._kept.move_to_end(key)
            return page

    def put(self, key: Hashable, page: Page, seconds: float = 0.0) -> None:
        """Keep a page, for ever or for `seconds`."""
        if page.size > self._limit // 8:
            return
        with self._lock:
            before = self._kept.pop(key, None)
            if before is not None:
                self._size -= before[0].size
            self._kept[key] = (page, time.monotonic() + seconds if seconds else 0.0)
            self._size += page.size
            while self._size > self._limit:
                _key, (oldest, _until) = self._kept.popitem(last=False)
                self._size -= oldest.size

    def get_or_make(self, key: Hashable, make: Callable[[], Page], seconds: float = 0.0) -> Page:
        """The page kept under this key, else the one that `make` makes. Two threads may make it at once."""
        page = self.get(key)
        if page is None:
            page = make()
            self.put(key, page, seconds)
        return page

    @property
    def size(self) -> int:
        """Bytes held."""
        return self._size

    def __len__(self) -> int:
        return len(self._kept)
