"""Values that are kept by key: made once, one at a time, the oldest forgotten."""

from __future__ import annotations

import threading

import pytest

from registry.store.cached_value import KeptValues

pytestmark = pytest.mark.once


def test_a_value_is_made_once_until_others_push_it_out() -> None:
    kept = KeptValues[str](2)
    made: list[str] = []

    def make(key: str) -> str:
        made.append(key)
        return key

    for key in ("a", "a", "b", "c", "a"):
        assert kept.get_or_make(key, lambda key=key: make(key), 1) == key  # type: ignore[misc]
    assert made == ["a", "b", "c", "a"]


def test_values_are_made_one_at_a_time_and_waiting_has_an_end() -> None:
    kept = KeptValues[str](2)
    begun, go_on = threading.Event(), threading.Event()

    def slow() -> str:
        begun.set()
        go_on.wait(10)
        return "slow"

    thread = threading.Thread(target=lambda: kept.get_or_make("slow", slow, 1))
    thread.start()
    assert begun.wait(10)
    with pytest.raises(TimeoutError):
        kept.get_or_make("other", lambda: "other", 0.01)
    go_on.set()
    thread.join()
    assert kept.get_or_make("slow", lambda: "again", 1) == "slow"


def test_a_value_that_could_not_be_made_leaves_the_way_free() -> None:
    kept = KeptValues[str](2)

    def broken() -> str:
        raise KeyError

    with pytest.raises(KeyError):
        kept.get_or_make("a", broken, 1)
    assert kept.get_or_make("a", lambda: "a", 1) == "a"
