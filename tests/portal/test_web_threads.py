"""The threads of a web process: costly requests and requests that write leave some for all others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.server import threads
from portal.server.accept_balance import FREE, AcceptBalance
from portal.server.threads import Job, Threads, kind_of

pytestmark = pytest.mark.once
SECONDS = 20  # until a test gives up


@contextmanager
def held(pool: Threads, kind: bytes, count: int, *, writes: bool) -> Iterator[list[threading.Event]]:
    """As many jobs that last until the end; yields an event for each, set when it has begun."""
    begun = [threading.Event() for _ in range(count)]
    end = threading.Event()

    def run(event: threading.Event) -> None:
        event.set()
        end.wait(SECONDS)

    for event in begun:
        pool.submit(Job(lambda event=event: run(event), kind, writes))  # type: ignore[misc]
    yield begun
    end.set()
    for event in begun:
        assert event.wait(SECONDS)


def done(pool: Threads, kind: bytes) -> bool:
    """Whether a reading job is done soon."""
    event = threading.Event()
    pool.submit(Job(event.set, kind, False))
    return event.wait(SECONDS)


@pytest.mark.parametrize("writes", [True, False])
def test_jobs_that_write_and_costly_ones_leave_threads_for_others(
    writes: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(threads, "COSTLY_SECONDS", 0.0)
    pool = Threads(4)
    costly = b"GET/slow"
    if not writes:
        assert done(pool, costly)  # learned
    monkeypatch.setattr(threads, "COSTLY_SECONDS", 5.0)
    assert done(pool, b"GET/quick")
    monkeypatch.setattr(threads, "COSTLY_SECONDS", 0.0 if not writes else 5.0)
    with held(pool, costly, 6, writes=writes) as begun:
        assert begun[0].wait(SECONDS)
        assert begun[1].wait(SECONDS)
        monkeypatch.setattr(threads, "COSTLY_SECONDS", 5.0)
        assert done(pool, b"GET/quick")
        assert [event.is_set() for event in begun] == [True, True, False, False, False, False]


def test_one_thread_is_left_whatever_the_others_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(threads, "COSTLY_SECONDS", 5.0)
    pool = Threads(4)
    assert done(pool, b"GET/quick")
    with held(pool, b"POST/x", 4, writes=True) as writers, held(pool, b"GET/new", 4, writes=False) as unknown:
        assert writers[0].wait(SECONDS)
        assert unknown[0].wait(SECONDS)
        assert done(pool, b"GET/quick")
        assert sum(event.is_set() for event in (*writers, *unknown)) <= 3


@pytest.mark.parametrize(
    ("line", "kind"),
    [
        (b"GET / HTTP/1.1", b"GET/"),
        (b"GET /zh/brands/TB-2019-00001-N?x=/y HTTP/1.1", b"GET/zh/brands/*"),
        (b"GET /api/v1/registers/brands/records?limit=1 HTTP/1.1", b"GET/api/v1/registers/brands/records"),
        (b"GET /texts/0123456789abcdef HTTP/1.1", b"GET/texts/*"),
        (b"POST /%E4%B8%AD/a/b/c/d/e/f HTTP/1.1", b"POST/*/a/b/c/d"),
        (b"nonsense", b"nonsense"),
    ],
)
def test_requests_are_told_apart_by_method_and_path(line: bytes, kind: bytes) -> None:
    assert kind_of(line) == kind


def test_a_process_with_more_connections_leaves_the_next_to_another() -> None:
    balance = AcceptBalance()
    one, two = balance.claim(), balance.claim()
    assert (one, two) == (0, 1)
    for here, there, leaves in ((1, 1, False), (2, 1, False), (3, 1, True), (1, 3, False)):
        balance.tell(one, here)
        balance.tell(two, there)
        assert balance.has_more_than_others(one) is leaves
    balance.tell(one, 9)
    balance.release(two)
    assert not balance.has_more_than_others(one)
    assert balance.claim() == two


def test_a_process_without_a_place_takes_what_comes() -> None:
    balance = AcceptBalance()
    while balance.claim() is not None:
        pass
    balance.tell(None, 3)
    balance.release(None)
    assert not balance.has_more_than_others(None)
    assert FREE < 0
