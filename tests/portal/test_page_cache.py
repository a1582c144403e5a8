"""The page cache: bounded in bytes, least recently used pages go first, pages may have a time to live."""

from __future__ import annotations

import pytest

from portal.web.caching import PageCache
from portal.web.responses import Page

pytestmark = pytest.mark.once
EIGHTH = 1_000_000 // 8


def page_of_size(size: int) -> Page:
    """A page that takes this many bytes of a cache."""
    body = size * 4 // 5 - 800
    page = Page(bytes(body))
    while page.size < size:
        body += 1
        page = Page(bytes(body))
    assert page.size == size
    return page


def test_the_least_recently_used_page_is_dropped() -> None:
    cache = PageCache(1)
    pages = {n: Page(bytes(90_000)) for n in range(12)}
    for n, page in pages.items():
        cache.put(n, page)
        cache.get(0)
        assert cache.size <= 1_000_000
    assert cache.get(0) is pages[0]
    assert cache.get(1) is None
    assert cache.get(11) is pages[11]


def test_a_replaced_page_is_counted_once() -> None:
    cache = PageCache(1)
    for _time in range(100):
        cache.put("key", Page(bytes(50_000)))
    assert (cache.size, len(cache)) == (Page(bytes(50_000)).size, 1)
    smaller = Page(b"x")
    cache.put("key", smaller)
    assert cache.size == smaller.size
    assert cache.get("key") is smaller


def test_a_page_may_take_an_eighth_of_the_cache() -> None:
    cache = PageCache(1)
    cache.put("just", page_of_size(EIGHTH))
    cache.put("more", page_of_size(EIGHTH + 1))
    assert cache.get("just") is not None
    assert cache.get("more") is None


def test_an_expired_page_is_dropped() -> None:
    cache = PageCache(1)
    cache.put("brief", Page(b"x"), seconds=-1)
    assert cache.get("brief") is None
    assert cache.size == 0
    cache.put("lasting", Page(b"x"), seconds=60)
    assert cache.get("lasting") is not None


def test_a_cache_without_room_makes_every_page() -> None:
    assert PageCache(0).get_or_make("any", lambda: Page(b"made")).body == b"made"
    assert len(PageCache(0)) == 0
