"""The threads of a web process: they answer requests in order of arrival, but costly ones never take all of them.

Requests that write may wait for a lock, and some answers take long to make: a probe or a page must not stand behind them.
Whether a request is costly is learned from how long the last ones of its kind took; a kind that is not known counts as costly.
"""

from __future__ import annotations

import enum
import math
import re
import threading
import time
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from dataclasses import dataclass

COSTLY_SECONDS = 0.25  # mean of a kind
NEWEST_WEIGHT = 0.3  # of the newest time in the mean of its kind
MAX_KINDS = 1_000
MAX_SEGMENTS = 5
PLAIN_SEGMENT = re.compile(rb"[a-z._-]*[0-9]{0,2}[a-z._-]*")  # else a number, a digest, a name


class Cost(enum.Enum):
    """What a thread is needed for."""

    READS = enum.auto()
    COSTLY = enum.auto()
    WRITES = enum.auto()


@dataclass(frozen=True, slots=True)
class Job:
    """Something to do in a thread. `run` raises nothing; `kind`: what similar jobs have in common."""

    run: Callable[[], None]
    kind: bytes
    writes: bool


def kind_of(request_line: bytes) -> bytes:
    """Return the method and the beginning of the path of a request, a star for each number or name in it."""
    method, _space, target = request_line.partition(b" ")
    path = target.partition(b" ")[0].partition(b"?")[0]
    segments = path.split(b"/", MAX_SEGMENTS + 1)[: MAX_SEGMENTS + 1]
    return method + b"/".join(each if PLAIN_SEGMENT.fullmatch(each) else b"*" for each in segments)


class Threads:
    """A fixed number of threads, half of them at most for costly jobs, half for jobs that write, one always for others."""

    def __init__(self, count: int) -> None:
        half = max(1, count // 2)
        self._most = {Cost.COSTLY: half, Cost.WRITES: half}
        self._most_together = max(1, count - 1)
        self._busy: Counter[Cost] = Counter()
        self._queues: dict[Cost, deque[Job]] = {cost: deque() for cost in Cost}
        self._seconds: OrderedDict[bytes, float] = OrderedDict()  # mean by kind, the one used last at the end
        self._changed = threading.Condition()
        for number in range(count):
            threading.Thread(target=self._work, name=f"web-{number}", daemon=True).start()

    def submit(self, job: Job) -> None:
        """Have a job done."""
        with self._changed:
            self._queues[self._cost(job)].append(job)
            self._changed.notify()

    def _cost(self, job: Job) -> Cost:
        if job.writes:
            return Cost.WRITES
        return Cost.READS if self._seconds.get(job.kind, math.inf) <= COSTLY_SECONDS else Cost.COSTLY

    def _work(self) -> None:
        while True:
            with self._changed:
                while (found := self._take()) is None:
                    self._changed.wait()
            job, cost = found
            begun = time.monotonic()
            job.run()
            with self._changed:
                self._busy[cost] -= 1
                self._learn(job.kind, time.monotonic() - begun)
                if cost is not Cost.READS:
                    self._changed.notify()

    def _take(self) -> tuple[Job, Cost] | None:
        reads = self._queues[Cost.READS]
        while reads:
            job = reads.popleft()
            if self._cost(job) is Cost.READS:
                self._busy[Cost.READS] += 1
                return job, Cost.READS
            self._queues[Cost.COSTLY].append(job)  # learned since it was submitted
        together = sum(self._busy[cost] for cost in self._most)
        for cost in sorted(self._most, key=lambda cost: self._busy[cost]):
            if self._queues[cost] and self._busy[cost] < self._most[cost] and together < self._most_together:
                self._busy[cost] += 1
                return self._queues[cost].popleft(), cost
        return None

    def _learn(self, kind: bytes, seconds: float) -> None:
        before = self._seconds.pop(kind, math.inf)
        mean = seconds if before is math.inf else before + NEWEST_WEIGHT * (seconds - before)
        self._seconds[kind] = mean
        if mean <= COSTLY_SECONDS < before:
            self._release_from_costly()
        while len(self._seconds) > MAX_KINDS:
            self._seconds.popitem(last=False)

    def _release_from_costly(self) -> None:
        """Let jobs go first that have turned out not to be costly."""
        waiting = list(self._queues[Cost.COSTLY])
        self._queues[Cost.COSTLY].clear()
        for job in waiting:
            self._queues[self._cost(job)].append(job)
        self._changed.notify_all()
