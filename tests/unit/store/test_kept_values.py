"""Values that are kept by key: many, the oldest forgotten, or the latest only."""

from __future__ import annotations

import threading

import pytest

from registry.store.cached_value import KeptValues, LatestValue

pytestmark = pytest.mark.once


def test_a_value_is_made_once_until_others_push_it_out() -> None:
    kept = KeptValues[str](2)
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    for key in ("a", "a", "b", "c", "a"):
        assert kept.get_or_make(key, lambda key=key: make(key)) == key  # type: ignore[misc]
    assert made == ["a", "b", "c", "a"]


def test_a_slow_value_does_not_keep_others_waiting() -> None:
    kept = KeptValues[str](2)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(10)
        return "slow"

    thread = threading.Thread(target=lambda: kept.get_or_make("slow", slow))
    thread.start()
    assert begun.wait(10)
    assert kept.get_or_make("other", lambda: "other") == "other"
    go_on.set()
    thread.join()
    assert kept.get_or_make("slow", lambda: "again") == "slow"


def test_the_latest_value_is_made_from_the_one_before() -> None:
    latest = LatestValue[str]()
    assert latest.get_or_make(1, lambda before: f"{before}a") == "Nonea"
    assert latest.get_or_make(1, lambda before: f"{before}b") == "Nonea"
    assert latest.get_or_make(2, lambda before: f"{before}b") == "Noneab"


def test_a_value_that_could_not_be_made_leaves_the_way_free() -> None:
    latest = LatestValue[str]()

    def broken(_before: str | None) -> str:
        raise KeyError

    with pytest.raises(KeyError):
        latest.get_or_make("a", broken)
    assert latest.get_or_make("a", lambda _before: "a") == "a"
