"""What processes count while they work. Every name stands in docs/operations/monitoring.md; a test compares.

Labels take few values: patterns of addresses, never addresses; classes of status; names that the code gives.
"""

from __future__ import annotations

import contextlib
import functools
import math
from collections import Counter as Counted
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import NamedTuple

from prometheus_client import CollectorRegistry, Counter, Histogram, Metric, generate_latest
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from registry.observing.shared_files import shared_directory
from registry.observing.work import Work

SECONDS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
SECONDS_NAME = "pinzheng_http_request_seconds"
METHODS = frozenset({"GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS", "PATCH"})
COUNTED = CollectorRegistry()  # of this process alone

REQUESTS = Counter(
    "pinzheng_http_requests",
    "Requests answered, by pattern of the address, method and class of status.",
    ("path", "method", "status"),
    registry=COUNTED,
)
REQUEST_SECONDS = Histogram(
    SECONDS_NAME,
    "Time until an answer was made, without sending it.",
    ("path",),
    buckets=SECONDS,
    registry=COUNTED,
)
DATABASE_SECONDS = Counter(
    "pinzheng_http_database_seconds",
    "Time of requests in statements of the database.",
    ("path",),
    registry=COUNTED,
)
STATEMENTS = Counter(
    "pinzheng_http_database_statements",
    "Statements of the database in requests.",
    ("path",),
    registry=COUNTED,
)
INDEX_SECONDS = Counter(
    "pinzheng_http_index_seconds",
    "Time of requests in the search index.",
    ("path",),
    registry=COUNTED,
)
ERRORS = Counter(
    "pinzheng_errors",
    "Errors of the program, by kind, those told in the log or not.",
    ("kind",),
    registry=COUNTED,
)
CACHE_LOOKUPS = Counter(
    "pinzheng_cache_lookups",
    "Look-ups in caches, by cache and outcome (hit, miss).",
    ("cache", "outcome"),
    registry=COUNTED,
)
CHILD_STARTS = Counter(
    "pinzheng_child_restarts",
    "Processes that were started again after they had died or hung.",
    ("child",),
    registry=COUNTED,
)
SERVER_REFUSALS = Counter(
    "pinzheng_server_refusals",
    "Requests that the web server refused before the application saw them, by status.",
    ("status",),
    registry=COUNTED,
)
CSP_REPORTS = Counter(
    "pinzheng_csp_reports",
    "Reports of browsers on the content security policy, by directive.",
    ("directive",),
    registry=COUNTED,
)


class _OfRoute(NamedTuple):
    """The numbers of one pattern, method and class of status."""

    requests: Counter
    seconds: Histogram
    database_seconds: Counter
    statements: Counter
    index_seconds: Counter


@functools.lru_cache(maxsize=2000)
def _numbers_of(path: str, method: str, status: str) -> _OfRoute:
    return _OfRoute(
        REQUESTS.labels(path, method, status),
        REQUEST_SECONDS.labels(path),
        DATABASE_SECONDS.labels(path),
        STATEMENTS.labels(path),
        INDEX_SECONDS.labels(path),
    )


def count_request(work: Work, method: str, status: int, seconds: float) -> None:
    """Count an answered request."""
    method = method if method in METHODS else "other"
    numbers = _numbers_of(work.path, method, f"{status // 100}xx")
    numbers.requests.inc()
    numbers.seconds.observe(seconds)
    if work.statements:
        numbers.database_seconds.inc(work.database_seconds)
        numbers.statements.inc(work.statements)
    if work.index_seconds:
        numbers.index_seconds.inc(work.index_seconds)


def count_refusal(status: int) -> None:
    """Count a request that the web server refused. Where no descriptor is free for its first number, it is not counted."""
    with contextlib.suppress(OSError):
        SERVER_REFUSALS.labels(str(status)).inc()


class CacheCounter:
    """The look-ups of one cache."""

    def __init__(self, cache: str) -> None:
        self._hits = CACHE_LOOKUPS.labels(cache, "hit")
        self._misses = CACHE_LOOKUPS.labels(cache, "miss")

    def count(self, *, hit: bool) -> None:
        """Count a look-up."""
        (self._hits if hit else self._misses).inc()


def collect_counted() -> list[Metric]:
    """Return what all processes of this machine have counted, or this process where it counts alone."""
    directory = shared_directory()
    source: Collector = (
        MultiProcessCollector(None, str(directory))  # type: ignore[no-untyped-call]
        if directory and directory.is_dir()
        else COUNTED
    )
    return list(source.collect())


class Durations(NamedTuple):
    """How long answers took: `p95`, in seconds, is the bound that 95 of 100 kept, None where that is over the last one."""

    number: int
    p95: float | None


def read_durations(kind_of: Callable[[str], str]) -> dict[str, Durations]:
    """Return how long answers took since the start, by what `kind_of` says of a pattern; "" leaves it out."""
    buckets: dict[str, Counted[float]] = {}
    for metric in collect_counted():
        if metric.name != SECONDS_NAME:
            continue
        for sample in metric.samples:
            kind = kind_of(sample.labels["path"])
            if kind and sample.name.endswith("_bucket"):
                buckets.setdefault(kind, Counted())[float(sample.labels["le"])] += round(sample.value)
    return {kind: _durations(within) for kind, within in buckets.items() if within[math.inf]}


def _durations(within: Mapping[float, int]) -> Durations:
    number = within[math.inf]
    bound = next(each for each in (*SECONDS, math.inf) if within[each] >= 0.95 * number)
    return Durations(number, None if bound == math.inf else bound)


class _Given(Collector):
    def __init__(self, metrics: Sequence[Metric]) -> None:
        self._metrics = metrics

    def collect(self) -> Iterable[Metric]:
        return self._metrics


def exposition(more: Iterable[Metric] = ()) -> bytes:
    """Return all numbers, and `more` of what was not counted but looked up, in the text format of Prometheus."""
    given = CollectorRegistry(auto_describe=False)
    given.register(_Given([*collect_counted(), *more]))
    return generate_latest(given)
