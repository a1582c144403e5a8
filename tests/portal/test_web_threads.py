"""The threads of a web process: costly requests and requests that write leave some for all others."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from portal.server import threads
from portal.server.accept_balance import FREE, LEAVING, AcceptBalance
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


def test_jobs_that_write_leave_half_of_the_threads() -> None:
    pool = Threads(4)
    assert done(pool, b"GET/quick")
    with held(pool, b"POST/x", 6, writes=True) as begun:
        assert begun[0].wait(SECONDS)
        assert begun[1].wait(SECONDS)
        assert done(pool, b"GET/quick")
        assert [event.is_set() for event in begun] == [True, True, False, False, False, False]


def test_a_costly_kind_leaves_threads_to_other_costly_kinds_and_these_to_all_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(threads, "COSTLY_SECONDS", 5.0)
    pool = Threads(8)
    assert done(pool, b"GET/quick")
    with (
        held(pool, b"GET/sitemap", 6, writes=False) as one,
        held(pool, b"GET/export", 6, writes=False) as two,
    ):
        for event in (*one[:2], *two[:2]):
            assert event.wait(SECONDS)
        assert done(pool, b"GET/quick")
        assert (
            [event.is_set() for event in one] == [event.is_set() for event in two] == [True] * 2 + [False] * 4
        )


def test_while_one_writes_three_eighths_of_the_threads_are_for_quick_jobs() -> None:
    pool = Threads(8)
    assert done(pool, b"GET/quick")
    with held(pool, b"GET/quick", 4, writes=False) as readers:
        for event in readers:
            assert event.wait(SECONDS)
    with held(pool, b"POST/x", 1, writes=True) as writers:
        assert writers[0].wait(SECONDS)
        with held(pool, b"GET/quick", 4, writes=False) as readers:
            for event in readers[:3]:
                assert event.wait(SECONDS)
            assert not readers[3].is_set()


def test_a_kind_that_turns_out_to_be_quick_waits_no_longer() -> None:
    pool = Threads(4)
    begun = [threading.Event() for _ in range(20)]
    for event in begun:
        pool.submit(Job(event.set, b"GET/new", False))
    for event in begun:
        assert event.wait(SECONDS)


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


def test_a_process_that_ends_is_left_no_connection() -> None:
    balance = AcceptBalance()
    one, two = balance.claim(), balance.claim()
    balance.tell(one, 9)
    balance.tell(two, LEAVING)
    assert not balance.has_more_than_others(one)
