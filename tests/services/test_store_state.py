"""Named values of a store, flags, and cached values."""

from __future__ import annotations

import threading
import time

import pytest

from registry.services.bootstrap import Registry
from registry.store.cached_value import CachedValue
from registry.store.state import FLAG_SET, StateFlag, read_state, write_state
from registry.store.unit_of_work import read_transaction, unit_of_work


def test_a_value_is_written_and_replaced(registry: Registry) -> None:
    with read_transaction(registry.engine) as connection:
        assert read_state(connection, "colour") is None
    for value in ("red", "red", "blue"):
        with unit_of_work(registry.engine) as connection:
            write_state(connection, "colour", value)
        with read_transaction(registry.engine) as connection:
            assert read_state(connection, "colour") == value


def test_a_flag_is_looked_up_again_only_until_it_is_set(
    registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    flag = StateFlag(registry.engine, "raised")
    assert not flag.is_set()
    with unit_of_work(registry.engine) as connection:
        write_state(connection, "raised", FLAG_SET)
    now = 102.0
    assert not flag.is_set()  # looked up two seconds ago at most
    now = 102.1
    assert flag.is_set()
    with unit_of_work(registry.engine) as connection:
        write_state(connection, "raised", "")
    now = 1000.0
    assert flag.is_set()
    assert flag.last_known


def test_a_cached_value_is_computed_again_when_it_is_too_old(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    computed = iter((1, 2))
    cached: CachedValue[int] = CachedValue(max_age=2.0)
    assert cached.get(lambda: next(computed)) == 1
    now = 101.9
    assert cached.get(lambda: next(computed)) == 1
    now = 102.0
    assert cached.get(lambda: next(computed)) == 2


def test_a_costly_value_is_kept_longer(monkeypatch: pytest.MonkeyPatch) -> None:
    now = 100.0
    monkeypatch.setattr(time, "monotonic", lambda: now)
    computed = iter((1, 2))

    def count() -> int:
        nonlocal now
        now += 3.0
        return next(computed)

    cached: CachedValue[int] = CachedValue(max_age=2.0, times_cost=20.0)
    assert cached.get(count) == 1
    now = 162.9  # twenty times the three seconds that it took
    assert cached.get(count) == 1
    now = 163.0
    assert cached.get(count) == 2


def test_an_old_value_is_given_while_another_thread_computes() -> None:
    cached: CachedValue[int] = CachedValue(max_age=0.0)
    assert cached.get(lambda: 1) == 1
    begun, may_end = threading.Event(), threading.Event()
    given: list[int] = []

    def slow() -> int:
        begun.set()
        assert may_end.wait(30)
        return 2

    other = threading.Thread(target=lambda: given.append(cached.get(slow)))
    other.start()
    try:
        assert begun.wait(30)
        assert cached.get(lambda: 3) == 1
    finally:
        may_end.set()
        other.join()
    assert given == [2]
    assert cached.get(lambda: 4) == 4
